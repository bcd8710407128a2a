"""The prefix registry: one prefix for each standard vocabulary that this package knows.

Only standards live here. An institution's own prefixes come from ``sh:declare`` on its ontology
header (SHACL, section 5.2.1, https://www.w3.org/TR/shacl/#sparql-prefixes), read by
``declared_prefixes``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rdflib import Namespace
from rdflib.namespace import (
    DCAT,
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    TIME,
    VANN,
    VOID,
    XSD,
)

from assembly_kg.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rdflib import Graph
    from rdflib.namespace import NamespaceManager

__all__ = [
    "ADMS",
    "DCAT",
    "DCTERMS",
    "ELI",
    "FOAF",
    "FORMATS",
    "GEO",
    "LANG",
    "OA",
    "ORG",
    "OWL",
    "PREFIXES",
    "PROV",
    "RDF",
    "RDFS",
    "SD",
    "SDO",
    "SH",
    "SKOS",
    "SPDX",
    "TIME",
    "VANN",
    "VOID",
    "XSD",
    "bind",
    "declared_prefixes",
]

ADMS: Final = Namespace("http://www.w3.org/ns/adms#")
ELI: Final = Namespace("http://data.europa.eu/eli/ontology#")
FORMATS: Final = Namespace("http://www.w3.org/ns/formats/")
GEO: Final = Namespace("http://www.opengis.net/ont/geosparql#")
LANG: Final = Namespace("http://publications.europa.eu/resource/authority/language/")
OA: Final = Namespace("http://www.w3.org/ns/oa#")
SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
SPDX: Final = Namespace("http://spdx.org/rdf/terms#")

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "adms": str(ADMS),
        "dcat": str(DCAT),
        "dcterms": str(DCTERMS),
        "eli": str(ELI),
        "foaf": str(FOAF),
        "formats": str(FORMATS),
        "geo": str(GEO),
        "lang": str(LANG),
        "oa": str(OA),
        "org": str(ORG),
        "owl": str(OWL),
        "prov": str(PROV),
        "rdf": str(RDF),
        "rdfs": str(RDFS),
        "schema": str(SDO),
        "sd": str(SD),
        "sh": str(SH),
        "skos": str(SKOS),
        "spdx": str(SPDX),
        "time": str(TIME),
        "vann": str(VANN),
        "void": str(VOID),
        "xsd": str(XSD),
    }
)


def declared_prefixes(graph: Graph) -> dict[str, str]:
    """Prefixes that ontology headers in the graph declare with ``sh:declare``, A to Z.

    Raises:
        BuildError: a prefix is declared twice for different namespaces, or is a standard's.
    """
    found: dict[str, str] = {}
    for declaration in graph.objects(None, SH.declare):
        prefix = str(graph.value(declaration, SH.prefix))
        namespace = str(graph.value(declaration, SH.namespace))
        known = PREFIXES.get(prefix) or found.get(prefix) or namespace
        if known != namespace:
            raise BuildError(
                f'sh:declare: the prefix "{prefix}" cannot mean <{namespace}>; '
                f"it already means <{known}>, choose another"
            )
        found[prefix] = namespace
    return dict(sorted(found.items()))


def bind(graph: Graph | NamespaceManager, extra: Mapping[str, str] | None = None) -> None:
    """Bind the registry, and ``extra`` after it, so that serialisations are short and alike."""
    for prefix, namespace in {**PREFIXES, **(extra or {})}.items():
        graph.bind(prefix, namespace, override=True, replace=True)

"""What a release says about itself: VoID, DCAT and its named graphs, with counts that are true.

Owns the description that is published as the graph ``<base>void`` and as ``void.ttl``: VoID
(https://www.w3.org/TR/void/), DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/) and the part of SPARQL
1.1 Service Description that is about graphs (https://www.w3.org/TR/sparql11-service-description/).
Addresses that depend on where it is served are the server's to add. The graph counts itself, so
it is made again until its counts are those of the graph that holds it; checksums stand only in the
file, because a dataset cannot hold its own.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rdflib import Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, VOID, XSD

from assembly_kg.namespaces import FORMATS, PREFIXES, SD, SPDX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rdflib.term import Node

    from assembly_kg.build.folder import Written
    from assembly_kg.build.load import Sources
    from assembly_kg.rules import Triple

__all__ = ["DUMPS", "Dump", "describe", "with_checksums"]


@dataclass(frozen=True)
class Dump:
    """A file of the release that holds data.

    Attributes:
        path: below the release's folder.
        media_type: of the data, before compression.
        form: the format's IRI in https://www.w3.org/ns/formats/.
        whole: the dataset with its named graphs, not just the default graph.
        compressed: with gzip.
    """

    path: str
    media_type: str
    form: URIRef
    whole: bool
    compressed: bool = True


DUMPS: Final = (
    Dump("dataset.nq", "application/n-quads", FORMATS["N-Quads"], whole=True, compressed=False),
    Dump("dumps/dataset.nq.gz", "application/n-quads", FORMATS["N-Quads"], whole=True),
    Dump("dumps/dataset.trig.gz", "application/trig", FORMATS["TriG"], whole=True),
    Dump("dumps/default.jsonld.gz", "application/ld+json", FORMATS["JSON-LD"], whole=False),
    Dump("dumps/default.nt.gz", "application/n-triples", FORMATS["N-Triples"], whole=False),
    Dump("dumps/default.rdf.gz", "application/rdf+xml", FORMATS["RDF_XML"], whole=False),
    Dump("dumps/default.ttl.gz", "text/turtle", FORMATS["Turtle"], whole=False),
)
_TITLES: Final = MappingProxyType(
    {
        True: {
            "kk": "Барлық атаулы графтары бар деректер жиыны",
            "ru": "Набор данных со всеми именованными графами",
            "en": "The dataset with all its named graphs",
        },
        False: {
            "kk": "Негізгі граф: қабылданған тұжырымдар және олардан шығатын қорытындылар",
            "ru": "Граф по умолчанию: принятые утверждения и следствия из них",
            "en": "The default graph: the accepted statements and what follows from them",
        },
    }
)
# Terms of DCAT 3 that rdflib does not list yet.
_DCAT3: Final = Namespace(str(DCAT))
_IANA: Final = "https://www.iana.org/assignments/media-types/"


def describe(
    sources: Sources, default: set[Triple], graphs: Mapping[URIRef, int]
) -> tuple[Triple, ...]:
    """The description of a release.

    Args:
        sources: the institution.
        default: the default graph without this description, which becomes a part of it.
        graphs: the number of triples in each named graph but this description's.
    """
    void = URIRef(f"{sources.base}void")
    described: set[Triple] = set()
    while True:
        counted = {**graphs, void: len(described)}
        again = set(_description(sources, default | described, counted))
        if again == described:
            return tuple(sorted(again))
        described = again


def with_checksums(sources: Sources, files: Sequence[Written]) -> Iterator[Triple]:
    """Size and SHA-256 of the files that are distributions."""
    dumps = {dump.path for dump in DUMPS}
    for file in files:
        if file.path not in dumps:
            continue
        iri = _file(sources, file.path)
        checksum = URIRef(f"{iri}#sha256")
        yield iri, DCAT.byteSize, Literal(str(file.size), datatype=XSD.nonNegativeInteger)
        yield iri, SPDX.checksum, checksum
        yield checksum, RDF.type, SPDX.Checksum
        yield checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256
        yield checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary)


def _description(
    sources: Sources, default: set[Triple], graphs: Mapping[URIRef, int]
) -> Iterator[Triple]:
    entry, release = sources.entry, URIRef(f"{sources.base}release/{sources.version}")
    yield entry, RDF.type, DCAT.Dataset
    yield entry, RDF.type, VOID.Dataset
    yield entry, RDF.type, SD.Dataset
    yield entry, _DCAT3.version, Literal(sources.version)
    yield entry, DCTERMS.conformsTo, sources.ontology
    yield entry, _DCAT3.hasVersion, release
    yield release, RDF.type, DCAT.Dataset
    yield release, _DCAT3.isVersionOf, entry
    yield release, _DCAT3.version, Literal(sources.version)
    yield release, DCTERMS.issued, Literal(sources.issued)
    yield from _statistics(sources, default)
    yield from _graphs(entry, default, graphs)
    yield from _distributions(sources, entry, release)


def _statistics(sources: Sources, default: set[Triple]) -> Iterator[Triple]:
    """VoID, section 4: about the default graph, which is what a query without GRAPH sees."""
    entry = sources.entry
    classes: defaultdict[Node, set[Node]] = defaultdict(set)
    for s, p, o in default:
        if p == RDF.type:
            classes[o].add(s)
    properties = Counter(p for _, p, _ in default)
    subjects = {s for s, _, _ in default}
    ours = {s for s in subjects if isinstance(s, URIRef) and s.startswith(sources.base)}
    totals = {
        VOID.triples: len(default),
        VOID.entities: len(ours),
        VOID.classes: len(classes),
        VOID.properties: len(properties),
        VOID.distinctSubjects: len(subjects),
    }
    for term, number in totals.items():
        yield entry, term, _number(number)
    for vocabulary in sorted({*PREFIXES.values(), sources.namespace}):
        if any(str(p).startswith(vocabulary) for p in (*properties, *classes)):
            yield entry, VOID.vocabulary, URIRef(vocabulary)
    for c, members in classes.items():
        if isinstance(c, URIRef):
            part = _part(sources, "class", c)
            yield entry, VOID.classPartition, part
            yield part, VOID["class"], c
            yield part, VOID.entities, _number(len(members))
    for p, number in properties.items():
        part = _part(sources, "property", p)
        yield entry, VOID.propertyPartition, part
        yield part, VOID.property, p
        yield part, VOID.triples, _number(number)


def _graphs(entry: URIRef, default: set[Triple], graphs: Mapping[URIRef, int]) -> Iterator[Triple]:
    yield entry, SD.defaultGraph, URIRef(f"{entry}#default-graph")
    yield URIRef(f"{entry}#default-graph"), RDF.type, SD.Graph
    yield URIRef(f"{entry}#default-graph"), VOID.triples, _number(len(default))
    for name, number in graphs.items():
        yield entry, SD.namedGraph, name
        yield name, RDF.type, SD.NamedGraph
        yield name, SD.name, name
        yield name, VOID.triples, _number(number)


def _distributions(sources: Sources, entry: URIRef, release: URIRef) -> Iterator[Triple]:
    for dump in DUMPS:
        iri = _file(sources, dump.path)
        yield entry, VOID.feature, dump.form
        yield entry, DCAT.distribution, iri
        yield release, DCAT.distribution, iri
        yield iri, RDF.type, DCAT.Distribution
        yield iri, DCAT.downloadURL, iri
        yield iri, DCAT.mediaType, URIRef(_IANA + dump.media_type)
        yield iri, DCTERMS["format"], dump.form
        for language, title in _TITLES[dump.whole].items():
            yield iri, DCTERMS.title, Literal(title, lang=language)
        if dump.compressed:
            yield iri, DCAT.compressFormat, URIRef(f"{_IANA}application/gzip")
        if not dump.whole:
            yield entry, VOID.dataDump, iri


def _file(sources: Sources, path: str) -> URIRef:
    return URIRef(f"{sources.base}release/{sources.version}/{path}")


def _part(sources: Sources, kind: str, term: Node) -> URIRef:
    """A name for the part of the dataset that is about one class or property."""
    mark = hashlib.sha256(str(term).encode()).hexdigest()[:12]
    return URIRef(f"{sources.entry}#{kind}-{mark}")


def _number(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)

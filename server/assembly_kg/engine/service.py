"""What this endpoint can do, in its own words.

Owns the SPARQL 1.1 Service Description (https://www.w3.org/TR/sparql11-service-description/) as
triples. Nothing in it is a claim: formats are those of the table, graphs and their sizes those of
the catalogue, and functions those that the engine answers when it is asked.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine.formats import GRAPH_FORMATS, SOLUTION_FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assembly_kg.engine.catalogue import Catalogue

__all__ = ["describe_service", "functions", "languages"]

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_VOID: Final = "http://rdfs.org/ns/void#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_GEOF: Final = "http://www.opengis.net/def/function/geosparql/"
_TYPE: Final = ox.NamedNode(_RDF + "type")

# Functions with a name of their own that SPARQL 1.1 (section 17.5), SPARQL 1.2 and GeoSPARQL know.
# Which of them the engine has is found out by asking it.
_CANDIDATES: Final = (
    *(
        _XSD + name
        for name in (
            *("boolean", "date", "dateTime", "dayTimeDuration", "decimal", "double", "duration"),
            *("float", "gDay", "gMonth", "gMonthDay", "gYear", "gYearMonth", "integer", "string"),
            *("time", "yearMonthDuration"),
        )
    ),
    *(
        _GEOF + name
        for name in (
            *("area", "asGeoJSON", "asWKT", "boundary", "buffer", "convexHull", "difference"),
            *("distance", "envelope", "getSRID", "intersection", "relate", "sfContains"),
            *("sfCrosses", "sfDisjoint", "sfEquals", "sfIntersects", "sfOverlaps", "sfTouches"),
            *("sfWithin", "symDifference", "union"),
        )
    ),
)
_PROBES: Final = {
    "SPARQL11Query": "SELECT (COUNT(*) AS ?n) { VALUES ?x { 1 } FILTER NOT EXISTS { ?x ?p ?o } }",
    "SPARQL10Query": "SELECT ?x WHERE { OPTIONAL { ?x ?p ?o } }",
}
_PROBE_12: Final = "SELECT (SUBJECT(TRIPLE(<a:a>, <a:b>, 1)) AS ?x) {}"


@cache
def functions() -> tuple[str, ...]:
    """IRIs of the functions beyond SPARQL's own that the engine answers."""
    store = ox.Store()
    return tuple(iri for iri in _CANDIDATES if any(_runs(store, iri, n) for n in (1, 2, 3)))


@cache
def languages() -> tuple[str, ...]:
    """Versions of SPARQL that the engine reads: ``1.0``, ``1.1`` and, if it does, ``1.2``."""
    store = ox.Store()
    found = [name[6] + "." + name[7] for name, text in _PROBES.items() if _parses(store, text)]
    return tuple(sorted([*found, *(["1.2"] if _parses(store, _PROBE_12) else [])]))


def _runs(store: ox.Store, iri: str, arguments: int) -> bool:
    return _parses(store, f"SELECT (<{iri}>({', '.join('1' * arguments)}) AS ?x) {{}}")


def _parses(store: ox.Store, text: str) -> bool:
    try:
        list(store.query(text))  # type: ignore[arg-type]
    except (SyntaxError, RuntimeError):
        return False
    return True


def describe_service(catalogue: Catalogue, endpoint: str) -> Iterator[ox.Triple]:
    """The description of the service at an address.

    Args:
        catalogue: what it serves.
        endpoint: the address of the endpoint, absolute.
    """
    service = ox.NamedNode(endpoint)
    dataset = ox.NamedNode(f"{endpoint}#dataset")
    default = ox.NamedNode(f"{endpoint}#default-graph")
    yield ox.Triple(service, _TYPE, _sd("Service"))
    yield ox.Triple(service, _sd("endpoint"), service)
    for version in languages():
        language = _sd(f"SPARQL{version.replace('.', '')}Query")
        yield ox.Triple(service, _sd("supportedLanguage"), language)
    for format_ in (*SOLUTION_FORMATS, *GRAPH_FORMATS):
        yield ox.Triple(service, _sd("resultFormat"), ox.NamedNode(format_.iri))
    for iri in functions():
        yield ox.Triple(service, _sd("extensionFunction"), ox.NamedNode(iri))
        yield ox.Triple(ox.NamedNode(iri), _TYPE, _sd("Function"))
    yield ox.Triple(service, _sd("defaultDataset"), dataset)
    yield ox.Triple(dataset, _TYPE, _sd("Dataset"))
    yield ox.Triple(dataset, _sd("defaultGraph"), default)
    yield from _graph(default, catalogue.default_size)
    for number, (name, size) in enumerate(catalogue.graphs.items(), 1):
        named = ox.NamedNode(f"{endpoint}#named-graph-{number}")
        graph = ox.NamedNode(f"{endpoint}#graph-{number}")
        yield ox.Triple(dataset, _sd("namedGraph"), named)
        yield ox.Triple(named, _TYPE, _sd("NamedGraph"))
        yield ox.Triple(named, _sd("name"), ox.NamedNode(name))
        yield ox.Triple(named, _sd("graph"), graph)
        yield from _graph(graph, size)


def _graph(graph: ox.NamedNode, size: int) -> Iterator[ox.Triple]:
    yield ox.Triple(graph, _TYPE, _sd("Graph"))
    yield ox.Triple(graph, ox.NamedNode(_VOID + "triples"), ox.Literal(size))


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)

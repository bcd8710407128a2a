"""The table of formats: what an answer can be written in.

Owns names, media types and file endings, and which of Oxigraph's writers makes each. Choosing one
for a request is left to ``assembly_kg.web.negotiation``. Follows SPARQL 1.1 Query Results JSON
(https://www.w3.org/TR/sparql11-results-json/), XML (https://www.w3.org/TR/rdf-sparql-XMLres/) and
CSV/TSV (https://www.w3.org/TR/sparql11-results-csv-tsv/), and the RDF syntaxes; names of formats
are those of https://www.w3.org/ns/formats/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat

__all__ = [
    "BY_NAME",
    "GRAPH_FORMATS",
    "SOLUTION_FORMATS",
    "Format",
    "graph_format",
    "solution_format",
]


@dataclass(frozen=True)
class Format:
    """One way to write an answer.

    Attributes:
        name: short name, also the file ending: ``json``, ``ttl`` ...
        title: what people call it.
        media_type: the registered type, sent as ``Content-Type``.
        aliases: further types that a client may ask for it by; the first match in the table wins.
        parameters: what follows the type in ``Content-Type``.
        iri: the format's own name in the web of data.
        quads: whether it can carry named graphs.
    """

    name: str
    title: str
    media_type: str
    aliases: tuple[str, ...]
    iri: str
    writer: QueryResultsFormat | RdfFormat
    parameters: str = ""
    quads: bool = False

    @property
    def content_type(self) -> str:
        """The value of the ``Content-Type`` header."""
        return self.media_type + self.parameters


_NS: Final = "http://www.w3.org/ns/formats/"
_UTF8: Final = "; charset=utf-8"

SOLUTION_FORMATS: Final = (
    Format(
        "json",
        "SPARQL results in JSON",
        "application/sparql-results+json",
        ("application/json",),
        f"{_NS}SPARQL_Results_JSON",
        QueryResultsFormat.JSON,
    ),
    Format(
        "xml",
        "SPARQL results in XML",
        "application/sparql-results+xml",
        ("application/xml", "text/xml"),
        f"{_NS}SPARQL_Results_XML",
        QueryResultsFormat.XML,
    ),
    Format(
        "csv",
        "CSV",
        "text/csv",
        (),
        f"{_NS}SPARQL_Results_CSV",
        QueryResultsFormat.CSV,
        _UTF8 + "; header=present",
    ),
    Format(
        "tsv",
        "TSV",
        "text/tab-separated-values",
        (),
        f"{_NS}SPARQL_Results_TSV",
        QueryResultsFormat.TSV,
        _UTF8,
    ),
)

GRAPH_FORMATS: Final = (
    Format(
        "ttl",
        "Turtle",
        "text/turtle",
        ("application/turtle", "application/x-turtle"),
        f"{_NS}Turtle",
        RdfFormat.TURTLE,
        _UTF8,
    ),
    Format(
        "nt",
        "N-Triples",
        "application/n-triples",
        ("text/plain",),
        f"{_NS}N-Triples",
        RdfFormat.N_TRIPLES,
    ),
    Format(
        "rdf",
        "RDF/XML",
        "application/rdf+xml",
        ("application/xml", "text/xml"),
        f"{_NS}RDF_XML",
        RdfFormat.RDF_XML,
    ),
    Format(
        "jsonld",
        "JSON-LD",
        "application/ld+json",
        ("application/json",),
        f"{_NS}JSON-LD",
        RdfFormat.JSON_LD,
        quads=True,
    ),
    Format(
        "trig",
        "TriG",
        "application/trig",
        ("application/x-trig",),
        f"{_NS}TriG",
        RdfFormat.TRIG,
        _UTF8,
        quads=True,
    ),
    Format(
        "nq",
        "N-Quads",
        "application/n-quads",
        (),
        f"{_NS}N-Quads",
        RdfFormat.N_QUADS,
        quads=True,
    ),
)

_SOLUTIONS: Final = {format_.name: format_ for format_ in SOLUTION_FORMATS}
_GRAPHS: Final = {format_.name: format_ for format_ in GRAPH_FORMATS}
BY_NAME: Final = {**_SOLUTIONS, **_GRAPHS}


def solution_format(name: str) -> Format:
    """The format of solutions with this short name.

    Raises:
        KeyError: there is none.
    """
    return _SOLUTIONS[name]


def graph_format(name: str) -> Format:
    """The RDF format with this short name.

    Raises:
        KeyError: there is none.
    """
    return _GRAPHS[name]

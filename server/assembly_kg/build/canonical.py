"""A dataset as bytes: canonical N-Quads, and the dumps that are made from them.

Owns the order and the names of blank nodes that make equal datasets equal byte for byte: RDF
Dataset Canonicalization, RDFC-1.0 (https://www.w3.org/TR/rdf-canon/), by Oxigraph, with SHA-256.
Its worst case is exponential in the number of blank nodes that look alike; only quads with blank
nodes are given to it, which changes nothing in the result and keeps data, where everything has a
name, out of it. Serialisations follow the order of the canonical lines, so they repeat too.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from typing import IO, TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.build.terms import to_oxigraph, to_quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib import URIRef
    from rdflib.term import Node

    from assembly_kg.rules import Triple

__all__ = ["Lines", "canonical_blank_nodes", "digest", "serialize", "write", "write_gzip"]

_HEADER: Final = re.compile(rb"(?:@prefix [^\n]*\n)+")
_XML_HEADER: Final = re.compile(rb"<rdf:RDF((?: xmlns:[^=]+=\"[^\"]*\")+)>")
_LEVEL: Final = 6
_MARK: Final = 16


class Lines:
    """Quads, gathered as lines of canonical N-Quads."""

    def __init__(self) -> None:
        self._lines: set[str] = set()
        self._blank: list[ox.Quad] = []
        self._written: dict[Node, str] = {}

    def add(self, triples: Iterable[Triple], graph: URIRef | None) -> None:
        """Add the triples of a graph; None is the default graph."""
        name = "" if graph is None else f" {self._text(graph)}"
        text = self._text
        for triple in triples:
            s, p, o = triple
            subject, value = text(s), text(o)
            if subject.startswith("_:") or value.startswith("_:"):
                self._blank.append(to_quad(triple, graph))
            else:
                self._lines.add(f"{subject} {text(p)} {value}{name} .\n")

    def canonical(self) -> list[str]:
        """All lines in the canonical order, each with its line feed."""
        dataset = ox.Dataset(self._blank)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        lines = str(dataset).splitlines(keepends=True)
        return sorted({*self._lines, *lines})

    def _text(self, term: Node) -> str:
        written = self._written.get(term)
        if written is None:
            written = self._written[term] = str(to_oxigraph(term))
        return written


def canonical_blank_nodes(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """The quads with their blank nodes named as RDFC-1.0 does, so that reading repeats exactly.

    Each name also has a mark of all quads with blank nodes: graphs that are canonicalized apart can
    be merged, as no two of them give the same name to different nodes.
    """
    blank = ox.Dataset()
    for quad in quads:
        if ox.BlankNode in (type(quad.subject), type(quad.object), type(quad.graph_name)):
            blank.add(quad)
        else:
            yield quad
    blank.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    mark = digest("".join(sorted(map(str, blank))).encode())[:_MARK]
    for quad in blank:
        subject, value, graph = (
            ox.BlankNode(f"{term.value}x{mark}") if isinstance(term, ox.BlankNode) else term
            for term in (quad.subject, quad.object, quad.graph_name)
        )
        yield ox.Quad(subject, quad.predicate, value, graph)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def serialize(
    quads: Iterable[ox.Quad] | Iterable[ox.Triple],
    form: ox.RdfFormat,
    prefixes: Mapping[str, str],
) -> bytes:
    """The quads in a format, the prefixes A to Z (Oxigraph writes them in any order)."""
    written = ox.serialize(quads, format=form, prefixes=dict(prefixes)) or b""
    if form in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG):
        return _HEADER.sub(_sorted_lines, written, count=1)
    if form == ox.RdfFormat.RDF_XML:
        return _XML_HEADER.sub(_sorted_attributes, written, count=1)
    return written


def write(data: bytes, file: IO[bytes]) -> None:
    """Write the data as they are."""
    file.write(data)


def write_gzip(data: bytes, file: IO[bytes]) -> None:
    """Compress without a name or a time, so that equal data give equal files."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=0) as out:
        out.write(data)


def _sorted_lines(match: re.Match[bytes]) -> bytes:
    return b"".join(sorted(match[0].splitlines(keepends=True)))


def _sorted_attributes(match: re.Match[bytes]) -> bytes:
    return b"<rdf:RDF " + b" ".join(sorted(match[1].split())) + b">"

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
from collections import defaultdict
from dataclasses import dataclass
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import URIRef

from assembly_kg.build.terms import to_oxigraph, to_quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.term import Node

    from assembly_kg.rules import Triple

__all__ = [
    "Canonical",
    "Lines",
    "canonical_blank_nodes",
    "digest",
    "serialize",
    "write",
    "write_gzip",
]

_HEADER: Final = re.compile(rb"(?:@prefix [^\n]*\n)+")
_XML_HEADER: Final = re.compile(rb"<rdf:RDF((?: xmlns:[^=]+=\"[^\"]*\")+)>")
_LEVEL: Final = 6
_MARK: Final = 16


@dataclass(frozen=True)
class Canonical:
    """Canonical N-Quads.

    Attributes:
        lines: each with its line feed, in the canonical order.
        graphs: the same lines by the name of their graph as they write it; "" is the default graph.
    """

    lines: list[str]
    graphs: Mapping[str, list[str]]


class Lines:
    """Quads, gathered to be written as canonical N-Quads."""

    def __init__(self) -> None:
        self._names: defaultdict[Triple, list[str]] = defaultdict(list)

    def add(self, triples: Iterable[Triple], graph: URIRef | None) -> None:
        """Add the triples of a graph, each once; None is the default graph."""
        name = "" if graph is None else str(to_oxigraph(graph))
        for triple in triples:
            self._names[triple].append(name)

    def canonical(self) -> Canonical:
        """All lines. A triple is written once however many graphs it is in."""
        written: dict[Node, str] = {}
        texts: list[tuple[str, list[str]]] = []
        blank: list[ox.Quad] = []
        for triple, names in self._names.items():
            s, p, o = (
                written.get(term) or written.setdefault(term, str(to_oxigraph(term)))
                for term in triple
            )
            if s.startswith("_:") or o.startswith("_:"):
                blank += [to_quad(triple, URIRef(name[1:-1]) if name else None) for name in names]
            else:
                texts.append((f"{s} {p} {o}", names))
        texts.sort(key=itemgetter(0))
        lines: list[str] = []
        graphs: defaultdict[str, list[str]] = defaultdict(list)
        for text, names in texts:
            for name in sorted(names):
                line = _line(text, name)
                lines.append(line)
                graphs[name].append(line)
        dataset = ox.Dataset(blank)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        for quad in dataset:
            name = "" if isinstance(quad.graph_name, ox.DefaultGraph) else str(quad.graph_name)
            line = _line(f"{quad.subject} {quad.predicate} {quad.object}", name)
            lines.append(line)
            graphs[name].append(line)
        # All but the lines with blank nodes are in order, which sorting takes advantage of.
        return Canonical(sorted(lines), {name: sorted(graphs[name]) for name in sorted(graphs)})


def _line(triple: str, name: str) -> str:
    return f"{triple} {name} .\n" if name else f"{triple} .\n"


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

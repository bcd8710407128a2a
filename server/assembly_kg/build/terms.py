"""Oxigraph's terms as rdflib's and back, with lexical forms and language tags as they are.

Owns this one translation. RDF 1.1 makes no difference between a plain literal and an
``xsd:string`` (https://www.w3.org/TR/rdf11-concepts/#section-Graph-Literal); rdflib does, so a
string is always a plain literal on rdflib's side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib import BNode, Literal, URIRef
from rdflib.namespace import XSD

if TYPE_CHECKING:
    from rdflib.term import Node

    from assembly_kg.rules import Triple

__all__ = ["OxTerm", "from_oxigraph", "from_triple", "to_oxigraph", "to_quad", "to_triple"]

OxTerm = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def from_oxigraph(term: OxTerm) -> Node:
    """The term for rdflib.

    Raises:
        TypeError: it is an RDF 1.2 triple term, which rdflib does not know.
    """
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Triple):
        raise TypeError(f"a triple term: {term}")
    if term.language:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == str(XSD.string):
        return Literal(term.value)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


def from_triple(triple: ox.Triple) -> Triple:
    """The triple for rdflib.

    Raises:
        TypeError: it has an RDF 1.2 triple term.
    """
    return (
        from_oxigraph(triple.subject),
        from_oxigraph(triple.predicate),
        from_oxigraph(triple.object),
    )


def to_oxigraph(term: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """The term for Oxigraph.

    Raises:
        TypeError: it is none that RDF has.
    """
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    if not isinstance(term, Literal):
        raise TypeError(f"not an RDF term: {term!r}")
    if term.language:
        return ox.Literal(str(term), language=term.language)
    if term.datatype is None:
        return ox.Literal(str(term))
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)))


def to_triple(triple: Triple) -> ox.Triple:
    """The triple for Oxigraph.

    Raises:
        TypeError: its subject is a literal, or its predicate no IRI.
    """
    s, p, o = (to_oxigraph(term) for term in triple)
    if isinstance(s, ox.Literal) or not isinstance(p, ox.NamedNode):
        raise TypeError(f"not an RDF triple: {triple}")
    return ox.Triple(s, p, o)


def to_quad(triple: Triple, graph: URIRef | None = None) -> ox.Quad:
    """The quad for Oxigraph; None is the default graph."""
    t = to_triple(triple)
    name = ox.DefaultGraph() if graph is None else ox.NamedNode(str(graph))
    return ox.Quad(t.subject, t.predicate, t.object, name)

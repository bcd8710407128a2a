"""Terms of the graph between the two libraries that have them: rdflib's and Oxigraph's.

Owns the conversion for what the engine reads with rdflib: rules and parsed queries. Lexical forms
stay as they are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib import BNode, Literal, URIRef

if TYPE_CHECKING:
    from rdflib.term import Node

    from assembly_kg.engine.world import Term

__all__ = ["from_rdflib", "to_rdflib"]


def from_rdflib(node: Node) -> Term:
    """The term in Oxigraph's classes.

    Raises:
        TypeError: it is none, a path for example.
    """
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        datatype = ox.NamedNode(str(node.datatype)) if node.datatype else None
        return ox.Literal(str(node), datatype=datatype)
    raise TypeError(type(node).__name__)


def to_rdflib(term: Term) -> Node:
    """The term in rdflib's classes.

    Raises:
        TypeError: it is a quoted triple, which rdflib does not have.
    """
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        datatype = None if term.language else URIRef(term.datatype.value)
        return Literal(term.value, lang=term.language, datatype=datatype, normalize=False)
    raise TypeError(type(term).__name__)

"""Shapes that look at some nodes only.

Owns the choice of focus nodes (https://www.w3.org/TR/shacl/#targets) when only results about
certain nodes are wanted: every target becomes the nodes that it has in common with them. What a
shape asks of a node's neighbours stays as it is, which pySHACL's ``focus_nodes`` does not achieve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import Graph, URIRef
from rdflib.namespace import RDF, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

__all__ = ["aimed"]

_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)


def aimed(shapes: Graph, data: Graph, focus: Iterable[Node]) -> Graph:
    """A copy of the shapes whose targets are among the nodes.

    ``sh:targetNode`` stays: a shape that has one may ask something of the whole graph.

    Args:
        shapes: the shapes.
        data: the graph that they will look at.
        focus: the nodes.
    """
    wanted = set(focus)
    result = Graph() + shapes
    for kind in _TARGETS:
        for shape, term in shapes.subject_objects(kind):
            result.remove((shape, kind, term))
            for node in wanted.intersection(_nodes(kind, term, data)):
                result.add((shape, SH.targetNode, node))
    return result


def _nodes(kind: URIRef, term: Node, data: Graph) -> Iterator[Node]:
    """The focus nodes of one target."""
    if kind == SH.targetSubjectsOf:
        yield from data.subjects(term)
    elif kind == SH.targetObjectsOf:
        yield from data.objects(None, term)
    else:
        for cls in data.transitive_subjects(RDFS.subClassOf, term):
            yield from data.subjects(RDF.type, cls)

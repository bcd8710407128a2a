"""Shapes that look at the same nodes with less work, or at some nodes only.

Owns the rewriting of targets (https://www.w3.org/TR/shacl/#targets). ``aimed``: when only results
about certain nodes are wanted, every target becomes the nodes that it has in common with them; what
a shape asks of a node's neighbours stays as it is, which pySHACL's ``focus_nodes`` does not
achieve. ``spread``: pySHACL validates a property shape once for each focus node of the node shape
that has it, but once for all focus nodes of its own targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rdflib import Graph, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

__all__ = ["aimed", "spread"]

_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
_ALL_TARGETS: Final = (*_TARGETS, SH.targetNode)


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


def spread(shapes: Graph) -> Graph:
    """A copy of the shapes in which property shapes have the targets of their node shapes.

    The results stay the same: what ``sh:property`` reports of a focus node are the results of the
    property shape itself (https://www.w3.org/TR/shacl/#PropertyConstraintComponent). Left as they
    are: node shapes that other shapes refer to, that are deactivated, or that are classes and so
    targets of themselves.
    """
    result = Graph() + shapes
    for shape in {shape for kind in _ALL_TARGETS for shape in shapes.subjects(kind)}:
        targets = [(kind, o) for kind in _ALL_TARGETS for o in shapes.objects(shape, kind)]
        if _is_apart(shape, shapes):
            for inner in shapes.objects(shape, SH.property):
                result.remove((shape, SH.property, inner))
                for kind, target in targets:
                    result.add((inner, kind, target))
    return result


def _is_apart(shape: Node, shapes: Graph) -> bool:
    """Whether a shape is used for its own targets only, and these are all said."""
    return not (
        (None, None, shape) in shapes
        or (shape, SH.deactivated, None) in shapes
        or (shape, SH.path, None) in shapes
        or (shape, RDF.type, RDFS.Class) in shapes
        or (shape, RDF.type, OWL.Class) in shapes
    )


def _nodes(kind: URIRef, term: Node, data: Graph) -> Iterator[Node]:
    """The focus nodes of one target."""
    if kind == SH.targetSubjectsOf:
        yield from data.subjects(term)
    elif kind == SH.targetObjectsOf:
        yield from data.objects(None, term)
    else:
        for cls in data.transitive_subjects(RDFS.subClassOf, term):
            yield from data.subjects(RDF.type, cls)

"""Our rules and owlrl come to the same conclusions from whatever ontology chance makes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS

from assembly_kg.build.reason import reference, worth_saying
from assembly_kg.rules import Closure

if TYPE_CHECKING:
    from collections.abc import Callable

    from rdflib.term import Node

    Addition = Callable[[Graph], object]

CLASSES, PROPERTIES, THINGS = (
    st.sampled_from([URIRef(f"https://x.example/{name}") for name in names])
    for names in ("CDEF", "pqr", "abcd")
)
KINDS = st.sampled_from(
    [
        OWL.FunctionalProperty,
        OWL.InverseFunctionalProperty,
        OWL.ObjectProperty,
        OWL.SymmetricProperty,
        OWL.TransitiveProperty,
    ]
)


def stated(
    subjects: st.SearchStrategy[URIRef], p: URIRef, objects: st.SearchStrategy[URIRef]
) -> st.SearchStrategy[Addition]:
    return st.builds(lambda s, o: lambda graph: graph.add((s, p, o)), subjects, objects)


def listed(
    subjects: st.SearchStrategy[URIRef], p: URIRef, members: st.SearchStrategy[URIRef]
) -> st.SearchStrategy[Addition]:
    def add(graph: Graph, subject: Node, items: list[Node]) -> None:
        head = BNode()
        Collection(graph, head, items)
        graph.add((subject, p, head))

    lists = st.lists(members, min_size=1, max_size=3)
    return st.builds(lambda s, items: lambda graph: add(graph, s, items), subjects, lists)


def restricted(kind: URIRef, fillers: st.SearchStrategy[URIRef]) -> st.SearchStrategy[Addition]:
    def add(graph: Graph, c: Node, p: Node, filler: Node) -> None:
        graph.add((c, OWL.onProperty, p))
        graph.add((c, kind, filler))

    return st.builds(
        lambda c, p, filler: lambda graph: add(graph, c, p, filler), CLASSES, PROPERTIES, fillers
    )


AXIOMS = st.one_of(
    stated(CLASSES, RDFS.subClassOf, CLASSES),
    stated(CLASSES, OWL.equivalentClass, CLASSES),
    stated(PROPERTIES, RDFS.subPropertyOf, PROPERTIES),
    stated(PROPERTIES, OWL.equivalentProperty, PROPERTIES),
    stated(PROPERTIES, OWL.inverseOf, PROPERTIES),
    stated(PROPERTIES, RDFS.domain, CLASSES),
    stated(PROPERTIES, RDFS.range, CLASSES),
    stated(PROPERTIES, RDF.type, KINDS),
    stated(CLASSES, RDF.type, st.just(OWL.Class)),
    listed(PROPERTIES, OWL.propertyChainAxiom, PROPERTIES),
    listed(CLASSES, OWL.intersectionOf, CLASSES),
    listed(CLASSES, OWL.unionOf, CLASSES),
    listed(CLASSES, OWL.oneOf, THINGS),
    listed(CLASSES, OWL.hasKey, PROPERTIES),
    restricted(OWL.someValuesFrom, CLASSES),
    restricted(OWL.someValuesFrom, st.just(OWL.Thing)),
    restricted(OWL.allValuesFrom, CLASSES),
    restricted(OWL.allValuesFrom, st.just(OWL.Thing)),
    restricted(OWL.hasValue, THINGS),
)
FACTS = st.one_of(
    stated(THINGS, RDF.type, CLASSES),
    stated(THINGS, OWL.sameAs, THINGS),
    st.builds(lambda s, p, o: lambda graph: graph.add((s, p, o)), THINGS, PROPERTIES, THINGS),
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(AXIOMS, min_size=1, max_size=6), st.lists(FACTS, min_size=1, max_size=8))
def test_both_reasoners_agree(axioms: list[Addition], facts: list[Addition]) -> None:
    graph = Graph()
    for add in (*axioms, *facts):
        add(graph)
    ours = {triple for triple in Closure(sorted(graph)).inferred() if worth_saying(triple)}
    assert ours == reference(graph)[0]


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(
    st.lists(AXIOMS, min_size=1, max_size=6),
    st.lists(FACTS, min_size=1, max_size=6),
    st.lists(FACTS, min_size=1, max_size=6),
)
def test_a_closure_may_grow_in_layers_and_every_proof_ends_in_what_is_stated(
    axioms: list[Addition], facts: list[Addition], more: list[Addition]
) -> None:
    schema, below, above = Graph(), Graph(), Graph()
    for graph, additions in ((schema, axioms), (below, facts), (above, more)):
        for add in additions:
            add(graph)
    layered = Closure(above, parent=Closure(below, parent=Closure(schema)))
    whole = schema + below + above
    at_once = Closure(whole)
    for triple in at_once.inferred():
        assert triple in layered
        assert all(leaf in whole for leaf in layered.leaves(triple))
        assert all(leaf in whole for leaf in at_once.leaves(triple))
    for triple in layered.inferred():
        assert triple in at_once

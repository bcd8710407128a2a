"""Terms between rdflib and Oxigraph."""

import pyoxigraph as ox
import pytest
from rdflib import BNode, Literal, URIRef
from rdflib.namespace import XSD

from assembly_kg.build.terms import from_oxigraph, to_oxigraph, to_quad, to_triple

INTEGER = ox.NamedNode(str(XSD.integer))
TERMS = [
    ox.NamedNode("https://x.example/a"),
    ox.BlankNode("b"),
    ox.Literal("plain"),
    ox.Literal("қазақша", language="kk"),
    ox.Literal("007", datatype=INTEGER),
    ox.Literal("2008-10-20", datatype=ox.NamedNode(str(XSD.date))),
]


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_a_term_comes_back_as_it_was(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> None:
    assert to_oxigraph(from_oxigraph(term)) == term


def test_a_number_keeps_its_leading_zeros() -> None:
    assert str(from_oxigraph(ox.Literal("007", datatype=INTEGER))) == "007"


def test_a_string_is_a_plain_literal_for_rdflib() -> None:
    string = ox.Literal("a", datatype=ox.NamedNode(str(XSD.string)))
    assert from_oxigraph(string) == Literal("a")


def test_a_literal_cannot_be_a_subject_nor_a_blank_node_a_predicate() -> None:
    a = URIRef("https://x.example/a")
    with pytest.raises(TypeError, match="not an RDF triple"):
        to_triple((Literal("a"), a, a))
    with pytest.raises(TypeError, match="not an RDF triple"):
        to_triple((a, BNode(), a))


def test_a_quad_without_a_name_is_in_the_default_graph() -> None:
    a = URIRef("https://x.example/a")
    assert to_quad((a, a, a)).graph_name == ox.DefaultGraph()
    assert to_quad((a, a, a), a).graph_name == ox.NamedNode(str(a))

"""Queries of shapes, answered by Oxigraph."""

import pytest
from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef, Variable

from assembly_kg.build.asked import Asked
from assembly_kg.build.validate import validate
from assembly_kg.errors import BuildError

A, B, P = (URIRef(f"https://x.example/{name}") for name in "abp")


@pytest.fixture
def asked() -> Asked:
    graph = Graph()
    graph.add((A, P, Literal("қ", lang="kk")))
    graph.add((A, P, Literal("2007-05-21", datatype=XSD.date)))
    graph.add((B, P, A))
    return Asked(graph)


def test_a_variable_bound_beforehand_is_bound_everywhere(asked: Asked) -> None:
    """In groups, in what is selected and within NOT EXISTS (SHACL, section 5.3.1)."""
    query = f"""
    SELECT $this (COUNT(?o) AS ?value) WHERE {{
      $this <{P}> ?o FILTER NOT EXISTS {{ ?other <{P}> $this . FILTER ( $this = <{B}> ) }}
    }} GROUP BY $this"""
    (row,) = asked.query(query, initBindings={"this": A})
    assert row.asdict()["this"] == A
    assert row.asdict()["value"].toPython() == 2


def test_terms_come_back_as_they_are(asked: Asked) -> None:
    found = asked.query(f"SELECT ?o ?none WHERE {{ <{A}> <{P}> ?o }}")
    assert {row[Variable("o")].n3() for row in found.bindings} == {
        '"қ"@kk',
        '"2007-05-21"^^<http://www.w3.org/2001/XMLSchema#date>',
    }
    assert all(Variable("none") not in row for row in found.bindings)


def test_a_question_is_answered_yes_or_no(asked: Asked) -> None:
    query = f"ASK {{ $this <{P}> ?o }}"
    assert asked.query(query, initBindings={"this": A}).askAnswer is True
    assert asked.query(query, initBindings={"this": P}).askAnswer is False


def test_it_is_the_graph_itself(asked: Asked) -> None:
    assert (B, P, A) in asked
    assert len(asked) == 3


@pytest.mark.parametrize("query", ["SELECT ?x WHERE { ?x", f"CONSTRUCT WHERE {{ ?s <{P}> ?o }}"])
def test_shapes_with_a_query_that_cannot_be_asked_are_at_fault(query: str) -> None:
    shapes, constraint = Graph(), BNode()
    shapes.add((A, RDF.type, SH.NodeShape))
    shapes.add((A, SH.targetNode, B))
    shapes.add((A, SH.sparql, constraint))
    shapes.add((constraint, RDF.type, SH.SPARQLConstraint))
    shapes.add((constraint, SH.select, Literal(query)))
    with pytest.raises(BuildError, match="shapes/: "):
        validate(Graph(), shapes)

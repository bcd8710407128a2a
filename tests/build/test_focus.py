"""Aiming shapes at some nodes."""

import pyshacl
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH

from assembly_kg.build.focus import aimed, spread
from assembly_kg.build.validate import validate

PREFIXES = """
@prefix : <https://x.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
A, B, SHAPE = (URIRef(f"https://x.example/{name}") for name in ("a", "b", "Shape"))
DATA = ":D rdfs:subClassOf :C . :a a :D ; :p :b . :b a :C ; :p :a ."


def graph(text: str) -> Graph:
    return Graph().parse(data=PREFIXES + text, format="turtle")


@pytest.mark.parametrize(
    "target", ["sh:targetClass :C", "sh:targetSubjectsOf :p", "sh:targetObjectsOf :p"]
)
def test_a_target_is_cut_down_to_the_nodes_that_are_wanted(target: str) -> None:
    shapes = graph(f":Shape a sh:NodeShape ; {target} ; sh:nodeKind sh:Literal .")
    data = graph(DATA)
    assert {result.focus for result in validate(data, shapes).results} == {A, B}
    assert {result.focus for result in validate(data, aimed(shapes, data, [A])).results} == {A}


def test_a_target_with_nothing_wanted_looks_at_nothing() -> None:
    shapes = graph(":Shape a sh:NodeShape ; sh:targetClass :C ; sh:nodeKind sh:Literal .")
    data = graph(DATA)
    assert validate(data, aimed(shapes, data, [Literal("x")])).conforms


def test_a_target_node_stays() -> None:
    shapes = graph(":Shape a sh:NodeShape ; sh:targetNode :b ; sh:nodeKind sh:Literal .")
    assert set(aimed(shapes, graph(DATA), [A]).objects(SHAPE, SH.targetNode)) == {B}


def test_nested_shapes_still_look_at_neighbours() -> None:
    shapes = graph(
        ":Shape a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:node :Inner ] ."
        ":Inner a sh:NodeShape ; sh:class :D ."
    )
    data = graph(DATA)
    (result,) = validate(data, aimed(shapes, data, [A])).results
    assert (result.focus, result.value) == (A, B)


def test_the_shapes_themselves_are_not_changed() -> None:
    shapes = graph(":Shape a sh:NodeShape ; sh:targetClass :C .")
    before = set(shapes)
    aimed(shapes, graph(DATA), [A])
    assert set(shapes) == before
    assert (SHAPE, RDF.type, SH.NodeShape) in shapes


SPREAD = """
:Shape a sh:NodeShape ; sh:targetClass :C ; sh:targetNode :z ; sh:nodeKind sh:IRI ;
  sh:property :Inner , [ sh:path :q ; sh:minCount 1 ; sh:severity sh:Warning ] .
:Other a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:node :Shape .
:Off a sh:NodeShape ; sh:targetClass :C ; sh:deactivated true ; sh:property :Inner .
:Inner a sh:PropertyShape ; sh:path :p ; sh:maxCount 0 .
"""


def shown(shapes: Graph) -> list[tuple[str, ...]]:
    report = pyshacl.validate(graph(DATA), shacl_graph=shapes)[1]
    assert isinstance(report, Graph)
    asked = (SH.focusNode, SH.resultPath, SH.sourceConstraintComponent, SH.resultSeverity)
    return sorted(
        tuple(str(report.value(node, p)) for p in asked) for node in report.objects(None, SH.result)
    )


@pytest.mark.parametrize(
    "more",
    [
        "",
        ":Shape a rdfs:Class . :D rdfs:subClassOf :Shape .",
        ":Free a sh:NodeShape ; sh:targetObjectsOf :p ; sh:property [ sh:path :p ; sh:in ( 1 ) ] .",
        ":Inner sh:deactivated true .",
    ],
)
def test_spread_targets_give_the_same_results(more: str) -> None:
    shapes = graph(SPREAD + more)
    assert shown(spread(shapes)) == shown(shapes) != []


def test_targets_spread_to_property_shapes_of_shapes_that_stand_alone() -> None:
    shapes = graph(SPREAD.replace("sh:node :Shape", "sh:nodeKind sh:IRI"))
    inner = URIRef("https://x.example/Inner")
    result = spread(shapes)
    assert (SHAPE, SH.property, inner) not in result
    assert set(result.objects(inner, SH.targetNode)) == {URIRef("https://x.example/z")}
    assert shown(result) == shown(shapes)

"""Every property has a place on a page: a group and an order, given by the shapes."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Namespace, URIRef

ROOT = Path(__file__).parents[2]
AKZ = Namespace("https://w3id.org/assembly-kz/ontology#")
# Said of terms and never of things, so no page of a thing shows it.
OF_TERMS = {AKZ.addressTemplate}


@pytest.fixture(scope="module")
def shapes() -> Graph:
    graph = Graph()
    for path in (ROOT / "shapes").glob("*.ttl"):
        graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def properties() -> set[URIRef]:
    ontology = Graph()
    for path in (ROOT / "ontology").glob("*.ttl"):
        ontology.parse(path)
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    return {
        term
        for kind in kinds
        for term in ontology.subjects(RDF.type, kind)
        if isinstance(term, URIRef) and term.startswith(AKZ)
    }


def test_every_property_has_a_group_and_an_order(shapes: Graph, properties: set[URIRef]) -> None:
    placed = {
        path
        for shape, path in shapes.subject_objects(SH.path)
        if (shape, SH.group, None) in shapes and (shape, SH.order, None) in shapes
    }
    assert sorted(properties - OF_TERMS - placed) == []


def test_a_property_has_one_group_and_one_order_whatever_shape_asks(shapes: Graph) -> None:
    places: dict[object, set[tuple[object, object]]] = {}
    for shape, group in shapes.subject_objects(SH.group):
        path, order = shapes.value(shape, SH.path), shapes.value(shape, SH.order)
        places.setdefault(path, set()).add((group, order))
    assert [path for path, some in places.items() if len(some) > 1] == []


def test_two_properties_never_share_an_order(shapes: Graph) -> None:
    orders: dict[object, set[object]] = {}
    for shape in shapes.subjects(SH.group):
        orders.setdefault(shapes.value(shape, SH.order), set()).add(shapes.value(shape, SH.path))
    assert [order for order, paths in orders.items() if len(paths) > 1] == []


def test_a_group_has_a_name_in_each_language_and_an_order(shapes: Graph) -> None:
    groups = set(shapes.subjects(RDF.type, SH.PropertyGroup))
    assert groups == set(shapes.objects(None, SH.group))
    for group in groups:
        languages = {getattr(name, "language", None) for name in shapes.objects(group, RDFS.label)}
        assert languages == {"kk", "ru", "en"}
        assert shapes.value(group, SH.order) is not None

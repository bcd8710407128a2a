"""The prefix registry."""

import pytest
from rdflib import BNode, Graph, Literal, URIRef

from assembly_kg.errors import BuildError
from assembly_kg.namespaces import OWL, PREFIXES, RDF, SH, XSD, bind, declared_prefixes


def ontology(**prefixes: str) -> Graph:
    graph, header = Graph(), URIRef("https://example.org/o")
    graph.add((header, RDF.type, OWL.Ontology))
    for prefix, namespace in prefixes.items():
        node = BNode()
        graph.add((header, SH.declare, node))
        graph.add((node, SH.prefix, Literal(prefix)))
        graph.add((node, SH.namespace, Literal(namespace, datatype=XSD.anyURI)))
    return graph


def test_prefixes_are_in_order_and_stand_for_one_namespace_each() -> None:
    assert list(PREFIXES) == sorted(PREFIXES)
    assert len(set(PREFIXES.values())) == len(PREFIXES)
    assert all(namespace[-1] in "#/" for namespace in PREFIXES.values())


def test_the_institutions_prefixes_are_read_from_its_ontology_header() -> None:
    graph = ontology(z="https://example.org/z#", a="https://example.org/a#")
    assert list(declared_prefixes(graph).items()) == [
        ("a", "https://example.org/a#"),
        ("z", "https://example.org/z#"),
    ]


def test_a_standard_prefix_cannot_be_given_another_meaning() -> None:
    with pytest.raises(BuildError, match='"skos" cannot mean'):
        declared_prefixes(ontology(skos="https://example.org/"))


def test_declaring_a_standard_prefix_as_it_is_does_no_harm() -> None:
    assert declared_prefixes(ontology(skos=PREFIXES["skos"])) == {"skos": PREFIXES["skos"]}


def test_bound_prefixes_are_those_of_the_registry_and_the_institution() -> None:
    graph = Graph(bind_namespaces="none")
    bind(graph, {"x": "https://example.org/x#"})
    bound = {prefix: str(namespace) for prefix, namespace in graph.namespaces()}
    assert bound == {**PREFIXES, "x": "https://example.org/x#"}

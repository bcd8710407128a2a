"""The service description says what the server does, and the server does what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, VOID, Namespace

from assembly_kg.engine.formats import GRAPH_FORMATS, SOLUTION_FORMATS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")


@pytest.fixture
def description(client: FlaskClient) -> Graph:
    return Graph().parse(client.get("/sparql", headers={"Accept": "text/turtle"}).data)


def ask(client: FlaskClient, query: str, format_: str = "json") -> int:
    return client.get(f"/sparql?query={quote(query)}&format={format_}").status_code


def test_it_names_its_endpoint_and_its_languages(description: Graph) -> None:
    [service] = description.subjects(RDF.type, SD.Service)
    assert set(description.objects(service, SD.endpoint)) == {URIRef("http://localhost/sparql")}
    assert SD.SPARQL11Query in set(description.objects(service, SD.supportedLanguage))
    assert SD.BasicFederatedQuery not in set(description.objects(service, SD.feature))


def test_every_graph_is_counted(description: Graph, client: FlaskClient) -> None:
    told = {
        str(description.value(named, SD.name)): int(
            description.value(description.value(named, SD.graph), VOID.triples)  # type: ignore[arg-type]
        )
        for named in description.subjects(RDF.type, SD.NamedGraph)
    }
    query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    rows = client.get(f"/sparql?query={quote(query)}").json["results"]["bindings"]  # type: ignore[index]
    assert told == {row["g"]["value"]: int(row["n"]["value"]) for row in rows}
    [default] = description.objects(None, SD.defaultGraph)
    assert int(description.value(default, VOID.triples)) == 4  # type: ignore[arg-type]


def test_every_function_that_it_names_is_answered(description: Graph, client: FlaskClient) -> None:
    functions = set(description.objects(None, SD.extensionFunction))
    assert URIRef("http://www.w3.org/2001/XMLSchema#date") in functions
    for function in functions:
        tries = [f"SELECT (<{function}>({'1, 1, 1'[:n]}) AS ?x) {{}}" for n in (1, 4, 7)]
        assert 200 in [ask(client, text) for text in tries], function


def test_every_format_that_it_names_can_be_had(description: Graph, client: FlaskClient) -> None:
    told = {str(iri) for iri in description.objects(None, SD.resultFormat)}
    assert told == {f.iri for f in (*SOLUTION_FORMATS, *GRAPH_FORMATS)}
    assert {ask(client, "ASK {}", f.name) for f in SOLUTION_FORMATS} == {200}
    graph = "CONSTRUCT WHERE { ?s ?p ?o }"
    assert {ask(client, graph, f.name) for f in GRAPH_FORMATS} == {200}


@pytest.mark.parametrize("format_", ["text/turtle", "application/rdf+xml", "application/n-triples"])
def test_it_is_the_same_in_every_format(
    client: FlaskClient, description: Graph, format_: str
) -> None:
    answer = client.get("/sparql", headers={"Accept": format_})
    assert answer.content_type.startswith(format_)
    assert set(Graph().parse(answer.data, format=format_)) == set(description)


def test_a_browser_gets_a_page_with_a_form(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.content_type.startswith("text/html")
    assert "<form" in answer.text
    assert "<textarea" in answer.text


def test_a_description_that_cannot_be_had_is_refused(client: FlaskClient) -> None:
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406

"""Answers with reasons: each solution comes out again of nothing but the triples that it names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits, Question
from assembly_kg.engine.store import load_release
from assembly_kg.engine.tasks import REASONS
from assembly_kg.errors import NotAcceptable, QuerySyntaxError, ResultTooLarge, UnsupportedQuery
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

PREFIXES = """PREFIX item: <https://library.example/id/>
PREFIX lib: <https://library.example/ontology#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
EXPLAINED = {
    "one pattern": "SELECT ?o { item:council lib:headPost ?o }",
    "a join": "SELECT ?who ?post { ?h lib:holder ?who ; lib:heldPost ?post }",
    "what is inferred": "SELECT ?body { ?body a lib:Body }",
    "a projection": "SELECT ?who { ?who lib:holdsPost item:chair }",
    "filter": 'SELECT ?x ?n { ?x skos:prefLabel ?n FILTER(LANG(?n) = "ru" && STRLEN(?n) > 4) }',
    "optional": """SELECT ?h ?from ?until { ?h a lib:OfficeHolding
        OPTIONAL { ?h lib:validFrom ?from } OPTIONAL { ?h lib:validUntil ?until } }""",
    "nested optional": """SELECT * { ?h lib:holder ?who
        OPTIONAL { ?h lib:validFrom ?from OPTIONAL { ?h lib:validUntil ?until } } }""",
    "union": """SELECT ?x { { ?x a lib:Person } UNION { ?x a lib:Post } UNION
        { ?h lib:holder ?x FILTER(false) } }""",
    "values": "SELECT ?x ?n { VALUES ?x { item:council item:ada } ?x skos:prefLabel ?n }",
    "values after": """SELECT ?x ?c { ?x a ?c }
        VALUES (?x ?c) { (item:ada UNDEF) (item:boris lib:Post) }""",
    "bind": "SELECT ?x ?year { ?x lib:validFrom ?day BIND(SUBSTR(STR(?day), 1, 4) AS ?year) }",
    "an expression": "SELECT (STR(?n) AS ?text) { item:council skos:prefLabel ?n }",
    "sequence": "SELECT ?post ?from { ?post ^lib:heldPost/lib:validFrom ?from }",
    "alternative": "SELECT ?y { item:holding-ada-chair (lib:holder|lib:heldPost) ?y }",
    "one or more": "SELECT ?c { lib:OfficeHolding rdfs:subClassOf+ ?c }",
    "zero or more": "SELECT ?x ?c { ?x a/rdfs:subClassOf* ?c FILTER(?x = item:council) }",
    "zero or one": "SELECT ?y { item:holding-ada-chair lib:holder/lib:holdsPost? ?y }",
    "negated": "SELECT ?y { item:holding-ada-chair !(rdfs:label|lib:about) ?y }",
    "backward": "SELECT ?h { ?h lib:holder/^lib:holder item:holding-ada-chair }",
    "blank nodes": "SELECT ?post { [] lib:holder item:ada ; lib:heldPost ?post }",
    "distinct, order and limit": "SELECT DISTINCT ?c { ?x a ?c } ORDER BY ?c LIMIT 3 OFFSET 1",
    "nothing to rest on": "SELECT ?x { VALUES ?x { 1 2 } }",
    "no solution": "SELECT ?x { ?x lib:holdsPost item:nobody }",
    "a list of an axiom": "SELECT ?p { lib:Charter owl:hasKey/rdf:first ?p }",
}
REFUSED = {
    "^ inside a negated property set": "SELECT ?y { item:ada !(^lib:holder|rdfs:label) ?y }",
    "NOT EXISTS": "SELECT ?x { ?x a lib:Person FILTER NOT EXISTS { ?x lib:holdsPost ?p } }",
    "EXISTS": "SELECT ?x { ?x a lib:Person FILTER EXISTS { ?x lib:holdsPost ?p } }",
    "MINUS": "SELECT ?x { ?x a lib:Person MINUS { ?x lib:holdsPost ?p } }",
    "aggregates": "SELECT (COUNT(?x) AS ?n) { ?x a lib:Person }",
    "a subquery": "SELECT ?x { { SELECT ?x { ?x a lib:Person } LIMIT 1 } }",
    "GRAPH": "SELECT ?g { GRAPH ?g { ?x a lib:Person } }",
    "SELECT queries only": "ASK { ?x a lib:Person }",
    "SELECT queries": "CONSTRUCT { ?x a lib:Person } WHERE { ?x a lib:Person }",
    "from run to run": "SELECT (RAND() AS ?r) ?x { ?x a lib:Person }",
    "not named graphs": "SELECT ?x FROM NAMED <urn:g> { ?x a lib:Person }",
}


@pytest.fixture(scope="module")
def engine(council_release: Path) -> Inline:
    return Inline(*load_release(council_release), Limits.of(Settings()))


def ask(engine: Inline, text: str, **values: Any) -> dict[str, Any]:
    body = engine.answer(Question(text, task=REASONS, **values)).body
    assert isinstance(body, bytes)
    told: dict[str, Any] = json.loads(body)
    return told


def node(told: dict[str, Any]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if told["type"] == "uri":
        return ox.NamedNode(told["value"])
    if told["type"] == "bnode":
        return ox.BlankNode(told["value"])
    if "xml:lang" in told:
        return ox.Literal(told["value"], language=told["xml:lang"])
    kind = ox.NamedNode(told["datatype"]) if "datatype" in told else None
    return ox.Literal(told["value"], datatype=kind)


def again(text: str, told: dict[str, Any], places: list[int]) -> list[dict[str, Any]]:
    """The solutions of the query over nothing but the reasons of one of them."""
    store = ox.Store()
    for place in places:
        terms = [node(t) for t in told["reasons"]["triples"][place]["triple"].values()]
        store.add(ox.Quad(*terms))  # type: ignore[arg-type]
    found = store.query(re.sub(r"LIMIT \d+ OFFSET \d+", "", text))
    return list(
        json.loads(found.serialize(format=ox.QueryResultsFormat.JSON))["results"]["bindings"]
    )  # type: ignore[union-attr]


@pytest.mark.parametrize("name", EXPLAINED)
def test_each_solution_comes_out_again_of_only_its_reasons(engine: Inline, name: str) -> None:
    text = PREFIXES + EXPLAINED[name]
    told = ask(engine, text)
    plain = json.loads(engine.answer(Question(text)).body)  # type: ignore[arg-type]
    assert told["head"] == plain["head"]
    key = json.dumps
    assert sorted(map(key, told["results"]["bindings"])) == sorted(
        map(key, plain["results"]["bindings"])
    )
    for solution, places in zip(
        told["results"]["bindings"], told["reasons"]["solutions"], strict=True
    ):
        assert solution in again(text, told, places)


def leaves(proof: dict[str, Any]) -> list[dict[str, Any]]:
    if "rule" not in proof:
        return [proof]
    return [leaf for premise in proof["premises"] for leaf in leaves(premise)]


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_reason_is_stated_or_proved_from_what_is(engine: Inline, name: str) -> None:
    for reason in ask(engine, PREFIXES + EXPLAINED[name])["reasons"]["triples"]:
        if reason["verdict"] == "stated":
            assert reason["statements"]
        else:
            assert all(leaf["statements"] for leaf in leaves(reason["proof"]))


def test_a_solution_names_no_more_than_it_needs(engine: Inline) -> None:
    told = ask(engine, PREFIXES + EXPLAINED["union"])
    assert {len(places) for places in told["reasons"]["solutions"]} == {1}


def test_an_optional_part_that_matched_is_among_the_reasons(engine: Inline) -> None:
    told = ask(engine, PREFIXES + EXPLAINED["optional"])
    for solution, places in zip(
        told["results"]["bindings"], told["reasons"]["solutions"], strict=True
    ):
        assert len(places) == len(solution)


def test_a_day_is_explained_by_that_day(engine: Inline) -> None:
    text = PREFIXES + (
        "SELECT ?who FROM <https://library.example/as-of/2005-05-05> "
        "{ ?who lib:holdsPost item:chair }"
    )
    told = ask(engine, text)
    [reason] = told["reasons"]["triples"]
    assert told["results"]["bindings"][0]["who"]["value"].endswith("/ada")
    assert reason["proof"]["day"] == "2001-03-01"
    by_protocol = ask(
        engine,
        PREFIXES + "SELECT ?who { ?who lib:holdsPost item:chair }",
        default_graphs=("https://library.example/as-of/2005-05-05",),
    )
    assert by_protocol["results"] == told["results"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_explained_is_told_so(engine: Inline, name: str) -> None:
    with pytest.raises(UnsupportedQuery, match=re.escape(name)):
        ask(engine, PREFIXES + REFUSED[name])


def test_other_formats_are_refused(engine: Inline) -> None:
    with pytest.raises(NotAcceptable, match="JSON"):
        ask(engine, "SELECT * { ?s ?p ?o }", solutions="csv")


def test_a_fault_of_syntax_is_told_with_its_place(engine: Inline) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        ask(engine, "SELECT ?x { ?x a }")
    assert caught.value.line == 1


def test_more_solutions_than_can_be_explained_are_refused(engine: Inline) -> None:
    with pytest.raises(ResultTooLarge, match="LIMIT"):
        ask(engine, "SELECT * { ?s ?p ?o . ?a ?b ?c }")

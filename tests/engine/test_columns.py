"""What a column of an answer is, is read from the query."""

from __future__ import annotations

import pytest

from assembly_kg.engine.columns import Column, columns

PREFIXES = """
PREFIX : <https://example.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
A = "https://example.org/"


def column(query: str, name: str = "x") -> Column | None:
    return columns(PREFIXES + query).get(name)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?x { ?s :day ?x }", Column("value", (A + "day",))),
        ("SELECT ?x { ?s :a/:day ?x }", Column("value", (A + "day",))),
        ("SELECT ?x { ?s (:day|:year)+ ?x }", Column("value", (A + "day",))),
        ("SELECT ?x { ?x a :Club ; :day ?d }", Column("thing", (A + "Club",))),
        ("SELECT ?x { ?x :day ?d }", Column("subject", (A + "day",))),
        ("SELECT ?x { ?s :day ?k . ?k skos:prefLabel ?x }", Column("value", (A + "day",))),
        ("SELECT ?x { GRAPH ?x { ?s :day ?k } }", Column("graph")),
        ("SELECT ?x { :club ?x ?k }", Column("property")),
        ("SELECT ?x { :club ?p ?x }", Column("any")),
        ("SELECT (LANG(?n) AS ?x) { ?s :note ?n }", Column("language")),
        ("SELECT (STR(?n) AS ?x) { ?s :note ?n }", Column("value", (A + "note",))),
        (
            "SELECT (COALESCE(?d, ?e) AS ?x) { ?s :day ?d OPTIONAL { ?s :year ?e } }",
            Column("value", (A + "day", A + "year")),
        ),
        (
            "SELECT (COUNT(DISTINCT ?s) AS ?x) { ?s a :Club }",
            Column("thing", (A + "Club",), "count"),
        ),
        ("SELECT (MAX(?d) AS ?x) { ?s :day ?d }", Column("value", (A + "day",), "max")),
        ("SELECT (COUNT(*) AS ?x) { }", Column("any", (), "count")),
    ],
)
def test_a_variable_stands_for(query: str, expected: Column) -> None:
    assert column(query) == expected


def test_a_name_beside_its_thing_is_a_name() -> None:
    query = "SELECT ?s ?x { ?o :day ?s . ?s skos:prefLabel ?x }"
    label = "http://www.w3.org/2004/02/skos/core#prefLabel"
    assert column(query) == Column("value", (label,))


def test_an_aggregate_of_an_inner_query_is_not_taken_for_one_of_the_outer() -> None:
    query = """SELECT (MIN(?d) AS ?x) ?n {
  { SELECT ?d (COUNT(?s) AS ?n) { ?s :day ?d } GROUP BY ?d } } GROUP BY ?n"""
    assert column(query) == Column("value", (A + "day",), "min")
    assert column(query, "n") == Column("subject", (A + "day",), "count")


def test_a_variable_bound_to_itself_or_to_nothing_is_left_out() -> None:
    assert column("SELECT (?y AS ?x) (?x AS ?z) { }") is None
    assert column('SELECT ("a" AS ?x) { }') is None


def test_a_query_that_cannot_be_read_has_no_columns() -> None:
    assert columns("SELECT ?x WHERE") == {}

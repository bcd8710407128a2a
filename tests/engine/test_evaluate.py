"""One question over one store: formats, datasets, refusals, and the engine's faults guarded."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from rdflib import Dataset, Graph

from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits, Question
from assembly_kg.engine.store import load_files
from assembly_kg.errors import (
    LimitExceeded,
    NotAcceptable,
    QuerySyntaxError,
    ResultTooLarge,
    UnsupportedQuery,
)
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

EX = "http://example.org/"
ALL = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?p ?o"
KINDS = r"""SELECT * { VALUES (?a ?b) {
  ("x,\"y\"\n" "t\tab") (<http://a/> 1) (UNDEF "ab\u0001\u000C"@kk) ("c\rd" "\uFFFE")
  (true "2008-10-20"^^<http://www.w3.org/2001/XMLSchema#date>) }
  BIND(<<( <a:s> <a:p> "x" )>> AS ?t) }"""


def ask(inline: Inline, text: str, **values: object) -> bytes:
    body = inline.answer(Question(text, **values)).body  # type: ignore[arg-type]
    assert isinstance(body, bytes)
    return body


def rows(inline: Inline, text: str, **values: object) -> list[dict[str, str]]:
    bindings = json.loads(ask(inline, text, **values))["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def test_json_tells_every_kind_of_term(inline: Inline) -> None:
    first, second, third, *_ = json.loads(ask(inline, KINDS))["results"]["bindings"]
    assert first["a"] == {"type": "literal", "value": 'x,"y"\n'}
    assert second["a"] == {"type": "uri", "value": "http://a/"}
    assert second["b"]["datatype"].endswith("#integer")
    assert third["b"] == {"type": "literal", "value": "ab\x01\x0c", "xml:lang": "kk"}
    assert "a" not in third
    assert first["t"]["type"] == "triple"
    assert first["t"]["value"]["object"] == {"type": "literal", "value": "x"}


def test_csv_has_crlf_ends_and_doubled_quotes(inline: Inline) -> None:
    data = ask(inline, KINDS, solutions="csv")
    table = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert data.startswith(b"a,b,t\r\n")
    assert data.endswith(b"\r\n")
    assert b'"x,""y""\n"' in data
    assert table[1][0] == 'x,"y"\n'
    assert table[4][0] == "c\rd"


def test_tsv_has_lf_ends_and_terms_as_in_turtle(inline: Inline) -> None:
    lines = ask(inline, KINDS, solutions="tsv").decode().split("\n")
    assert lines[0] == "?a\t?b\t?t"
    assert lines[1].split("\t")[:2] == ['"x,\\"y\\"\\n"', '"t\\tab"']
    assert lines[2].split("\t")[:2] == ["<http://a/>", "1"]
    assert lines[-1] == ""


def test_xml_is_well_formed_whatever_the_literals_hold(inline: Inline) -> None:
    tree = ET.fromstring(ask(inline, KINDS, solutions="xml"))  # noqa: S314 -- our own
    literals = [e.text for e in tree.iter("{http://www.w3.org/2005/sparql-results#}literal")]
    assert "ab\ufffd\ufffd" in literals
    assert "c\rd" in literals
    assert "\ufffd" in literals


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_ask_is_answered_in_every_solution_format(inline: Inline, name: str) -> None:
    assert b"true" in ask(inline, "ASK { ?s ?p ?o }", solutions=name)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own parsers use old names
@pytest.mark.parametrize(
    ("name", "rdflib_name"),
    [
        ("ttl", "turtle"),
        ("nt", "nt"),
        ("rdf", "xml"),
        ("jsonld", "json-ld"),
        ("trig", "trig"),
        ("nq", "nquads"),
    ],
)
def test_a_graph_is_the_same_in_every_format(inline: Inline, name: str, rdflib_name: str) -> None:
    construct = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    expected = Graph().parse(ask(inline, construct, triples="nt"), format="nt")
    data = ask(inline, construct, triples=name)
    if name in {"trig", "nq"}:
        dataset = Dataset()
        dataset.parse(data=data, format=rdflib_name)
        found = Graph()
        for s, p, o, _ in dataset.quads():
            found.add((s, p, o))
    else:
        found = Graph().parse(data, format=rdflib_name)
    assert set(found) == set(expected)
    assert len(found) == 4


def test_turtle_uses_the_prefixes_of_the_query(inline: Inline) -> None:
    text = f"PREFIX ex: <{EX}> CONSTRUCT {{ ?s ex:books ?o }} WHERE {{ ?s ex:books ?o }}"
    assert ask(inline, text).decode().splitlines() == [
        f"@prefix ex: <{EX}> .",
        "ex:library ex:books 7 .",
    ]


def test_rdf_xml_refuses_a_predicate_that_it_cannot_write(inline: Inline) -> None:
    text = "CONSTRUCT { <a:s> <http://a/1> 1 } WHERE {}"
    with pytest.raises(NotAcceptable, match="<http://a/1>; ask for Turtle"):
        ask(inline, text, triples="rdf")


@pytest.mark.parametrize(
    ("form", "inner", "message"),
    [
        ("rdf", "<http://example.org/1>", "predicate <http://example.org/1>"),
        ("jsonld", "<http://example.org/p>", "triple term"),
    ],
)
def test_a_triple_term_that_cannot_be_written_is_refused_as_that(
    inline: Inline, form: str, inner: str, message: str
) -> None:
    text = f"CONSTRUCT {{ <a:s> <a:q> <<( <a:s> {inner} 1 )>> }} {{}}"
    with pytest.raises(NotAcceptable, match=message):
        ask(inline, text, triples=form)
    assert b"<<(" in ask(inline, text, triples="nt")


def test_rdf_xml_marks_control_characters_instead_of_dropping_them(inline: Inline) -> None:
    data = ask(inline, r'CONSTRUCT { <a:s> <a:p> "a\u0001b\rc" } WHERE {}', triples="rdf")
    [(_, _, value)] = Graph().parse(data, format="xml")
    assert str(value) == "a\ufffdb\rc"


def test_a_format_that_the_answer_cannot_have_is_refused_with_those_it_can(inline: Inline) -> None:
    with pytest.raises(NotAcceptable, match="text/turtle"):
        ask(inline, "CONSTRUCT WHERE { ?s ?p ?o }", triples=None)
    with pytest.raises(NotAcceptable, match="sparql-results"):
        ask(inline, ALL, solutions=None)


def test_without_a_dataset_the_default_graph_answers(inline: Inline) -> None:
    assert len(rows(inline, ALL)) == 4


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ({"default_graphs": (f"{EX}one",)}, 2),
        ({"default_graphs": (f"{EX}one", f"{EX}two")}, 3),
        ({"default_graphs": (f"{EX}one", f"{EX}one")}, 2),
        ({"default_graphs": (), "named_graphs": (f"{EX}one",)}, 0),
        ({"default_graphs": (f"{EX}none",)}, 0),
    ],
)
def test_the_protocol_dataset_is_merged_without_duplicates(
    inline: Inline, question: dict[str, tuple[str, ...]], count: int
) -> None:
    assert len(rows(inline, ALL, **question)) == count


def test_from_is_merged_without_duplicates(inline: Inline) -> None:
    text = "SELECT * FROM <http://example.org/one> FROM <http://example.org/two> WHERE "
    assert len(rows(inline, text + "{ ?s ?p ?o }")) == 3
    text = text.replace("WHERE", "FROM NAMED <http://example.org/two> { GRAPH ?g { ?s ?p ?o } }")
    assert {row["g"] for row in rows(inline, text)} == {f"{EX}two"}


def test_the_protocol_dataset_goes_before_from(inline: Inline) -> None:
    text = "SELECT * FROM <http://example.org/one> { ?s <http://example.org/p> ?o }"
    assert rows(inline, text, default_graphs=(f"{EX}two",)) == [{"s": f"{EX}a", "o": f"{EX}c"}]


def test_only_named_graphs_of_the_dataset_can_be_reached(inline: Inline) -> None:
    text = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    found = rows(inline, text, default_graphs=(), named_graphs=(f"{EX}one",))
    assert found == [{"g": f"{EX}one"}]
    assert rows(inline, text, default_graphs=(f"{EX}one",), named_graphs=()) == []


@pytest.mark.parametrize(
    ("day", "state"), [("1995-03-01", "small"), ("2007-05-20", "small"), ("2030-01-01", "large")]
)
def test_any_day_means_the_slice_in_force_on_it(inline: Inline, day: str, state: str) -> None:
    graph = f"{EX}as-of/{day}"
    text = "SELECT ?state { ?s ?p ?state }"
    assert rows(inline, text, default_graphs=(graph,)) == [{"state": state}]
    assert rows(inline, text.replace("{", f"FROM <{graph}> {{", 1)) == [{"state": state}]


@pytest.mark.parametrize(
    ("day", "message"),
    [("2007-02-30", "is not a day"), ("1990-01-01", "begins on 1995-03-01"), ("soon", "not a day")],
)
def test_a_day_that_cannot_be_asked_for_is_told(inline: Inline, day: str, message: str) -> None:
    with pytest.raises(UnsupportedQuery, match=message):
        ask(inline, ALL, default_graphs=(f"{EX}as-of/{day}",))


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("SELECT *\n{ ?s foaf:name ?o }", 2, 6, "add PREFIX foaf: <http://xmlns.com/foaf/0.1/>"),
        ("SELECT * { ?ж x:y ?o }", 1, 15, 'prefix "x:" is not declared'),
        ("SELECT (1 AS ?x) (2 AS ?x) {}", 1, 30, "Duplicated variable"),
        ("SELECT ?x {} GROUP BY ?y", 1, 25, "unbound"),
        ("DESCRIBE <http://a b>", 1, 11, "percent-encoded"),
        ("", 1, 1, "empty"),
        ("PREFIX a: <http://a/>", 1, 22, "ends where more is needed"),
        ("\n  selec * {}", 2, 3, "does not begin a query"),
        ("SELECT * { ?s ?p }", 1, 19, "ends"),
    ],
)
def test_a_syntax_error_says_where_and_what(
    inline: Inline, text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(QuerySyntaxError, match=message) as fault:
        ask(inline, text)
    assert (fault.value.line, fault.value.column) == (line, column)


def test_updates_and_services_are_refused(inline: Inline) -> None:
    with pytest.raises(UnsupportedQuery, match="SPARQL Update"):
        ask(inline, "INSERT DATA { <a:a> <a:b> 1 }")
    with pytest.raises(UnsupportedQuery, match="column 12: SERVICE"):
        ask(inline, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    with pytest.raises(UnsupportedQuery, match="not supported"):
        ask(inline, "SELECT (<http://nobody/knows>(1) AS ?x) {}")


@pytest.mark.parametrize("opening", ["{", "(", "["])
def test_deep_nesting_is_refused_before_it_is_parsed(inline: Inline, opening: str) -> None:
    with pytest.raises(LimitExceeded, match="more than 64 deep") as fault:
        ask(inline, "ASK {" + opening * 20_000)
    assert fault.value.limit == "max_nesting"


def test_a_text_that_is_too_long_is_refused_by_its_bytes(library: object) -> None:
    limits = Limits(timeout=1, max_rows=10, max_bytes=10_000, max_query_bytes=20, max_nesting=9)
    engine = Inline(*load_files([library]), limits)  # type: ignore[list-item]
    with pytest.raises(LimitExceeded, match="too long"):
        engine.answer(Question("ASK {} # әәәәәәәә"))
    engine.answer(Question("ASK {} # abcdefgh"))


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_rows_are_limited_exactly_in_every_format(library: object, name: str) -> None:
    limits = Limits(timeout=1, max_rows=4, max_bytes=10_000, max_query_bytes=999, max_nesting=9)
    engine = Inline(*load_files([library]), limits)  # type: ignore[list-item]
    values = "SELECT ?x { VALUES ?x { %s } }"
    engine.answer(Question(values % "1 2 3 4", solutions=name))
    with pytest.raises(ResultTooLarge, match="max_rows = 4"):
        engine.answer(Question(values % "1 2 3 4 5", solutions=name))


def test_triples_and_bytes_are_limited(library: object) -> None:
    limits = Limits(timeout=1, max_rows=3, max_bytes=300, max_query_bytes=999, max_nesting=9)
    engine = Inline(*load_files([library]), limits)  # type: ignore[list-item]
    with pytest.raises(ResultTooLarge, match="max_rows"):
        engine.answer(Question("CONSTRUCT WHERE { ?s ?p ?o }"))
    with pytest.raises(ResultTooLarge, match="max_bytes"):
        engine.answer(Question(f"SELECT ?x {{ BIND('{'a' * 400}' AS ?x) }}"))


def test_asking_changes_nothing(inline: Inline) -> None:
    before = inline.catalogue()
    for text in (ALL, "CONSTRUCT { ?s ?p 9 } WHERE { ?s ?p ?o }"):
        ask(inline, text)
    assert len(rows(inline, ALL)) == before.default_size == 4


def test_numbers_and_times_keep_their_value_but_not_their_spelling(inline: Inline) -> None:
    # Oxigraph stores them by value; docs/running.md says so, for as long as this test holds.
    xsd = "http://www.w3.org/2001/XMLSchema#"
    values = f'"001"^^<{xsd}integer> "1.50"^^<{xsd}decimal> "TRUE"^^<{xsd}boolean>'
    found = [row["x"] for row in rows(inline, f"SELECT ?x {{ VALUES ?x {{ {values} }} }}")]
    assert found == ["1", "1.5", "TRUE"]


def test_turtle_uses_the_prefixes_of_the_institution_where_the_query_has_none(
    library: Path,
) -> None:
    store, catalogue = load_files([library])
    known = {"ours": EX, "xsd": "http://www.w3.org/2001/XMLSchema#"}
    catalogue = dataclasses.replace(catalogue, prefixes=known)
    engine = Inline(store, catalogue, Limits.of(Settings()))
    for declared, used in (("", "ours"), (f"PREFIX q: <{EX}> ", "q")):
        query = f"{declared}CONSTRUCT WHERE {{ ?s <{EX}books> ?o }}"
        written = engine.answer(Question(query, triples="ttl")).body
        assert isinstance(written, bytes)
        assert f"{used}:library {used}:books 7 .".encode() in written

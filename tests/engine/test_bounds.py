"""What a query reads at most: told without running it, and never too low."""

from __future__ import annotations

import itertools
import random
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from assembly_kg.engine.bounds import Plan, Statistics, plan, template
from assembly_kg.engine.catalogue import of_store
from assembly_kg.engine.lookup import MOST, write_copy

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTIONS = Path(__file__).parents[2] / "ontology" / "questions"
A = "http://example.org/"
PREFIXES = f"PREFIX ex: <{A}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"


def planned(text: str) -> Plan | None:
    made = template(PREFIXES + text)
    return made and plan(made.text)


# Templates


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT ?o { <http://a/1> ?p ?o }", "SELECT ?o { <http://b/2#x> ?p ?o }"),
        ('SELECT ?o { ?o ex:name "Айша"@kk }', 'SELECT ?o { ?o ex:name "Ольга"@kk }'),
        ("SELECT ?o { ?o ?p <a:b> } LIMIT 5", "SELECT ?o { ?o ?p <c:d> } limit 50"),
        ("ASK { <a:b> ex:p <c:d> } # one", "ASK { <c:d> ex:p <a:b> } # another { <x:y> }"),
    ],
)
def test_queries_that_differ_in_constants_have_one_template(one: str, other: str) -> None:
    first, second = template(PREFIXES + one), template(PREFIXES + other)
    assert first is not None
    assert second is not None
    assert first.text.upper() == second.text.upper()
    assert first.constants != second.constants or '"' in one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT * { <a:a> ex:p ?o }", "SELECT * { <a:a> ex:q ?o }"),
        ("SELECT * { <a:a> ?p ?o }", "SELECT * { <a:a> ?p ?o . ?o ?q ?r }"),
        ("SELECT * { ?s ?p 5 }", "SELECT * { ?s ?p 6 }"),
        ('SELECT * { ?s ?p "a"@kk }', 'SELECT * { ?s ?p "a"@ru }'),
        ("SELECT * { ?s ?p <a:b> }", 'SELECT * { ?s ?p "a:b" }'),
        ("SELECT * { ?s ?p ?o } LIMIT 1", "SELECT * { ?s ?p ?o } OFFSET 1"),
        ("PREFIX b: <b:b> ASK { ?a b:p ?c }", "PREFIX b: <b:c> ASK { ?a b:p ?c }"),
        ("# x\nPREFIX b: <b:b> ASK { ?a b:p ?c }", "# x\nPREFIX b: <b:c> ASK { ?a b:p ?c }"),
        ("ASK { ?a ?b ?c FILTER(?a < ?b) }", "ASK { ?a ?b ?c FILTER(?a <a:b> ?b) }"),
    ],
)
def test_queries_that_differ_in_more_have_two(one: str, other: str) -> None:
    first, second = template(PREFIXES + one), template(PREFIXES + other)
    assert first is not None
    assert second is not None
    assert first.text != second.text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { <a:a> ?p 'x' }",
        'SELECT * { <a:a> ?p """x""" }',
        'SELECT * { <a:a> ?p "\\u0041" }',
        "SELECT * { <constant:1> ?p ?o }",
        "SELECT * { <a:a> ?p ?o } #" + "x" * 5000,
    ],
)
def test_what_is_unusual_has_no_template(text: str) -> None:
    assert template(text) is None


# Plans


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p <a:a> } LIMIT 50",
        "SELECT ?n { ?h ex:post ?p ; ex:holder ?w . ?p ex:in <a:a> . ?w skos:prefLabel ?n }",
        "SELECT * { ?h ex:post/ex:in <a:a> OPTIONAL { ?h ex:until ?u } }",
        "SELECT ?x { { <a:a> ex:part ?x } UNION { ?x ^ex:part <a:a> } }",
        "SELECT DISTINCT ?x { <a:a> ex:part+ ?x } ORDER BY ?x",
        'SELECT ?h { ?h a ex:H ; ex:from ?f FILTER(?f = "2020-01-01"^^ex:date) }',
        "SELECT ?b ?l { VALUES ?b { <a:a> <a:b> } ?b skos:prefLabel ?l }",
        "SELECT ?p (COUNT(*) AS ?n) { <a:a> ?p ?o } GROUP BY ?p ORDER BY DESC(?n)",
        "CONSTRUCT { ?b ex:name ?l } { <a:a> ex:part ?b . ?b skos:prefLabel ?l }",
        "ASK { ?s ex:p ?o . ?o ex:q ?t . ?t ex:r ?s }",
        "# a comment\nPREFIX b: <b:b> SELECT * { <a:a> b:p ?b } # <another>",
    ],
)
def test_these_are_planned(text: str) -> None:
    found = planned(text)
    assert found is not None
    assert Plan.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?a ex:p ?b . ?c ex:q ?d }",
        "SELECT * { <a:a> ex:p ?b . <a:b> ex:q ?d }",
        "SELECT * { VALUES ?a { 1 2 } VALUES ?b { 1 2 } }",
        "SELECT * { ?a ex:part* ?b }",
        "SELECT * { <a:a> (ex:p/ex:q)+ ?b }",
        "SELECT * { <a:a> !ex:p ?b }",
        "SELECT * { <a:a> ex:p|ex:q ?b }",
        "SELECT * { GRAPH ?g { <a:a> ?p ?b } }",
        "SELECT * FROM <a:g> { <a:a> ?p ?b }",
        "SELECT * { SERVICE <http://127.0.0.1/> { <a:a> ?p ?b } }",
        "SELECT * { <a:a> ?p ?b MINUS { ?c ?d ?e } }",
        "SELECT * { <a:a> ?p ?b FILTER EXISTS { ?c ?d ?e } }",
        'SELECT * { <a:a> ?p ?b FILTER(REGEX(?b, "(a+)+")) }',
        "SELECT (GROUP_CONCAT(?b) AS ?c) { <a:a> ?p ?b }",
        "SELECT (CONCAT(?b, ?b, ?b) AS ?c) { <a:a> ?p ?b }",
        "SELECT (NOW() AS ?c) { <a:a> ?p ?b }",
        "SELECT * { <a:a> ?p ?b OPTIONAL { ?c ex:q ?d } }",
        "SELECT * { <a:a> ?p ?b OPTIONAL { ?b ex:q ?d . ?e ex:r ?d } }",
        "SELECT * { <a:a> ?p ?b OPTIONAL { ?b ex:q ?d FILTER(?p = ?d) } }",
        "SELECT * { <a:a> ?p ?b { SELECT ?c { ?c ?d ?e } } }",
        "SELECT * { <a:a> ?p ?b { ?b ex:q ?c } UNION { ?c ex:q ?b } }",
        "DESCRIBE ?b { <a:a> ?p ?b }",
        "SELECT * { <http://a/?a#b> ?p ?o . ?s ?q ?r }",
        "SELECT * { <a:a> ?p ?b } PREFIX b: <b:b>",
        "SELECT * { <a:a> ?p }",
        "INSERT DATA { <a:a> <a:p> <a:b> }",
        "",
    ],
)
def test_these_are_not(text: str) -> None:
    assert planned(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?b { <a:a> ex:p ?b FILTER(" + " || ".join(["?b = 1"] * 40) + ") }",
        "SELECT ?b { <a:a> ex:p ?b FILTER(?b IN (" + ", ".join(map(str, range(400))) + ")) }",
        "SELECT " + " ".join(f"(?b AS ?b{n})" for n in range(40)) + " { <a:a> ex:p ?b }",
        "SELECT " + "?b " * 40 + "{ <a:a> ex:p ?b }",
        "CONSTRUCT { " + "?b ex:q ?b . " * 40 + "} { <a:a> ex:p ?b }",
        "SELECT ?b { <a:a> ex:p ?b } ORDER BY" + " DESC(?b)" * 40,
    ],
)
def test_what_is_done_with_each_match_counts(text: str) -> None:
    light, heavy = planned("SELECT ?b { <a:a> ex:p ?b }"), planned(text)
    assert light is not None
    assert heavy is not None
    assert heavy.weight >= 3 * light.weight


def test_plans_are_for_the_order_of_joins_of_this_version_of_the_engine() -> None:
    # When this fails: read reorder_joins and the estimates in sparopt's optimizer.rs again.
    assert ox.__version__.startswith("0.5.")


# Bounds

FORMS = [
    "SELECT * { ?s ?p <%0> }",
    "SELECT * { <%0> ex:p ?a . ?a ex:q ?b . ?b ex:r ?c }",
    "SELECT * { ?a ex:p <%0> . ?a ex:q ?b . ?c ex:r ?b }",
    "SELECT * { ?a ex:p ?b . ?b ex:q ?c . ?c ex:r ?a }",
    "SELECT * { ?a ex:p ?b . ?a ex:q ?b }",
    "SELECT * { <%0> ?p ?a . ?a ?q ?b }",
    "SELECT * { ?a ex:p <%0> ; ex:q <%1> ; ex:r ?b }",
    "SELECT * { VALUES ?a { <%0> <%1> } ?a ex:p ?b . ?b ex:q ?c }",
]


def graph(seed: int) -> list[tuple[str, str, str]]:
    chance = random.Random(seed)
    things = [f"{A}t{number}" for number in range(12)]
    # Some are met much more often than others.
    some = things + things[:2] * 10
    made = {
        (chance.choice(some), f"{A}{chance.choice('pqr')}", chance.choice(some)) for _ in range(150)
    }
    return sorted(made)


def read(patterns: list[tuple[str, str, str]], triples: list[tuple[str, str, str]]) -> int:
    """Triples that nested look-ups read, in this order of patterns."""
    rows: list[dict[str, str]] = [{}]
    total = 0
    for pattern in patterns:
        found = []
        for row in rows:
            wanted = [row.get(term, term) for term in pattern]
            found += [
                row | dict(zip(wanted, triple, strict=True))
                for triple in triples
                if all(w.startswith("?") or w == t for w, t in zip(wanted, triple, strict=True))
            ]
        total += len(found)
        rows = found
    return total


def orders(
    patterns: list[tuple[str, str, str]], first: int
) -> Iterator[list[tuple[str, str, str]]]:
    """Every order that begins so and joins what shares a variable."""
    rest = patterns[:first] + patterns[first + 1 :]
    for order in itertools.permutations(rest):
        made = [patterns[first], *order]
        known = [
            reduce(set.union, ({t for t in p if t.startswith("?")} for p in made[:n]), set())
            for n in range(1, len(made))
        ]
        if all(set(p) & k for p, k in zip(made[1:], known, strict=True)):
            yield made


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_joins_reads_more_than_the_bound(form: str, seed: int) -> None:
    triples = graph(seed)
    store = ox.Store()
    store.extend(ox.Quad(*map(ox.NamedNode, triple)) for triple in triples)
    counted = Statistics.from_json(Statistics.of_store(store).to_json())
    names = [f"{A}t{number}" for number in (seed, 0)]
    text = form.replace("%0", names[0]).replace("%1", names[1])
    made = template(PREFIXES + text)
    assert made is not None
    found = plan(made.text)
    assert found is not None
    most = found.most(made.constants, counted)
    assert most >= len(list(store.query(PREFIXES + text)))  # type: ignore[arg-type]
    patterns = patterns_of(text)
    firsts = [n for n, p in enumerate(patterns) if rank(p) == min(map(rank, patterns))]
    if "VALUES" in text:
        patterns, firsts = [(names[0], *patterns[0][1:]), *patterns[1:]], [0]
        most += most  # the other of the two names
    for first in firsts:
        for order in orders(patterns, first):
            assert read(order, triples) <= most, order


def patterns_of(text: str) -> list[tuple[str, str, str]]:
    """The triple patterns of one of ``FORMS``."""
    body = text[text.index("{") + 1 : text.rindex("}")]
    if "VALUES" in body:
        body = body.partition("}")[2]
    found = []
    for sentence in body.split(" . "):
        subject, *rest = sentence.replace(";", " ").split()
        found += [(subject, *rest[place : place + 2]) for place in range(0, len(rest), 2)]
    return [tuple(map(full, pattern)) for pattern in found]  # type: ignore[misc]


def full(term: str) -> str:
    return A + term[3:] if term.startswith("ex:") else term.strip("<>")


def rank(pattern: tuple[str, str, str]) -> int:
    """How small the engine takes a pattern for: a subject says most, then property and object."""
    subject, predicate, object_ = (not term.startswith("?") for term in pattern)
    return -(8 * subject + 2 * object_ + predicate + (2 * object_ * predicate))


def test_what_is_nowhere_is_no_reason_to_read() -> None:
    counted = Statistics.of_store(ox.Store())
    found = planned("SELECT * { ?s ex:nothing ?o . ?o ex:none ?t }")
    assert found is not None
    assert found.most((), counted) <= 2


def test_questions_of_this_repository_that_are_small_are_answered_alike_by_a_copy(
    release_store: ox.Store, tmp_path: Path
) -> None:
    catalogue = of_store(release_store, release="r", modified=0)
    write_copy(release_store, catalogue, tmp_path / "copy.nt", 10**6)
    copy = ox.Store()
    copy.bulk_load(path=str(tmp_path / "copy.nt"), format=ox.RdfFormat.N_TRIPLES)
    counted = Statistics.of_store(release_store)
    compared = 0
    for file in sorted(QUESTIONS.glob("*.rq")):
        text = file.read_text(encoding="utf-8")
        made = template(text)
        found = made and plan(made.text)
        if made is None or found is None or found.most(made.constants, counted) > MOST:
            continue
        answers = [list(one.query(text)) for one in (release_store, copy)]  # type: ignore[arg-type]
        assert answers[0] == answers[1], file.name
        compared += 1
    assert compared > 30

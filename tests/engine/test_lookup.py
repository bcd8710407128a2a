"""Which queries are look-ups, and that they are answered alike here and in the pool."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
import pytest

from assembly_kg.engine.inline import Inline
from assembly_kg.engine.lookup import WithLookups, copy_file, is_lookup, write_copy
from assembly_kg.engine.question import Limits, Question
from assembly_kg.engine.store import load_files
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.client import PoolClient

PREFIX = "PREFIX ex: <http://example.org/>\n"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?p ?o { <http://example.org/a> ?p ?o }",
        "select * where { <http://example.org/a> ?p ?o . } limit 10 # 17",
        f"{PREFIX}SELECT DISTINCT ?o WHERE {{ ex:library ex:name ?o }}",
        f'{PREFIX}SELECT ?o {{ ex:library ex:name ?o FILTER(LANG(?o) = "kk") }}',
        f'{PREFIX}ASK {{ ex:library ex:name "Library"@en }}',
        f"{PREFIX}ASK {{ ex:library a ex:Library }}",
        "DESCRIBE <http://example.org/a>",
        f"{PREFIX}DESCRIBE ex:library",
        "CONSTRUCT WHERE { <http://example.org/a> ?p ?o }",
    ],
)
def test_one_pattern_with_a_given_subject_is_a_lookup(text: str) -> None:
    assert is_lookup(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT * { ?s ?p <http://example.org/a> }",
        "SELECT * { <a:a> ?p ?o . ?o ?q ?r }",
        "SELECT * { <a:a> ?p ?o ; ?q ?r }",
        "SELECT * { <a:a> ?p ?o , ?r }",
        "SELECT * { <a:a> <a:p>+ ?o }",
        "SELECT * { <a:a> <a:p>/<a:q> ?o }",
        "SELECT * { <a:a> ?p ?o } ORDER BY ?o",
        "SELECT (COUNT(*) AS ?n) { <a:a> ?p ?o }",
        "SELECT * FROM <a:g> { <a:a> ?p ?o }",
        "SELECT * { GRAPH ?g { <a:a> ?p ?o } }",
        'SELECT * { <a:a> ?p ?o FILTER(REGEX(?o, "x")) }',
        "SELECT * { SERVICE <http://127.0.0.1/> { <a:a> ?p ?o } }",
        "SELECT * { <a:a> ?p ?o } VALUES ?o { 1 }",
        "SELECT * { <a:a> ?p ?o { ?x ?y ?z } }",
        "SELECT * { <a:a> ?p ?o } # x\n{ ?x ?y ?z }",
        "DESCRIBE ?s { ?s ?p ?o }",
        "DESCRIBE <a:a> <a:b>",
        "CONSTRUCT { ?o ?p <a:a> } { <a:a> ?p ?o }",
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "SELECT * { <a:a> ?p '''x''' }",
        "",
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert not is_lookup(text)


def test_no_text_makes_the_proof_slow() -> None:
    for part in ("PREFIX a: <b> ", "?v ", "<a:a> ", " ", "{", '"a"@a-b', "ex:", "SELECT ?v "):
        assert not is_lookup("SELECT " + part * 20_000)


def test_the_copy_tells_triples_in_the_order_of_the_workers(library: Path, tmp_path: Path) -> None:
    store, catalogue = load_files([library])
    write_copy(store, catalogue, tmp_path / "1.nt", 1000)
    copy = ox.Store()
    copy.bulk_load(path=str(tmp_path / "1.nt"), format=ox.RdfFormat.N_TRIPLES)
    everything = "SELECT ?s ?p ?o { ?s ?p ?o }"
    told = [[str(row) for row in one.query(everything)] for one in (store, copy)]  # type: ignore[union-attr]
    assert len(told[0]) == 4
    assert told[0] == told[1]
    assert [file.name for file in tmp_path.iterdir()] == ["1.nt"]


JOIN = "SELECT ?n {{ ?l <http://example.org/opened> ?d ; <http://example.org/name> ?n }} # {}"


class Pool:
    """Stands for the pool."""

    def __init__(self, store: ox.Store, catalogue: Catalogue, directory: Path) -> None:
        self.inline = Inline(store, catalogue, Limits.of(Settings()))
        self.catalogue = self.inline.catalogue
        self.name = "1"
        write_copy(store, catalogue, copy_file(directory, self.name), 1000)

    def generation(self) -> str:
        return self.name


def test_what_is_learned_of_one_query_lets_its_like_be_answered_here(
    library: Path, tmp_path: Path
) -> None:
    """The pool is asked for counts once, and for a plan when a template comes again."""
    pool = Pool(*load_files([library]), tmp_path)
    near = WithLookups(cast("PoolClient", pool), tmp_path, Settings())
    told = []
    for number in range(200):
        question = Question(JOIN.format(number))
        answer = near.here(question, pool.name)
        if answer is not None:
            assert answer.body == pool.inline.answer(question).body
            break
        wanted = near.to_learn()
        if wanted is not None:
            told.append(wanted.task)
            body = pool.inline.answer(wanted).body
            assert isinstance(body, bytes)
            near.learned(wanted, body)
        time.sleep(0.02)
    assert told == ["statistics", "plan"]
    assert near.to_learn() is None
    assert near.here(Question("SELECT ?n { ?b ?q ?a . ?c ?p ?n }"), pool.name) is None
    pool.name = "2"
    assert near.here(Question(JOIN.format(0)), pool.name) is None
    assert near.to_learn() is None


def test_what_cannot_be_learned_is_not_asked_for_again(library: Path, tmp_path: Path) -> None:
    pool = Pool(*load_files([library]), tmp_path)
    near = WithLookups(cast("PoolClient", pool), tmp_path, Settings())
    while (wanted := near.to_learn()) is None:
        assert near.here(Question(JOIN.format(0)), pool.name) is None
        time.sleep(0.02)
    near.learned(wanted, b"")
    assert near.to_learn() is None
    assert near.here(Question(JOIN.format(0)), pool.name) is None

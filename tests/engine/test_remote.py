"""Another server as the engine: here, our own behind our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.test_supervisor import LIBRARY, RUNAWAY, Server, serving

from assembly_kg.engine.question import Question
from assembly_kg.engine.remote import Remote
from assembly_kg.errors import (
    DeadlineExceeded,
    EngineUnavailable,
    LimitExceeded,
    QuerySyntaxError,
    ResultTooLarge,
    UnsupportedQuery,
)
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assembly_kg.engine.inline import Inline

ALL = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?p ?o"


@pytest.fixture(scope="module")
def behind() -> Iterator[Server]:
    with serving("--data", LIBRARY, timeout=3) as server:
        yield server


@pytest.fixture
def remote(behind: Server) -> Remote:
    return Remote(f"{behind.url}/sparql", Settings(timeout=5, max_rows=100, max_bytes=20_000))


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_it_answers_as_an_engine_here_would(remote: Remote, inline: Inline, name: str) -> None:
    question = Question(ALL, solutions=name)
    assert remote.answer(question).body == inline.answer(question).body


def test_it_knows_what_the_other_server_holds(remote: Remote, inline: Inline) -> None:
    there, here = remote.catalogue(), inline.catalogue()
    assert (there.graphs, there.default_size) == (here.graphs, here.default_size)
    assert there.slices == here.slices


def test_datasets_and_days_are_passed_on(remote: Remote) -> None:
    graph = "http://example.org/as-of/2000-01-01"
    body = remote.answer(Question("SELECT ?o { ?s ?p ?o }", default_graphs=(graph,))).body
    assert isinstance(body, bytes)
    assert [row["o"]["value"] for row in json.loads(body)["results"]["bindings"]] == ["small"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * {", QuerySyntaxError),
        ("DROP ALL", UnsupportedQuery),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} }", UnsupportedQuery),
        ("ASK {" + "{" * 300, LimitExceeded),
        ("SELECT * { VALUES ?x { " + "1 " * 200 + "} }", ResultTooLarge),
        (f"SELECT * {{ BIND('{'a' * 30_000}' AS ?x) }}", ResultTooLarge),
    ],
)
def test_what_is_wrong_is_told(remote: Remote, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        remote.answer(Question(text))


def test_the_deadline_holds_whatever_the_other_server_does(remote: Remote) -> None:
    with pytest.raises(DeadlineExceeded):
        remote.answer(Question(RUNAWAY), timeout=0.5)


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(EngineUnavailable):
        Remote("http://127.0.0.1:9/sparql", Settings(timeout=1)).answer(Question("ASK {}"))


def test_a_whole_server_stands_before_another(behind: Server) -> None:
    with serving("--engine", f"sparql:{behind.url}/sparql") as front:
        assert front.books() == "7"
        answer = httpx.get(f"{front.url}/sparql", params={"query": "SELECT * {"})
        assert answer.status_code == 400

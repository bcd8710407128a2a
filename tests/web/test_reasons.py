"""``explain=true`` on ``/sparql``: solutions with reasons, and refusals that say why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

WHO = (
    "PREFIX lib: <https://library.example/ontology#> "
    "SELECT ?who FROM <https://library.example/as-of/%s> { ?who lib:holdsPost ?post }"
)
JSON = {"Accept": "application/sparql-results+json"}


@pytest.mark.parametrize(("day", "who"), [("2005-05-05", "ada"), ("2015-05-05", "boris")])
def test_each_solution_comes_with_its_sentences(
    council_client: FlaskClient, day: str, who: str
) -> None:
    asked = {"query": WHO % day, "explain": "true"}
    answer = council_client.get("/sparql", query_string=asked, headers=JSON)
    told = answer.json
    assert answer.content_type == "application/sparql-results+json"
    assert told["results"]["bindings"][0]["who"]["value"].endswith(who)
    [[place]] = told["reasons"]["solutions"]
    proof = told["reasons"]["triples"][place]["proof"]
    graphs = {said["graph"] for leaf in proof["premises"] for said in leaf["statements"]}
    assert graphs & {f"https://library.example/source/minutes/s{n}" for n in (1, 2)}


def test_the_same_query_without_explain_is_another_answer(council_client: FlaskClient) -> None:
    asked = {"query": WHO % "2005-05-05"}
    with_reasons = council_client.get(
        "/sparql", query_string={**asked, "explain": "true"}, headers=JSON
    )
    plain = council_client.get("/sparql", query_string=asked, headers=JSON)
    assert "reasons" not in plain.json  # type: ignore[operator]
    assert with_reasons.headers["ETag"] != plain.headers["ETag"]
    by_post = council_client.post("/sparql", data={**asked, "explain": "true"}, headers=JSON)
    assert by_post.json == with_reasons.json


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"format": "csv"}, 406, "SPARQL results in JSON"),
        ({"explain": "yes"}, 400, "neither true nor false"),
        ({"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}, 400, "does not explain aggregates"),
        ({"query": WHO % "1999-01-01"}, 400, "the record begins on 2001-03-01"),
    ],
)
def test_what_cannot_be_explained_is_a_problem_document(
    council_client: FlaskClient, change: dict[str, str], status: int, said: str
) -> None:
    asked = {"query": WHO % "2005-05-05", "explain": "true", **change}
    answer = council_client.get("/sparql", query_string=asked, headers=JSON)
    assert answer.status_code == status
    assert said in answer.get_json(force=True)["detail"]

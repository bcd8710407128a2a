"""Sixteen days of the record, asked over HTTP by the name of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BASE = "https://w3id.org/assembly-kz/"
JSON = {"Accept": "application/sparql-results+json"}
ADVISORY = {"status-consultative-advisory-body"}
CONSTITUTIONAL = {"status-constitutional-body"}
BOTH = CONSTITUTIONAL | {"status-institution-without-legal-personality"}
OLD_NAME, NEW_NAME = {"Ассамблея народов Казахстана"}, {"Ассамблея народа Казахстана"}
NAZARBAYEV, TOKAYEV = {"nursultan-nazarbayev"}, {"kassym-jomart-tokayev"}

# Day: legal statuses, official names in Russian, chambers with seats, chairs, whether it exists.
DAYS = {
    "1995-02-28": (set(), set(), set(), set(), False),
    "1995-03-01": (ADVISORY, OLD_NAME, set(), None, True),
    "2007-05-20": (ADVISORY, OLD_NAME, set(), None, True),
    "2007-05-21": (CONSTITUTIONAL, OLD_NAME | NEW_NAME, {"mazhilis"}, None, True),
    "2007-07-25": (CONSTITUTIONAL, OLD_NAME | NEW_NAME, {"mazhilis"}, None, True),
    "2007-07-26": (CONSTITUTIONAL, NEW_NAME, {"mazhilis"}, None, True),
    "2008-10-19": (CONSTITUTIONAL, NEW_NAME, {"mazhilis"}, None, True),
    "2008-10-20": (BOTH, NEW_NAME, {"mazhilis"}, None, True),
    "2018-04-26": (BOTH, NEW_NAME, {"mazhilis"}, None, True),
    "2018-04-27": (BOTH, NEW_NAME, {"mazhilis"}, None, True),
    "2021-04-27": (BOTH, NEW_NAME, {"mazhilis"}, NAZARBAYEV, True),
    "2021-04-28": (BOTH, NEW_NAME, {"mazhilis"}, TOKAYEV, True),
    "2023-01-18": (BOTH, NEW_NAME, {"mazhilis"}, TOKAYEV, True),
    "2023-01-24": (BOTH, NEW_NAME, {"senate"}, TOKAYEV, True),
    "2026-06-30": (BOTH, NEW_NAME, {"senate"}, TOKAYEV, True),
    "2026-07-01": (set(), set(), set(), set(), False),
}
PATTERNS = (
    "bodies:assembly akz:hasLegalStatus ?x",
    'bodies:assembly akz:officialName ?x FILTER(LANG(?x) = "ru")',
    "bodies:assembly akz:hasSeatsIn ?x",
    "?x akz:holdsPost people:post-chair-of-assembly",
    "bodies:assembly a akz:ActiveBody BIND(true AS ?x)",
)
PREFIXES = f"""PREFIX akz: <{BASE}ontology#>
PREFIX bodies: <{BASE}id/bodies/>
PREFIX people: <{BASE}id/people/>
"""


def asked(site: FlaskClient, pattern: str, day: str) -> set[str]:
    """What the graph of the day says, asked in the three ways that SPARQL has."""
    graph = f"{BASE}as-of/{day}"
    ways = (
        {"query": f"{PREFIXES} SELECT ?x FROM <{graph}> {{ {pattern} }}"},
        {"query": f"{PREFIXES} SELECT ?x {{ GRAPH <{graph}> {{ {pattern} }} }}"},
        {"query": f"{PREFIXES} SELECT ?x {{ {pattern} }}", "default-graph-uri": graph},
    )
    answers = [
        {
            row["x"]["value"].rpartition("/")[2]
            for row in site.get("/sparql", query_string=way, headers=JSON).json["results"][
                "bindings"
            ]
        }
        for way in ways
    ]
    assert answers[0] == answers[1] == answers[2]
    return answers[0]


@pytest.mark.parametrize("day", DAYS)
def test_the_graph_of_a_day_says_what_was_so_on_it(site: FlaskClient, day: str) -> None:
    *expected, exists = DAYS[day]
    for pattern, wanted in zip(PATTERNS, expected, strict=False):
        if wanted is not None:
            assert asked(site, pattern, day) == wanted, pattern
    assert bool(asked(site, PATTERNS[-1], day)) is exists


@pytest.mark.parametrize("day", ["1992-01-01", "2026-11-31", "2030-01-01"])
def test_a_day_outside_the_record_is_a_problem_and_no_empty_answer(
    site: FlaskClient, day: str
) -> None:
    graph = f"{BASE}as-of/{day}"
    for way in (
        {"query": f"SELECT * {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"},
        {"query": "SELECT * { ?s ?p ?o }", "default-graph-uri": graph},
    ):
        answer = site.get("/sparql", query_string=way, headers=JSON)
        assert answer.status_code == 400
        assert day in answer.get_json(force=True)["detail"]

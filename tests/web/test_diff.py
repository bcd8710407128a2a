"""``/diff`` and ``/timeline/changes``: pages and data of what changed."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

DAYS = {"from": "2010-08-31", "to": "2011-11-11"}


@pytest.mark.parametrize(
    ("language", "said"), [("kk", "басталды"), ("ru", "началось"), ("en", "begun")]
)
def test_the_page_tells_what_changed_between_two_days(
    council_client: FlaskClient, language: str, said: str
) -> None:
    page = council_client.get("/diff", query_string={**DAYS, "lang": language})
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert said in text
    assert "/id/boris" in text
    assert "/source/minutes/s2" in text


def test_json_is_given_to_programs(council_client: FlaskClient) -> None:
    told = council_client.get(
        "/diff", query_string=DAYS, headers={"Accept": "application/json"}
    ).json
    assert [one["kind"] for one in told["changes"]] == ["ended", "begun"]


def test_rdf_has_a_graph_for_what_came_and_one_for_what_went(council_client: FlaskClient) -> None:
    answer = council_client.get("/diff", query_string={**DAYS, "format": "trig"})
    graphs = {str(q.graph_name) for q in ox.parse(answer.get_data(), ox.RdfFormat.TRIG)}
    assert {graph.rpartition("#")[2] for graph in graphs} >= {"begun>", "ended>"}


def test_without_days_the_page_lists_the_days_of_change(council_client: FlaskClient) -> None:
    page = council_client.get("/diff", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert 'from=2005-12-31&amp;to=2010-09-01"' in page


def test_two_releases_can_be_compared(council_client: FlaskClient, council_release: Path) -> None:
    name = council_release.name
    told = council_client.get(f"/diff?from={name}&to=current&format=json").json
    assert (told["added"], told["removed"]) == (0, 0)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("from=2010-08-31", 400),
        ("from=2010-02-30&to=2011-01-01", 400),
        ("from=1910-01-01&to=2011-01-01", 400),
        ("from=2010-01-01&to=current", 400),
        ("from=9.9.9&to=current", 404),
        ("from=../etc&to=current", 400),
        ("from=2010-01-01&to=2011-01-01&format=ttl", 400),
    ],
)
def test_what_cannot_be_compared_is_a_problem(
    council_client: FlaskClient, asked: str, status: int
) -> None:
    answer = council_client.get(f"/diff?{asked}", headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.json["detail"]  # type: ignore[index]


def test_the_history_has_every_day_of_change(council_client: FlaskClient) -> None:
    told = council_client.get("/timeline/changes.json").json
    assert [one["to"] for one in told] == [
        "2001-03-01", "2005-12-31", "2010-09-01", "2012-01-01", "2019-01-01",
    ]  # fmt: skip
    text = council_client.get("/timeline/changes.csv").get_data(as_text=True)
    table = list(csv.DictReader(io.StringIO(text)))
    assert {(row["day"], row["kind"]) for row in table} >= {("2010-09-01", "ended")}
    page = council_client.get("/timeline/changes", headers={"Accept": "text/html"})
    assert "holding-boris-chair" in page.get_data(as_text=True)

"""``/disputes``: claims, sides, judgement and reasons of the record, as page and data."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_dispute_is_shown_with_both_sides_and_its_reason(
    site: FlaskClient, language: str
) -> None:
    told = site.get("/disputes.json").json
    page = site.get(f"/disputes?lang={language}", headers={"Accept": "text/html"})
    text = page.get_data(as_text=True)
    assert told
    assert text.count('<section class="dispute"') == len(told)
    for one in told:
        assert one["accepted"]["segments"]
        assert one["rejected"]["segments"]
        assert set(one["reasons"]) == {"kk", "ru", "en"}
        assert one["judgement"]


def test_the_query_of_a_dispute_gives_both_sides(site: FlaskClient) -> None:
    [one] = [d for d in site.get("/disputes.json").json if "day-of-law-70-iv" in d["dispute"]]
    found = site.get(
        "/sparql",
        query_string={"query": one["query"]},
        headers={"Accept": "application/sparql-results+json"},
    ).json["results"]["bindings"]
    sides = {row["value"]["value"]: row["graph"]["value"] for row in found}
    assert sides["2008-01-20"].endswith("/disputed")
    assert not sides["2008-10-20"].endswith("/disputed")


def test_the_table_has_a_row_for_each_value(site: FlaskClient) -> None:
    text = site.get("/disputes.csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["side"] for row in rows} == {"accepted", "rejected"}
    assert all(row["reason@kk"] and row["segment"] for row in rows)


def test_a_record_without_disputes_has_an_empty_page(council_client: FlaskClient) -> None:
    assert council_client.get("/disputes.json").json == []
    assert council_client.get("/disputes", headers={"Accept": "text/html"}).status_code == 200

"""The map draws every place once, says what is known on the day, and the table says the same."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from assembly_kg.engine.description import Period
from assembly_kg.web.map import BEFORE, ENDED, THERE, UNKNOWN, state

if TYPE_CHECKING:
    from flask.testing import FlaskClient

ABAI, ASTANA = "places/abai-region", "places/astana"


def told(site: FlaskClient, day: str) -> dict[str, str]:
    """Place → what the map says of its body."""
    answer = json.loads(site.get(f"/map.json?as-of={day}").text)
    return {one["place"].partition("/id/")[2]: one["state"] for one in answer["places"]}


@pytest.mark.parametrize(
    ("period", "day", "what"),
    [
        (Period(begin="2000-01-01", until="2010-01-01"), "1999-12-31", BEFORE),
        (Period(begin="2000-01-01", until="2010-01-01"), "2000-01-01", THERE),
        (Period(begin="2000-01-01", until="2010-01-01"), "2010-01-01", ENDED),
        (Period(begin="2000-01-01"), "2026-01-01", THERE),
        (Period(begin_latest="2008-10-20"), "2005-01-01", UNKNOWN),
        (Period(begin_latest="2008-10-20"), "2008-10-20", THERE),
        (Period(begin_earliest="2022-06-08"), "2022-06-07", BEFORE),
        (Period(begin_earliest="2022-06-08"), "2023-01-01", UNKNOWN),
        (Period(begin="2000-01-01", end_earliest="2005-01-01"), "2004-12-31", THERE),
        (Period(begin="2000-01-01", end_earliest="2005-01-01"), "2005-01-01", UNKNOWN),
        (Period(begin="2000-01-01", end_latest="2005-01-01"), "2004-01-01", UNKNOWN),
        (Period(begin="2000-01-01", end_latest="2005-01-01"), "2005-01-01", ENDED),
        (Period(), "2005-01-01", UNKNOWN),
    ],
)
def test_what_is_known_on_a_day_follows_from_the_bounds(
    period: Period, day: str, what: str
) -> None:
    assert state([period], day) == what


def test_of_two_times_the_one_that_holds_counts() -> None:
    first, second = Period(begin="2000-01-01", until="2001-01-01"), Period(begin="2005-01-01")
    assert state([first, second], "2006-01-01") == THERE
    assert state([first, second], "2003-01-01") == ENDED
    assert state([], "2003-01-01") == UNKNOWN


def test_every_territory_has_a_tile_of_its_own(site: FlaskClient) -> None:
    places = json.loads(site.get("/map.json").text)["places"]
    assert len(places) == 20
    assert len({(one["row"], one["column"]) for one in places}) == 20
    drawn = site.get("/map?lang=en").text
    assert drawn.count('<rect class="tile ') == 20


def test_a_region_is_not_there_before_it_was_formed(site: FlaskClient) -> None:
    assert told(site, "2021-01-01")[ABAI] == BEFORE
    assert told(site, "2021-01-01")[ASTANA] == THERE


def test_no_assembly_is_there_after_the_law_ended(site: FlaskClient) -> None:
    assert set(told(site, "2026-07-01").values()) == {ENDED}


def test_the_drawing_the_table_and_the_data_say_the_same(site: FlaskClient) -> None:
    page = site.get("/map?as-of=2021-01-01&lang=en").text
    rows = list(csv.DictReader(io.StringIO(site.get("/map.csv?as-of=2021-01-01").text)))
    drawn = re.findall(r'<rect class="tile (\w+)"', page)
    assert sorted(drawn) == sorted(row["state"] for row in rows)
    table = page.partition("<tbody>")[2]
    assert table.count(">not formed yet</td>") == drawn.count(BEFORE) == 3
    assert f"{drawn.count(THERE)} bodies with a territory are known to have existed" in page


def test_a_day_outside_the_record_is_told_so(site: FlaskClient) -> None:
    assert site.get("/map?as-of=1900-01-01").status_code == 404


def test_without_places_on_a_map_there_is_none(council_client: FlaskClient) -> None:
    assert council_client.get("/map").status_code == 404


@pytest.mark.parametrize("path", ["/map", "/structure?as-of=2010-01-01"])
def test_a_drawing_can_be_asked_for_as_a_query(site: FlaskClient, path: str) -> None:
    link = re.search(r'class="as-query" href="[^#]*#query=([^"&]+)', site.get(path).text)
    assert link is not None
    answer = site.post("/sparql?format=csv", data={"query": unquote(link[1])})
    assert answer.status_code == 200, answer.text
    assert path != "/map" or answer.text.count("\n") == 21

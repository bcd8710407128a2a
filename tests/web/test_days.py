"""What is told as of a day names the days of change beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def beside(client: FlaskClient, path: str) -> dict[str, str]:
    answer = client.get(path)
    text = ", ".join(answer.headers.getlist("Link"))
    found = re.findall(r'<http://localhost([^>]*)>; rel="(prev|next)"', text)
    return {relation: address for address, relation in found}


@pytest.mark.parametrize(
    ("path", "previous", "following"),
    [
        ("/as-of/2011-07-07", "/as-of/2005-12-31", "/as-of/2012-01-01"),
        ("/as-of/2010-09-01.html", "/as-of/2005-12-31.html", "/as-of/2012-01-01.html"),
        ("/as-of/2011-07-07.ttl?x=1", "/as-of/2005-12-31.ttl?x=1", "/as-of/2012-01-01.ttl?x=1"),
        ("/id/boris.html?as-of=2011-07-07", "/id/boris.html?as-of=2005-12-31",
         "/id/boris.html?as-of=2012-01-01"),
        ("/id/boris.ttl?as-of=2001-03-01", None, "/id/boris.ttl?as-of=2005-12-31"),
        ("/as-of/2020-01-01.nt", "/as-of/2012-01-01.nt", None),
        ("/id/boris.html", None, None),
        ("/as-of/1800-01-01.ttl", None, None),
    ],
)  # fmt: skip
def test_the_neighbours_of_a_day_are_links_in_every_form(
    council_client: FlaskClient, path: str, previous: str | None, following: str | None
) -> None:
    wanted = {"prev": previous, "next": following}
    assert beside(council_client, path) == {k: v for k, v in wanted.items() if v}


def test_a_day_is_told_in_json_too(council_client: FlaskClient) -> None:
    told = council_client.get("/as-of/2011-07-07.json").json
    assert told is not None
    assert (told["day"], told["since"]) == ("2011-07-07", "2010-09-01")
    assert (told["previous"], told["next"]) == ("2005-12-31", "2012-01-01")
    held = {one["iri"].rpartition("/")[2]: one for one in told["held"]}
    assert held["holding-boris-chair"]["begin"] == "2010-09-01"
    assert held["holding-boris-chair"]["names"] == {"en": "Boris, chair"}
    assert {one["until"] for one in told["ended"]} == {"2010-09-01"}
    asked = council_client.get("/as-of/2011-07-07", headers={"Accept": "application/json"})
    assert asked.location == "/as-of/2011-07-07.json"


def test_a_page_that_was_kept_names_them_too(council_client: FlaskClient) -> None:
    first, second = (beside(council_client, "/as-of/2011-07-07.html") for _ in range(2))
    assert first == second != {}

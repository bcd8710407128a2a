"""Releases as mementos (RFC 7089)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from assembly_kg.app import create_app
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

FIRST, LAST = "Mon, 01 Jun 2020 00:00:00 GMT", "Thu, 31 Dec 2020 00:00:00 GMT"
SITE = "http://localhost"


@pytest.fixture(scope="module")
def client(council_releases: Path) -> FlaskClient:
    return create_app(Settings(out=council_releases)).test_client(use_cookies=False)


def links(answer: TestResponse) -> dict[str, str]:
    """Relation → address (RFC 8288); the days beside a day are no mementos."""
    text = ", ".join(answer.headers.getlist("Link"))
    found = re.findall(r'<([^>]*)>; rel="(?!prev"|next")([^"]*)"', text)
    return {relation: address for address, relations in found for relation in relations.split()}


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        (FIRST, "1.0"),
        ("Wed, 30 Dec 2020 23:59:59 GMT", "1.0"),
        (LAST, "1.1"),
        ("Tue, 01 Jan 2030 00:00:00 GMT", "1.1"),
        ("Fri, 01 Jan 1999 00:00:00 GMT", "1.0"),
        (None, "1.1"),
    ],
)
def test_the_timegate_leads_to_the_release_that_stood_then(
    client: FlaskClient, asked: str | None, version: str
) -> None:
    headers = {"Accept-Datetime": asked} if asked else {}
    answer = client.get("/timegate/id/boris.html?lang=kk", headers=headers)
    assert answer.status_code == 302
    assert answer.location == f"{SITE}/id/boris.html?lang=kk&release={version}"
    assert answer.headers["Vary"] == "Accept-Datetime"
    assert "Memento-Datetime" not in answer.headers
    assert links(answer)["original"] == f"{SITE}/id/boris.html?lang=kk"
    assert links(answer).keys() >= {"timemap", "first", "last", "memento"}


def test_what_is_no_date_is_refused(client: FlaskClient) -> None:
    answer = client.get("/timegate/id/boris", headers={"Accept-Datetime": "yesterday"})
    assert answer.status_code == 400
    assert "31 May 2007" in answer.json["detail"]  # type: ignore[index]


@pytest.mark.parametrize(
    "path", ["/id/boris.html", "/id/boris.ttl", "/sparql?query=ASK%7B%7D", "/as-of/2011-01-01.ttl"]
)
def test_a_memento_says_of_when_it_is_and_what_is_beside_it(client: FlaskClient, path: str) -> None:
    sign = "&" if "?" in path else "?"
    answer = client.get(f"{path}{sign}release=1.0")
    assert answer.status_code == 200
    assert answer.headers["Memento-Datetime"] == FIRST
    found = links(answer)
    assert found["original"] == SITE + path
    assert found["timegate"] == f"{SITE}/timegate{path}"
    assert found["first"] == f"{SITE}{path}{sign}release=1.0"
    assert found["next"] == found["last"] == f"{SITE}{path}{sign}release=1.1"
    assert "prev" not in found


def test_an_original_names_its_timegate_and_is_no_memento(client: FlaskClient) -> None:
    for path, status in (("/id/boris.html", 200), ("/id/boris", 303)):
        answer = client.get(path)
        assert answer.status_code == status
        assert "Memento-Datetime" not in answer.headers
        assert links(answer)["timegate"] == f"{SITE}/timegate{path}"


def test_what_failed_is_no_memento(client: FlaskClient) -> None:
    answer = client.get("/id/nobody?release=1.0")
    assert answer.status_code == 404
    assert "Memento-Datetime" not in answer.headers


def test_a_timemap_lists_every_memento(client: FlaskClient) -> None:
    answer = client.get("/timemap/link/id/boris.html")
    assert answer.content_type == "application/link-format"
    text = answer.get_data(as_text=True)
    assert f'<{SITE}/id/boris.html?release=1.0>; rel="first memento"; datetime="{FIRST}"' in text
    assert f'<{SITE}/id/boris.html?release=1.1>; rel="last memento"; datetime="{LAST}"' in text
    assert links(client.get("/id/boris.html"))["timemap"].endswith("/id/boris.html")
    told = client.get("/timemap/json/id/boris.html").json
    assert told is not None
    assert [one["datetime"] for one in told["mementos"]["list"]] == [
        "2020-06-01T00:00:00Z", "2020-12-31T00:00:00Z",
    ]  # fmt: skip
    for one in told["mementos"]["list"]:
        assert "Memento-Datetime" in client.get(one["uri"].removeprefix(SITE)).headers

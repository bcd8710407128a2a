"""The parameter ``release``: any page or query over any release that is published."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from assembly_kg.app import create_app
from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.releases import releases
from assembly_kg.engine.store import load_release
from assembly_kg.settings import Settings
from assembly_kg.web.hangup import HungUp

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.question import Answer, Question

PREFIX = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
NAMES = f"{PREFIX} SELECT ?n {{ <https://library.example/id/boris> skos:prefLabel ?n }}"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def client(council_releases: Path) -> FlaskClient:
    return create_app(Settings(out=council_releases)).test_client(use_cookies=False)


def names(client: FlaskClient, **parameters: str) -> list[str]:
    told = client.get("/sparql", query_string={"query": NAMES, **parameters}).json
    return sorted(row["n"]["value"] for row in told["results"]["bindings"])  # type: ignore[index]


def test_a_query_is_answered_over_the_release_that_it_names(
    client: FlaskClient, council_releases: Path
) -> None:
    old, new = releases(council_releases)
    for name in ("1.0", old.folder.name, old.hash[:12]):
        assert names(client, release=name) == ["Boris"]
    for name in ("", "1.1", "current", new.hash):
        assert names(client, release=name) == ["Boris", "Борис"]


def test_a_form_may_name_the_release_in_its_body(client: FlaskClient) -> None:
    told = client.post("/sparql", data={"query": NAMES, "release": "1.0"})
    assert len(told.json["results"]["bindings"]) == 1  # type: ignore[index]
    assert len(client.post("/sparql", data={"query": NAMES}).json["results"]["bindings"]) == 2  # type: ignore[index]


def test_each_release_has_its_own_etag_and_its_own_days(client: FlaskClient) -> None:
    ask = {"query": "ASK { GRAPH <https://library.example/as-of/2020-12-01> { ?s ?p ?o } }"}
    new, old = (
        client.get("/sparql", query_string={**ask, "release": name}) for name in ("1.1", "1.0")
    )
    assert new.json["boolean"] is True  # type: ignore[index]
    assert old.status_code == 400
    assert "2020-06-01" in old.json["detail"]  # type: ignore[index]
    tags = {
        client.get("/sparql", query_string={"query": NAMES, "release": name}).headers["ETag"]
        for name in ("1.0", "1.1", "current")
    }
    assert len(tags) == 2


def test_pages_and_their_links_stay_in_the_release(client: FlaskClient) -> None:
    page = client.get("/id/boris?release=1.0", headers=HTML)
    assert page.status_code == 303
    assert page.location == "/id/boris.html?release=1.0"
    text = client.get(page.location).get_data(as_text=True)
    assert "Борис" not in text
    assert 'href="/timeline?release=1.0"' in text
    assert '<input type="hidden" name="release" value="1.0">' in text
    assert "Борис" in client.get("/id/boris.html?lang=ru").get_data(as_text=True)
    assert "Борис" not in client.get("/id/boris.ttl?release=1.0").get_data(as_text=True)


def test_a_page_of_a_release_says_so_and_leads_to_the_current_one(client: FlaskClient) -> None:
    text = client.get("/id/boris.html?release=1.0&lang=en").get_data(as_text=True)
    assert "This page is of release 1.0" in text
    assert 'href="/id/boris.html?lang=en"' in text
    assert "This page is of release" not in client.get("/id/boris.html").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/sparql?query=ASK{}&release=9.9", 404, "there are: 1.0-"),
        ("/id/boris?release=9.9", 404, "there are: 1.0-"),
        ("/id/boris?release=../1.0", 404, "there are: 1.0-"),
        ("/id/boris?release=1.0&release=1.1", 400, "name one"),
    ],
)
def test_a_release_that_there_is_not_is_told_with_those_that_there_are(
    client: FlaskClient, path: str, status: int, said: str
) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert said in answer.json["detail"]  # type: ignore[index]
    if status == 404:
        assert answer.json["releases"] == ["1.0", "1.1"]  # type: ignore[index]


def test_where_no_older_release_is_held_its_files_are_pointed_to(council_releases: Path) -> None:
    client = create_app(Settings(out=council_releases, open_releases=0)).test_client()
    refused = client.get("/sparql", query_string={"query": NAMES, "release": "1.0"})
    assert refused.status_code == 404
    assert "/release/1.0" in refused.json["detail"]  # type: ignore[index]
    assert len(names(client, release="1.1")) == 2


def test_a_client_that_waits_while_a_release_is_loaded_is_not_taken_for_gone(
    council_releases: Path,
) -> None:
    began: list[float] = []

    class Slow(Inline):
        def catalogue(self) -> Catalogue:
            time.sleep(0.1)
            return super().catalogue()

        def answer(
            self, question: Question, timeout: float | None = None, hung_up: object = None
        ) -> Answer:
            assert isinstance(hung_up, HungUp)
            began.append(hung_up._started)
            return super().answer(question, timeout, hung_up)

    settings = Settings(out=council_releases)
    app = create_app(
        settings, older=lambda one: Slow(*load_release(one.folder), Limits.of(settings))
    )
    app.test_client().get("/healthz")
    before = time.monotonic()
    assert len(names(app.test_client(), release="1.0")) == 1
    assert began[0] - before < 0.1

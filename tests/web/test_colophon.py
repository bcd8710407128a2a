"""Pages that answer a question say how to cite them, as data for machines, files and a query."""

from __future__ import annotations

import html
import json
import re
from itertools import cycle
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

import pytest

from assembly_kg.web.citation import FORMS
from assembly_kg.web.languages import LANGUAGES

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SESSIONS = "https://w3id.org/assembly-kz/ontology#Session"
PAGES = (
    "/structure?as-of=2010-05-05",
    "/map?as-of=2010-05-05",
    "/timeline",
    f"/timeline?{urlencode({'kind': SESSIONS})}",
    "/series",
    "/disputes",
    "/questions/what-contains-what-in-2008",
    "/ontology.html",
    "/as-of/2010-05-05.html",
    "/downloads",
)


def links(text: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="([^"]+)"', text)]


def linked_data(text: str) -> dict[str, Any]:
    [script] = re.findall(r'<script type="application/ld\+json">(.+?)</script>', text)
    document: dict[str, Any] = json.loads(script)
    return document


@pytest.mark.parametrize(("path", "language"), list(zip(PAGES, cycle(LANGUAGES), strict=False)))
def test_a_page_is_cited_in_every_form_by_its_title_in_the_language(
    site: FlaskClient, path: str, language: str
) -> None:
    text = site.get(path, headers={"Accept-Language": language}).text
    told = linked_data(text)
    for form in FORMS:
        [link] = {link for link in links(text) if re.search(rf"\.{form}(\?|$)", link)}
        answer = site.get(link, headers={"Accept-Language": language})
        assert answer.content_type == f"{FORMS[form]}; charset=utf-8"
        said = answer.text.replace("\\", "")  # BibTeX writes some characters with one
        assert told["@id"] in said
        assert told["name"] in said


@pytest.mark.parametrize("path", PAGES)
def test_what_machines_are_told_of_a_page_leads_to_its_data(site: FlaskClient, path: str) -> None:
    told = linked_data(site.get(path).text)
    assert told["@context"] == "https://schema.org"
    assert told["@type"] == ("DefinedTermSet" if path == "/ontology.html" else "Dataset")
    assert told["description"]
    assert told["license"].startswith("https://creativecommons.org/")
    assert told["distribution"]
    for one in told["distribution"]:
        answer = site.get(one["contentUrl"])
        assert answer.status_code == 200
        assert answer.mimetype == one["encodingFormat"]


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/downloads"])
def test_the_query_of_a_page_finds_something(site: FlaskClient, path: str) -> None:
    found = [link for link in links(site.get(path).text) if link.startswith("/sparql#")]
    asked = dict(part.split("=", 1) for part in found[-1].partition("#")[2].split("&"))
    given = {"query": unquote(asked["query"]), "as-of": asked.get("as-of", "")}
    answer = site.get(
        "/sparql",
        query_string={name: value for name, value in given.items() if value},
        headers={"Accept": "application/sparql-results+json"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["results"]["bindings"]


def test_the_query_of_the_timeline_finds_each_thing_on_it(site: FlaskClient) -> None:
    text = site.get("/timeline").text
    [link] = [link for link in links(text) if link.startswith("/sparql#")]
    rows = site.get(
        "/sparql",
        query_string={"query": unquote(link.partition("=")[2])},
        headers={"Accept": "application/sparql-results+json"},
    ).json
    assert rows is not None
    told = site.get("/timeline.json").json
    assert told is not None
    asked = {row["thing"]["value"] for row in rows["results"]["bindings"]}
    assert asked == {one["thing"] for one in told}


def test_the_data_of_one_kind_on_the_timeline_are_of_that_kind(site: FlaskClient) -> None:
    told = site.get("/timeline.json", query_string={"kind": SESSIONS}).json
    assert told
    assert {one["kind"].split()[0] for one in told} == {SESSIONS}


def test_nothing_that_the_graph_does_not_know_is_cited(site: FlaskClient) -> None:
    assert site.get("/id/bodies/no-such-body.bib").status_code == 404
    assert site.get("/as-of/1800-01-01.ris").status_code == 404


def test_a_name_that_is_a_place_in_a_document_leads_to_its_own_data(site: FlaskClient) -> None:
    text = site.get("/resource", query_string={"iri": SESSIONS}).text
    [link] = {link for link in links(text) if link.endswith("format=nt")}
    assert f"<{SESSIONS}> " in site.get(link).text

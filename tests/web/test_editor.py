"""The page that asks in SPARQL, as it comes from the server: all of it works without a script."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from assembly_kg.app import create_app
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

HTML = {"Accept": "text/html"}


def get(client: FlaskClient, path: str) -> TestResponse:
    return client.get(path, headers=HTML)


def table(client: FlaskClient, query: str, **more: str) -> TestResponse:
    parameters = "".join(f"&{name.replace('_', '-')}={value}" for name, value in more.items())
    return get(client, f"/sparql/table?lang=en&query={quote(query)}{parameters}")


def test_a_browser_gets_the_editor_and_a_program_the_description(client: FlaskClient) -> None:
    assert '<textarea id="query"' in get(client, "/sparql").text
    assert client.get("/sparql").mimetype == "text/turtle"


def test_a_query_in_the_address_stands_in_the_field(client: FlaskClient) -> None:
    query = 'ASK { ?s ?p "</textarea><script>" }'
    page = get(client, f"/sparql?edit={quote(query)}").text
    assert "&lt;/textarea&gt;&lt;script&gt;" in page
    assert "</textarea><script>" not in page


def test_what_the_script_is_told_is_read_as_json(client: FlaskClient) -> None:
    page = get(client, "/sparql?lang=kk").text
    told = re.search(r'id="editor-settings">(.*?)</script>', page)
    if told is None:
        pytest.skip("make did not bring the editor")
    settings = json.loads(told[1])
    assert settings["languages"][0] == "kk"
    assert settings["prefixes"]["skos"] == "http://www.w3.org/2004/02/skos/core#"
    assert settings["words"]["run"] == "Орындау"


def test_the_page_has_no_script_or_style_of_its_own(client: FlaskClient) -> None:
    page = get(client, "/sparql").text
    assert page.count("<style>") == 1  # that of every page, which the policy allows by its hash
    assert not re.search(r"\sstyle=|\son\w+=", page)
    assert all("src=" in tag or "json" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_rows_come_as_a_table(client: FlaskClient) -> None:
    page = table(client, "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s").text
    assert page.count('<th scope="col">') == 2
    assert page.count("<tr>") == 5


def test_a_truth_comes_as_a_word(client: FlaskClient) -> None:
    assert '<p class="lead">Yes</p>' in table(client, "ASK { ?s ?p ?o }").text
    assert '<p class="lead">No</p>' in table(client, "ASK { <a:b> ?p ?o }").text


def test_a_graph_comes_as_turtle(client: FlaskClient) -> None:
    page = table(client, "CONSTRUCT { <http://a.example/b> a ?o } WHERE { ?s a ?o } LIMIT 1").text
    assert "http://a.example/b&gt;" in page
    assert "format=ttl" in page


def test_the_downloads_that_a_page_offers_are_there(client: FlaskClient) -> None:
    page = table(client, "SELECT * { ?s ?p ?o }").text
    offered = [
        one.replace("&amp;", "&") for one in re.findall(r'href="(/sparql\?query[^"]*)"', page)
    ]
    assert len(offered) == 4
    assert {client.get(path).status_code for path in offered} == {200}


def test_an_empty_query_leads_back_and_a_wrong_one_says_where(client: FlaskClient) -> None:
    assert get(client, "/sparql/table?query=+").headers["Location"] == "/sparql"
    answer = table(client, "SELECT * {\n ?s }")
    assert answer.status_code == 400
    assert "line 2" in answer.text


def test_terms_are_those_in_use(client: FlaskClient) -> None:
    terms = client.get("/sparql/terms.json").json
    assert terms is not None
    store = "SELECT DISTINCT ?p { ?s ?p ?o }"
    rows = client.get(f"/sparql?query={quote(store)}").json["results"]["bindings"]  # type: ignore[index]
    assert {iri for iri, kind, _ in terms if kind == "property"} == {r["p"]["value"] for r in rows}


def test_a_release_is_chosen_and_kept(council_releases: Path) -> None:
    root = Path(__file__).parents[1] / "fixtures" / "institution"
    client = create_app(Settings(root=root, out=council_releases)).test_client()
    now, then = (get(client, f"/sparql?lang=en{more}").text for more in ("", "&release=1.0"))
    for page, chosen in ((now, ""), (then, "1.0")):
        options = dict(re.findall(r'<option value="([\d.]*)"( selected)?>1\.', page))
        assert options == {"": " selected" * (not chosen), "1.0": " selected" * (chosen == "1.0")}
    told = re.search(r'id="editor-settings">(.*?)</script>', then)
    if told:
        assert json.loads(told[1])["endpoint"] == "/sparql?release=1.0"
    answer = table(client, "SELECT * { ?s ?p ?o } LIMIT 1", release="1.0").text
    assert "release=1.0&amp;format=csv" in answer


def test_where_one_release_is_served_none_is_chosen(client: FlaskClient) -> None:
    assert 'id="releases"' not in get(client, "/sparql").text

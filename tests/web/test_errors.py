"""A browser is told what is wrong in its language; a program gets the problem document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assembly_kg.web.errors import PROBLEMS, Problem
from assembly_kg.web.languages import LANGUAGES, translated

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PROBLEMS)
def test_every_problem_has_a_page_in_every_language(kind: str, language: str) -> None:
    asked = {"PATH_INFO": "/x", "QUERY_STRING": f"lang={language}", "REQUEST_METHOD": "GET"}
    status, headers, body = Problem(kind, "This & that.").response("text/html", asked)
    page = body.decode()
    assert status == PROBLEMS[kind].status
    assert dict(headers)["Content-Type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in page
    assert "This &amp; that." in page
    title, advice = PROBLEMS[kind].title, PROBLEMS[kind].advice
    if language != "en":
        assert translated(title, language) != title
        assert translated(advice, language) != advice
        assert title not in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing/here", 404),
        ("/id/bodies/no-such-body.html", 404),
        ("/sparql?query=SELECT", 400),
        ("/search?q=%ff&release=nowhere", 404),
    ],
)
def test_a_browser_gets_a_styled_page(site: FlaskClient, path: str, status: int) -> None:
    answer = site.get(path, headers={**BROWSER, "Accept-Language": "kk"})
    assert answer.status_code == status
    assert '<html lang="kk">' in answer.text
    assert "/static/site.css" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_program_gets_the_document_in_english_whatever_its_language(site: FlaskClient) -> None:
    answer = site.get("/nothing", headers={"Accept": "*/*", "Accept-Language": "kk"})
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.data)["title"] == "There is nothing here"
    assert answer.headers["Vary"] == "Accept"


def test_a_missing_page_leads_on(site: FlaskClient) -> None:
    page = site.get("/id/people/tokayev?lang=ru", headers=BROWSER).text
    assert 'value="tokayev"' in page
    assert 'href="/?lang=ru"' in page
    assert 'href="/id/people/tokayev?lang=kk"' in page


def test_what_a_client_sent_is_never_markup(site: FlaskClient) -> None:
    page = site.get("/<script>alert(1)</script>?lang=\"><b>&x='", headers=BROWSER).text
    assert "<script>alert" not in page
    assert '"><b>' not in page

"""A browser is told what is wrong in its language; a program gets the problem document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assembly_kg.web.errors import PROBLEMS, Problem
from assembly_kg.web.languages import LANGUAGES, translated

if TYPE_CHECKING:
    from flask.testing import FlaskClient

ASK = "ASK FROM <{}> {{ ?s ?p ?o }}"
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


def test_a_program_gets_the_document_in_its_language(site: FlaskClient) -> None:
    for language, title, detail in (
        ("kk", "Мұндай сұрауға мұнда жауап берілмейді", "«2007» – күн емес; ЖЖЖЖ-АА-КК"),
        ("ru", "На такой запрос здесь не отвечают", "«2007» – не дата; пишите ГГГГ-ММ-ДД"),
        ("en", "The query is not answered here", '"2007" is not a day; write YYYY-MM-DD'),
        ("", "The query is not answered here", '"2007" is not a day; write YYYY-MM-DD'),
    ):
        headers = {"Accept": "*/*", **({"Accept-Language": language} if language else {})}
        graph = "https://w3id.org/assembly-kz/as-of/2007"
        answer = site.get("/sparql", query_string={"query": ASK.format(graph)}, headers=headers)
        assert answer.content_type == "application/problem+json"
        assert answer.headers["Content-Language"] == (language or "en")
        assert answer.headers["Vary"] == "Accept, Accept-Language, Cookie"
        document = json.loads(answer.data)
        assert document["title"] == title
        assert f": <{graph}>: {detail}" in document["detail"]
        assert document["type"] == "/problems/query-unsupported"


def test_whoever_reads_plain_text_gets_it(site: FlaskClient) -> None:
    headers = {"Accept": "text/plain", "Accept-Language": "ru"}
    answer = site.get("/id/bodies/no-such-body.html", headers=headers)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith("404 Здесь ничего нет\nграфу неизвестен <https://w3id.org/")


def test_words_that_stay_english_are_marked(site: FlaskClient) -> None:
    address = "/explain?s=bodies:council&p=a&o=<a>&lang=kk"
    page = site.get(address, headers=BROWSER).text
    assert '«&lt;a&gt;» – термин емес: <span lang="en">' in page
    english = site.get(address.replace("kk", "en"), headers=BROWSER).text
    assert "span lang" not in english


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kind_of_problem_is_explained_to_people_and_to_programs(
    site: FlaskClient, language: str
) -> None:
    headers = {"Accept-Language": language}
    page = site.get("/problems/deadline", headers={**BROWSER, **headers})
    document = site.get("/problems/deadline", headers={"Accept": "*/*", **headers})
    for answer in (page, document):
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == language
        assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))
    assert document.content_type == "application/json"
    assert f'<html lang="{language}">' in page.text
    told = json.loads(document.data)
    assert told["status"] == 503
    assert told["title"] == translated(PROBLEMS["deadline"].title, language)
    assert told["title"] in page.text
    assert told["advice"] in page.text
    everything = site.get("/problems", headers={**BROWSER, **headers}).text
    assert everything.count('href="/problems/') == len(PROBLEMS)
    assert site.get("/problems/no-such-kind").status_code == 404


def test_a_missing_page_leads_on(site: FlaskClient) -> None:
    page = site.get("/id/people/tokayev?lang=ru", headers=BROWSER).text
    assert 'value="tokayev"' in page
    assert 'href="/?lang=ru"' in page
    assert 'href="/id/people/tokayev?lang=kk"' in page


def test_what_a_client_sent_is_never_markup(site: FlaskClient) -> None:
    page = site.get("/<script>alert(1)</script>?lang=\"><b>&x='", headers=BROWSER).text
    assert "<script>alert" not in page
    assert '"><b>' not in page

"""Questions are asked by forms, and answered in the reader's words with their sources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rdflib.plugins.sparql import prepareQuery

from assembly_kg.web.headings import headings
from assembly_kg.web.questions import all_questions

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

POSTS = "/questions/posts-and-their-bodies"
COUNCIL_SEATS = "/questions/who-sits-in-the-council"
ASSEMBLY = "https://w3id.org/assembly-kz/id/bodies/assembly"


def columns(page: str) -> list[str]:
    return re.findall(r'<th scope="col">([^<]*)</th>', page)


def test_columns_have_words_and_not_variables(site: FlaskClient) -> None:
    assert columns(site.get(POSTS + "?lang=en").text) == ["has post", "post in"]
    in_kazakh = columns(site.get(POSTS + "?lang=kk").text)
    assert all(re.search("[а-яәғқңөұүһі]", name) for name in in_kazakh)


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_columns_of_a_question_differ_and_speak_the_language(
    site_app: Flask, language: str
) -> None:
    wordless, twice = [], []
    with site_app.test_request_context(f"/?lang={language}"):
        for one in all_questions():
            variables = [str(name) for name in prepareQuery(one.query).algebra["PV"]]
            names = headings(one.query, variables)
            wordless += [f"{one.name}: {n}" for n in names if not re.search("[а-яА-Я]", n)]
            twice += [one.name] * (len(set(names)) < len(names))
    assert twice == []
    # An identifier of another database may be called the same in every language.
    assert len(wordless) <= 4, wordless


def test_a_form_offers_things_of_the_kind_and_answers_for_the_chosen_one(
    site: FlaskClient,
) -> None:
    page = site.get(COUNCIL_SEATS + "?lang=en").text
    assert ">Body</label>" in page
    assert page.count("<option") > 20
    answer = site.get(COUNCIL_SEATS, query_string={"lang": "en", "bodies:council": ASSEMBLY}).text
    assert f'<option value="{ASSEMBLY}" selected>' in answer
    assert answer != page


def test_a_form_offers_a_day(site: FlaskClient) -> None:
    page = site.get("/questions/who-held-posts-in-2008?lang=en").text
    day = re.search(r'type="date" name="([\d-]+)" value="\1"', page)
    assert day is not None
    later = site.get(
        "/questions/who-held-posts-in-2008", query_string={"lang": "en", day[1]: "2021-04-28"}
    ).text
    assert "2021-04-28" in later.partition("<pre")[2]


def test_an_answer_shows_its_query_and_the_sentences_it_rests_on(site: FlaskClient) -> None:
    page = site.get("/questions/who-forms-the-assembly?lang=en").text
    assert "<blockquote" in page
    assert "SELECT" in page.partition('<pre class="query"')[2]


def test_what_cannot_be_an_iri_is_not_put_into_a_query(site: FlaskClient) -> None:
    answer = site.get(COUNCIL_SEATS, query_string={"bodies:council": "x> } DROP ALL"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("language", "place"),
    [("kk", "10-бап(1)"), ("ru", "ст. 10(1)"), ("en", "art. 10(1)")],
)
def test_a_place_in_a_document_is_said_in_the_readers_language(
    site: FlaskClient, language: str, place: str
) -> None:
    page = site.get(f"/questions/who-governs-between-sessions?lang={language}").text
    assert f"<td>{place}</td>" in page
    cited = re.search(r'<p class="citation">([^<]+)</p>', page)
    assert cited
    assert "?." not in cited[1]

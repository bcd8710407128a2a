"""``/explain``: a page in three languages, JSON, PROV-O, and clear refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib.namespace import PROV

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HELD = {"s": "item:chair", "p": "lib:heldBy", "o": "item:ada"}
HEAD = {"s": "item:council", "p": "lib:headedBy", "o": "item:boris"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", "Айтылғандардан логикалық түрде шығады."),
        ("ru", "Логически следует из сказанного."),
        ("en", "Follows from what is stated."),
    ],
)
def test_the_page_shows_the_proof_in_the_readers_language(
    council_client: FlaskClient, language: str, said: str
) -> None:
    page = council_client.get(
        "/explain", query_string={**HEAD, "lang": language}, headers={"Accept": "text/html"}
    )
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert said in text
    assert "prp-spo2" in text
    assert "holds-post" in text
    assert "/source/minutes/s2" in text


def test_json_is_given_to_programs(council_client: FlaskClient) -> None:
    told = council_client.get(
        "/explain", query_string=HEAD, headers={"Accept": "application/json"}
    ).json
    assert told["verdict"] == "inferred"
    assert told["proofs"][0]["rule"] == "prp-spo2"


@pytest.mark.parametrize("form", ["ttl", "jsonld", "nt", "rdf"])
def test_prov_is_given_as_rdf(council_client: FlaskClient, form: str) -> None:
    answer = council_client.get("/explain", query_string={**HEAD, "format": form})
    kind = ox.RdfFormat.from_extension(form)
    quads = list(ox.parse(answer.get_data(), kind))
    assert ox.NamedNode(str(PROV.wasDerivedFrom)) in {quad.predicate for quad in quads}


def test_a_day_and_further_proofs_can_be_asked_for(council_client: FlaskClient) -> None:
    asked = {**HELD, "as-of": "2005-05-05", "format": "json"}
    told = council_client.get("/explain", query_string=asked).json
    assert (told["asOf"], told["verdict"]) == ("2005-05-05", "inferred")
    several = {"s": "item:council", "p": "a", "o": "lib:Body", "proofs": "9", "format": "json"}
    assert len(council_client.get("/explain", query_string=several).json["proofs"]) > 1


def test_without_an_object_the_page_explains_every_value(council_client: FlaskClient) -> None:
    page = council_client.get("/explain?s=item:council&p=a").get_data(as_text=True)
    assert page.count('<section class="why"') == 3


def test_what_is_not_there_is_a_page_too(council_client: FlaskClient) -> None:
    page = council_client.get("/explain", query_string={**HELD, "lang": "ru"}).get_data(
        as_text=True
    )
    assert "В графе этого нет." in page
    assert "с 1 марта 2001\u202fг. до 1 сентября 2010\u202fг." in page


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"s": ""}, 400, 'the parameter "s" is missing'),
        ({"s": "no:body"}, 400, 'the prefix "no:" is not known'),
        ({"as-of": "2001-02-30"}, 400, "is not a day"),
        ({"as-of": "1066-10-14"}, 400, "the record begins on 2001-03-01"),
        ({"proofs": "many"}, 400, "is not a number from 1 to"),
        ({"format": "docx"}, 400, 'format "docx" is not one of'),
    ],
)
def test_what_cannot_be_explained_is_a_problem_document(
    council_client: FlaskClient, change: dict[str, str], status: int, said: str
) -> None:
    answer = council_client.get(
        "/explain",
        query_string={**HEAD, "lang": "en", **change},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == status
    assert said in answer.json["detail"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("language", "said"),
    [("kk", "Тұжырым туралы сұрау"), ("ru", "Спросить об утверждении"), ("en", "Ask about")],
)
def test_without_a_statement_the_page_asks_for_one(
    council_client: FlaskClient, language: str, said: str
) -> None:
    page = council_client.get(f"/explain?lang={language}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert said in page.get_data(as_text=True)
    assert council_client.get("/explain", headers={"Accept": "text/turtle"}).status_code == 400


def test_the_words_of_a_sentence_are_shown_once(site: FlaskClient) -> None:
    asked = {"s": "bodies:assembly", "p": "akz:ledBy", "o": "bodies:council", "as-of": "2009-01-01"}
    page = site.get("/explain", query_string=asked).get_data(as_text=True)
    quotes = [part.partition("</blockquote>")[0] for part in page.split("<blockquote")[1:]]
    assert len(quotes) > 1
    assert len(quotes) == len(set(quotes))

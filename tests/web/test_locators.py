"""Where a sentence stands is said in the reader's language, or left as it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from assembly_kg.web.locators import translated_locator
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("locator", "kk", "ru"),
    [
        ("art. 50(3)", "50-бап(3)", "ст. 50(3)"),
        ("art. 7-2, heading", "7-2-бап, тақырыбы", "ст. 7-2, заголовок"),
        ("art. 6(14-1)(2)", "6-бап(14-1)(2)", "ст. 6(14-1)(2)"),
        ("Regulations, item 9, indent 2", "Ереже, 9-тармақ, 2-абзац", "Положение, п. 9, абзац 2"),
        ("note to art. 8", "ескертпе: 8-бап", "примечание: ст. 8"),
        ("row KZ-10", "KZ-10 жолы", "строка KZ-10"),
        ("second sentence", "екінші сөйлем", "второе предложение"),
        ("art. 5, Russian text", "5-бап, орысша мәтіні", "ст. 5, русский текст"),
        ("sentence on the quota", "", ""),
        ("art. 5, sentence on the quota", "", ""),
        ("note to the text", "", ""),
        ("P3.S1", "3-абзац, 1-сөйлем", "абзац 3, предложение 1"),
        ("art. 2(2)2)", "2-бап(2)2)", "ст. 2(2)2)"),
        ("section VI, arts 70–71", "VI-бөлім, 70–71-баптар", "раздел VI, ст. 70–71"),
        ("decree of 1995, preamble", "1995 жылғы жарлық, кіріспе", "указ 1995 года, преамбула"),
        ("p. 279, sixth sentence", "279-бет, алтыншы сөйлем", "с. 279, шестое предложение"),
        ("head_of_state", "head_of_state", "head_of_state"),
        ("dv_Geoname-ID", "dv_Geoname-ID", "dv_Geoname-ID"),
        ("ISO2Code", "ISO2Code", "ISO2Code"),
        ("Q2053480", "Q2053480", "Q2053480"),
        ("", "", ""),
    ],
)
def test_a_locator_is_translated_part_by_part_or_not_at_all(
    site_app: Flask, locator: str, kk: str, ru: str
) -> None:
    english = "paragraph 3, sentence 1" if locator == "P3.S1" else locator
    for language, said in (("kk", kk), ("ru", ru), ("en", kk and english)):
        with site_app.test_request_context(f"/?lang={language}"):
            assert translated_locator(locator) == said


def test_a_locator_of_its_own_kind_is_said_as_the_data_say_it(site: FlaskClient) -> None:
    for language, said in (
        ("kk", "Абай облысының жолы"),
        ("ru", "строка области Абай"),
        ("en", "row of Abai Region"),
    ):
        page = site.get(f"/id/places/abai-region.html?lang={language}").text
        assert f">{said}</a>" in page
    assert ">KZ-10 жолы</a>" in site.get("/id/places/abai-region.html?lang=kk").text


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_no_locator_of_the_record_is_left_in_english(site_app: Flask, language: str) -> None:
    with site_app.test_request_context(f"/?lang={language}"):
        rows = repository().select(
            "PREFIX akz: <https://w3id.org/assembly-kz/ontology#> "
            "SELECT DISTINCT ?locator { ?segment akz:locator ?locator }"
        )
        places = {row["locator"].value: view().locator(row["locator"].value) for row in rows}
    assert len(places) > 400
    assert [locator for locator, said in places.items() if "<span" in said] == []


def test_a_locator_that_nobody_translated_is_marked_as_english(site_app: Flask) -> None:
    with site_app.test_request_context("/?lang=kk"):
        assert view().locator("the back of the page") == (
            '<span lang="en">the back of the page</span>'
        )


@pytest.mark.parametrize("path", ["/timeline/changes", "/disputes", "/series"])
def test_no_page_shows_a_locator_in_english_to_readers_of_kazakh(
    site: FlaskClient, path: str
) -> None:
    page = site.get(f"{path}?lang=kk", headers={"Accept": "text/html"}).text
    assert re.findall(r">(?:art\. \d|item \d|P\d+\.S\d|sentence on)[^<]*<", page) == []

"""Where a sentence stands is said in the reader's language, or left as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assembly_kg.web.locators import translated_locator

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
        ("P3.S1", "", ""),
        ("", "", ""),
    ],
)
def test_a_locator_is_translated_part_by_part_or_not_at_all(
    site_app: Flask, locator: str, kk: str, ru: str
) -> None:
    for language, said in (("kk", kk), ("ru", ru), ("en", kk and locator)):
        with site_app.test_request_context(f"/?lang={language}"):
            assert translated_locator(locator) == said


def test_a_locator_that_is_not_known_is_marked_as_english(site: FlaskClient) -> None:
    page = site.get("/id/places/abai-region.html?lang=kk").text
    assert '<span lang="en">row of Abai Region</span>' in page
    assert ">KZ-10 жолы</a>" in page

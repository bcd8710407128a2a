"""How values are put in order and shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assembly_kg.web.view import by_number

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def test_numbers_inside_names_count_as_numbers() -> None:
    names = ["article 10", "article 2.", "Article 1", "article", "2nd", "10th", "article 2-1."]
    assert sorted(names, key=by_number) == [
        *("2nd", "10th"),
        *("article", "Article 1", "article 2.", "article 2-1.", "article 10"),
    ]


def test_roman_numbers_count_too() -> None:
    mixed = ["XX session", "X session", "II session", "XIX session", "IX session"]
    in_order = ["II session", "IX session", "X session", "XIX session", "XX session"]
    assert sorted(mixed, key=by_number) == in_order


def test_the_articles_of_an_act_stand_in_their_order(site: FlaskClient) -> None:
    page = site.get("/id/acts/law-70-iv-2008.html?lang=en").text
    part = page.partition('id="follows"')[2].partition("</dl>")[0]
    found = re.findall(r"Law No\. 70-IV, article ([0-9-]+)", part)
    numbers = [tuple(map(int, one.split("-"))) for one in found]
    assert len(numbers) > 20
    assert numbers == sorted(numbers)


def test_what_a_concept_is_is_said_in_the_language_of_the_page(site: FlaskClient) -> None:
    page = site.get("/id/concepts/status-constitutional-body.html?lang=kk").text
    assert ">ұғым</a></p>" in page

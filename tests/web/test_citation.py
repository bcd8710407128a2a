"""A citation is the same record in words, BibTeX, RIS and CSL-JSON, and each is well-formed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from assembly_kg.web.citation import FORMS, Citation

if TYPE_CHECKING:
    from flask.testing import FlaskClient

COUNCIL = "/id/bodies/council"


@pytest.fixture
def citation() -> Citation:
    return Citation(
        title="Choir & {Club} 100% #1",
        dataset="Clubs",
        version="1.2.0",
        date="2026-11-05",
        publisher="The Clubs",
        iri="https://example.org/id/choir_1",
        language="en",
    )


def test_bibtex_has_balanced_braces_and_no_bare_special_characters(citation: Citation) -> None:
    text = citation.bib()
    assert text.count("{") == text.count("}")
    assert re.match(r"@misc\{[A-Za-z0-9-]+,\n", text)
    assert r"title = {Choir \& (Club) 100\% \#1}," in text
    assert "year = {2026}," in text


def test_ris_has_one_tag_a_line_and_ends_the_record(citation: Citation) -> None:
    lines = citation.ris().split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-2:] == ["ER  - ", ""]
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines[:-1])
    assert "DA  - 2026/11/05" in lines


def test_csl_json_is_a_list_of_one_dataset(citation: Citation) -> None:
    [record] = json.loads(citation.csl())
    assert record["type"] == "dataset"
    assert record["issued"] == {"date-parts": [[2026, 11, 5]]}
    assert record["URL"] == record["id"] == citation.iri


def test_words_name_title_dataset_version_year_and_iri(citation: Citation) -> None:
    text = citation.plain()
    for part in (citation.title, citation.dataset, "1.2.0", "2026", citation.iri):
        assert part in text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_page_gives_each_form_in_its_language(
    site: FlaskClient, form: str, language: str
) -> None:
    answer = site.get(f"{COUNCIL}.{form}?lang={language}")
    assert answer.content_type == f"{FORMS[form]}; charset=utf-8"
    assert "https://w3id.org/assembly-kz/id/bodies/council" in answer.text
    name = {"kk": "Кеңесі", "ru": "Совет", "en": "Council"}[language]
    assert name in answer.text
    assert f"{COUNCIL}.{form}" in site.get(f"{COUNCIL}.html?lang={language}").text

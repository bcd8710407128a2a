"""The language of a page, the one order of labels, and catalogues that lack no text."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from assembly_kg.web.languages import FALLBACK, LANGUAGES, Text, pick

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog
    from flask.testing import FlaskClient

WEB = Path(__file__).parents[2] / "server" / "assembly_kg" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
WORDS = {"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
OTHERS = sorted(set(LANGUAGES) - {"en"})
KAZAKH = re.compile("[әғқңөұүһіӘҒҚҢӨҰҮҺІ]")


@cache
def said() -> frozenset[str]:
    """Every text of the code and the templates that a reader may see."""
    found = extract_from_dir(WEB, method_map=METHODS, keywords=WORDS)
    return frozenset(m if isinstance(m, str) else m[0] for _, _, m, _, _ in found)


def catalogue(language: str) -> Catalog:
    with (WEB / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def texts(message: object) -> list[str]:
    return [message] if isinstance(message, str) else list(message)  # type: ignore[call-overload]


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_no_other_is(language: str) -> None:
    known = {texts(one.id)[0] for one in catalogue(language) if one.id and not one.context}
    assert sorted(said() - known) == []
    assert sorted(known - said()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_empty_unsure_or_without_its_variables(language: str) -> None:
    for one in catalogue(language):
        if not one.id:
            continue
        assert not one.fuzzy, one.id
        names = Counter(re.findall(r"%\(\w+\)s|\{\w+\}", texts(one.id)[-1]))
        for text in texts(one.string):
            assert text.strip(), one.id
            assert set(re.findall(r"%\(\w+\)s|\{\w+\}", text)) <= set(names), one.id
            assert re.search(r"[^\W\d_]", re.sub(r"%\(\w+\)s", "", text)) or "%" in text, one.id


def test_kazakh_texts_are_written_with_kazakh_letters() -> None:
    """Most longer texts have one; Russian left in the Kazakh catalogue has none."""
    long = [t for one in catalogue("kk") if one.id for t in texts(one.string) if len(t) > 25]
    assert sum(bool(KAZAKH.search(text)) for text in long) > 0.97 * len(long)
    assert [t for one in catalogue("ru") for t in texts(one.string) if KAZAKH.search(t)] == []


@pytest.mark.parametrize(
    ("query", "accept", "cookie", "language"),
    [
        ("?lang=kk", "ru", "en", "kk"),
        ("", "ru", "kk", "ru"),
        ("", "kk-KZ,ru;q=0.8", "en", "kk"),
        ("", "ru;q=0.3,kk-Cyrl-KZ;q=0.8,de", "en", "kk"),
        ("", "kk;q=0,ru;q=0.1", "en", "ru"),
        ("", "", "kk", "kk"),
        ("", "de", "ru", "ru"),
        ("", "de", "", "en"),
        ("?lang=de", "", "", "en"),
    ],
)
def test_the_address_goes_before_the_header_and_the_header_before_the_cookie(
    site: FlaskClient, query: str, accept: str, cookie: str, language: str
) -> None:
    headers = {"Accept-Language": accept} if accept else {}
    if cookie:
        headers["Cookie"] = f"lang={cookie}"
    page = site.get("/questions" + query, headers=headers)
    assert f'<html lang="{language}"' in page.text
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))


def test_a_chosen_language_is_kept_in_a_cookie(site: FlaskClient) -> None:
    assert "lang=kk" in site.get("/questions?lang=kk").headers["Set-Cookie"]
    assert "Set-Cookie" not in site.get("/questions").headers


@pytest.mark.parametrize(
    ("texts", "language", "expected"),
    [
        ({"kk": "а", "ru": "б", "en": "c"}, "kk", Text("а", "kk", fallback=False)),
        ({"ru": "б", "en": "c"}, "kk", Text("б", "ru", fallback=True)),
        ({"kk": "а", "en": "c"}, "ru", Text("а", "kk", fallback=True)),
        ({"kk": "а", "ru": "б"}, "en", Text("б", "ru", fallback=True)),
        ({"": "x", "de": "y"}, "en", Text("x", "", fallback=False)),
        ({"tr": "z", "de": "y"}, "ru", Text("y", "de", fallback=True)),
    ],
)
def test_a_label_is_looked_for_in_one_order(
    texts: dict[str, str], language: str, expected: Text
) -> None:
    assert pick(texts, language) == expected


def test_what_has_no_label_has_none() -> None:
    assert all(pick({}, language) is None for language in FALLBACK)

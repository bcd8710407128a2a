"""Search finds things by their names in three languages and two scripts, misspelt or inflected."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.repository import Repository
from assembly_kg.engine.search import Document, Index, fold, stem, words
from assembly_kg.engine.search import index as index_of
from assembly_kg.engine.store import load_release
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

PAIRS = Path(__file__).parents[1] / "web" / "search-pairs.csv"


@pytest.fixture(scope="module")
def index(release: Path) -> tuple[Index, str]:
    store, catalogue = load_release(release)
    return index_of(Repository(Inline(store, catalogue, Limits.of(Settings())))), catalogue.base


def pairs() -> list[Mapping[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_of_five_hundred_labelled_queries_95_in_100_find_their_thing_among_the_first_five(
    index: tuple[Index, str],
) -> None:
    found, base = index
    missed = []
    for pair in pairs():
        first = {hit.iri.removeprefix(base) for hit in found.find(pair["query"], 5)}
        if not first & set(pair["expected"].split()):
            missed.append((pair["query"], sorted(first)))
    assert len(pairs()) >= 500
    assert 1 - len(missed) / len(pairs()) >= 0.95, missed


def test_what_the_pairs_expect_exists(index: tuple[Index, str]) -> None:
    found, base = index
    known = set(found._names)
    assert {base + iri for pair in pairs() for iri in pair["expected"].split()} <= known


@pytest.mark.parametrize(
    "spellings",
    [
        ("Тоқаев", "Токаев", "Toqaev", "Tokaev", "Tokayev"),
        ("Қазақстан", "Казахстан", "Qazaqstan", "Kazakhstan", "Kazakstan"),
        ("тәуелсіздік", "táýelsizdik", "täuelsizdik", "tauelsizdik", "tawelsizdik"),
        ("халқы", "halqy", "khalky", "xalqı"),
        ("Мәжіліс", "Mäjilis", "Mazhilis", "Majilis"),
        ("Нұрсұлтан", "Нурсултан", "Nursūltan", "Nursultan"),
    ],
)
def test_spellings_of_one_word_become_one(spellings: tuple[str, ...]) -> None:
    assert len({fold(word) for word in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ассамблеясының", "Ассамблеясы"),
        ("Ассамблеи", "Ассамблея"),
        ("хатшылығының", "хатшылығы"),
        ("сессии", "сессия"),
        ("хатшылығы", "хатшылық"),
        ("sessions", "session"),
    ],
)
def test_endings_do_not_matter(one: str, other: str) -> None:
    assert stem(fold(one)) == stem(fold(other))


def test_a_stem_keeps_four_letters() -> None:
    assert all(len(stem(word)) >= 4 for word in words("Сенат орган ассамблеяларының партиялар"))


@pytest.mark.parametrize(
    ("written", "number"),
    [("XXXI", "31"), ("ХХІІ", "22"), ("IX", "9"), ("XIV", "14"), ("I", "1"), ("XC", "90")],
)
def test_a_roman_number_is_a_number(written: str, number: str) -> None:
    assert words(f"{written} сессия")[0] == number


@pytest.mark.parametrize("word", ["mix", "IIX", "XIІІІ", "vi", "CV"])
def test_what_only_looks_like_a_roman_number_stays_a_word(word: str) -> None:
    assert not words(word)[0].isdigit()


def test_what_is_told_about_things_comes_after_them() -> None:
    both = Index([Document("a", "about", ["Council"]), Document("b", "thing", ["Council"])])
    assert [(hit.iri, hit.kind) for hit in both.find("council")] == [("b", "thing"), ("a", "thing")]


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    many = [Document(f"c{n}", "thing", [f"Council of town {n}"]) for n in range(20)]
    found = Index([*many, Document("a", "thing", ["Elders"])]).find("council elders")
    assert found[0].iri == "a"


@pytest.fixture
def small() -> Index:
    return Index(
        [
            Document("a", "thing", ["Council of Elders", "Ақсақалдар кеңесі"]),
            Document("b", "thing", ["Council"]),
            Document("c", "term", ["council"]),
            Document("d", "sentence", [], ["The council met in the library."]),
        ]
    )


def test_the_fuller_match_comes_first_and_things_before_terms_and_sentences(small: Index) -> None:
    assert [hit.iri for hit in small.find("council")] == ["b", "c", "a", "d"]


def test_a_word_may_be_unfinished_or_misspelt(small: Index) -> None:
    assert small.find("coun")[0].iri == "b"
    assert small.find("concil")[0].iri == "b"
    assert small.find("aqsaqal")[0].iri == "a"


def test_of_equal_names_the_one_to_which_more_leads_comes_first() -> None:
    twins = Index([Document("a", "thing", ["Council"]), Document("b", "thing", ["Council"], (), 9)])
    assert [hit.iri for hit in twins.find("council")] == ["b", "a"]


@pytest.mark.parametrize("query", ["", "   ", '"', "AND", "a* OR (", "NEAR(", "\x00", "?" * 300])
def test_no_query_breaks_the_search(small: Index, query: str) -> None:
    small.find(query)


@pytest.mark.parametrize("beginning", ["Тоқ", "тоқ", "Tokay"])
def test_what_begins_with_the_very_letters_comes_first(
    index: tuple[Index, str], beginning: str
) -> None:
    found, base = index
    first = found.find(beginning, 1)[0].iri.removeprefix(base)
    assert first == "id/people/kassym-jomart-tokayev"

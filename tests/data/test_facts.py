"""The 87 atomic facts of the overview text: each is stated in the graph of its sentence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from pyoxigraph import Store

from assembly_kg.build.terms import to_quad

if TYPE_CHECKING:
    from assembly_kg.build.load import Sources

ROOT = Path(__file__).parent.parent.parent
IDENTIFIER = re.compile(r"P(\d+)\.S(\d+)\.(\d+)")
XSD = "http://www.w3.org/2001/XMLSchema#"


class Fact(NamedTuple):
    """A fact: which sentence says it, in words, and as patterns of statements."""

    id: str
    statement: str
    pattern: str
    entities: str = ""
    disputed: str = ""
    also: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The last part of the sentence's IRI."""
        return slug(self.id.rpartition(".")[0])


def slug(locator: str) -> str:
    return locator.lower().replace(".", "-")


def read_facts() -> list[Fact]:
    with (Path(__file__).parent / "overview-facts.toml").open("rb") as file:
        return [Fact(**table) for table in tomllib.load(file)["fact"]]


FACTS = read_facts()


@pytest.fixture(scope="module")
def sources(record: Sources) -> Sources:
    return record


@pytest.fixture(scope="module")
def store(sources: Sources) -> Store:
    store = Store()
    for name in sources.names():
        store.extend(to_quad(triple, name) for triple in sources.dataset.graph(name))
    return store


def holds(store: Store, sources: Sources, fact: Fact, sentence: str) -> bool:
    """Whether the fact's patterns match, with the graph of this sentence as the fact's own."""
    graph = f"{sources.base}source/overview/{sentence}"
    parts = {
        graph: fact.pattern,
        f"{sources.base}entities": fact.entities,
        f"{graph}/disputed": fact.disputed,
    }
    body = " ".join(f"GRAPH <{name}> {{ {text} }}" for name, text in parts.items() if text)
    prefixes = {**sources.prefixes, "xsd": XSD}
    return bool(store.query(f"ASK {{ {body} }}", prefixes=prefixes))


def sentences(sources: Sources) -> list[str]:
    """The sentences' last parts of the IRI; the disputed graphs are not sentences."""
    start = f"{sources.base}source/overview/"
    return [
        name.removeprefix(start)
        for name in sources.names()
        if name.startswith(start) and not name.endswith("/disputed")
    ]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
def test_the_sentence_states_the_fact(store: Store, sources: Sources, fact: Fact) -> None:
    assert holds(store, sources, fact, fact.sentence), fact.statement


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
def test_no_other_sentence_states_the_fact_but_those_that_repeat_it(
    store: Store, sources: Sources, fact: Fact
) -> None:
    found = {name for name in sentences(sources) if holds(store, sources, fact, name)}
    assert found - {fact.sentence} == {slug(locator) for locator in fact.also}


def test_there_are_eighty_seven_facts_each_with_its_own_statement() -> None:
    assert len(FACTS) == 87
    assert len({fact.statement for fact in FACTS}) == 87


def test_the_facts_of_a_sentence_are_numbered_from_one_in_the_order_of_the_text() -> None:
    expected = 1
    before = (0, 0)
    for fact in FACTS:
        match = IDENTIFIER.fullmatch(fact.id)
        assert match, fact.id
        paragraph, sentence, number = map(int, match.groups())
        assert (paragraph, sentence) >= before, fact.id
        expected = expected + 1 if (paragraph, sentence) == before else 1
        assert number == expected, fact.id
        before = (paragraph, sentence)


def test_every_sentence_of_the_overview_has_a_fact(sources: Sources) -> None:
    assert sorted(sentences(sources)) == sorted({fact.sentence for fact in FACTS})
    assert len(sentences(sources)) == 36

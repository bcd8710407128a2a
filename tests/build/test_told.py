"""What people are told of contradictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assembly_kg.build.clash import Contradiction, check
from assembly_kg.build.load import load
from assembly_kg.build.told import _WHY, Teller
from assembly_kg.rules import Closure, rules

if TYPE_CHECKING:
    from pathlib import Path

OF_LISTS = {"cax-adc", "prp-adp", "eq-diff2", "eq-diff3"}
OF_VALUES = {"dt-diff", "dt-not-type"}


def told(institution: Path, statements: str, language: str = "en") -> str:
    path = institution / "data/sources/minutes.trig"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("GRAPH seg:s3 {", f"GRAPH seg:s3 {{ {statements}"), "utf-8")
    sources = load(institution)
    with pytest.raises(Contradiction) as caught:
        check(Closure(sorted(sources.stated)), sources.saying)
    return Teller(sources, language).contradiction(caught.value)


def test_every_rule_without_a_conclusion_is_said_in_words_in_three_languages() -> None:
    false = {rule.name for rule in rules() if rule.head is None} | OF_LISTS | OF_VALUES
    assert false <= set(_WHY)
    assert all(set(why) == {"kk", "ru", "en"} for why in _WHY.values())


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_an_axiom_without_a_name_is_told_once_by_what_it_holds(
    institution: Path, language: str
) -> None:
    lines = told(institution, "item:reading-room lib:headPost item:ada .", language).splitlines()
    axioms = [line for line in lines if "owl:AllDisjointClasses" in line]
    assert len(axioms) == 1
    assert "owl:members (" in axioms[0]
    assert "lib:Person]" in axioms[0]
    assert not any("blank node" in line for line in lines)


def test_two_values_are_one_contradiction(institution: Path) -> None:
    said = told(institution, 'item:holding-boris-chair lib:validFrom "2009-09-01"^^xsd:date .')
    assert said.count("By rule dt-diff") == 1
    assert "(two different values are given where there can be one)" in said

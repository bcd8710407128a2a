"""``assembly-kg explain``: the tree, the data, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

from assembly_kg.cli import main

ROOT = Path(__file__).parents[1] / "fixtures" / "institution"
CHAIR = ("item:boris", "lib:holdsPost", "item:chair")


@pytest.fixture
def out(council_release: Path) -> str:
    return str(council_release.parent)


def explain(out: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["explain", "--root", str(ROOT), "--out", out, *arguments], catch_exceptions=False
    )


def test_a_tree_is_shown_in_the_language_asked_for(out: str) -> None:
    shown = explain(out, "--lang", "ru", "--as-of", "2015-01-01", *CHAIR)
    assert shown.exit_code == 0
    assert "по состоянию на 2015-01-01" in shown.stdout
    assert "«holds-post»" in shown.stdout
    assert "source/minutes/s2" in shown.stdout


def test_what_is_not_there_ends_with_1_and_says_what_comes_near(out: str) -> None:
    shown = explain(out, "item:ada", "lib:holdsPost", "item:chair")
    assert shown.exit_code == 1
    assert "from 2001-03-01 until 2010-09-01" in shown.stdout


def test_data_are_written_for_machines(out: str) -> None:
    told = json.loads(explain(out, "--format", "json", *CHAIR).stdout)
    assert told["verdict"] == "projected"
    graph = Graph().parse(data=explain(out, "--format", "ttl", *CHAIR).stdout, format="turtle")
    assert len(graph) > 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as-of", "1066-10-14", *CHAIR), "the record begins on 2001-03-01"),
        (("--as-of", "14.10.2015", *CHAIR), "is not a day; write YYYY-MM-DD"),
        (("nobody", "a", "lib:Body"), "is not a term"),
        (("no:body", "a", "lib:Body"), 'the prefix "no:" is not known'),
    ],
)
def test_what_cannot_be_read_ends_with_2(out: str, arguments: tuple[str, ...], said: str) -> None:
    shown = explain(out, *arguments)
    assert shown.exit_code == 2
    assert said in shown.stderr


def test_any_files_can_be_looked_into(tmp_path: Path) -> None:
    file = tmp_path / "own.ttl"
    file.write_text("@prefix : <urn:x#> . :a :p :b .", encoding="utf-8")
    triple = ("<urn:x#a>", "<urn:x#p>", "<urn:x#b>")
    shown = CliRunner().invoke(main, ["explain", "--data", str(file), *triple])
    assert shown.exit_code == 0
    assert "Stated." in shown.stdout

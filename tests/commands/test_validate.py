"""``assembly-kg validate`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph
from rdflib.namespace import RDF, SH

from assembly_kg.cli import main

INSTITUTION = Path(__file__).parents[1] / "fixtures" / "institution"
PREFIXES = """@prefix lib: <https://library.example/ontology#> .
@prefix item: <https://library.example/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["validate", "--root", str(INSTITUTION), *map(str, arguments)])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.ttl"
    path.write_text(f'{PREFIXES}item:attic a lib:Body ; skos:prefLabel "attic"@en .\n', "utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.ttl"
    path.write_text(f"{PREFIXES}item:cellar a lib:Body .\n", encoding="utf-8")
    return path


def test_a_good_file_ends_with_0(good: Path) -> None:
    done = run(good)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "No faults were found.\n", "")


def test_warnings_are_shown_and_end_with_0() -> None:
    done = run()
    assert done.exit_code == 0
    assert "warning" in done.stdout
    assert "holding-ada-honorary" in done.stdout


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "A body has a name."), ("kk", "Органның атауы"), ("ru", "У органа должно быть имя.")],
)
def test_a_violation_is_a_table_row_in_the_language_asked_for(
    bad: Path, language: str, said: str
) -> None:
    done = run(bad, "--lang", language)
    assert done.exit_code == 1
    assert "item:cellar" in done.stdout
    assert "skos:prefLabel" in done.stdout
    assert said in done.stdout
    assert "1 violation" in done.stderr


def test_machines_get_json(bad: Path, good: Path) -> None:
    done = run(bad, good, "--format", "json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert [result["focus"]["value"] for result in report["results"]] == [
        "https://library.example/id/cellar"
    ]


def test_machines_get_turtle(bad: Path) -> None:
    done = run(bad, "--format", "ttl")
    assert done.exit_code == 1
    graph = Graph().parse(data=done.stdout, format="turtle")
    assert len(list(graph.subjects(RDF.type, SH.ValidationResult))) == 1


def test_an_unreadable_file_ends_with_2_and_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text(f"{PREFIXES}item:cellar a lib:Body\nitem:attic a lib:Body .\n", "utf-8")
    done = run(path)
    assert done.exit_code == 2
    assert f"{path}:5: " in done.stderr


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere.ttl")
    assert done.exit_code == 2
    assert "nowhere.ttl: cannot be read: No such file or directory" in done.stderr

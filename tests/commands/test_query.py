"""``assembly-kg query`` and ``export``: the same answers without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

from assembly_kg.cli import main

LIBRARY = str(Path(__file__).parents[1] / "fixtures" / "library.trig")
BOOKS = "SELECT ?o { ?s <http://example.org/books> ?o }"
STATE = "SELECT ?o { ?s <http://example.org/state> ?o }"


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=text)


@pytest.mark.parametrize(
    ("format_", "expected"), [("csv", "o\r\n7\r\n"), ("tsv", "?o\n7\n"), ("json", None)]
)
def test_a_query_is_answered_in_the_format_asked_for(format_: str, expected: str | None) -> None:
    done = run("query", "--data", LIBRARY, "--format", format_, BOOKS)
    assert done.exit_code == 0
    if expected is None:
        assert json.loads(done.output)["results"]["bindings"][0]["o"]["value"] == "7"
    else:
        assert done.stdout_bytes.decode() == expected


def test_a_query_may_stand_in_a_file_or_come_from_input(tmp_path: Path) -> None:
    file = tmp_path / "books.rq"
    file.write_text(BOOKS, encoding="utf-8")
    by_file = run("query", "--data", LIBRARY, "--query", str(file), "--format", "csv")
    by_input = run("query", "--data", LIBRARY, "--query", "-", "--format", "csv", text=BOOKS)
    assert by_file.output == by_input.output == "o\n7\n"


def test_a_graph_is_turtle_unless_asked_otherwise() -> None:
    done = run("query", "--data", LIBRARY, "CONSTRUCT WHERE { ?s ?p ?o }")
    assert len(Graph().parse(data=done.output, format="turtle")) == 4


def test_the_graph_may_be_asked_as_of_a_day() -> None:
    arguments = ("query", "--data", LIBRARY, "--format", "csv", "--as-of")
    assert run(*arguments, "2000-01-01", STATE).output == "o\nsmall\n"
    assert run(*arguments, "2010-01-01", STATE).output == "o\nlarge\n"
    done = run(*arguments, "2007-02-30", STATE)
    assert (done.exit_code, "is not a day" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["SELECT * {"], 2, "line 1"),
        (["DROP ALL"], 2, "SPARQL Update"),
        ([], 2, "give a query"),
        (["--query", "nowhere.rq"], 2, "nowhere.rq"),
        (["--format", "ttl", BOOKS], 2, "solutions"),
        (["--data", "nowhere.ttl", BOOKS], 2, "nowhere.ttl"),
    ],
)
def test_a_fault_is_told_with_its_exit_code(arguments: list[str], code: int, message: str) -> None:
    done = run("query", "--data", LIBRARY, *arguments)
    assert done.exit_code == code
    assert message in done.output


def test_all_graphs_or_one_are_exported(tmp_path: Path) -> None:
    file = tmp_path / "all.nq"
    done = run("export", "--data", LIBRARY, "--format", "nq", "-o", str(file))
    assert (done.exit_code, done.output) == (0, "")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 10
    assert [path.name for path in tmp_path.iterdir()] == ["all.nq"]
    one = run(*("export", "--data", LIBRARY, "--format", "nt", "--graph", "http://example.org/one"))
    assert len(one.output.splitlines()) == 2
    day = run("export", "--data", LIBRARY, "--format", "nt", "--as-of", "2000-01-01")
    assert "small" in day.output
    none = run("export", "--data", LIBRARY, "--format", "nt", "--graph", "http://example.org/no")
    assert (none.exit_code, "there is no graph" in none.output) == (2, True)


def test_a_graph_that_is_exported_has_no_names_of_graphs() -> None:
    done = run("export", "--data", LIBRARY, "--format", "ttl")
    assert len(Graph().parse(data=done.output, format="turtle")) == 4


def test_an_older_release_can_be_asked_exported_and_explained(council_releases: Path) -> None:
    names = "SELECT ?n { item:boris skos:prefLabel ?n }"
    prefixes = "PREFIX item: <https://library.example/id/> "
    prefixes += "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    out = ["--out", str(council_releases), "--release"]

    for release, wanted in (("1.0", 1), ("1.1", 2)):
        asked = run("query", *out, release, "--format", "csv", prefixes + names)
        assert len(asked.stdout.splitlines()) == 1 + wanted
        written = run("export", *out, release, "--format", "nt").stdout
        assert ("Борис" in written) is (wanted == 2)
    label = ("item:boris", "skos:prefLabel", '"Борис"@ru')
    assert run("explain", *out, "1.1", *label).exit_code == 0
    assert run("explain", *out, "1.0", *label).exit_code == 1
    assert run("diff", *out, "1.0", "--as-of", "2010-08-31", "2010-09-01").exit_code == 0
    assert run("diff", *out, "1.0", "1.0", "1.1").exit_code == 2
    refused = run("query", *out, "9.9", "ASK {}")
    assert refused.exit_code == 2
    assert "there are: 1.0-" in refused.stderr

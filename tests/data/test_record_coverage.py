"""Each line of the public record is in the graph, with its sentences, or out, with a reason."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, parse

ROOT = Path(__file__).parent.parent.parent
BASE: Final = "https://w3id.org/assembly-kz/source/"
PAGE = (ROOT / "docs" / "record-coverage.md").read_text(encoding="utf-8")

with (Path(__file__).parent / "record-coverage.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def test_a_line_has_one_row_and_is_in_with_sentences_or_out_with_a_reason() -> None:
    lines = [int(row["line"]) for row in ROWS]
    assert lines == sorted(set(lines))
    wrong = [
        row["line"]
        for row in ROWS
        if (row["status"], bool(row["segments"]), bool(row["reason"]))
        not in {("in", True, False), ("out", False, True)}
    ]
    assert wrong == []


def test_every_sentence_named_for_a_line_has_a_graph_of_facts() -> None:
    graphs = {
        quad.graph_name.value.removesuffix("/disputed").removeprefix(BASE)
        for path in (ROOT / "data" / "sources").glob("*.trig")
        for quad in parse(path.read_bytes(), RdfFormat.TRIG)
        if isinstance(quad.graph_name, NamedNode)
    }
    named = {segment for row in ROWS for segment in row["segments"].split()}
    assert named - graphs == set()


def test_the_page_counts_the_lines_of_each_section() -> None:
    counts: dict[str, list[int]] = {}
    for row in ROWS:
        counts.setdefault(row["section"], [0, 0])[row["status"] == "out"] += 1
    written = re.findall(r"^\| (\d\w?) \| .+ \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    assert written == [(s, str(inside), str(out)) for s, (inside, out) in counts.items()]


def test_the_page_names_every_line_that_is_out_with_its_reason() -> None:
    written = re.findall(r"^\| (\d+) \| (\d\w?) \| (\D.*) \|$", PAGE, re.MULTILINE)
    out = [row for row in ROWS if row["status"] == "out"]
    assert written == [(row["line"], row["section"], row["reason"]) for row in out]

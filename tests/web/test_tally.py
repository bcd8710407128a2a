"""Counts that several processes add to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from assembly_kg.web.observe import Observer
from assembly_kg.web.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path


def test_what_a_process_counted_is_told_by_others_and_outlives_it(tmp_path: Path) -> None:
    here = Observer(tmp_path)
    here.count("/sparql", "GET", "200", 0.002, "cached")
    child = os.fork()
    if child == 0:
        Observer(tmp_path).count("/sparql", "GET", "200", 2.0, "evaluated")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    seen = here.snapshot()
    assert seen.requests == {("/sparql", "GET", "200"): 2}
    assert seen.outcomes == {"cached": 1, "evaluated": 1}
    assert sum(seen.seconds["/sparql"]) == 2
    assert 2.0 < seen.total_seconds["/sparql"] < 2.01


def test_counts_are_apart_where_there_is_no_common_folder() -> None:
    one, other = Observer(), Observer()
    one.count("/", "GET", "200", 0.1, "")
    assert one.snapshot().requests
    assert not other.snapshot().requests


def test_keys_without_number_take_no_memory_without_end() -> None:
    tally = Tally()
    for number in range(20_000):
        tally.numbers[tally.place((f"{number}",))] += 1
    assert sum(tally.numbers) == 20_000
    assert len(tally.totals()) < 10_000


def test_a_key_may_hold_any_text(tmp_path: Path) -> None:
    tally = Tally(tmp_path)
    key = ("а\n\0b", '"')
    tally.numbers[tally.place(key)] += 3
    assert Tally(tmp_path).totals() == {key: 3}

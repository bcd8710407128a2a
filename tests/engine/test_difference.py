"""What differs between two days and two releases; which release a name means."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from assembly_kg.build.release import build
from assembly_kg.engine.difference import BEGUN, ENDED, REPLACED, Days, between_releases
from assembly_kg.engine.difference_data import days_document, quads, releases_document, rows
from assembly_kg.engine.difference_text import changelog, days_text, releases_text
from assembly_kg.engine.releases import find, releases
from assembly_kg.engine.store import load_release
from assembly_kg.errors import NotFoundError
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.difference import DayDifference

INSTITUTION = Path(__file__).parents[1] / "fixtures" / "institution"
ITEM = "https://library.example/id/"
LIB = "https://library.example/ontology#"
MINUTES = "https://library.example/source/minutes"
Opened = tuple[ox.Store, "Catalogue"]


@pytest.fixture(scope="module")
def council(council_release: Path) -> Opened:
    return load_release(council_release)


@pytest.fixture
def two(council_releases: Path) -> Path:
    return council_releases


def short(difference: DayDifference) -> dict[tuple[str, str], tuple[str, list[str], list[str]]]:
    return {
        (one.subject.value.removeprefix(ITEM), one.predicate.value.removeprefix(LIB)): (  # type: ignore[union-attr]
            one.kind,
            [value.value.removeprefix(ITEM) for value in one.before],  # type: ignore[union-attr]
            [value.value.removeprefix(ITEM) for value in one.after],  # type: ignore[union-attr]
        )
        for one in difference.changes
    }


def test_between_two_days_relations_begin_end_and_are_replaced(council: Opened) -> None:
    found = Days(*council).between("2010-08-31", "2011-11-11")
    assert short(found) == {
        ("ada", "holdsPost"): (ENDED, ["chair"], []),
        ("boris", "holdsPost"): (BEGUN, [], ["chair"]),
    }
    turns = {turn.situation.value.removeprefix(ITEM): turn for turn in found.turns}  # type: ignore[union-attr]
    assert turns["holding-ada-chair"].kind == ENDED
    assert turns["holding-ada-chair"].day == "2010-09-01"
    assert turns["holding-ada-chair"].segments == (f"{MINUTES}/s1",)
    assert turns["holding-boris-chair"].segments == (f"{MINUTES}/s2",)
    assert found.since == ("2005-12-31", "2010-09-01")


def test_the_way_back_has_everything_the_other_way_round(council: Opened) -> None:
    there, back = (
        Days(*council).between(*days)
        for days in (("2002-02-02", "2015-05-05"), ("2015-05-05", "2002-02-02"))
    )
    assert {(c.subject, c.predicate, c.before, c.after) for c in there.changes} == {
        (c.subject, c.predicate, c.after, c.before) for c in back.changes
    }
    assert {(t.situation, t.kind) for t in there.turns} == {
        (t.situation, ENDED if t.kind == BEGUN else BEGUN) for t in back.turns
    }


def test_a_value_that_gives_way_to_another_is_replaced(release: Path) -> None:
    store, catalogue = load_release(release)
    found = Days(store, catalogue).between("2007-05-20", "2007-05-21")
    replaced = [c for c in found.changes if c.kind == REPLACED]
    assert replaced
    causes = {cause for turn in found.turns for cause in turn.causes}
    assert ox.NamedNode(f"{catalogue.base}id/acts/law-254-iii-2007") in causes


def test_a_bound_is_not_told_as_a_begin(council: Opened) -> None:
    found = Days(*council).between("2005-12-30", "2005-12-31")
    [turn] = found.turns
    assert (turn.kind, turn.day, turn.word) == (BEGUN, None, "known-from")
    assert "(known from this day)" in days_text(found, {}, "en")
    assert "(begun" not in days_text(found, {}, "en")


def test_every_slice_is_the_one_before_with_its_changes(council: Opened) -> None:
    days = Days(*council)
    held: set[object] = set()
    for one in days.history():
        held |= {turn.situation for turn in one.turns if turn.kind == BEGUN}
        held -= {turn.situation for turn in one.turns if turn.kind == ENDED}
        assert held == days._situations(one.end)
    assert [one.end for one in days.history()] == list(council[1].slices)


def test_equal_days_do_not_differ(council: Opened) -> None:
    found = Days(*council).between("2003-03-03", "2004-04-04")
    assert (found.turns, found.changes) == ((), ())
    assert "Различий нет." in days_text(found, {}, "ru")


def test_a_day_that_is_not_covered_is_refused(council: Opened) -> None:
    with pytest.raises(NotFoundError):
        Days(*council).between("1999-01-01", "2004-04-04")


def test_a_difference_is_written_as_json_as_a_table_and_as_two_graphs(council: Opened) -> None:
    found = Days(*council).between("2010-08-31", "2010-09-01")
    told = json.loads(json.dumps(days_document(found)))
    assert {turn["kind"] for turn in told["situations"]} == {BEGUN, ENDED}
    assert {row[1:4] for row in rows([found])} >= {
        (BEGUN, f"{ITEM}holding-boris-chair", "2010-09-01")
    }
    graph = list(quads(found.changes, found.turns, "urn:d", ["urn:a", "urn:b"]))
    begun = [q for q in graph if q.graph_name == ox.NamedNode("urn:d#begun")]
    assert [q.subject for q in begun] == [ox.NamedNode(f"{ITEM}boris")]


def test_two_releases_are_compared_by_what_they_state(two: Path) -> None:
    old, new = (load_release(find(two, version).folder) for version in ("1.0", "1.1"))
    found = between_releases(old, new)
    boris = ox.NamedNode(f"{ITEM}boris")
    holding = ox.NamedNode(f"{ITEM}holding-boris-chair")
    changed = {(c.subject, c.kind) for c in found.changes}
    assert (boris, BEGUN) in changed
    assert (holding, REPLACED) in changed
    assert found.added == 4
    assert found.removed == 3
    assert json.loads(json.dumps(releases_document(found)))["to"]["version"] == "1.1"
    assert "2010-09-02" in releases_text(found, new[1].prefixes, "kk")
    log = changelog(found, new[1].prefixes, "en")
    assert log.startswith("## 1.1 (")
    assert "### Added\n\n- " in log
    assert '"Борис"@ru' in log
    assert between_releases(old, old).changes == ()


def test_a_release_is_found_by_version_folder_hash_path_or_as_the_current_one(two: Path) -> None:
    old, new = releases(two)
    assert (old.version, new.version, old.current, new.current) == ("1.0", "1.1", False, True)
    for name in ("1.0", old.folder.name, old.hash[:12], str(old.folder)):
        assert find(two, name) == old
    assert find(two, "current") == new
    with pytest.raises(NotFoundError, match=r"there are: 1\.0-"):
        find(two, "2.0")


def test_an_old_release_that_is_built_again_has_the_same_hash(two: Path, tmp_path: Path) -> None:
    old = find(two, "1.0")
    again = build(Settings(root=INSTITUTION, out=tmp_path)).path
    assert again.name == old.folder.name
    assert find(tmp_path, "current").hash == old.hash
    assert dataclasses.asdict(find(tmp_path, "current"))["issued"] == old.issued

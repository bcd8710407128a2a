"""``assembly-kg releases`` as a user meets it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from assembly_kg.build import folder
from assembly_kg.cli import main


@pytest.fixture
def out(tmp_path: Path, council_releases: Path) -> Path:
    """Three releases of version 1.0, made one after another, and one of 1.1, the current one."""
    out = Path(shutil.copytree(council_releases, tmp_path / "releases", symlinks=True))
    (first,) = out.glob("1.0-*")
    (last,) = out.glob("1.1-*")
    for number, name in enumerate(("1.0-aaaaaaaaaaaa", "1.0-bbbbbbbbbbbb"), start=2):
        shutil.copytree(first, out / name)
        os.utime(out / name / "manifest.json", (number, number))
    os.utime(first / "manifest.json", (1, 1))
    folder.turn(out, last.name)
    return out


def run(out: Path, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["releases", "--out", str(out), *arguments])
    return done.exit_code, done.stdout, done.stderr


def left(out: Path) -> set[str]:
    return {path.name for path in out.glob("1.*")}


def test_it_lists_what_there_is_oldest_first_with_hash_and_size(out: Path) -> None:
    listed = json.loads(run(out, "--format", "json")[1])
    assert [row["version"] for row in listed] == ["1.0", "1.0", "1.0", "1.1"]
    assert [row["current"] for row in listed] == [False, False, False, True]
    newest = out / listed[-1]["release"]
    assert listed[-1]["hash"] == json.loads((newest / "manifest.json").read_bytes())["hash"]
    assert listed[-1]["bytes"] == sum(f.stat().st_size for f in newest.rglob("*") if f.is_file())
    code, table, _ = run(out)
    assert code == 0
    assert all(row["release"] in table for row in listed)
    assert table.count("current") == 1


def test_pruning_keeps_of_each_version_those_made_last(out: Path) -> None:
    (first,) = (name for name in left(out) if name.startswith("1.0") and name[4:] != name[4] * 12)
    before = left(out)
    code, told, _ = run(out, "--prune", "2")
    assert (code, told.split()) == (0, [str(out / first)])
    assert left(out) == before - {first}
    assert run(out, "--prune", "2")[1] == ""
    run(out, "--prune", "1")
    (last,) = (name for name in before if name.startswith("1.1"))
    assert left(out) == {"1.0-bbbbbbbbbbbb", last}
    assert not list(out.glob(".build-*"))
    assert folder.current(out) == out / last


def test_the_current_release_stays_even_if_a_later_one_of_its_version_was_made(out: Path) -> None:
    folder.turn(out, "1.0-aaaaaaaaaaaa")
    run(out, "--prune", "1")
    assert {name for name in left(out) if name.startswith("1.0")} == {"1.0-aaaaaaaaaaaa"}


def test_a_named_release_goes_even_if_it_is_the_last_of_its_version(out: Path) -> None:
    run(out, "--prune", "1")
    assert run(out, "--remove", "1.0")[0] == 0
    assert not [name for name in left(out) if name.startswith("1.0")]


def test_the_current_release_is_not_removed(out: Path) -> None:
    before = left(out)
    code, _, told = run(out, "--remove", "1.0-aaaaaaaaaaaa", "--remove", "current")
    assert (code, left(out)) == (1, before)
    assert "the current release stays" in told


def test_a_name_that_is_none_is_a_fault_and_nothing_is_removed(out: Path) -> None:
    before = left(out)
    code, _, told = run(out, "--remove", "1.0-aaaaaaaaaaaa", "--remove", "9.9")
    assert (code, left(out)) == (2, before)
    assert 'there is no release "9.9"' in told


def test_what_cannot_be_removed_stays_whole(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    before = left(out)
    code, _, told = run(out, "--prune", "1")
    assert (code, left(out)) == (1, before)
    assert "no permission to write here" in told

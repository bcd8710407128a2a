"""``assembly-kg diff``: days and releases, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assembly_kg.cli import main

ROOT = Path(__file__).parents[1] / "fixtures" / "institution"


@pytest.fixture
def out(council_release: Path) -> str:
    return str(council_release.parent)


def diff(out: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["diff", "--root", str(ROOT), "--out", out, *arguments], catch_exceptions=False
    )


def test_two_days_are_compared_in_the_language_asked_for(out: str) -> None:
    shown = diff(out, "--lang", "kk", "--as-of", "2010-08-31", "2010-09-01")
    assert shown.exit_code == 0
    assert "аяқталды" in shown.stdout
    assert "lib:holdsPost" in shown.stdout


def test_two_releases_are_compared(out: str) -> None:
    shown = diff(out, "1.0", "current")
    assert shown.exit_code == 0
    assert "No difference." in shown.stdout


@pytest.mark.parametrize("form", ["json", "trig", "nq", "jsonld"])
def test_data_are_written_for_programs(out: str, form: str) -> None:
    shown = diff(out, "--format", form, "--as-of", "2010-08-31", "2010-09-01")
    assert shown.exit_code == 0
    assert "id/boris" in shown.stdout or "item:boris" in shown.stdout
    if form.startswith("json"):
        assert json.loads(shown.stdout)


def test_a_changelog_is_written_of_releases(out: str) -> None:
    assert diff(out, "--format", "changelog", "1.0", "1.0").stdout.startswith("## 1.0 (2020-06-01)")
    assert diff(out, "--format", "changelog", "--as-of", "2010-01-01", "2011-01-01").exit_code == 2


@pytest.mark.parametrize("arguments", [("1.0", "9.9"), ("--as-of", "2010-01-01", "2051-01-01")])
def test_what_is_not_there_ends_with_2(out: str, arguments: tuple[str, ...]) -> None:
    shown = diff(out, *arguments)
    assert shown.exit_code == 2
    assert shown.stderr.startswith("Error: ")

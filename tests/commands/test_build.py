"""``assembly-kg build`` as a user meets it."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from assembly_kg.cli import main

INSTITUTION = Path(__file__).parents[1] / "fixtures" / "institution"

HEADS = """
@prefix lib: <https://library.example/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://library.example/shapes#Head> a sh:NodeShape ; sh:targetObjectsOf lib:headedBy ;
    sh:property <https://library.example/shapes#heads> .
<https://library.example/shapes#heads> a sh:PropertyShape ;
    sh:path [ sh:inversePath lib:headedBy ] ; sh:nodeKind sh:Literal ; sh:message "Wrong."@en .
"""


@pytest.fixture
def institution(tmp_path: Path) -> Path:
    return Path(shutil.copytree(INSTITUTION, tmp_path / "institution"))


def test_it_prints_the_folder_of_the_release_and_nothing_else(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["build", "--root", str(INSTITUTION), "--out", str(tmp_path)])
    assert done.exit_code == 0
    assert Path(done.stdout.strip()) == tmp_path / (tmp_path / "current").readlink()
    assert done.stderr == ""


def test_a_fault_is_a_message_with_file_and_line_and_exit_code_2(
    institution: Path, tmp_path: Path
) -> None:
    path = institution / "data/sources/minutes.trig"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"2012-01-01"', '"05/10/2016"'), encoding="utf-8")
    done = CliRunner().invoke(
        main, ["build", "--root", str(institution), "--out", str(tmp_path / "out")]
    )
    line = text[: text.index('"2012-01-01"')].count("\n") + 1
    assert done.exit_code == 2
    assert done.stdout == ""
    assert f'{path}:{line}: "05/10/2016" is not an xsd:date; write YYYY-MM-DD' in done.stderr


def test_a_violation_is_a_message_and_exit_code_1(institution: Path, tmp_path: Path) -> None:
    path = institution / "data/entities/things.ttl"
    with path.open("a", encoding="utf-8") as file:
        file.write("\nitem:attic a lib:Body .\n")
    done = CliRunner().invoke(
        main, ["build", "--root", str(institution), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert "Shape violations: 1; nothing is published." in done.stderr
    assert "item:attic: A body has a name." in done.stderr


def test_a_violation_is_told_with_the_value_at_fault(institution: Path, tmp_path: Path) -> None:
    (institution / "shapes/heads.ttl").write_text(HEADS, encoding="utf-8")
    done = CliRunner().invoke(
        main, ["build", "--root", str(institution), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert "\n    ^lib:headedBy — " in done.stderr
    assert "[item:council]\n    shape: <https://library.example/shapes#heads>" in done.stderr


@pytest.mark.parametrize(
    ("language", "said", "name"),
    [
        ("kk", "қатар тұра алмайды", "оқу залы [item:reading-room]"),
        ("ru", "не могут быть верны вместе", "читальный зал [item:reading-room]"),
        ("en", "cannot all be true", "reading room [item:reading-room]"),
    ],
)
def test_a_contradiction_is_told_in_the_readers_language_with_its_sentence(
    institution: Path, tmp_path: Path, language: str, said: str, name: str
) -> None:
    path = institution / "data/sources/minutes.trig"
    text = path.read_text(encoding="utf-8")
    quote = (
        "seg:s3 oa:hasSelector seg:s3-quote .\n"
        'seg:s3-quote oa:exact "Ada heads the reading room, and the room heads Ada."@en .\n'
    )
    wrong = "GRAPH seg:s3 { item:reading-room lib:headPost item:ada ."
    path.write_text(text.replace("GRAPH seg:s3 {", quote + wrong), encoding="utf-8")
    done = CliRunner().invoke(
        main,
        ["build", "--lang", language, "--root", str(institution), "--out", str(tmp_path / "out")],
    )
    assert done.exit_code == 1
    assert "cax-adc" in done.stderr
    assert said in done.stderr
    assert name in done.stderr
    assert "«Ada heads the reading room, and the room heads Ada.»" in done.stderr


def test_progress_is_shown_in_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "assembly_kg", "build"]
    with subprocess.Popen(
        [*command, "--root", str(INSTITUTION), "--out", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        printed = process.stdout.read() if process.stdout else b""
    os.close(ours)
    assert process.returncode == 0
    # A stage that takes less than a tenth of a second may pass between two pictures.
    stages = ("inferring what follows", "checking the shapes", "writing the release")
    assert any(stage in shown.decode() for stage in stages)
    assert printed.decode().strip() == str(tmp_path / (tmp_path / "current").readlink())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side has closed
        return b""

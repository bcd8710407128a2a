"""The house rules that a machine can hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SERVER = ROOT / "server"
INSTITUTION = re.compile(r"assembly-kz|\bakz\b|Assembly of (the )?People", re.IGNORECASE)
# What an installed package carries, what others wrote, what Python made.
NOT_OURS = {"institution", "vendor", "__pycache__"}
TEXT = {".py", ".html", ".jinja", ".css", ".js", ".json", ".rq", ".ttl", ".txt", ".md", ".xml"}


def _files() -> list[Path]:
    return sorted(
        path for path in SERVER.rglob("*") if path.suffix in TEXT and not NOT_OURS & set(path.parts)
    )


def test_imports_point_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_files_to_look_at() -> None:
    assert SERVER / "assembly_kg" / "cli.py" in _files()


@pytest.mark.parametrize("path", _files(), ids=lambda path: str(path.relative_to(SERVER)))
def test_the_program_does_not_name_the_institution(path: Path) -> None:
    found = INSTITUTION.search(path.read_text(encoding="utf-8"))
    assert found is None, (
        f"{path}: {found.group()!r} belongs in ontology/ or data/" if found else ""
    )


@pytest.mark.parametrize("path", sorted(SERVER.rglob("*.py")), ids=lambda path: path.name)
def test_every_module_says_what_it_owns_and_is_not_a_drawer(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith('"""'), f"{path} has no docstring"
    assert path.stem not in {"utils", "helpers", "managers", "services", "common", "misc"}

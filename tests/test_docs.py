"""What the documentation says is so: settings, dependencies, versions, queries and answers."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions

from assembly_kg import __version__
from assembly_kg.app import create_app
from assembly_kg.settings import Settings, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from pyoxigraph import Store

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HIDDEN = {".venv", "node_modules", "releases"}
PAGES = sorted(p for p in ROOT.rglob("*.md") if not HIDDEN & set(p.relative_to(ROOT).parts))
FENCES = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_settings_table_is_the_one_in_the_code() -> None:
    table = ["| flag | variable | default | |", "| --- | --- | --- | --- |"] + [
        f"| `{row.flag}` | `{row.variable}` | {f'`{row.default}`' if str(row.default) else ''} |"
        f" {row.help} |"
        for row in rows()
    ]
    written = re.search(r"<!-- settings -->\n(.*?)\n<!-- /settings -->", README, re.DOTALL)
    right = "\n".join(table)
    assert written, "README.md has no settings table"
    assert written[1] == right, f"write this between the marks in README.md:\n\n{right}\n"


@pytest.mark.parametrize(
    ("heading", "requirements"),
    [
        ("## Dependencies", PROJECT["dependencies"]),
        ("For work on the project only:", PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_every_dependency_has_its_reason(heading: str, requirements: list[str]) -> None:
    part = CHANGELOG.split(heading, 1)[1].split("\nFor work", 1)[0]
    reasons = dict(re.findall(r"^\| (\w[\w-]*) \| (.+) \|$", part, re.MULTILINE)[1:])
    assert list(reasons) == sorted(re.split(r"[<>=~\[;]", entry)[0] for entry in requirements)
    assert all(reasons.values())


def test_every_runtime_dependency_is_used() -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "server").rglob("*.py"))
    used = set(re.findall(r"^ *(?:from|import) (\w+)", code, re.MULTILINE))
    names = {re.split(r"[<>=~\[;]", entry)[0] for entry in PROJECT["dependencies"]}
    assert {name for name in names if name.replace("-", "_") not in used} == set()


def test_one_version_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == PROJECT["version"]  # type: ignore[index]
    assert __version__ == PROJECT["version"]


def test_the_tree_on_the_first_page_is_the_tree() -> None:
    drawn = re.findall(r"^(\w+)/ {2,}\S", README, re.MULTILINE)
    assert drawn == ["ontology", "data", "shapes", "server", "tests", "docs", "benchmarks"]
    assert all((ROOT / folder).is_dir() for folder in drawn)


def test_locks_name_no_registry_and_pin_every_package_by_hash() -> None:
    for lock in sorted(ROOT.glob("requirements*.txt")):
        text = lock.read_text(encoding="utf-8")
        assert not re.search(r"https?://|file:/|--(extra-)?index-url|--find-links [^-]", text), lock
        pins = re.findall(r"^[a-z0-9][\w.-]*==\S+ \\\n {4}--hash=sha256:", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[a-z0-9][\w.-]*", text, re.MULTILINE)), lock


def queries() -> Iterator[tuple[str, str, str]]:
    """Each query of the documentation with its page and the fence that follows it."""
    for page in PAGES:
        fences = [*FENCES.findall(page.read_text(encoding="utf-8")), ("", "")]
        for (language, query), (kind, answer) in pairwise(fences):
            if language == "sparql":
                assert kind == "csv", f"{page.name}: a query stands without its answer as csv"
                yield page.name, query, answer


@pytest.mark.parametrize(("page", "query", "answer"), list(queries()))
def test_a_query_in_the_documentation_has_the_answer_below_it(
    page: str, query: str, answer: str, release_store: Store
) -> None:
    solutions = release_store.query(query)
    assert isinstance(solutions, QuerySolutions)
    found = solutions.serialize(format=QueryResultsFormat.CSV).decode().replace("\r\n", "\n")
    assert found == answer, f"{page}: the answer is\n\n{found}"


def test_the_first_page_asks_a_question() -> None:
    assert any(page == "README.md" for page, _, _ in queries())


def commands() -> Iterator[tuple[str, str, str]]:
    """Each command of the documentation that is followed by what it prints, with its page."""
    for page in PAGES:
        fences = FENCES.findall(page.read_text(encoding="utf-8"))
        for (language, command), (kind, answer) in pairwise(fences):
            if language == "sh" and kind == "text":
                yield page.name, command.strip(), answer


@pytest.mark.parametrize(("page", "command", "answer"), list(commands()))
def test_a_command_in_the_documentation_prints_what_stands_below_it(
    page: str, command: str, answer: str, release: Path
) -> None:
    words = shlex.split(command)
    assert words[0] == "assembly-kg", page
    done = subprocess.run(
        [sys.executable, "-m", "assembly_kg", *words[1:]],
        cwd=release.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    printed = (done.stdout + done.stderr).replace("\r\n", "\n")
    assert matches(printed, answer), f"{page}: {command} prints\n\n{printed}"


def matches(printed: str, answer: str) -> bool:
    """Whether a text is as it is written; a line of three dots stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^…\n", answer, flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*?".join(parts), printed) is not None


def requests() -> Iterator[tuple[str, str, str]]:
    """Each request of the documentation with the status and the type of its answer."""
    for page in PAGES:
        for language, lines in FENCES.findall(page.read_text(encoding="utf-8")):
            for line in lines.splitlines() if language == "http" else ():
                request, answer = line.split(" → ")
                yield page.name, request.removeprefix("GET "), answer


@pytest.fixture(scope="module")
def site(release: Path) -> FlaskClient:
    return create_app(Settings(root=ROOT, out=release.parent)).test_client()


@pytest.mark.parametrize(("page", "request_", "answer"), list(requests()))
def test_a_request_in_the_documentation_is_answered_as_it_says(
    page: str, request_: str, answer: str, site: FlaskClient
) -> None:
    path, _, query = request_.partition("?")
    given = dict(part.split("=", 1) for part in query.split("&")) if query else {}
    accept = "*/*" if path == "/sparql" else "text/html, */*;q=0.5"
    found = site.get(path, query_string=given, headers={"Accept": accept})
    assert f"{found.status_code} {found.mimetype}" == answer, f"{page}: {request_}"

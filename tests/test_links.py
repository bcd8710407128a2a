"""What the documentation names exists: links, headings, paths, make targets, commands, flags."""

import re
from functools import cache
from pathlib import Path

import click
import pytest

from assembly_kg import cli
from assembly_kg.settings import rows

ROOT = Path(__file__).parent.parent
HIDDEN = {".venv", "node_modules", "releases", "build", "dist", ".git", ".pytest_cache"}
PAGES = sorted(p for p in ROOT.rglob("*.md") if not HIDDEN & set(p.relative_to(ROOT).parts))
TOP = {"ontology", "data", "shapes", "server", "tests", "docs", "benchmarks", "releases", ".ci"}
ADDRESSES = {"http", "https", "mailto"}

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
SHELL = {"", "sh", "shell", "console", "bash"}


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def commands_in(page: Path) -> list[str]:
    """Lines of shell fences and code spans, without comments."""
    text = page.read_text(encoding="utf-8")
    lines = [
        line.removeprefix("$ ").split("  #")[0].strip()
        for language, body in FENCE.findall(text)
        if language in SHELL
        for line in body.splitlines()
    ]
    return lines + SPAN.findall(FENCE.sub("", text))


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and its kin make them."""
    headings = HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


def page_ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_ids)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        target, _, anchor = link.partition("#")
        if target.partition(":")[0] in ADDRESSES:
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=page_ids)
def test_every_path_that_is_named_exists(page: Path) -> None:
    words = {word for command in commands_in(page) for word in command.split()}
    paths = {word for word in words if "/" in word and word.split("/")[0] in TOP - {"releases"}}
    files = {word for word in words if re.fullmatch(r"[\w-]+\.(md|toml|txt|cff)|Makefile", word)}
    optional = {"assembly-kg.toml"}
    missing = {
        path
        for path in paths | (files - optional)
        if not any(ROOT.glob(re.sub(r"<[^>]+>", "*", path.rstrip("/"))))
    }
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=page_ids)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {found[1] for line in commands_in(page) if (found := re.match(r"make ([a-z-]+)", line))}
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=page_ids)
def test_every_command_and_flag_that_is_named_exists(page: Path) -> None:
    group = cli.main
    context = click.Context(group)
    unknown = []
    for line in commands_in(page):
        found = re.match(r"(?:\.venv/bin/)?assembly-kg(?: +([a-z]+)(.*))?$", line)
        if not found or not found[1]:
            continue
        command = group.get_command(context, found[1])
        flags = {"--help"} | {
            flag for parameter in (command.params if command else ()) for flag in parameter.opts
        }
        if command is None or set(re.findall(r"(?<!\S)--?[a-z][\w-]*", found[2])) - flags:
            unknown.append(line)
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=page_ids)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    known = {row.variable for row in rows()} | {"ASSEMBLY_KG_CONFIG"}
    named = set(re.findall(r"\bASSEMBLY_KG_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
    assert named - known == set()


def test_there_is_a_first_page_and_a_guide() -> None:
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= {page.name for page in PAGES}

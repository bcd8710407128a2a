"""``assembly-kg releases``: which releases there are, and the removal of those no longer wanted."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assembly_kg.build import folder
from assembly_kg.commands import with_settings
from assembly_kg.engine.releases import find, releases, versions
from assembly_kg.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from assembly_kg.engine.releases import Release
    from assembly_kg.settings import Settings

_MEBIBYTE: Final = 1024**2
_MARK: Final = 16


@click.command()
@click.option(
    "--prune",
    "keep",
    type=click.IntRange(min=1),
    metavar="KEEP",
    help="remove releases until each version has at most so many; those made last stay, and the "
    "one that a version's name means always does",
)
@click.option(
    "--remove",
    "unwanted",
    multiple=True,
    metavar="RELEASE",
    help="remove this release: version, folder, or beginning of its hash; not the current one",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    help="a table for people, JSON for machines [default: table]",
)
@with_settings("out")
def command(settings: Settings, keep: int | None, unwanted: tuple[str, ...], form: str) -> None:
    """List the releases, oldest first, or remove some.

    A build adds a release and removes none. A version stays published as long as one of its
    releases is there; the last one goes only if --remove names it.
    """
    if keep is None and not unwanted:
        _show(settings.out, form)
        return
    with folder.lock(settings.out, lambda: click.echo("waiting for a build to end", err=True)):
        chosen = [find(settings.out, name) for name in unwanted]
        if any(one.current for one in chosen):
            raise BuildError(
                "the current release stays; build another one first, then remove this one"
            )
        if keep is not None:
            chosen += _surplus(settings.out, keep)
        for path in dict.fromkeys(one.folder for one in chosen):
            folder.remove(settings.out, path.name)
            click.echo(path)


def _surplus(out: Path, keep: int) -> Iterable[Release]:
    """Of each version what is more than the release that its name means and those made last."""
    meant = {one.folder for one in versions(out)}
    others: defaultdict[str, list[Release]] = defaultdict(list)
    for one in sorted(releases(out), key=lambda one: one.made, reverse=True):
        if one.folder not in meant:
            others[one.version].append(one)
    return [one for some in others.values() for one in some[keep - 1 :]]


def _show(out: Path, form: str) -> None:
    rows = [
        {
            "release": one.folder.name,
            "version": one.version,
            "issued": one.issued,
            "hash": one.hash,
            "bytes": sum(f.stat().st_size for f in one.folder.rglob("*") if f.is_file()),
            "current": one.current,
        }
        for one in releases(out)
    ]
    if form == "json":
        click.echo(json.dumps(rows, indent=2))
        return
    table = Table("release", "issued", "hash of the data", "MiB", "")
    table.columns[0].no_wrap = True
    table.columns[3].justify = "right"
    for row in rows:
        size = f"{int(str(row['bytes'])) / _MEBIBYTE:.1f}"
        mark = str(row["hash"])[:_MARK]
        texts = (str(row["release"]), str(row["issued"]), mark, size)
        table.add_row(*map(escape, texts), "current" if row["current"] else "")
    Console().print(table)

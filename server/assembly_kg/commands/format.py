"""``assembly-kg format``: data files in their one layout."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from assembly_kg.build.format import Layout, data_files, format_file, replace
from assembly_kg.commands import with_settings

if TYPE_CHECKING:
    from assembly_kg.settings import Settings

__all__ = ["command"]

_SHOWN: Final = 20


@click.command()
@with_settings("root")
@click.option("--check", is_flag=True, help="change nothing; exit 1 if a file is not in the layout")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def command(settings: Settings, files: tuple[Path, ...], *, check: bool) -> None:
    """Write data files (by default all of data/) in the one layout; no fact is lost or added."""
    layout = Layout.read(settings.root)
    texts = {path: format_file(path, layout) for path in files or data_files(settings.root)}
    changed = {path: both for path, both in texts.items() if both[0] != both[1]}
    for path, (before, after) in changed.items():
        if check:
            click.echo(_difference(path, before, after))
        else:
            replace(path, after)
            click.echo(f"{path}: rewritten")
    verb = "would be rewritten" if check else "rewritten"
    click.echo(f"{len(changed)} of {len(texts)} files {verb}", err=True)
    if check and changed:
        raise SystemExit(1)


def _difference(path: Path, before: str, after: str) -> str:
    lines = list(
        difflib.unified_diff(
            before.splitlines(), after.splitlines(), str(path), f"{path} (formatted)", lineterm=""
        )
    )
    if not lines:
        return f"{path}: only its line ends differ"
    more = len(lines) - _SHOWN
    return "\n".join([*lines[:_SHOWN], *([f"… {more} more lines"] if more > 0 else [])])

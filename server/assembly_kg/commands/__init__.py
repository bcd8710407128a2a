"""The subcommands of ``assembly-kg``: one module each, found by its file name, loaded when used.

A module here defines ``command``, a click command; ``assembly_kg.cli`` calls it by the name of the
file. It imports what it needs inside the layers below and prints; the work is theirs.
``with_settings`` hands it the settings that it takes as flags::

    @click.command()
    @with_settings("root", "out")
    def command(settings: Settings) -> None: ...
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from assembly_kg.settings import Row, Settings, rows

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["with_settings"]

_TYPES: Final[dict[type, click.ParamType[Any]]] = {
    str: click.STRING,
    int: click.INT,
    float: click.FLOAT,
    bool: click.BOOL,
    Path: click.Path(path_type=Path),
}


def with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command a flag for each named row of the table, and the result as ``settings``."""
    table = {row.name: row for row in rows()}
    chosen = [table[name] for name in names]

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @click.pass_context
        @functools.wraps(function)
        def run(context: click.Context, /, **parameters: Any) -> None:
            flags = {row.name: parameters.pop(row.name) for row in chosen}
            config = context.find_root().params.get("config")
            function(settings=Settings.load(flags, file=config), **parameters)

        for row in reversed(chosen):
            run = _option(row)(run)
        return run

    return decorate


def _option(row: Row) -> Callable[[Callable[..., None]], Callable[..., None]]:
    default = f" [default: {row.default}]" if str(row.default) else ""
    kind = click.Choice(row.choices) if row.choices else _TYPES[row.type]
    return click.option(row.flag, row.name, type=kind, help=f"{row.help}{default}")

"""``assembly-kg build``: make a release of an institution's files."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console

from assembly_kg.build.release import build
from assembly_kg.commands import with_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assembly_kg.settings import Settings

_SAID: Final[Mapping[str, str]] = {
    "wait": "waiting for another build to end",
    "load": "reading the files",
    "project": "finding what holds on the release date",
    "reason": "inferring what follows",
    "validate": "checking the shapes",
    "slice": "cutting a slice for each day of change",
    "describe": "counting and describing",
    "write": "writing the release",
}


@click.command()
@with_settings("root", "out")
def command(settings: Settings) -> None:
    """Make a release of the institution's files and print its folder.

    The release appears whole or not at all; a fault leaves the current one in place. Nothing is
    done if the files have not changed.
    """
    console = Console(stderr=True)
    status = console.status("looking for changes") if console.is_terminal else nullcontext()
    with status as shown:

        def observe(stage: str) -> None:
            if shown is not None:
                shown.update(_SAID[stage])

        release = build(settings, observe)
    click.echo(release.path)

"""``assembly-kg build``: make a release of an institution's files."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console

from assembly_kg.build.release import build
from assembly_kg.commands import with_settings
from assembly_kg.errors import (
    BuildError,
    InconsistencyError,
    KnowledgeGraphError,
    ValidationFailure,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from assembly_kg.settings import Settings

_SAID: Final[Mapping[str, str]] = {
    "wait": "waiting for another build to end",
    "load": "reading the files",
    "project": "finding what holds on the release date",
    "reason": "inferring what follows",
    "validate": "checking the shapes",
    "slice": "cutting a slice for each day of change",
    "describe": "counting and describing",
    "confirm": "comparing with what owlrl infers",
    "write": "writing the release",
}


@click.command()
@click.option(
    "--lang",
    type=click.Choice(["kk", "ru", "en"]),
    default="en",
    help="language in which faults of the data are told [default: en]",
)
@with_settings("root", "out")
def command(settings: Settings, lang: str) -> None:
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

        try:
            release = build(settings, observe)
        except (BuildError, ValidationFailure) as error:
            raise told(error, settings.root, lang) from error
    click.echo(release.path)


def told(error: KnowledgeGraphError, root: Path, lang: str) -> KnowledgeGraphError:
    """The fault in the reader's language with the sentences behind it, if it is one of the data."""
    from assembly_kg.build.clash import Contradiction  # noqa: PLC0415 -- large, for faults only
    from assembly_kg.build.load import load  # noqa: PLC0415
    from assembly_kg.build.told import Teller  # noqa: PLC0415
    from assembly_kg.build.validate import Rejected  # noqa: PLC0415

    if isinstance(error, Contradiction):
        return InconsistencyError(Teller(load(root), lang).contradiction(error))
    if isinstance(error, Rejected):
        return ValidationFailure(Teller(load(root), lang).violations(error.report))
    return error

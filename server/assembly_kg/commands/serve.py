"""``assembly-kg serve``: the site and its SPARQL endpoint."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assembly_kg.commands import with_settings
from assembly_kg.engine.disk import NAME
from assembly_kg.engine.store import load_files, load_release
from assembly_kg.settings import rows
from assembly_kg.supervisor import REMOTE, Supervisor

if TYPE_CHECKING:
    import pyoxigraph

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.settings import Settings
    from assembly_kg.supervisor import Source


@click.command()
@with_settings(*(row.name for row in rows()))
@click.option(
    "--release",
    type=click.Path(path_type=Path),
    help="serve this release's folder [default: build --root, serve the current release]",
)
@click.option(
    "--data",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="serve these RDF files as they are; may be given again, and more may follow as arguments",
)
@click.argument("more", nargs=-1, type=click.Path(path_type=Path))
def command(
    settings: Settings, release: Path | None, files: tuple[Path, ...], more: tuple[Path, ...]
) -> None:
    """Serve the site; build the release first if it is absent or older than its files."""
    if more and not files:
        raise click.UsageError(f"what is {more[0]}? files to serve are given with --data")
    if files and release:
        raise click.UsageError("--data and --release exclude each other")
    source: Source | None
    if settings.engine.startswith(REMOTE):
        source = None
    elif settings.engine != "oxigraph":
        raise click.UsageError(f"--engine {settings.engine}: write oxigraph, or sparql:URL")
    else:
        source = _Files((*files, *more)) if files else _Release(release or _build(settings))
    Supervisor(settings, source, lambda said: click.echo(said, err=True), _Release).run()


@dataclass(frozen=True)
class _Files:
    """RDF files, read again when asked to (SIGHUP)."""

    paths: tuple[Path, ...]

    def mark(self) -> str:
        return ""

    def place(self) -> None:
        """Nowhere: they may be other files tomorrow."""

    def load(self, into: Path | None = None) -> tuple[pyoxigraph.Store, Catalogue]:
        return load_files(self.paths, into)


@dataclass(frozen=True)
class _Release:
    """A release's folder, or the link to the current one."""

    folder: Path

    def mark(self) -> str:
        return str(self.folder.resolve())

    def place(self) -> Path | None:
        folder = self.folder.resolve()
        return folder / NAME if os.access(folder, os.W_OK) else None

    def load(self, into: Path | None = None) -> tuple[pyoxigraph.Store, Catalogue]:
        return load_release(self.folder.resolve(), into)


def _build(settings: Settings) -> Path:
    """The link to the current release, which is made first if it is not there or not of now."""
    from assembly_kg.build.release import build  # noqa: PLC0415 -- a large import, not always needed

    build(settings, lambda stage: click.echo(f"build: {stage}", err=True))
    return settings.out / "current"

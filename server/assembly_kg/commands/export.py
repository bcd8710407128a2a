"""``assembly-kg export``: a graph, or all of them, in one file."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import click
import pyoxigraph as ox

from assembly_kg.commands import with_settings
from assembly_kg.engine.formats import GRAPH_FORMATS, graph_format
from assembly_kg.engine.releases import find
from assembly_kg.engine.store import load_files, load_release
from assembly_kg.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.question import Head
    from assembly_kg.settings import Settings

__all__ = ["command", "open_graph", "which_release", "written"]

which_release: Final = click.option(
    "--release", help="a release: its version, folder or hash [default: the current one]"
)


class Output:
    """A sink that writes to a file that is open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def begin(self, head: Head) -> None:
        """Nothing: a file has no head."""

    def write(self, data: bytes) -> int:
        """Write to the file."""
        return self._file.write(data)

    def flush(self) -> None:
        """Flush the file."""
        self._file.flush()


@click.command()
@with_settings("root", "out")
@click.option(
    "--data", "files", multiple=True, type=click.Path(path_type=Path), help="RDF files to export"
)
@which_release
@click.option(
    "--format",
    "format_",
    type=click.Choice([format_.name for format_ in GRAPH_FORMATS]),
    required=True,
    help="how to write it",
)
@click.option("--graph", help="IRI of the one graph to write [default: see below]")
@click.option("--as-of", "day", help="write the graph as it stood on this day, YYYY-MM-DD")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="file to write [default: output]"
)
def command(  # noqa: PLR0917 -- click passes them by name
    settings: Settings,
    files: tuple[Path, ...],
    release: str | None,
    format_: str,
    graph: str | None,
    day: str | None,
    output: Path | None,
) -> None:
    """Write the default graph, or with trig, nq and jsonld all graphs; or the one that is named."""
    if graph and day:
        raise click.UsageError("--graph and --as-of exclude each other")
    store, catalogue = open_graph(settings, files, release)
    if day is not None:
        graph = catalogue.as_of + catalogue.slice_on(day)
    quads = _quads(store, graph, catalogue, all_graphs=graph_format(format_).quads)
    with written(output) as sink:
        ox.serialize(
            quads,
            sink,  # type: ignore[arg-type]
            graph_format(format_).writer,  # type: ignore[arg-type]
            prefixes=catalogue.prefixes if format_ in {"ttl", "trig", "rdf"} else None,
        )


def _quads(
    store: ox.Store, graph: str | None, catalogue: Catalogue, *, all_graphs: bool
) -> Iterable[ox.Triple] | Iterable[ox.Quad]:
    if graph is None and all_graphs:
        return store
    if graph is None:
        name: ox.NamedNode | ox.DefaultGraph = ox.DefaultGraph()
    elif (stored := catalogue.resolve(graph)) in catalogue.graphs:
        name = ox.NamedNode(stored)
    else:
        raise NotFoundError(f"there is no graph <{graph}>")
    return (quad.triple for quad in store.quads_for_pattern(None, None, None, name))


def open_graph(
    settings: Settings, files: tuple[Path, ...], release: str | None = None
) -> tuple[ox.Store, Catalogue]:
    """The files' graphs, or a release; without either the current one, made first if need be.

    Raises:
        NotFoundError: there is no release of that name.
    """
    if files and release:
        raise click.UsageError("--data and --release exclude each other")
    if files:
        return load_files(files)
    if release:
        return load_release(find(settings.out, release).folder)
    from assembly_kg.build.release import build  # noqa: PLC0415 -- a large import, not always needed

    build(settings)
    return load_release((settings.out / "current").resolve())


@contextmanager
def written(path: Path | None) -> Iterator[Output]:
    """Standard output, or a file that appears whole or not at all."""
    if path is None:
        sink = Output(sys.stdout.buffer)
        try:
            yield sink
            sink.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    try:
        handle = cast(
            "BinaryIO",
            tempfile.NamedTemporaryFile(  # noqa: SIM115 -- closed below
                dir=path.parent, prefix=f".{path.name}-", delete=False
            ),
        )
    except OSError as error:
        raise InputError(path, None, f"cannot be written: {error.strerror}") from error
    try:
        with handle:
            yield Output(handle)
        Path(handle.name).chmod(0o644)
        Path(handle.name).replace(path)
    except BaseException:
        Path(handle.name).unlink(missing_ok=True)
        raise

"""``assembly-kg query``: an answer without a server."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assembly_kg.commands import with_settings
from assembly_kg.commands.export import open_graph, which_release, written
from assembly_kg.engine.evaluate import Evaluator
from assembly_kg.engine.formats import GRAPH_FORMATS, SOLUTION_FORMATS
from assembly_kg.engine.question import Limits, Question
from assembly_kg.engine.scan import outline

if TYPE_CHECKING:
    from assembly_kg.settings import Settings

_SOLUTIONS = [format_.name for format_ in SOLUTION_FORMATS]
_GRAPHS = [format_.name for format_ in GRAPH_FORMATS]


@click.command()
@with_settings("root", "out", "max_rows", "max_bytes")
@click.option(
    "--data", "files", multiple=True, type=click.Path(path_type=Path), help="RDF files to ask"
)
@which_release
@click.option(
    "--query", "file", type=click.Path(path_type=Path), help="file with the query; - for input"
)
@click.option(
    "--format",
    "format_",
    type=click.Choice([*_SOLUTIONS, *_GRAPHS]),
    help="how to write the answer [default: json, or ttl for a graph]",
)
@click.option("--as-of", "day", help="ask the graph as it stood on this day, YYYY-MM-DD")
@click.argument("text", required=False)
def command(  # noqa: PLR0917 -- click passes them by name
    settings: Settings,
    files: tuple[Path, ...],
    release: str | None,
    file: Path | None,
    format_: str | None,
    day: str | None,
    text: str | None,
) -> None:
    """Answer a SPARQL query over a release, or over the files given with --data."""
    if (file is None) == (text is None):
        raise click.UsageError("give a query, or a file that holds it with --query")
    if file is not None:
        text = _read(file)
    store, catalogue = open_graph(settings, files, release)
    graphs = None if day is None else ((catalogue.as_of + catalogue.slice_on(day)),)
    makes_graph = outline(text or "").makes_graph
    question = Question(
        text=text or "",
        default_graphs=graphs,
        named_graphs=None if graphs is None else (),
        solutions=format_ if format_ in _SOLUTIONS else None if format_ else "json",
        triples=format_ if format_ in _GRAPHS else None if format_ else "ttl",
    )
    # Interrupting ends the process at once; Python would wait for the engine to come back.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with written(None) as output:
        Evaluator(store, catalogue, Limits.of(settings)).answer(question, output)
        if not makes_graph and sys.stdout.isatty():
            output.write(b"\n")


def _read(file: Path) -> str:
    try:
        with click.open_file(str(file), encoding="utf-8") as handle:
            return str(handle.read())
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file}: cannot be read: {error}") from error

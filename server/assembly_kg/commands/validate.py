"""``assembly-kg validate``: check an institution, or somebody's own files, against the shapes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assembly_kg.build.clash import Contradiction
from assembly_kg.build.load import load
from assembly_kg.build.pipeline import validated
from assembly_kg.build.told import Teller
from assembly_kg.build.validate import shorten, shorten_path, validate_files
from assembly_kg.commands import with_settings
from assembly_kg.errors import InconsistencyError, ValidationFailure
from assembly_kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assembly_kg.build.validate import Report
    from assembly_kg.settings import Settings


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "ttl", "json"]),
    default="table",
    help="a table for people, Turtle or JSON for machines [default: table]",
)
@click.option(
    "--lang",
    type=click.Choice(["kk", "ru", "en"]),
    default="en",
    help="language of the table's messages [default: en]",
)
@with_settings("root")
def command(settings: Settings, files: tuple[Path, ...], form: str, lang: str) -> None:
    """Check the institution, or FILEs of your own, against its shapes.

    FILEs (Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD) may refer to the institution's
    ontology and entities; only what the FILEs speak of is reported. Ends with 1 if there is a
    violation; warnings do not count.
    """
    sources = load(settings.root)
    teller = Teller(sources, lang)
    try:
        report = validate_files(sources, files) if files else validated(sources)
    except Contradiction as error:
        raise InconsistencyError(teller.contradiction(error)) from error
    prefixes = {**sources.prefixes, **PREFIXES}
    if form == "ttl":
        click.echo(report.to_turtle(prefixes), nl=False)
    elif form == "json":
        click.echo(report.to_json())
    else:
        _show(report, prefixes, lang, teller)
    if not report.passes:
        count = report.count("violation")
        raise ValidationFailure(f"{count} violation{'' if count == 1 else 's'}")


def _show(report: Report, prefixes: Mapping[str, str], lang: str, teller: Teller) -> None:
    console = Console()
    if report.conforms:
        console.print("No faults were found.")
        return
    table = Table(show_lines=True)
    table.add_column("severity")
    table.add_column("where", overflow="fold", ratio=2)
    table.add_column("what is wrong", overflow="fold", ratio=3)
    for result in report.results:
        where = [shorten(result.focus, prefixes)]
        if result.path is not None:
            where.append(shorten_path(result.path, prefixes))
        if result.value not in (None, result.focus):
            where.append(shorten(result.value, prefixes))
        stated = [line for name in result.sources for line in ("", *teller.sentence(name))]
        table.add_row(
            result.severity,
            escape("\n".join(where)),
            escape("\n".join([result.message(lang), *stated])),
        )
    console.print(table)

"""``assembly-kg explain``: why a statement is in the graph, or why it is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assembly_kg.commands import with_settings
from assembly_kg.commands.export import open_graph, which_release
from assembly_kg.engine.explain import MOST_PROOFS, Explainer
from assembly_kg.engine.explain_json import explanation_document
from assembly_kg.engine.explain_prov import explanation_graph
from assembly_kg.engine.explain_text import explanation_text
from assembly_kg.engine.formats import GRAPH_FORMATS
from assembly_kg.engine.names import read_triple
from assembly_kg.engine.tasks import written_graph
from assembly_kg.engine.wording import LANGUAGES

if TYPE_CHECKING:
    from assembly_kg.settings import Settings

_GRAPHS = [format_.name for format_ in GRAPH_FORMATS]


@click.command()
@with_settings("root", "out")
@click.option(
    "--data", "files", multiple=True, type=click.Path(path_type=Path), help="RDF files to look into"
)
@which_release
@click.option("--as-of", "day", help="explain the graph as it stood on this day, YYYY-MM-DD")
@click.option(
    "--proofs",
    "count",
    type=click.IntRange(1, MOST_PROOFS),
    default=1,
    help="how many proofs to show, shortest first [default: 1]",
)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", help="language of the text [default: en]"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", *_GRAPHS]),
    default="text",
    help="a tree for people, JSON, or PROV-O in a format for RDF [default: text]",
)
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
def command(  # noqa: PLR0917 -- click passes them by name
    settings: Settings,
    files: tuple[Path, ...],
    release: str | None,
    day: str | None,
    count: int,
    lang: str,
    form: str,
    subject: str,
    predicate: str,
    object_: str,
) -> None:
    """Say who states the statement SUBJECT PREDICATE OBJECT, or from what it follows.

    Terms are written as in SPARQL: skos:prefLabel, <https://…>, '"text"@en', 9; prefixes are those
    of the registry and of the institution. Ends with 1 if the statement is not in the graph; then
    what is missing and what comes near is shown.
    """
    store, catalogue = open_graph(settings, files, release)
    triple = read_triple(subject, predicate, object_, catalogue.prefixes)
    found = Explainer(store, catalogue).explain(triple, day, count)
    if form == "text":
        click.echo(explanation_text(found, lang), nl=False)
    elif form == "json":
        click.echo(json.dumps(explanation_document(found), ensure_ascii=False, indent=2))
    else:
        rules = f"{catalogue.base}release/{catalogue.version}/projections/"
        graph = explanation_graph(found, rules)
        click.echo(written_graph(graph, form, catalogue.prefixes).decode(), nl=False)
    if found.verdict in {"absent", "rejected"}:
        raise SystemExit(1)

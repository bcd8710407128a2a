"""``assembly-kg diff``: what differs between two releases, or between two days."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pyoxigraph as ox

from assembly_kg.commands import with_settings
from assembly_kg.commands.export import open_graph, which_release
from assembly_kg.engine.difference import Days, between_releases
from assembly_kg.engine.difference_data import days_document, quads, releases_document
from assembly_kg.engine.difference_text import changelog, days_text, releases_text
from assembly_kg.engine.formats import graph_format
from assembly_kg.engine.releases import find
from assembly_kg.engine.store import load_release
from assembly_kg.engine.wording import LANGUAGES

if TYPE_CHECKING:
    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.settings import Settings


@click.command()
@with_settings("root", "out")
@click.option("--as-of", "days", is_flag=True, help="compare two days of a release")
@which_release
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "trig", "nq", "jsonld", "changelog"]),
    default="text",
    help="text for people, a changelog in Markdown (releases only), or data [default: text]",
)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", help="language of the text [default: en]"
)
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
def command(
    settings: Settings,
    *,
    days: bool,
    release: str | None,
    form: str,
    lang: str,
    old: str,
    new: str,
) -> None:
    """Show what differs between two releases, or with --as-of between two days.

    A release is named by its version, its folder in --out, the beginning of its hash, or current;
    a day is written YYYY-MM-DD.
    """
    if release and not days:
        raise click.UsageError("--release goes with --as-of; two releases are named by themselves")
    if days:
        _days(settings, release, form, lang, (old, new))
    else:
        _releases(settings, form, lang, (old, new))


def _days(
    settings: Settings, release: str | None, form: str, lang: str, asked: tuple[str, str]
) -> None:
    if form == "changelog":
        raise click.UsageError("a changelog tells what a release brought; name two releases")
    store, catalogue = open_graph(settings, (), release)
    found = Days(store, catalogue).between(*asked)
    if form == "text":
        click.echo(days_text(found, catalogue.prefixes, lang), nl=False)
    elif form == "json":
        click.echo(json.dumps(days_document(found), ensure_ascii=False, indent=2))
    else:
        slices = [catalogue.as_of + day for day in found.since]
        name = f"{catalogue.base}diff/{asked[0]}/{asked[1]}"
        _write(list(quads(found.changes, found.turns, name, slices)), form, catalogue)


def _releases(settings: Settings, form: str, lang: str, asked: tuple[str, str]) -> None:
    old, new = (load_release(find(settings.out, name).folder) for name in asked)
    found = between_releases(old, new)
    catalogue = new[1]
    if form == "text":
        click.echo(releases_text(found, catalogue.prefixes, lang), nl=False)
    elif form == "changelog":
        click.echo(changelog(found, catalogue.prefixes, lang), nl=False)
    elif form == "json":
        click.echo(json.dumps(releases_document(found), ensure_ascii=False, indent=2))
    else:
        both = [f"{one.base}release/{one.version}" for one in (old[1], new[1])]
        name = f"{catalogue.base}diff/{old[1].release}/{new[1].release}"
        _write(list(quads(found.changes, (), name, both)), form, catalogue)


def _write(found: list[ox.Quad], form: str, catalogue: Catalogue) -> None:
    prefixes = catalogue.prefixes if form == "trig" else None
    written = ox.serialize(found, format=graph_format(form).writer, prefixes=prefixes) or b""  # type: ignore[arg-type]
    click.echo(written.decode(), nl=False)

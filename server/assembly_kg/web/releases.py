"""Releases: what has been published, each with its description, its files and its report.

Owns ``/releases``, ``/downloads``, ``/.well-known/void`` and everything under ``/release/``: the
page and the data of each release, of whichever version, and its files. Files are those that a
release's manifest names and no others, so that no address leads outside its folder. What a release
is in DCAT is ``engine.published``'s; what changed since the one before is ``diff``'s.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, current_app, redirect, render_template, request, send_file

from assembly_kg.engine import published
from assembly_kg.engine.formats import graph_format
from assembly_kg.engine.releases import Release, before, named, releases, served
from assembly_kg.errors import NotFoundError
from assembly_kg.namespaces import PREFIXES
from assembly_kg.web.citation import FORMS
from assembly_kg.web.colophon import Colophon, written
from assembly_kg.web.forms import as_json, chosen, content
from assembly_kg.web.languages import gettext
from assembly_kg.web.site import about, repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.wrappers import Response as AnyResponse

    from assembly_kg.settings import Settings

__all__ = ["blueprint", "folder", "is_release", "page"]

blueprint = Blueprint("releases", __name__)
_FORMS: Final = ("html", "ttl", "jsonld", "nt", "rdf", "json")
_SUFFIX: Final = re.compile(r"(.+)\.(" + "|".join([*_FORMS, *FORMS]) + ")")
_TITLES: Final = {
    "dataset.nq": "N-Quads",
    "dumps/dataset.nq.gz": "N-Quads",
    "dumps/dataset.trig.gz": "TriG",
    "dumps/default.jsonld.gz": "JSON-LD",
    "dumps/default.nt.gz": "N-Triples",
    "dumps/default.rdf.gz": "RDF/XML",
    "dumps/default.ttl.gz": "Turtle",
    "void.ttl": "VoID, DCAT (Turtle)",
    "validation.ttl": "SHACL (Turtle)",
    "validation.json": "SHACL (JSON)",
}
_TYPES: Final = {
    ".nq": "application/n-quads",
    ".ttl": "text/turtle",
    ".json": "application/json",
    ".gz": "application/gzip",
}


def folder() -> Path:
    """The folder of the release that this site is over.

    Raises:
        NotFoundError: what is served is no release.
    """
    return _served().folder


def is_release(iri: str) -> bool:
    """Whether an IRI names a release."""
    base = repository().catalogue.base
    return (
        bool(base) and iri.startswith(f"{base}release/") and iri.count("/") == base.count("/") + 1
    )


def page(iri: str) -> str:
    """The page of a release."""
    return _page(named(_out(), iri.rpartition("/")[2]))


@blueprint.get("/downloads")
def downloads() -> str:
    """The files of the release that is served."""
    try:
        return _page(_served())
    except NotFoundError:
        return render_template("releases/release.html", one=None)


@blueprint.get("/releases", defaults={"form": ""})
@blueprint.get(f"/releases.<any({', '.join(_FORMS)}):form>")
def all_releases(form: str) -> AnyResponse | str:
    """Every release that is published, as a page or as a catalogue in DCAT."""
    form = form or chosen(_FORMS)
    known = _versions()
    if form == "html":
        builds = [one for one in releases(_out()) if one not in known] if known else []
        return render_template(
            "releases/releases.html", known=known[::-1], builds=builds[::-1], forms=_FORMS[1:]
        )
    if form == "json":
        return as_json([_told(one, known) for one in known])
    return _data(published.describe_catalogue(known, _site()), form)


@blueprint.get("/.well-known/void")
def void() -> AnyResponse:
    """Where the description of the dataset is (https://www.w3.org/TR/void/#well-known)."""
    return redirect(f"/release/{quote(_served().version)}/void.ttl", code=302)


@blueprint.get("/release/<name>")
def release(name: str) -> AnyResponse | str:
    """303 to the page or the data of a release, or either at once by a suffix."""
    match = _SUFFIX.fullmatch(name)
    if match is None:
        found, form = named(_out(), name), chosen(_FORMS)
        answer = redirect(view().url(f"/release/{quote(found.folder.name)}.{form}"), code=303)
        if named(_out(), found.version) == found:
            answer = redirect(view().url(f"/release/{quote(found.version)}.{form}"), code=303)
        answer.vary.add("Accept")
        return answer
    found, form = named(_out(), match[1]), match[2]
    if form == "html":
        return _page(found)
    if form in FORMS:
        return written(_colophon(found).citation, form)
    if form == "json":
        return as_json(_told(found, _versions()))
    return _data(published.describe_release(found, _versions(), _site()), form)


@blueprint.get("/release/<version>/<path:name>")
def file(version: str, name: str) -> Response:
    """A file of a release."""
    found = named(_out(), version)
    known = {one["path"] for one in found.told.get("files", ())} | {"manifest.json", "SHA256SUMS"}
    if name not in known or not (found.folder / name).is_file():
        raise NotFoundError(f"release {version} has no file {name}")
    kind = _TYPES.get(Path(name).suffix, "text/plain; charset=utf-8")
    return send_file(
        (found.folder / name).resolve(), mimetype=kind, conditional=True, etag=True, max_age=3600
    )


def _page(one: Release) -> str:
    known = _versions()
    files = [
        {**file, "title": _TITLES[file["path"]]}
        for file in one.told.get("files", ())
        if file["path"] in _TITLES
    ]
    return render_template(
        "releases/release.html",
        one=one,
        name=_name(one),
        iri=published.iri(one),
        files=files,
        colophon=_colophon(one),
        before=before(known, one),
        known=known[::-1],
    )


def _colophon(one: Release) -> Colophon:
    return Colophon(
        title=gettext("Release %(version)s", version=one.version),
        description=view().text(about()["description"]).value,
        path=f"/release/{quote(_name(one))}",
        query="",  # the page has links to all that can be asked of the release
        forms=_FORMS[1:],
        iri=published.iri(one),
        version=one.version,
        date=one.issued,
    )


def _told(one: Release, known: list[Release]) -> dict[str, Any]:
    """A release for programs that want no RDF."""
    earlier = before(known, one)
    return {
        "iri": published.iri(one),
        "version": one.version,
        "issued": one.issued,
        "hash": one.hash,
        "hashed": one.told.get("hashed", ""),
        "current": one.current,
        "previous": earlier.version if earlier else None,
        "page": f"{_site()}/release/{quote(_name(one))}.html",
        "sparql": f"{_site()}/sparql?release={quote(_name(one))}",
        "changes": f"{_site()}/release/{quote(_name(one))}/changes",
        "counts": one.told.get("counts", {}),
        "files": [
            {**file, "url": f"{_site()}/release/{quote(_name(one))}/{file['path']}"}
            for file in one.told.get("files", ())
        ],
    }


def _data(triples: Iterable[ox.Triple], form: str) -> Response:
    prefixes = {**PREFIXES, **repository().catalogue.prefixes}
    writer = cast("ox.RdfFormat", graph_format(form).writer)
    ordered = sorted(set(triples), key=str)
    return content(ox.serialize(ordered, format=writer, prefixes=prefixes) or b"", form)


def _name(one: Release) -> str:
    """How a release is asked for: by its version where that means it, else by its folder."""
    return one.version if named(_out(), one.version) == one else one.folder.name


def _served() -> Release:
    catalogue = repository().catalogue
    for one in releases(_out()):
        if one.identity == catalogue.release:
            return one
    raise NotFoundError("what is served here is no release, so there are no files of one")


def _versions() -> list[Release]:
    return served(_out(), repository().catalogue)


def _out() -> Path:
    settings: Settings = current_app.extensions["assembly_kg.settings"]
    return settings.out


def _site() -> str:
    settings: Settings = current_app.extensions["assembly_kg.settings"]
    return (settings.base_url or request.host_url).rstrip("/")

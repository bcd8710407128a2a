"""Releases: what can be downloaded, with sizes and checksums.

Owns ``/downloads``, the page of a release and its files. Files are those that the release's
manifest names and no others, so that no address leads outside its folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, current_app, render_template, send_file

from assembly_kg.errors import NotFoundError
from assembly_kg.web.site import repository

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from assembly_kg.settings import Settings

__all__ = ["blueprint", "is_release", "page"]

blueprint = Blueprint("releases", __name__)
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


def folder(version: str = "") -> Path:
    """The folder of the release that is served.

    Raises:
        NotFoundError: what is served is no release, or not this version.
    """
    settings: Settings = current_app.extensions["assembly_kg.settings"]
    catalogue = repository().catalogue
    if version in {"", catalogue.version}:
        for manifest in sorted(settings.out.glob("*/manifest.json")):
            if _identity(manifest) == catalogue.release and manifest.parent.name != "current":
                return manifest.parent
    raise NotFoundError(f"the files of release {version} are not here")


def _identity(manifest: Path) -> str:
    known: dict[Path, str] = current_app.extensions.setdefault("assembly_kg.manifests", {})
    if manifest not in known:
        try:
            known[manifest] = str(json.loads(manifest.read_text(encoding="utf-8"))["hash"])[:16]
        except (OSError, ValueError, KeyError, TypeError):
            return ""
    return known[manifest]


def manifest() -> dict[str, Any]:
    """What the served release says of itself; empty if it is no release."""
    try:
        told: dict[str, Any] = json.loads((folder() / "manifest.json").read_text(encoding="utf-8"))
    except NotFoundError:
        return {}
    return told


def is_release(iri: str) -> bool:
    """Whether an IRI names a release."""
    base = repository().catalogue.base
    return (
        bool(base) and iri.startswith(f"{base}release/") and iri.count("/") == base.count("/") + 1
    )


def page(iri: str) -> str:
    """The page of a release."""
    version = iri.rpartition("/")[2]
    folder(version)
    return _listing(iri)


@blueprint.get("/downloads")
def downloads() -> str:
    """The files of the release that is served."""
    catalogue = repository().catalogue
    return _listing(f"{catalogue.base}release/{catalogue.version}")


def _listing(iri: str) -> str:
    told = manifest()
    files = [
        {**file, "title": _TITLES.get(file["path"], file["path"])}
        for file in told.get("files", ())
        if file["path"] in _TITLES
    ]
    return render_template("releases/release.html", told=told, files=files, iri=iri)


@blueprint.get("/release/<version>/<path:name>")
def file(version: str, name: str) -> Response:
    """A file of a release."""
    root = folder(version)
    named = {one["path"] for one in manifest().get("files", ())} | {"manifest.json", "SHA256SUMS"}
    if name not in named:
        raise NotFoundError(f"release {version} has no file {name}")
    kind = _TYPES.get(Path(name).suffix, "text/plain; charset=utf-8")
    return send_file(
        (root / name).resolve(), mimetype=kind, conditional=True, etag=True, max_age=3600
    )

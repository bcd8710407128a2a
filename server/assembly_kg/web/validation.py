"""``/validation``: the SHACL report of the release as a page.

Owns the HTML; the report itself is written by the build and lies beside the data
(SHACL, section 3.6, https://www.w3.org/TR/shacl/#validation-report).
"""

from __future__ import annotations

import json

from flask import Blueprint, render_template

from assembly_kg.errors import NotFoundError
from assembly_kg.web.releases import folder
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

__all__ = ["blueprint"]

blueprint = Blueprint("validation", __name__)


@blueprint.get("/validation")
def page() -> str:
    """What the shapes found in the release that is served."""
    try:
        told = json.loads((folder() / "validation.json").read_text(encoding="utf-8"))
    except (NotFoundError, OSError):
        told = None
    if told:
        view().prime(
            one["focus"]["value"]
            for one in told.get("results", ())
            if (one.get("focus") or {}).get("type") == "uri"
        )
    return render_template(
        "validation/validation.html", told=told, version=repository().catalogue.version
    )

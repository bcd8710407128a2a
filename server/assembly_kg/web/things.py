"""``/things``: everything of one kind, by name."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from assembly_kg.engine.repository import brackets
from assembly_kg.errors import NotFoundError
from assembly_kg.web.site import repository
from assembly_kg.web.view import by_number, view

__all__ = ["blueprint"]

blueprint = Blueprint("things", __name__)
_MOST = 2000


@blueprint.get("/things")
def page() -> str:
    """The things of the class ``kind``."""
    kind = request.args.get("kind", "")
    if not kind:
        raise NotFoundError("name a class: /things?kind=…")
    rows = repository().select(
        f"SELECT DISTINCT ?s {{ ?s a {brackets(kind)} FILTER (isIRI(?s)) }} LIMIT {_MOST}"
    )
    found = [row["s"].value for row in rows]
    view().prime([kind, *found])
    found.sort(key=lambda iri: by_number(view().name(iri).value))
    return render_template("home/things.html", kind=kind, found=found)

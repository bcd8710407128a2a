"""``/sources``: the documents that everything rests on. One document's page is ``resources``'s."""

from __future__ import annotations

from flask import Blueprint, render_template

from assembly_kg.engine.statements import documents
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

__all__ = ["blueprint"]

blueprint = Blueprint("sources", __name__)


@blueprint.get("/sources")
def page() -> str:
    """All source documents, by name."""
    found = documents(repository())
    view().prime(
        iri for one in found for iri in (one.iri, *(t.value for t in one.publishers if t.is_iri))
    )
    found.sort(key=lambda one: (-one.sentences, view().name(one.iri).value))
    return render_template("sources/sources.html", documents=found)

"""The first page: what this is, where to begin, and what is in it.

Owns ``/``. Its words about the institution are the dataset's own description.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import RDF
from assembly_kg.web.questions import all_questions
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

__all__ = ["blueprint"]

blueprint = Blueprint("home", __name__)
_KINDS = 14
_SHOWN = 6


@blueprint.get("/")
def page() -> str:
    """The first page."""
    kinds = repository().kept("kinds", _kinds)
    most = repository().kept("most", _most)
    view().prime([*(kind for kind, _ in kinds), *most])
    questions = all_questions()
    featured = [question for question in questions if question.featured] or questions
    return render_template("home/home.html", kinds=kinds, most=most, questions=featured[:_SHOWN])


def _kinds() -> list[tuple[str, int]]:
    """Our classes of things under the base, with how many things are of them, most first."""
    known = vocabulary(repository())
    catalogue = repository().catalogue
    rows = repository().select(f"""
SELECT ?c (COUNT(DISTINCT ?s) AS ?n) {{ GRAPH {brackets(catalogue.base + "entities")}
  {{ ?s <{RDF.type}> ?c }} }} GROUP BY ?c ORDER BY DESC(?n) ?c""" if catalogue.base else
        f"SELECT ?c (COUNT(DISTINCT ?s) AS ?n) {{ ?s <{RDF.type}> ?c }} GROUP BY ?c "
        "ORDER BY DESC(?n) ?c")  # fmt: skip
    own = [row for row in rows if row["c"].value.startswith(known.record.namespace)]
    return [(row["c"].value, int(row["n"].value)) for row in (own or rows)[:_KINDS]]


def _most() -> list[str]:
    """The things that most situations are about: where a reader may begin."""
    record = vocabulary(repository()).record
    rows = repository().select(f"""
SELECT ?thing (COUNT(DISTINCT ?s) AS ?n) {{ ?s a {record.ref("Situation")} ;
  {record.ref("about")} ?thing }} GROUP BY ?thing ORDER BY DESC(?n) ?thing LIMIT 8""")
    return [row["thing"].value for row in rows if "thing" in row]

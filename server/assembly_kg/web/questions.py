"""``/questions``: what the graph can answer, as forms that need no SPARQL.

Owns the list of questions and the page of each: its answer, its query, the sentences it rests on,
and the answer as data. The questions are files of the institution, read by ``engine.competency``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, render_template, request

from assembly_kg.engine import competency
from assembly_kg.engine.description import notes
from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.errors import NotFoundError
from assembly_kg.namespaces import RDF, SKOS
from assembly_kg.web.citation import FORMS
from assembly_kg.web.colophon import Colophon, written
from assembly_kg.web.headings import headings, places
from assembly_kg.web.representations import CONTENT_TYPES, solutions_csv
from assembly_kg.web.site import repository
from assembly_kg.web.view import by_number, view

if TYPE_CHECKING:
    from assembly_kg.engine.competency import Choice, Competency

__all__ = ["all_questions", "blueprint", "by_subject"]

blueprint = Blueprint("questions", __name__)
_ROWS = 500
_OTHERS = 300


@dataclass(frozen=True)
class Offer:
    """A choice, the kind of thing it is about, and what may be chosen."""

    choice: Choice
    kind: str
    others: tuple[str, ...]


def all_questions() -> tuple[Competency, ...]:
    """The institution's questions."""
    settings = current_app.extensions["assembly_kg.settings"]
    return repository().kept(
        "questions", lambda: competency.questions(settings.root / "ontology" / "questions")
    )


@blueprint.get("/questions")
def listing() -> str:
    """All questions, by subject."""
    return render_template("questions/questions.html", subjects=by_subject())


def by_subject() -> dict[str, list[Competency]]:
    """The questions of each subject, by their titles."""
    subjects: dict[str, list[Competency]] = {}
    for one in all_questions():
        subjects.setdefault(one.subject, []).append(one)
    for some in subjects.values():
        some.sort(key=lambda one: view().text(one.titles).value)
    return subjects


@blueprint.get("/questions/<name>", defaults={"form": "html"})
@blueprint.get("/questions/<name>.<any(csv, rq, bib, ris, csl):form>")
def page(name: str, form: str) -> Response:
    """One question with its answer."""
    asked = next((one for one in all_questions() if one.name == name), None)
    if asked is None:
        raise NotFoundError(f'there is no question "{name}"')
    offered = [
        _offer(choice)
        for choice in competency.choices(
            asked.query, repository().catalogue.prefixes, vocabulary(repository()).record.namespace
        )
    ]
    chosen = {
        one.choice: request.args[one.choice.name]
        for one in offered
        if request.args.get(one.choice.name, one.choice.value) != one.choice.value
    }
    query = competency.with_choices(asked.query, chosen)
    if form == "rq":
        return Response(query, content_type="application/sparql-query; charset=utf-8")
    colophon = Colophon(
        title=view().text(asked.titles).value,
        description=view().text(asked.descriptions).value,
        path=f"/questions/{asked.name}",
        query=query,
        chosen={choice.name: value for choice, value in chosen.items()},
        forms=("csv",),
    )
    if form in FORMS:
        return written(colophon.citation, form)
    variables, rows = repository().solutions(query)
    if form == "csv":
        return Response(solutions_csv(variables, rows), content_type=CONTENT_TYPES["csv"])
    segments = competency.evidence(repository(), query)
    said = notes(repository(), segments)
    view().prime(
        iri
        for iri in (
            *(term.value for row in rows for term in row.values() if term.is_iri),
            *(note.document for note in said.values()),
            *(note.certainty for note in said.values()),
            *(one.kind for one in offered),
        )
        if iri
    )
    return Response(
        render_template(
            "questions/question.html",
            asked=asked,
            colophon=colophon,
            offered=offered,
            variables=variables,
            headings=headings(query, variables),
            places=places(query),
            rows=rows[:_ROWS],
            more=max(0, len(rows) - _ROWS),
            said=said,
        ),
        content_type=CONTENT_TYPES["html"],
    )


def _offer(choice: Choice) -> Offer:
    """What may stand in the place of a thing: things of its kind, or concepts of its scheme."""
    if choice.kind != "thing":
        return Offer(choice, "", ())
    name = brackets(choice.value)
    known = vocabulary(repository())
    rows = repository().select(f"""
SELECT DISTINCT ?kind ?scheme {{ {name} <{RDF.type}> ?kind
  OPTIONAL {{ {name} <{SKOS.inScheme}> ?scheme }} }} ORDER BY ?kind ?scheme""")
    scheme = next((row["scheme"].value for row in rows if "scheme" in row), "")
    if scheme:
        return Offer(choice, scheme, _in_place_of(f"<{SKOS.inScheme}> {brackets(scheme)}"))
    own = {row["kind"].value for row in rows} & known.own
    # The widest kind that a list can hold; a narrower one where that has too many things.
    for kind in sorted(own, key=lambda kind: (len(known.above.get(kind, ())), kind)):
        others = _in_place_of(f"<{RDF.type}> {brackets(kind)}")
        if choice.value in others and len(others) <= _OTHERS:
            return Offer(choice, kind, others)
    return Offer(choice, next(iter(sorted(own)), ""), (choice.value,))


def _in_place_of(pattern: str) -> tuple[str, ...]:
    base = repository().catalogue.base
    rows = repository().select(
        f'SELECT DISTINCT ?other {{ ?other {pattern} FILTER (STRSTARTS(STR(?other), "{base}")) }} '
        f"LIMIT {_OTHERS + 1}"
    )
    others = [row["other"].value for row in rows]
    view().prime(others)
    return tuple(sorted(others, key=lambda iri: by_number(view().name(iri).value)))

"""``/structure``: the bodies and how they belong together on a chosen day.

Owns the organisation chart: whole and part by ``org:subOrganizationOf`` (The Organization
Ontology, section 4.2, https://www.w3.org/TR/vocab-org/#org:subOrganizationOf) in the graph of the
day, drawn as SVG with a table that says the same, and the same as JSON and CSV.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from assembly_kg.engine.description import read_situations
from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import ORG
from assembly_kg.web.citation import FORMS
from assembly_kg.web.colophon import Colophon, written
from assembly_kg.web.languages import gettext
from assembly_kg.web.representations import CONTENT_TYPES, write_csv
from assembly_kg.web.site import repository
from assembly_kg.web.tree import draw
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from assembly_kg.engine.description import Situation

__all__ = ["blueprint"]

blueprint = Blueprint("structure", __name__)
_SAID_BY = 3
_QUERY = f"""SELECT ?part ?whole WHERE {{
  ?part <{ORG.subOrganizationOf}> ?whole
}}
ORDER BY ?whole ?part"""


@dataclass(frozen=True)
class Part:
    """A body, the whole that it is a part of on the day, and the situation that says so."""

    part: str
    whole: str
    situation: Situation | None


@blueprint.get("/structure", defaults={"form": "html"})
@blueprint.get("/structure.<any(json, csv, bib, ris, csl):form>")
def page(form: str) -> Response:
    """The chart of a day, by default of the last day that knows most parts."""
    catalogue = repository().catalogue
    day = request.args.get("as-of", "") or _fullest()
    changed = catalogue.slice_on(day) if catalogue.slices else ""
    colophon = _colophon(day)
    if form in FORMS:
        return written(colophon.citation, form)
    parts = _parts(catalogue.as_of + changed) if changed else []
    view().prime(
        iri
        for one in parts
        for iri in (
            one.part,
            one.whole,
            *(
                f.value.value
                for f in (one.situation.facts if one.situation else ())
                if f.value.is_iri
            ),
            *(one.situation.segments[:_SAID_BY] if one.situation else ()),
        )
    )
    if form != "html":
        return _data(parts, form)
    children: dict[str, list[str]] = {}
    for one in parts:
        children.setdefault(one.whole, []).append(one.part)
    for below in children.values():
        below.sort(key=lambda iri: (iri not in children, view().name(iri).value.casefold()))
    below_something = {one.part for one in parts}
    roots = sorted(set(children) - below_something, key=lambda iri: (-_size(iri, children), iri))
    view().as_of = day
    return Response(
        render_template(
            "structure/structure.html",
            parts=parts,
            chart=draw(roots, children, lambda iri: view().name(iri).value),
            day=day,
            colophon=colophon,
            earlier=max((each for each in catalogue.slices if each < changed), default=""),
            later=min((each for each in catalogue.slices if each > day), default=""),
        ),
        content_type=CONTENT_TYPES["html"],
    )


def _colophon(day: str) -> Colophon:
    words = view().plain_day(day)
    return Colophon(
        title=gettext("Structure on %(day)s", day=words),
        description=gettext("Which body belonged to which on %(day)s", day=words),
        path="/structure",
        query=_QUERY,
        chosen={"as_of": day},
        asked_on=day,
    )


def _size(root: str, children: dict[str, list[str]], path: tuple[str, ...] = ()) -> int:
    return 1 + sum(
        _size(child, children, (*path, root))
        for child in children.get(root, ())
        if child not in path
    )


def _fullest() -> str:
    """The last day of change whose graph has most parts."""

    def find() -> str:
        rows = repository().select(
            f"SELECT ?g (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?part <{ORG.subOrganizationOf}> ?whole }} "
            f'FILTER (STRSTARTS(STR(?g), "{repository().catalogue.as_of}")) }} GROUP BY ?g'
        )
        counted = [(int(row["n"].value), row["g"].value[-10:]) for row in rows if "g" in row]
        return max(counted, default=(0, repository().catalogue.date or ""))[1]

    return repository().kept("fullest", find)


def _parts(graph: str) -> list[Part]:
    rows = repository().select(
        f"SELECT DISTINCT ?part ?whole {{ GRAPH {brackets(graph)} "
        f"{{ ?part <{ORG.subOrganizationOf}> ?whole }} }} ORDER BY ?whole ?part"
    )
    pairs = {(row["part"].value, row["whole"].value) for row in rows} if rows else set()
    record = vocabulary(repository()).record
    names = repository().select(f"""
SELECT DISTINCT ?s ?part ?whole {{ GRAPH {brackets(graph)} {{
  ?part <{ORG.subOrganizationOf}> ?whole . ?s {record.ref("about")} ?part ; ?p ?whole ;
  a {record.ref("Situation")} }} }}""")
    causes = {(row["part"].value, row["whole"].value): row["s"].value for row in names}
    told = {one.iri: one for one in read_situations(repository(), list(causes.values()))}
    return [
        Part(part, whole, told.get(causes.get((part, whole), ""))) for part, whole in sorted(pairs)
    ]


def _data(parts: list[Part], form: str) -> Response:
    rows = [
        (
            one.part,
            view().name(one.part).value,
            one.whole,
            view().name(one.whole).value,
            one.situation.period.begin if one.situation else "",
            one.situation.period.until if one.situation else "",
        )
        for one in parts
    ]
    head = ("part", "partName", "whole", "wholeName", "from", "until")
    if form == "csv":
        return Response(write_csv([head, *rows]), content_type=CONTENT_TYPES["csv"])
    document = [dict(zip(head, row, strict=True)) for row in rows]
    return Response(
        json.dumps(document, ensure_ascii=False, indent=2), content_type=CONTENT_TYPES["json"]
    )

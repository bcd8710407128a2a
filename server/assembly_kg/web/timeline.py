"""``/timeline`` and ``/series``: the record through time.

Owns the lanes of situations, events and acts by kind, drawn as SVG with tables that say the same,
and the numbers that change with time. Kinds are the ontology's classes; nothing here knows which
there are. What a period is, is ``engine.description``'s.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, render_template, request

from assembly_kg.engine.description import read_situations
from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import ELI, XSD
from assembly_kg.web.bars import Scale
from assembly_kg.web.citation import FORMS
from assembly_kg.web.colophon import Colophon, written
from assembly_kg.web.languages import gettext
from assembly_kg.web.representations import CONTENT_TYPES, write_csv
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from assembly_kg.engine.description import Situation

__all__ = ["blueprint"]

blueprint = Blueprint("timeline", __name__)
_MANY_YEARS = 15 * 365  # in days: so many get fewer names on the axis


@dataclass(frozen=True)
class Lane:
    """All of one kind, by time."""

    kind: str
    items: tuple[Situation, ...]


@blueprint.get("/timeline", defaults={"form": "html"})
@blueprint.get("/timeline.<any(json, csv, bib, ris, csl):form>")
def timeline(form: str) -> Response:
    """Everything that has a time; ``kind`` shows one kind only."""
    kind = request.args.get("kind", "")
    colophon = _of_timeline(kind)
    if form in FORMS:
        return written(colophon.citation, form)
    items = _items()
    view().prime(iri for one in items for iri in (one.iri, *one.types))
    if form != "html":
        return _data([one for one in items if not kind or kind in one.types[:1]], form)
    lanes: defaultdict[str, list[Situation]] = defaultdict(list)
    for one in items:
        lanes[one.types[0] if one.types else ""].append(one)
    ordered = sorted(
        (Lane(kind, tuple(some)) for kind, some in lanes.items()),
        key=lambda lane: view().name(lane.kind).value.casefold(),
    )
    shown = [lane for lane in ordered if not kind or lane.kind == kind]
    return Response(
        render_template(
            "timeline/timeline.html",
            lanes=shown,
            all_lanes=ordered,
            kind=kind,
            scale=_scale(),
            colophon=colophon,
        ),
        content_type=CONTENT_TYPES["html"],
    )


@blueprint.get("/series", defaults={"form": "html"})
@blueprint.get("/series.<any(json, csv, bib, ris, csl):form>")
def series(form: str) -> Response:
    """Numbers through time, each series a plot with its table."""
    colophon = _of_series()
    if form in FORMS:
        return written(colophon.citation, form)
    found = _series()
    view().prime(
        iri
        for one in found
        for iri in (
            one["about"],
            one["property"],
            *one["kinds"],
            *(i.iri for _, i in one["points"]),
            *(segment for _, i in one["points"] for segment in i.segments[:3]),
        )
    )
    if form != "html":
        rows = [
            (
                one["about"],
                one["property"],
                " ".join(one["kinds"]),
                i.period.first,
                i.period.until,
                number,
                i.iri,
            )
            for one in found
            for number, i in one["points"]
        ]
        head = ("about", "property", "kind", "from", "until", "number", "situation")
        if form == "csv":
            return Response(write_csv([head, *rows]), content_type=CONTENT_TYPES["csv"])
        told = [dict(zip(head, row, strict=True)) for row in rows]
        return _json(told)
    return Response(
        render_template("timeline/series.html", series=found, colophon=colophon),
        content_type=CONTENT_TYPES["html"],
    )


def _of_timeline(kind: str) -> Colophon:
    name = view().name(kind).value if kind else ""
    return Colophon(
        title=gettext("Timeline") + (f": {name}" if name else ""),
        description=gettext(
            "Everything whose time is known, by kind. A paler end means that the day is known "
            "only within bounds."
        ),
        path="/timeline",
        query=_timed(kind),
        chosen={"kind": kind},
    )


def _timed(kind: str) -> str:
    """A query for the things with a time and their days."""
    ref = vocabulary(repository()).record.ref
    days = (
        ("begin", ref("validFrom"), ref("occurredOn"), f"<{ELI.date_document}>"),
        ("until", ref("validUntil"), ref("occurredUntil")),
        ("beginsNotBefore", ref("beginsNotBefore"), ref("occurredNotBefore")),
        ("beginsNotAfter", ref("beginsNotAfter"), ref("occurredNotAfter")),
        ("endsNotBefore", ref("endsNotBefore")),
        ("endsNotAfter", ref("endsNotAfter")),
    )
    told = "\n".join(f"  OPTIONAL {{ ?thing {'|'.join(ways)} ?{name} }}" for name, *ways in days)
    names = [f"?{name}" for name, *_ in days]
    kinds = brackets(kind) if kind else f"{ref('Situation')} {ref('Event')} <{ELI.LegalResource}>"
    return (
        f"SELECT DISTINCT ?thing {' '.join(names)} WHERE {{\n  VALUES ?kind {{ {kinds} }}\n"
        f"  ?thing a ?kind .\n{told}\n  BIND (COALESCE({', '.join(names)}) AS ?known)\n"
        "  FILTER (BOUND(?known))\n}\nORDER BY ?begin ?thing"
    )


def _of_series() -> Colophon:
    return Colophon(
        title=gettext("Numbers"),
        description=gettext(
            "Numbers that sources give for a day or a time, each with its sentence."
        ),
        path="/series",
        query=_counted(),
    )


def _counted() -> str:
    """A query for the whole numbers of situations."""
    record = vocabulary(repository()).record
    return f"""SELECT DISTINCT ?situation ?about ?property ?number WHERE {{
  ?situation a {record.ref("Situation")} ; {record.ref("about")} ?about ; ?property ?number
  FILTER (DATATYPE(?number) = <{XSD.integer}>)
}}
ORDER BY ?about ?property ?situation"""


def _items() -> list[Situation]:
    """Situations, events and acts with a day."""

    def read() -> list[Situation]:
        record = vocabulary(repository()).record
        rows = repository().select(f"""
SELECT DISTINCT ?s {{ {{ ?s a {record.ref("Situation")} }} UNION {{ ?s a {record.ref("Event")} }}
  UNION {{ ?s a <{ELI.LegalResource}> ; <{ELI.date_document}> ?day }} FILTER (isIRI(?s)) }}""")
        found = read_situations(repository(), [row["s"].value for row in rows])
        return [one for one in found if one.period.known]

    return repository().kept("timeline", read)


def _series() -> list[dict[str, Any]]:
    """Whole numbers of situations: by whom they are about, the property, and other concepts."""
    rows = repository().select(_counted())
    situations = {
        one.iri: one
        for one in read_situations(repository(), sorted({row["situation"].value for row in rows}))
    }
    grouped: defaultdict[tuple[Any, ...], list[tuple[int, Situation]]] = defaultdict(list)
    for row in rows:
        one = situations.get(row["situation"].value)
        if one is None:
            continue
        kinds = tuple(
            sorted(
                f.value.value for f in one.facts if f.value.is_iri and f.property.endswith("Kind")
            )
        )
        key = row["about"].value, row["property"].value, kinds
        grouped[key].append((int(row["number"].value), one))
    return [
        {
            "about": about,
            "property": name,
            "kinds": kinds,
            "points": sorted(points, key=lambda point: (point[1].period.first, point[0])),
            "largest": max(number for number, _ in points),
            **_plotted(points),
        }
        for (about, name, kinds), points in sorted(grouped.items(), key=lambda i: -len(i[1]))
    ]


def _plotted(points: list[tuple[int, Situation]]) -> dict[str, Any]:
    """The years that a series is drawn over, and after how many of them one is named."""
    days = [one.period.first for _, one in points if one.period.first]
    scale = Scale.over([*days, repository().catalogue.date or ""])
    return {"scale": scale, "step": 5 if scale.last - scale.first > _MANY_YEARS else 2}


def _scale() -> Scale:
    catalogue = repository().catalogue
    days = [one.period.first for one in _items() if one.period.first]
    return Scale.over([*days, catalogue.date or ""])


def _data(items: list[Situation], form: str) -> Response:
    head = ("thing", "name", "kind", "begin", "until", "beginsNotBefore", "beginsNotAfter",
            "endsNotBefore", "endsNotAfter", "sources")  # fmt: skip
    rows = [
        (
            one.iri,
            view().name(one.iri).value,
            " ".join(one.types),
            one.period.begin,
            one.period.until,
            one.period.begin_earliest,
            one.period.begin_latest,
            one.period.end_earliest,
            one.period.end_latest,
            " ".join(one.segments),
        )
        for one in items
    ]
    if form == "csv":
        return Response(write_csv([head, *rows]), content_type=CONTENT_TYPES["csv"])
    return _json([dict(zip(head, row, strict=True)) for row in rows])


def _json(document: object) -> Response:
    return Response(
        json.dumps(document, ensure_ascii=False, indent=2), content_type=CONTENT_TYPES["json"]
    )

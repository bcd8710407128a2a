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
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import ELI, XSD
from assembly_kg.web.bars import Scale
from assembly_kg.web.representations import CONTENT_TYPES, write_csv
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from assembly_kg.engine.description import Situation

__all__ = ["blueprint"]

blueprint = Blueprint("timeline", __name__)


@dataclass(frozen=True)
class Lane:
    """All of one kind, by time."""

    kind: str
    items: tuple[Situation, ...]


@blueprint.get("/timeline", defaults={"form": "html"})
@blueprint.get("/timeline.<any(json, csv):form>")
def timeline(form: str) -> Response:
    """Everything that has a time; ``kind`` shows one kind only."""
    items = _items()
    view().prime(iri for one in items for iri in (one.iri, *one.types))
    if form != "html":
        return _data(items, form)
    lanes: defaultdict[str, list[Situation]] = defaultdict(list)
    for one in items:
        lanes[one.types[0] if one.types else ""].append(one)
    ordered = sorted(
        (Lane(kind, tuple(some)) for kind, some in lanes.items()),
        key=lambda lane: view().name(lane.kind).value.casefold(),
    )
    kind = request.args.get("kind", "")
    shown = [lane for lane in ordered if not kind or lane.kind == kind]
    return Response(
        render_template(
            "timeline/timeline.html", lanes=shown, all_lanes=ordered, kind=kind, scale=_scale()
        ),
        content_type=CONTENT_TYPES["html"],
    )


@blueprint.get("/series", defaults={"form": "html"})
@blueprint.get("/series.<any(json, csv):form>")
def series(form: str) -> Response:
    """Numbers through time, each series a plot with its table."""
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
        render_template("timeline/series.html", series=found, scale=_scale()),
        content_type=CONTENT_TYPES["html"],
    )


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
    record = vocabulary(repository()).record
    rows = repository().select(f"""
SELECT DISTINCT ?s ?about ?p ?n {{ ?s a {record.ref("Situation")} ; {record.ref("about")} ?about ;
  ?p ?n FILTER (DATATYPE(?n) = <{XSD.integer}>) }}""")
    situations = {
        one.iri: one
        for one in read_situations(repository(), sorted({row["s"].value for row in rows}))
    }
    grouped: defaultdict[tuple[Any, ...], list[tuple[int, Situation]]] = defaultdict(list)
    for row in rows:
        one = situations.get(row["s"].value)
        if one is None:
            continue
        kinds = tuple(
            sorted(
                f.value.value for f in one.facts if f.value.is_iri and f.property.endswith("Kind")
            )
        )
        key = row["about"].value, row["p"].value, kinds
        grouped[key].append((int(row["n"].value), one))
    return [
        {
            "about": about,
            "property": name,
            "kinds": kinds,
            "points": sorted(points, key=lambda point: (point[1].period.first, point[0])),
            "largest": max(number for number, _ in points),
        }
        for (about, name, kinds), points in sorted(grouped.items(), key=lambda i: -len(i[1]))
    ]


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

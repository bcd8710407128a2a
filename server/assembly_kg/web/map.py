"""``/map``: the bodies that have territories, on a schematic map of a chosen day.

Owns the map: one tile for each place that the data give a row and a column, no borders
and nothing from outside; the words for what is known of a body on the day; and the same as a table,
JSON and CSV. Whether a body was there is read from the situations of its existence; a place that an
event formed is not there before it.
"""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template, request
from flask_babel import lazy_gettext

from assembly_kg.engine.description import read_situations
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.errors import NotFoundError
from assembly_kg.web.citation import FORMS
from assembly_kg.web.colophon import Colophon, written
from assembly_kg.web.languages import gettext
from assembly_kg.web.representations import CONTENT_TYPES, write_csv
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assembly_kg.engine.description import Period, Situation

__all__ = ["BEFORE", "ENDED", "NONE", "THERE", "UNKNOWN", "blueprint", "has_map", "state"]

blueprint = Blueprint("map", __name__)
THERE, UNKNOWN, BEFORE, ENDED, NONE = "there", "unknown", "before", "ended", "none"
STATES: Final = {
    THERE: lazy_gettext("existed"),
    UNKNOWN: lazy_gettext("not known"),
    BEFORE: lazy_gettext("not formed yet"),
    ENDED: lazy_gettext("no longer existed"),
    NONE: lazy_gettext("no source"),
}
_WIDTH, _HEIGHT, _GAP = 150, 104, 8
_CHARACTERS, _LINES = 14, 3
_SAID_BY = 3


@dataclass(frozen=True)
class Place:
    """A place on the map: its bodies with what is known of their existence, and its formation."""

    iri: str
    row: int
    column: int
    bodies: Mapping[str, tuple[Situation, ...]]
    formed: tuple[Situation, ...]

    def on(self, day: str) -> dict[str, str]:
        """Body → what is known of it on the day."""
        unformed = any(_not_before(one.period) > day for one in self.formed)
        return {
            body: BEFORE if unformed else state([one.period for one in told], day)
            for body, told in self.bodies.items()
        }


@dataclass(frozen=True)
class Tile:
    """A place as it is drawn: the upper left corner, the lines of its name, and where it leads."""

    place: str
    x: int
    y: int
    lines: tuple[str, ...]
    state: str
    address: str
    title: str


def state(periods: Iterable[Period], day: str) -> str:
    """What is known on a day of something that held for these times."""
    known = {_state(period, day) for period in periods}
    for one in (THERE, UNKNOWN, ENDED, BEFORE):
        if one in known:
            return one
    return UNKNOWN


def _state(period: Period, day: str) -> str:
    over = period.until or period.end_latest
    if over and day >= over:
        return ENDED
    if day < _not_before(period):
        return BEFORE
    begun = period.begin or period.begin_latest
    lasts = period.until or period.end_earliest or ("" if period.end_latest else "9999")
    return THERE if begun and begun <= day < lasts else UNKNOWN


def _not_before(period: Period) -> str:
    return period.begin or period.begin_earliest


def has_map() -> bool:
    """Whether the data put any place on a map."""
    return bool(_places())


@blueprint.app_context_processor
def _offered() -> dict[str, bool]:
    return {"has_map": has_map()}


@blueprint.get("/map", defaults={"form": "html"})
@blueprint.get("/map.<any(json, csv, bib, ris, csl):form>")
def page(form: str) -> Response:
    """The map of a day; by default of the last day on which most bodies are known to exist."""
    places, catalogue = _places(), repository().catalogue
    if not places:
        raise NotFoundError("these data put no place on a map")
    day = request.args.get("as-of", "") or repository().kept("map.day", _fullest)
    if catalogue.slices:
        catalogue.slice_on(day)
    view().prime(
        iri
        for one in places
        for iri in (
            *(one.iri, *one.bodies),
            *(s for some in one.bodies.values() for it in some for s in it.segments[:_SAID_BY]),
        )
    )
    colophon = _colophon(day)
    if form in FORMS:
        return written(colophon.citation, form)
    if form != "html":
        return _data(places, day, form)
    changes = repository().kept("map.changes", _changes)
    now = [one.on(day) for one in places]
    return Response(
        render_template(
            "map/map.html",
            day=day,
            colophon=colophon,
            days=changes,
            earlier=max((each for each in changes if each < day), default=""),
            later=min((each for each in changes if each > day), default=""),
            rows=list(zip(places, now, strict=True)),
            tiles=[_tile(one, told, day) for one, told in zip(places, now, strict=True)],
            width=max(one.column for one in places) * (_WIDTH + _GAP) - _GAP,
            height=max(one.row for one in places) * (_HEIGHT + _GAP) - _GAP,
            tile=(_WIDTH, _HEIGHT),
            states=STATES,
            there=sum(what == THERE for told in now for what in told.values()),
        ),
        content_type=CONTENT_TYPES["html"],
    )


def _colophon(day: str) -> Colophon:
    words = view().plain_day(day)
    return Colophon(
        title=gettext("Map on %(day)s", day=words),
        description=gettext(
            "Which bodies with a territory are known to have existed on %(day)s", day=words
        ),
        path="/map",
        query=_query(),
        chosen={"as_of": day},
    )


def _query() -> str:
    """A query for what the map is drawn from."""
    ref = vocabulary(repository()).record.ref
    names = ("validFrom", "beginsNotBefore", "beginsNotAfter", "validUntil")
    times = "\n".join(f"  OPTIONAL {{ ?existence {ref(name)} ?{name} }}" for name in names)
    return (
        f"SELECT ?place ?body {' '.join(f'?{name}' for name in names)} WHERE {{\n"
        f"  ?body {ref('hasTerritory')} ?place .\n  ?existence {ref('existenceOf')} ?body .\n"
        f"{times}\n}}\nORDER BY ?place ?body"
    )


def _tile(place: Place, told: Mapping[str, str], day: str) -> Tile:
    """What is drawn: the body that is surest to be there stands for the place."""
    order = list(STATES)
    body, what = min(told.items(), key=lambda one: order.index(one[1]), default=("", NONE))
    view().as_of = day if what == THERE else ""
    address = view().href(body or place.iri)
    view().as_of = ""
    name = view().name(place.iri).value
    return Tile(
        place=place.iri,
        x=(place.column - 1) * (_WIDTH + _GAP),
        y=(place.row - 1) * (_HEIGHT + _GAP),
        lines=tuple(textwrap.wrap(name, _CHARACTERS, max_lines=_LINES, placeholder=" …")),
        state=what,
        address=address,
        title=view().name(body).value if body else name,
    )


def _places() -> list[Place]:
    return repository().kept("map.places", _read)


def _read() -> list[Place]:
    record = vocabulary(repository()).record
    rows = repository().select(f"""
SELECT DISTINCT ?place ?row ?column ?body {{
  ?place {record.ref("tileRow")} ?row ; {record.ref("tileColumn")} ?column
  OPTIONAL {{ ?body {record.ref("hasTerritory")} ?place }} }} ORDER BY ?row ?column ?body""")
    times, formed = _situations("existenceOf"), _situations("formedPlace")
    found: dict[str, Place] = {}
    for row in rows:
        iri = row["place"].value
        earlier = found[iri].bodies if iri in found else {}
        own = {row["body"].value: times.get(row["body"].value, ())} if "body" in row else {}
        found[iri] = Place(
            iri=iri,
            row=int(row["row"].value),
            column=int(row["column"].value),
            bodies={**earlier, **own},
            formed=formed.get(iri, ()),
        )
    return list(found.values())


def _situations(name: str) -> dict[str, tuple[Situation, ...]]:
    """Thing → the situations or events that have it as the value of a property of the record."""
    link = vocabulary(repository()).record.ref(name)
    rows = repository().select(f"SELECT DISTINCT ?s ?thing {{ ?s {link} ?thing }} ORDER BY ?s")
    told = {one.iri: one for one in read_situations(repository(), [r["s"].value for r in rows])}
    found: dict[str, tuple[Situation, ...]] = {}
    for row in rows:
        thing = row["thing"].value
        found[thing] = (*found.get(thing, ()), told[row["s"].value])
    return found


def _changes() -> list[str]:
    """The days on which the map changes, and the first day of the record."""
    slices, places = repository().catalogue.slices, _places()
    pictures = [[one.on(day) for one in places] for day in slices]
    return [day for at, day in enumerate(slices) if at == 0 or pictures[at] != pictures[at - 1]]


def _fullest() -> str:
    """The last day of change on which most bodies are known to exist."""
    counted = [
        (sum(what == THERE for one in _places() for what in one.on(day).values()), day)
        for day in repository().catalogue.slices
    ]
    return max(counted, default=(0, repository().catalogue.date or ""))[1]


def _data(places: list[Place], day: str, form: str) -> Response:
    """The table as data; ``state`` is one of the keys of ``STATES``."""
    rows = [
        (
            one.iri,
            view().name(one.iri).value,
            str(one.row),
            str(one.column),
            body,
            view().name(body).value if body else "",
            what,
        )
        for one in places
        for body, what in (one.on(day) or {"": NONE}).items()
    ]
    head = ("place", "placeName", "row", "column", "body", "bodyName", "state")
    if form == "csv":
        return Response(write_csv([head, *rows]), content_type=CONTENT_TYPES["csv"])
    document = {"day": day, "places": [dict(zip(head, row, strict=True)) for row in rows]}
    return Response(
        json.dumps(document, ensure_ascii=False, indent=2), content_type=CONTENT_TYPES["json"]
    )

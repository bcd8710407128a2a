"""One day: what held, what had just begun or ended, and the days of change around it.

Owns the HTML and the JSON of ``…/as-of/<day>``; its RDF is the graph of the day, which
``resources`` serves. Whatever is told as of a day, in any form, names the days of change beside it
in ``Link`` (RFC 8288, relations ``prev`` and ``next``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flask import Blueprint, render_template, request

from assembly_kg.engine.days import neighbours
from assembly_kg.engine.description import read_situations
from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.errors import KnowledgeGraphError
from assembly_kg.web.colophon import Colophon
from assembly_kg.web.forms import as_json
from assembly_kg.web.languages import gettext
from assembly_kg.web.representations import MEDIA_TYPES, situation_members
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from flask import Response

    from assembly_kg.engine.description import Situation

__all__ = ["blueprint", "document", "page", "title"]

blueprint = Blueprint("days", __name__)
_NAMED: Final = re.compile(r"(.*/as-of/)(\d{4}-\d{2}-\d{2})((?:\.\w+)?)")
_TOLD: Final = frozenset({200, 303})


@blueprint.after_app_request
def _beside(response: Response) -> Response:
    """Name the days of change before and after the day that is told of."""
    named = _NAMED.fullmatch(request.path)
    day = named[2] if named else request.args.get("as-of", "")
    if not day or response.status_code not in _TOLD:
        return response
    try:
        found = neighbours(repository().catalogue, day)
    except KnowledgeGraphError:
        return response
    for relation, other in (("prev", found.previous), ("next", found.next)):
        if other is not None:
            address = _moved(named, other) if named else view().here(as_of=other)
            response.headers.add("Link", f'<{view().absolute(address)}>; rel="{relation}"')
    return response


def _moved(named: re.Match[str], day: str) -> str:
    """This address with another day in its path."""
    query = request.query_string.decode("ascii", "replace")
    return named[1] + day + named[3] + (f"?{query}" if query else "")


def title(day: str) -> str:
    """What the graph of a day is called."""
    return gettext("The graph as it stood on %(day)s", day=view().plain_day(day))


def page(day: str) -> str:
    """The page of a day.

    Raises:
        NotFoundError: the day does not exist, or the record does not cover it.
    """
    known = neighbours(repository().catalogue, day)
    held, ended = _situations(known.since)
    view().prime(
        iri
        for one in held
        for iri in (
            one.iri,
            *one.types,
            *(f.property for f in one.facts),
            *(f.value.value for f in one.facts if f.value.is_iri),
        )
    )
    iri = repository().catalogue.as_of + day
    colophon = Colophon(
        title=title(day),
        description=title(day),
        path=view().local(iri),
        query="SELECT * WHERE {\n  ?subject ?property ?value\n}\nLIMIT 1000",
        asked_on=day,
        forms=tuple(form for form in MEDIA_TYPES if form != "html"),
        iri=iri,
    )
    return render_template(
        "days/day.html",
        day=day,
        iri=iri,
        colophon=colophon,
        changed=known.since,
        held=held,
        ended=ended,
        earlier=known.previous or "",
        later=known.next or "",
    )


def document(day: str) -> Response:
    """A day for programs that want no RDF.

    Raises:
        NotFoundError: the day does not exist, or the record does not cover it.
    """
    catalogue = repository().catalogue
    known = neighbours(catalogue, day)
    held, ended = _situations(known.since)
    names = repository().labels(one.iri for one in (*held, *ended))
    return as_json(
        {
            "iri": catalogue.as_of + day,
            "day": day,
            "since": known.since,
            "previous": known.previous,
            "next": known.next,
            "held": [{**situation_members(one), "names": names[one.iri]} for one in held],
            "ended": [{**situation_members(one), "names": names[one.iri]} for one in ended],
        }
    )


def _situations(changed: str) -> tuple[list[Situation], list[Situation]]:
    """Those that held on a day of change, and those that ended on it."""
    record = vocabulary(repository()).record
    graph = brackets(repository().catalogue.as_of + changed)
    rows = repository().select(
        f"SELECT DISTINCT ?s {{ GRAPH {graph} {{ ?s a {record.ref('Situation')} }} }}"
    )
    names = {row["s"].value for row in rows}
    ended = [one for one in _ended_on(changed) if one.iri not in names]
    return read_situations(repository(), sorted(names)), ended


def _ended_on(day: str) -> list[Situation]:
    record = vocabulary(repository()).record
    rows = repository().select(
        f'SELECT ?s {{ ?s {record.ref("validUntil")} "{day}"^^'
        "<http://www.w3.org/2001/XMLSchema#date> }"
    )
    return read_situations(repository(), [row["s"].value for row in rows])

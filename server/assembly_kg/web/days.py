"""The page of one day: what held, what had just begun or ended, and the days of change around it.

Owns the HTML of ``…/as-of/<day>``; its data are the graph of the day, which ``resources`` serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template

from assembly_kg.engine.description import read_situations
from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from assembly_kg.engine.description import Situation

__all__ = ["page"]


def page(day: str) -> str:
    """The page of a day.

    Raises:
        NotFoundError: the day does not exist, or the record does not cover it.
    """
    catalogue = repository().catalogue
    changed = catalogue.slice_on(day)
    record = vocabulary(repository()).record
    names = [
        row["s"].value
        for row in repository().select(
            f"SELECT DISTINCT ?s {{ GRAPH {brackets(catalogue.as_of + changed)} "
            f"{{ ?s a {record.ref('Situation')} }} }}"
        )
    ]
    held = read_situations(repository(), names)
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
    ended = [one for one in _ended_on(changed) if one.iri not in names]
    here = catalogue.slices.index(changed)
    return render_template(
        "days/day.html",
        day=day,
        iri=catalogue.as_of + day,
        changed=changed,
        held=held,
        ended=ended,
        earlier=catalogue.slices[here - 1] if here else "",
        later=catalogue.slices[here + 1] if here + 1 < len(catalogue.slices) else "",
    )


def _ended_on(day: str) -> list[Situation]:
    record = vocabulary(repository()).record
    rows = repository().select(
        f'SELECT ?s {{ ?s {record.ref("validUntil")} "{day}"^^'
        "<http://www.w3.org/2001/XMLSchema#date> }"
    )
    return read_situations(repository(), [row["s"].value for row in rows])

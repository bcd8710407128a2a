"""Any day in a query's text means the slice in force on it; days that are none are told so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assembly_kg.engine.days import Neighbours, neighbours, resolved
from assembly_kg.engine.question import Question
from assembly_kg.errors import NotFoundError, UnsupportedQuery

if TYPE_CHECKING:
    from assembly_kg.engine.inline import Inline

EX = "http://example.org/"
STATE = "{ GRAPH %s { ?s <http://example.org/state> ?state } }"


def states(inline: Inline, text: str) -> list[str]:
    body = inline.answer(Question(text)).body
    assert isinstance(body, bytes)
    return [row["state"]["value"] for row in json.loads(body)["results"]["bindings"]]


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT ?state {STATE % '<http://example.org/as-of/2006-12-31>'}",
        f"PREFIX day: <{EX}as-of/>\nSELECT ?state {STATE % 'day:1995-03-01'}",
        f"PREFIX ex: <{EX}> SELECT ?state " + STATE % r"ex:as-of\/2000-02-29",
        f"BASE <{EX}> SELECT ?state {STATE % '<as-of/1996-01-01>'}",
        f"BASE <{EX}as-of/x> PREFIX : <.> SELECT ?state {STATE % ':2001-01-01'}",
        f"SELECT ?state {{ VALUES ?g {{ <{EX}as-of/1999-09-09> }} GRAPH ?g {{ ?s ?p ?state }} }}",
        f"SELECT ?state FROM NAMED <{EX}as-of/1999-09-09> {STATE % f'<{EX}as-of/1998-01-01>'}",
        f"SELECT ?state FROM <{EX}as-of/1999-09-09> {{ ?s <{EX}state> ?state }}",
    ],
)
def test_a_day_in_the_text_means_the_slice_in_force_on_it(inline: Inline, text: str) -> None:
    assert states(inline, text) == ["small"]


def test_a_day_in_a_string_or_a_comment_stays_as_it_is(inline: Inline) -> None:
    text = f'SELECT ("{EX}as-of/2000-01-01" AS ?state) {{ }} # <{EX}as-of/1066-10-14>'
    assert states(inline, text) == [f"{EX}as-of/2000-01-01"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2007-02-29", '"2007-02-29" is not a day; write YYYY-MM-DD'),
        ("2007", '"2007" is not a day; write YYYY-MM-DD'),
        ("1995-02-28", "the record begins on 1995-03-01; 1995-02-28 is before that"),
    ],
)
def test_a_day_that_is_none_is_told_so_with_its_place(inline: Inline, day: str, said: str) -> None:
    with pytest.raises(UnsupportedQuery) as caught:
        states(inline, f"SELECT ?state\n{STATE % f'<{EX}as-of/{day}>'}")
    assert said in str(caught.value)
    assert str(caught.value).startswith("line 2, column 9:")


def test_the_text_keeps_its_length_when_a_name_is_written_in_full(inline: Inline) -> None:
    text = f"SELECT * {STATE % f'<{EX}as-of/2020-01-01>'}"
    assert len(resolved(text, inline.catalogue())) == len(text)


def test_a_day_knows_the_days_of_change_around_it(inline: Inline) -> None:
    catalogue = inline.catalogue()
    first, second = catalogue.slices
    assert neighbours(catalogue, "2000-01-01") == Neighbours("2000-01-01", first, None, second)
    assert neighbours(catalogue, "2020-01-01") == Neighbours("2020-01-01", second, first, None)
    with pytest.raises(NotFoundError):
        neighbours(catalogue, "1990-01-01")

"""What holds on a day, and what it gives."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SKOS

from assembly_kg.build.load import Sources, load
from assembly_kg.build.project import Interval, Projector, days_of_change, intervals, project
from assembly_kg.errors import BuildError, InputError

if TYPE_CHECKING:
    from pathlib import Path

ITEM = "https://library.example/id/"
LIB = "https://library.example/ontology#"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def dated(institution: Path, dates: str) -> Interval | None:
    """The interval of a holding with these dates."""
    path = institution / "data/sources/minutes.trig"
    edit(
        path,
        'lib:validFrom "2001-03-01"^^xsd:date ; lib:validUntil "2010-09-01"^^xsd:date',
        dates,
    )
    return intervals(load(institution))[URIRef(f"{ITEM}holding-ada-chair")]


def named(graph: Graph) -> set[tuple[str, str, str]]:
    return {
        (s.removeprefix(ITEM), p.removeprefix(LIB), o.removeprefix(ITEM))
        for s, p, o in ((str(s), str(p), str(o)) for s, p, o in graph)
    }


@pytest.mark.parametrize(
    ("dates", "begin", "end"),
    [
        ('lib:validFrom "2001-03-01"^^xsd:date', "2001-03-01", None),
        ('lib:beginsNotAfter "2001-12-31"^^xsd:date', "2001-12-31", None),
        (
            'lib:validFrom "2001-03-01"^^xsd:date ; lib:beginsNotAfter "2001-12-31"^^xsd:date',
            "2001-03-01",
            None,
        ),
        (
            'lib:validFrom "2001-03-01"^^xsd:date ; lib:validUntil "2002-01-01"^^xsd:date',
            "2001-03-01",
            "2002-01-01",
        ),
        (
            (
                'lib:validFrom "2001-03-01"^^xsd:date ; lib:validUntil "2002-01-01"^^xsd:date ;'
                'lib:endsNotBefore "2001-06-01"^^xsd:date'
            ),
            "2001-03-01",
            "2002-01-01",
        ),
        (
            (
                'lib:validFrom "2001-03-01"^^xsd:date ; lib:endsNotBefore "2001-06-01"^^xsd:date ;'
                'lib:endsNotAfter "2001-12-31"^^xsd:date'
            ),
            "2001-03-01",
            "2001-06-01",
        ),
    ],
)
def test_a_situation_holds_from_its_known_begin_to_its_known_end(
    institution: Path, dates: str, begin: str, end: str | None
) -> None:
    expected = Interval(date.fromisoformat(begin), date.fromisoformat(end) if end else None)
    assert dated(institution, dates) == expected


@pytest.mark.parametrize(
    "dates",
    [
        'lib:order "1"',
        'lib:validUntil "2002-01-01"^^xsd:date',
        'lib:validFrom "2001-03-01"^^xsd:date ; lib:endsNotAfter "2001-12-31"^^xsd:date',
        'lib:beginsNotAfter "2001-12-31"^^xsd:date ; lib:validUntil "2001-12-31"^^xsd:date',
    ],
)
def test_a_situation_is_not_known_to_hold_without_a_begin_or_with_an_unknown_end(
    institution: Path, dates: str
) -> None:
    assert dated(institution, dates) is None


def test_the_last_day_of_a_situation_is_the_one_before_its_end() -> None:
    interval = Interval(date(2001, 3, 1), date(2010, 9, 1))
    assert date(2001, 2, 28) not in interval
    assert date(2001, 3, 1) in interval
    assert date(2010, 8, 31) in interval
    assert date(2010, 9, 1) not in interval


def test_the_days_of_change_are_begins_and_ends_up_to_the_release_date(sources: Sources) -> None:
    assert [day.isoformat() for day in days_of_change(sources)] == [
        "2001-03-01",
        "2005-12-31",
        "2010-09-01",
        "2012-01-01",
        "2019-01-01",
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2001-02-28", set()),
        ("2001-03-01", {("ada", "holdsPost", "chair")}),
        (
            "2010-08-31",
            {("ada", "holdsPost", "chair"), ("council", "hasPart", "reading-room")},
        ),
        (
            "2010-09-01",
            {("boris", "holdsPost", "chair"), ("council", "hasPart", "reading-room")},
        ),
        (
            "2019-01-01",
            {("boris", "holdsPost", "chair"), ("reading-room", "hasPart", "children-corner")},
        ),
    ],
)
def test_the_projections_of_a_day_come_from_the_situations_that_hold(
    sources: Sources, day: str, expected: set[tuple[str, str, str]]
) -> None:
    assert named(project(sources, date.fromisoformat(day))) == expected


def test_days_in_any_order_give_the_same(sources: Sources) -> None:
    projector = Projector(sources)
    days = days_of_change(sources)
    backwards = {day: projector.slice(day) for day in reversed(days)}
    assert backwards == {day: Projector(sources).slice(day) for day in days}


def test_a_rule_may_ask_for_the_day(institution: Path) -> None:
    edit(
        institution / "data/sources/minutes.trig",
        "GRAPH seg:s3 {",
        'GRAPH seg:s3 { item:children-corner lib:foundedOn "2015-01-01"^^xsd:date .',
    )
    sources = load(institution)
    part = ("reading-room", "hasPart", "children-corner")
    assert part not in named(project(sources, date(2014, 12, 31)))
    assert part in named(project(sources, date(2015, 1, 1)))


def test_a_slice_describes_what_holds_and_names_what_it_speaks_of(sources: Sources) -> None:
    slice_ = Projector(sources).slice(date(2001, 3, 1))
    holding = URIRef(f"{ITEM}holding-ada-chair")
    ada, boris = URIRef(f"{ITEM}ada"), URIRef(f"{ITEM}boris")
    assert (holding, URIRef(f"{LIB}holder"), ada) in slice_
    assert (ada, RDF.type, URIRef(f"{LIB}Person")) in slice_
    assert any(s == ada and p == SKOS.prefLabel for s, p, _ in slice_)
    assert not any(s == boris for s, _, _ in slice_)


def test_a_disputed_date_moves_nothing(sources: Sources) -> None:
    assert intervals(sources)[URIRef(f"{ITEM}holding-boris-chair")] == Interval(
        date(2010, 9, 1), None
    )


def test_a_begin_that_is_no_day_is_refused_with_the_situation(institution: Path) -> None:
    edit(institution / "data/sources/minutes.trig", '"2012-01-01"^^xsd:date', '"in 2012"')
    with pytest.raises(BuildError, match=r"structure-corner> validFrom: .*; write YYYY-MM-DD"):
        days_of_change(load(institution))


def test_a_rule_that_does_not_construct_is_refused(institution: Path) -> None:
    path = institution / "ontology/projections/part.rq"
    path.write_text("SELECT * WHERE { ?s ?p ?o }", encoding="utf-8")
    with pytest.raises(InputError, match="a projection constructs"):
        project(load(institution), date(2012, 1, 1))

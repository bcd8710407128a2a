"""What holds on a day: situations in time, the relations that they give, one slice a day of change.

Owns the test whether a situation is known to hold on a day, the days on which anything changes, and
the running of the projection rules (``ontology/projections/*.rq``): each is a CONSTRUCT query over
one merged graph from which every situation that is not known to hold on the day has been removed,
with ``?day`` replaced by the day. So a rule says only what a situation gives, never when; one that
compares ``?day`` with other dates should know that slices begin where situations do. What
follows from a slice is left to ``assembly_kg.build.reason``.

A situation is known to hold on day *D* if its first day is known to be *D* or earlier
(``validFrom``, else ``beginsNotAfter``) and its end is known to be later (``validUntil``, which is
exclusive, else ``endsNotBefore``); without any end it is open. Where only ``endsNotAfter`` bounds
the end, or nothing bounds the begin from above, it is not known to hold on any day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import Graph, Literal
from rdflib.namespace import RDF, SKOS

from assembly_kg.build.load import subclasses
from assembly_kg.build.terms import from_oxigraph, to_quad
from assembly_kg.errors import BuildError, InputError
from assembly_kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rdflib.term import Node

    from assembly_kg.build.load import Rule, Sources
    from assembly_kg.rules import Triple

__all__ = ["Interval", "Projector", "days_of_change", "intervals", "project"]

_NAMES: Final = (SKOS.prefLabel, SKOS.altLabel, RDF.type, SKOS.inScheme)
_DAY: Final = re.compile(
    r"""(?P<other>\#[^\n]*|<[^<>\s]*>|\"\"\".*?\"\"\"|'''.*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |[?$]day\b""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Interval:
    """The days on which a situation is known to hold: ``begin`` inclusive, ``end`` exclusive."""

    begin: date
    end: date | None

    def __contains__(self, day: object) -> bool:
        """Whether the situation is known to hold on the day."""
        if not isinstance(day, date):
            return False
        return self.begin <= day and (self.end is None or day < self.end)


def intervals(sources: Sources) -> Mapping[Node, Interval | None]:
    """Every situation with the days on which it is known to hold; None if that is no day."""
    merged = sources.stated
    classes = subclasses(sources.graph("ontology"), sources.terms["Situation"])
    found = {s for c in classes for s in merged.subjects(RDF.type, c)}
    return {
        situation: _interval(sources, merged, situation) for situation in sorted(found, key=str)
    }


def days_of_change(sources: Sources) -> list[date]:
    """The days up to the release date on which a situation begins or ends to hold, in order."""
    days: set[date] = set()
    for interval in intervals(sources).values():
        if interval is not None:
            days |= {interval.begin} | ({interval.end} if interval.end else set())
    return sorted(day for day in days if day <= sources.issued)


def project(sources: Sources, day: date) -> Graph:
    """The relations that the situations holding on the day give.

    Raises:
        InputError: a projection rule cannot be evaluated.
        BuildError: a situation begins or ends with something that is no day.
    """
    graph = Graph()
    for triple in Projector(sources).project(day):
        graph.add(triple)
    return graph


class Projector:
    """The projections and slices of many days, each from what the day before left.

    Days may come in any order; ascending is cheapest.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._intervals = intervals(sources)
        self._prefixes = {**PREFIXES, **sources.prefixes}
        self._situations: dict[Node, list[Triple]] = {s: [] for s in self._intervals}
        self._identity: dict[Node, list[Triple]] = {}
        self._store = ox.Store()
        self._present: set[Node] = set()
        self._read()

    def holding(self, day: date) -> list[Node]:
        """The situations known to hold on the day, A to Z."""
        return [s for s, interval in self._intervals.items() if interval and day in interval]

    def project(self, day: date) -> set[Triple]:
        """What the projection rules construct for the day."""
        self._move_to(day)
        found: set[Triple] = set()
        for rule in self._sources.rules:
            found |= self._run(rule, day)
        return found

    def slice(self, day: date) -> set[Triple]:
        """All that the slice of the day states, before inference.

        The projections, the descriptions of the situations that hold, and the identity (types and
        names) of everything that these speak of.
        """
        stated = self.project(day)
        for situation in self.holding(day):
            stated.update(self._situations[situation])
        mentioned = {term for s, p, o in stated for term in (s, o)}
        for term in mentioned:
            stated.update(self._identity.get(term, ()))
        return stated

    def _read(self) -> None:
        merged = self._sources.stated
        self._store.extend(to_quad(triple) for triple in merged if not self._situations_of(triple))
        for triple in merged:
            for situation in self._situations_of(triple):
                self._situations[situation].append(triple)
        for triple in self._sources.graph("entities"):
            self._identity.setdefault(triple[0], []).append(triple)
        ontology = self._sources.graph("ontology")
        for concept in ontology.subjects(RDF.type, SKOS.Concept):
            self._identity[concept] = [
                t for t in ontology.triples((concept, None, None)) if t[1] in _NAMES
            ]

    def _situations_of(self, triple: Triple) -> set[Node]:
        return {term for term in (triple[0], triple[2]) if term in self._intervals}

    def _move_to(self, day: date) -> None:
        """Make the store hold the situations of the day and no others."""
        wanted = set(self.holding(day))
        changed = wanted ^ self._present
        for triple in {t for s in changed for t in self._situations[s]}:
            if self._situations_of(triple) <= wanted:
                self._store.add(to_quad(triple))
            else:
                self._store.remove(to_quad(triple))
        self._present = wanted

    def _run(self, rule: Rule, day: date) -> set[Triple]:
        query = _DAY.sub(lambda match: match["other"] or _literal(day), rule.query)
        try:
            results = self._store.query(query, prefixes=self._prefixes)
        except (SyntaxError, RuntimeError) as error:
            raise InputError(rule.path, None, f"cannot be evaluated: {error}") from error
        if not isinstance(results, ox.QueryTriples):
            raise InputError(rule.path, None, "is not a CONSTRUCT query; a projection constructs")
        return {
            (from_oxigraph(t.subject), from_oxigraph(t.predicate), from_oxigraph(t.object))
            for t in results
        }


def _literal(day: date) -> str:
    return f'"{day.isoformat()}"^^<http://www.w3.org/2001/XMLSchema#date>'


def _interval(sources: Sources, merged: Graph, situation: Node) -> Interval | None:
    terms = sources.terms

    def days(name: str) -> list[date]:
        values = list(merged.objects(situation, terms[name]))
        return [_day(situation, name, value) for value in values]

    begins = days("validFrom") or days("beginsNotAfter")
    if not begins:
        return None
    ends = days("validUntil")
    end = min(ends) if ends else max(days("endsNotBefore"), default=None)
    if end is None and days("endsNotAfter"):
        return None
    begin = min(begins)
    return Interval(begin, end) if end is None or begin < end else None


def _day(situation: Node, name: str, value: Node) -> date:
    if isinstance(value, Literal) and type(value.value) is date:
        return value.value
    raise BuildError(f"<{situation}> {name}: {value!r} is not an xsd:date; write YYYY-MM-DD")

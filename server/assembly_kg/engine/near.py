"""What is missing where a triple is not in the graph, and what comes near it.

Owns the search for near matches: terms that nobody uses, other days on which it holds, the same
statement with one term changed, and rules that would give it if one more triple were there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, starmap
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assembly_kg.engine.proofs import Prover
    from assembly_kg.engine.step import Step
    from assembly_kg.engine.world import Term, Triple, World

__all__ = ["Miss", "Near", "find", "periods"]

_SHOWN: Final = 5
_ALIKE: Final = 80
_DEFAULT: Final = ox.DefaultGraph()


@dataclass(frozen=True)
class Miss:
    """A step that would give the triple, if one premise were there that is not."""

    step: Step
    missing: Triple


@dataclass(frozen=True)
class Near:
    """What comes near a triple that is not there.

    Attributes:
        unknown: its terms that stand nowhere in the graph, each with names that look alike.
        periods: when it holds instead: first day, and the day from which it does not any more,
            None if it holds to the end of the record.
        values: triples with the same subject and property.
        properties: triples with the same subject and object.
        subjects: triples with the same property and object.
        almost: rules that lack one premise.
    """

    unknown: tuple[tuple[Term, tuple[Term, ...]], ...]
    periods: tuple[tuple[str, str | None], ...]
    values: tuple[Triple, ...]
    properties: tuple[Triple, ...]
    subjects: tuple[Triple, ...]
    almost: tuple[Miss, ...]

    def terms(self) -> Iterator[Term]:
        """Everything that it mentions."""
        for term, alike in self.unknown:
            yield from (term, *alike)
        for triple in (*self.values, *self.properties, *self.subjects):
            yield from triple
        for miss in self.almost:
            for triple in (*miss.step.premises, miss.missing):
                yield from triple


def find(triple: Triple, world: World, prover: Prover) -> Near:
    """What comes near a triple that is not there."""
    s, p, o = triple
    places: tuple[tuple[Term, bool], ...] = ((s, False), (p, True), (o, False))
    unknown = tuple(
        (term, _alike(term, world, predicate=predicate))
        for term, predicate in places
        if isinstance(term, ox.NamedNode) and not _used(term, world)
    )
    return Near(
        unknown=unknown,
        periods=tuple(periods(triple, world)),
        values=_some(world, s, p, None),
        properties=_some(world, s, None, o),
        subjects=_some(world, None, p, o),
        almost=() if unknown else tuple(starmap(Miss, islice(prover.almost(triple), _SHOWN))),
    )


def _some(world: World, s: Term | None, p: Term | None, o: Term | None) -> tuple[Triple, ...]:
    shown = (triple for triple in world.match(s, p, o) if world.shows(triple))
    return tuple(sorted(islice(shown, 200), key=str)[:_SHOWN])


def _used(term: ox.NamedNode, world: World) -> bool:
    store = world.store
    found = (
        store.quads_for_pattern(term, None, None, _DEFAULT),
        store.quads_for_pattern(None, term, None, _DEFAULT),
        store.quads_for_pattern(None, None, term, _DEFAULT),
    )
    return any(True for quads in found for _ in islice(quads, 1))


def _alike(term: ox.NamedNode, world: World, *, predicate: bool) -> tuple[Term, ...]:
    """Names in use that look like one that is not."""
    place = "?any ?t ?value" if predicate else "?t ?p ?value"
    rows = world.store.query(f"SELECT DISTINCT ?t {{ {place} FILTER(isIRI(?t)) }}")
    names = sorted(row["t"].value for row in rows)  # type: ignore[union-attr]
    found = process.extract(term.value, names, scorer=fuzz.ratio, limit=3, score_cutoff=_ALIKE)
    return tuple(ox.NamedNode(name) for name, _, _ in found)


def periods(triple: Triple, world: World) -> Iterator[tuple[str, str | None]]:
    """When the triple holds: begin, and end (exclusive), None where the record has none."""
    catalogue = world.catalogue
    having = {
        graph.removeprefix(catalogue.as_of)
        for graph in world.holding(triple)
        if catalogue.as_of and graph.startswith(catalogue.as_of)
    }
    begin: str | None = None
    for day in catalogue.slices:
        if begin is None and day in having:
            begin = day
        elif begin is not None and day not in having:
            yield begin, day
            begin = None
    if begin is not None:
        yield begin, None

"""What differs: between two days of one release, between two releases, from day to day.

Owns the comparison and its grouping. Between days, situations begin and end, each with its cause
and its sources, and so do the relations that they give (projections); what else follows from these
by the ontology is not repeated. Between releases, statements are added and removed, whatever graph
they stand in; what is computed from them, and the releases' descriptions of themselves, is not
compared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine.explain import Explainer
from assembly_kg.engine.world import is_basis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.world import Term, Triple, World

__all__ = [
    "BEGUN",
    "ENDED",
    "REPLACED",
    "Change",
    "DayDifference",
    "Days",
    "ReleaseDifference",
    "Turn",
    "between_releases",
]

BEGUN: Final = "begun"
ENDED: Final = "ended"
REPLACED: Final = "replaced"
_DEFAULT: Final = ox.DefaultGraph()


@dataclass(frozen=True)
class Turn:
    """A situation that began or ended.

    Attributes:
        situation: its IRI.
        kind: ``begun`` or ``ended``.
        day: its first day, or the first day on which it is no more; None where only bounds are
            known.
        about: what it is about.
        causes: the acts and events that began or ended it.
        segments: the segments that say when or through what, A to Z.
    """

    situation: Term
    kind: str
    day: str | None
    about: tuple[Term, ...]
    causes: tuple[Term, ...]
    segments: tuple[str, ...]

    @property
    def word(self) -> str:
        """The key of its word: of a day that is only a bound one does not say that it began."""
        if self.day is None:
            return "known-from" if self.kind == BEGUN else "known-until"
        return self.kind


@dataclass(frozen=True)
class Change:
    """A property of a thing whose values are not the same.

    Attributes:
        before, after: the values that only the one or the other has.
        rules: the projection rules that gave them.
        turns: the situations behind it.
    """

    subject: Term
    predicate: ox.NamedNode
    before: tuple[Term, ...]
    after: tuple[Term, ...]
    rules: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()

    @property
    def kind(self) -> str:
        """``begun``, ``ended`` or ``replaced``."""
        if self.before and self.after:
            return REPLACED
        return BEGUN if self.after else ENDED

    def word(self, kind: str) -> str:
        """The key of the word for its values that came (``begun``) or went (``ended``)."""
        words = [turn.word for turn in self.turns if turn.kind == kind]
        return words[0] if words and kind not in words else kind


@dataclass(frozen=True)
class DayDifference:
    """What differs between two days: ``begin`` and ``end``, and the days of change in force."""

    begin: str
    end: str
    since: tuple[str, str]
    turns: tuple[Turn, ...]
    changes: tuple[Change, ...]
    labels: Mapping[str, Mapping[str, str]]


class Days:
    """Compares the days of one release.

    Args:
        store: the graph.
        catalogue: what it holds.
    """

    def __init__(self, store: ox.Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._explainer = Explainer(store, catalogue)
        self._namespace = catalogue.namespace
        self._held: dict[str, frozenset[Term]] = {}

    def between(self, begin: str, end: str) -> DayDifference:
        """What differs between two days; the first need not be the earlier one.

        Raises:
            NotFoundError: a day does not exist or is not covered.
        """
        since = self._catalogue.slice_on(begin), self._catalogue.slice_on(end)
        return self._compare(begin, end, since)

    def history(self) -> list[DayDifference]:
        """What changed on each day of change, the first one included."""
        slices = self._catalogue.slices
        return [self._compare(a, b, (a, b)) for a, b in pairwise(("", *slices))]

    def _compare(self, begin: str, end: str, since: tuple[str, str]) -> DayDifference:
        before, after = map(self._situations, since)
        turns = [
            *(self._turn(s, ENDED) for s in sorted(before - after, key=str)),
            *(self._turn(s, BEGUN) for s in sorted(after - before, key=str)),
        ]
        changes = list(self._changes(since, turns))
        mentioned = {term for turn in turns for term in (turn.situation, *turn.about, *turn.causes)}
        for change in changes:
            mentioned |= {change.subject, change.predicate, *change.before, *change.after}
        labels = self._explainer.labels(mentioned)
        return DayDifference(begin, end, since, tuple(turns), tuple(changes), labels)

    def _situations(self, day: str) -> frozenset[Term]:
        """The situations that hold on a day of change; none before the first."""
        if not day or not self._namespace:
            return frozenset()
        if day not in self._held:
            graph = ox.NamedNode(self._catalogue.as_of + day)
            self._held[day] = frozenset(
                quad.subject
                for name in ("validFrom", "beginsNotAfter")
                for quad in self._store.quads_for_pattern(None, self._term(name), None, graph)
            )
        return self._held[day]

    def _changes(self, since: tuple[str, str], turns: list[Turn]) -> Iterator[Change]:
        by_situation = {turn.situation: turn for turn in turns}
        worlds = [self._explainer.world(day) if day else None for day in since]
        shown = [self._relations(day) for day in since]
        found: defaultdict[tuple[Term, ox.NamedNode], list[list[Term]]] = defaultdict(
            lambda: [[], []]
        )
        rules: defaultdict[tuple[Term, ox.NamedNode], dict[str, None]] = defaultdict(dict)
        behind: defaultdict[tuple[Term, ox.NamedNode], dict[Turn, None]] = defaultdict(dict)
        for at, world in enumerate(worlds):
            if world is None:
                continue
            for triple in sorted(shown[at] - shown[1 - at], key=str):
                s, p, o = triple
                for step in self._explainer.projections.steps(triple, world):
                    if o not in found[s, p][at]:
                        found[s, p][at].append(o)
                    rules[s, p].setdefault(step.rule)
                    for situation in step.situations:
                        if situation in by_situation:
                            behind[s, p].setdefault(by_situation[situation])
        for (s, p), (before, after) in sorted(found.items(), key=str):
            yield Change(s, p, tuple(before), tuple(after), tuple(rules[s, p]), tuple(behind[s, p]))

    def _relations(self, day: str) -> set[Triple]:
        """The triples of a slice that a projection rule may have made."""
        if not day:
            return set()
        graph = ox.NamedNode(self._catalogue.as_of + day)
        return {
            (quad.subject, quad.predicate, quad.object)
            for p, o in self._explainer.projections.conclusions()
            for quad in self._store.quads_for_pattern(None, p, o, graph)  # type: ignore[arg-type]
        }

    def _turn(self, situation: Term, kind: str) -> Turn:
        begins = kind == BEGUN
        day = self._values(situation, "validFrom" if begins else "validUntil")
        cause = "begunBy" if begins else "endedBy"
        world = self._explainer.world()
        names = (
            ("validFrom", "beginsNotAfter", cause)
            if begins
            else ("validUntil", "endsNotBefore", "endsNotAfter", cause)
        )
        return Turn(
            situation=situation,
            kind=kind,
            day=next((term.value for term in day if isinstance(term, ox.Literal)), None),
            about=tuple(self._values(situation, "about")),
            causes=tuple(self._values(situation, cause)),
            segments=tuple(self._saying(situation, names, world)),
        )

    def _saying(self, situation: Term, names: Iterable[str], world: World) -> list[str]:
        return sorted(
            {
                graph
                for name in names
                for value in self._values(situation, name)
                for graph in world.stating((situation, self._term(name), value))
            }
        )

    def _values(self, subject: Term, name: str) -> list[Term]:
        if not isinstance(subject, ox.NamedNode):
            return []
        quads = self._store.quads_for_pattern(subject, self._term(name), None, _DEFAULT)
        return sorted((quad.object for quad in quads), key=str)

    def _term(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(self._namespace + name)


@dataclass(frozen=True)
class ReleaseDifference:
    """What differs between two releases.

    Attributes:
        old, new: the releases' versions with their hashes.
        changes: properties of named things whose values are not the same, by subject.
        added, removed: the numbers of triples.
        unnamed: triples about blank nodes that are not the same, which are only counted.
        labels: names of everything that is mentioned.
    """

    old: Catalogue
    new: Catalogue
    changes: tuple[Change, ...]
    added: int
    removed: int
    unnamed: int
    labels: Mapping[str, Mapping[str, str]]


def between_releases(
    old: tuple[ox.Store, Catalogue], new: tuple[ox.Store, Catalogue]
) -> ReleaseDifference:
    """What is stated in the one and not in the other."""
    before, unnamed_before = _stated(*old)
    after, unnamed_after = _stated(*new)
    found: defaultdict[tuple[Term, ox.NamedNode], list[list[Term]]] = defaultdict(lambda: [[], []])
    for at, triples in enumerate((before - after, after - before)):
        for s, p, o in sorted(triples, key=str):
            found[s, p][at].append(o)
    changes = tuple(
        Change(s, p, tuple(gone), tuple(come))
        for (s, p), (gone, come) in sorted(found.items(), key=str)
    )
    mentioned = {t for c in changes for t in (c.subject, c.predicate, *c.before, *c.after)}
    labels = {**Explainer(*old).labels(mentioned), **Explainer(*new).labels(mentioned)}
    return ReleaseDifference(
        old=old[1],
        new=new[1],
        changes=changes,
        added=len(after - before),
        removed=len(before - after),
        unnamed=abs(unnamed_after - unnamed_before),
        labels=labels,
    )


def _stated(store: ox.Store, catalogue: Catalogue) -> tuple[set[Triple], int]:
    """The stated triples of a release between named things, and the number of the others."""
    named: set[Triple] = set()
    unnamed = 0
    for graph in catalogue.graphs:
        if is_basis(graph, catalogue):
            for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
                if ox.BlankNode in (type(quad.subject), type(quad.object)):
                    unnamed += 1
                else:
                    named.add((quad.subject, quad.predicate, quad.object))
    return named, unnamed

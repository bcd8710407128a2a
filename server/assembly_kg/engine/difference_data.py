"""Differences for programs: JSON, rows for a table, and RDF.

Owns the members' names and the graphs. In RDF a difference is two named graphs, one with the
triples that came and one with those that went; the default graph says of what they are the
difference (``prov:wasDerivedFrom``) and which causes they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from assembly_kg.engine.explain_json import term
from assembly_kg.namespaces import PROV, RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.difference import Change, DayDifference, ReleaseDifference, Turn

__all__ = ["HEAD", "days_document", "quads", "releases_document", "rows"]

HEAD = ("day", "kind", "situation", "since", "causes", "segments")


def days_document(difference: DayDifference) -> dict[str, Any]:
    """The difference between two days as the object of a JSON text."""
    return {
        "from": difference.begin,
        "to": difference.end,
        "slices": list(difference.since),
        "situations": [_turn(turn) for turn in difference.turns],
        "changes": [_change(change) for change in difference.changes],
        "labels": difference.labels,
    }


def releases_document(difference: ReleaseDifference) -> dict[str, Any]:
    """The difference between two releases as the object of a JSON text."""
    return {
        "from": _release(difference.old),
        "to": _release(difference.new),
        "added": difference.added,
        "removed": difference.removed,
        "unnamed": difference.unnamed,
        "changes": [_change(change) for change in difference.changes],
        "labels": difference.labels,
    }


def rows(history: Iterable[DayDifference]) -> Iterator[tuple[str, ...]]:
    """The turns of many days, one row each, for a table with ``HEAD``."""
    for difference in history:
        for turn in difference.turns:
            yield (
                difference.end,
                turn.kind,
                _iri(turn.situation),
                turn.day or "",
                " ".join(map(_iri, turn.causes)),
                " ".join(turn.segments),
            )


def quads(
    changes: Iterable[Change], turns: Iterable[Turn], name: str, derived_from: Iterable[str]
) -> Iterator[ox.Quad]:
    """The difference as RDF.

    Args:
        changes: what changed.
        turns: the situations that began or ended.
        name: IRI of the difference; its graphs are ``<name>#begun`` and ``<name>#ended``.
        derived_from: the graphs or releases that are compared.
    """
    whole = ox.NamedNode(name)
    begun, ended = ox.NamedNode(f"{name}#begun"), ox.NamedNode(f"{name}#ended")
    yield _quad(whole, RDF.type, PROV.Entity)
    for iri in derived_from:
        yield _quad(whole, PROV.wasDerivedFrom, iri)
    for graph in (begun, ended):
        yield _quad(graph, RDF.type, PROV.Entity)
        yield _quad(graph, PROV.wasDerivedFrom, name)
    for change in changes:
        for graph, values in ((ended, change.before), (begun, change.after)):
            for value in values:
                yield ox.Quad(change.subject, change.predicate, value, graph)  # type: ignore[arg-type]
    for turn in turns:
        for cause in turn.causes:
            p = PROV.wasGeneratedBy if turn.kind == "begun" else PROV.wasInvalidatedBy
            yield ox.Quad(turn.situation, ox.NamedNode(str(p)), cause)  # type: ignore[arg-type]


def _quad(s: ox.NamedNode, p: object, o: object) -> ox.Quad:
    return ox.Quad(s, ox.NamedNode(str(p)), ox.NamedNode(str(o)))


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "situation": _iri(turn.situation),
        "kind": turn.kind,
        "word": turn.word,
        "day": turn.day,
        "about": [term(one) for one in turn.about],
        "causes": [term(one) for one in turn.causes],
        "segments": list(turn.segments),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "subject": term(change.subject),
        "predicate": term(change.predicate),
        "kind": change.kind,
        "before": [term(value) for value in change.before],
        "after": [term(value) for value in change.after],
        "words": {"begun": change.word("begun"), "ended": change.word("ended")},
        "rules": list(change.rules),
        "situations": [_iri(turn.situation) for turn in change.turns],
    }


def _release(catalogue: Catalogue) -> dict[str, Any]:
    return {"version": catalogue.version, "hash": catalogue.release, "issued": catalogue.date}


def _iri(value: object) -> str:
    return str(getattr(value, "value", value))

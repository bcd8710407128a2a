"""Differences for people: lines of text, and the changelog of the data in Markdown.

Owns the layout. JSON and RDF are written by ``difference_data``.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pyoxigraph as ox

from assembly_kg.engine.difference import BEGUN, ENDED
from assembly_kg.engine.names import short
from assembly_kg.engine.wording import label_of, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assembly_kg.engine.difference import Change, DayDifference, ReleaseDifference, Turn
    from assembly_kg.engine.world import Term

__all__ = ["changelog", "days_text", "releases_text"]


class _Names:
    def __init__(
        self, labels: Mapping[str, Mapping[str, str]], prefixes: Mapping[str, str], language: str
    ) -> None:
        self._labels = labels
        self._prefixes = prefixes
        self.language = language

    def __call__(self, term: Term) -> str:
        written = short(term, self._prefixes)
        if not isinstance(term, ox.NamedNode):
            return written
        label = label_of(self._labels.get(term.value, {}), self.language)
        return f"{label} [{written}]" if label else written

    def all(self, terms: Sequence[Term]) -> str:
        return ", ".join(map(self, terms))


def days_text(difference: DayDifference, prefixes: Mapping[str, str], language: str) -> str:
    """What differs between two days, as lines of text."""
    names = _Names(difference.labels, prefixes, language)
    lines = [f"{difference.begin} → {difference.end}"]
    lines += [line for turn in difference.turns for line in _turn(turn, names)]
    lines += _changes(difference.changes, names, None)
    if not difference.turns and not difference.changes:
        lines.append(say("no-difference", language))
    return "\n".join(lines) + "\n"


def releases_text(difference: ReleaseDifference, prefixes: Mapping[str, str], language: str) -> str:
    """What differs between two releases, as lines of text."""
    names = _Names(difference.labels, prefixes, language)
    words = say("removed", language), say("added", language)
    lines = [
        f"{_version(difference, old=True)} → {_version(difference, old=False)}",
        f"{words[1]}: {difference.added}, {words[0]}: {difference.removed}",
        *_changes(difference.changes, names, words),
    ]
    if not difference.changes:
        lines.append(say("no-difference", language))
    return "\n".join(lines) + "\n"


def changelog(difference: ReleaseDifference, prefixes: Mapping[str, str], language: str) -> str:
    """What a release brought, as a section of a changelog in Markdown (keepachangelog.com)."""
    names = _Names(difference.labels, prefixes, language)
    new = difference.new
    lines = [f"## {new.version} ({new.date or '-'})", ""]
    for word, take in (("added", _after), ("removed", _before)):
        some = [(change, take(change)) for change in difference.changes if take(change)]
        if not some:
            continue
        lines += [f"### {say(word, language).capitalize()}", ""]
        for subject, group in groupby(some, key=lambda pair: pair[0].subject):
            lines.append(f"- {names(subject)}")
            lines += [f"  - {names(change.predicate)}: {names.all(v)}" for change, v in group]
        lines.append("")
    if not difference.changes:
        lines += [say("no-difference", language), ""]
    return "\n".join(lines)


def _after(change: Change) -> tuple[Term, ...]:
    return change.after


def _before(change: Change) -> tuple[Term, ...]:
    return change.before


def _version(difference: ReleaseDifference, *, old: bool) -> str:
    catalogue = difference.old if old else difference.new
    return f"{catalogue.version} ({catalogue.release})"


def _turn(turn: Turn, names: _Names) -> Iterator[str]:
    mark = "+" if turn.kind == BEGUN else "−"
    day = f", {turn.day}" if turn.day else ""
    yield f"{mark} {names(turn.situation)} ({say(turn.word, names.language)}{day})"
    if turn.causes:
        yield f"    {say('caused-by', names.language, causes=names.all(turn.causes))}"
    yield from (f"    <{segment}>" for segment in turn.segments)


def _changes(
    changes: Iterable[Change], names: _Names, words: tuple[str, str] | None
) -> Iterator[str]:
    for subject, group in groupby(changes, key=lambda change: change.subject):
        yield names(subject)
        for change in group:
            yield f"  {names(change.predicate)}"
            went, came = words or (
                say(change.word(ENDED), names.language),
                say(change.word(BEGUN), names.language),
            )
            yield from (f"    − {names(value)} ({went})" for value in change.before)
            yield from (f"    + {names(value)} ({came})" for value in change.after)

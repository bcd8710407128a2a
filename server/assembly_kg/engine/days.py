"""Days: the graph as it stood on any of them, and the days beside it.

Owns the names ``…/as-of/<day>`` inside a query's text. The data are stored once for each day on
which something changed, so every such name, wherever it stands in a query, means the slice in force
on that day: the newest that is not after it. The names in the protocol's parameters are resolved
likewise by ``assembly_kg.engine.catalogue``, which also says which days the release tells of.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from assembly_kg.engine import scan
from assembly_kg.errors import NotFoundError, UnsupportedQuery

if TYPE_CHECKING:
    from assembly_kg.engine.catalogue import Catalogue

__all__ = ["Neighbours", "neighbours", "resolved"]

# What every name of a day has in it; a query without it needs no closer look.
_MARK: Final = "as-of"


@dataclass(frozen=True)
class Neighbours:
    """A day and the days of change around it, YYYY-MM-DD.

    Attributes:
        day: the day that was asked for.
        since: the day of change whose slice is in force on it.
        previous: the day of change before ``since``; None if that is the first.
        next: the day of change after it; None if that is the last.
    """

    day: str
    since: str
    previous: str | None
    next: str | None


def neighbours(catalogue: Catalogue, day: str) -> Neighbours:
    """The slice in force on a day and the days of change around it.

    Raises:
        NotFoundError: the day does not exist or is not covered.
    """
    since = catalogue.slice_on(day)
    at = bisect.bisect_left(catalogue.slices, since)
    return Neighbours(
        day,
        since,
        catalogue.slices[at - 1] if at else None,
        catalogue.slices[at + 1] if at + 1 < len(catalogue.slices) else None,
    )


def resolved(text: str, catalogue: Catalogue) -> str:
    """A query with the names of stored slices in place of the names of days.

    Lines and columns of what stands before the first such name stay as they are.

    Raises:
        UnsupportedQuery: a name asks for a day that does not exist or is not covered; the message
            has its place.
    """
    if not catalogue.as_of or _MARK not in text:
        return text
    names = _Names()
    parts, position = [], 0
    for token in scan.tokens(text):
        iri = names.read(token)
        if iri is None or not iri.startswith(catalogue.as_of) or iri == catalogue.as_of:
            continue
        parts += [text[position : token.start], f"<{_slice(iri, token, text, catalogue)}>"]
        position = token.start + len(token.text)
    return "".join([*parts, text[position:]])


class _Names:
    """The IRIs of a query in its order, with the prologue that is needed to read them."""

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = {}
        self._base = ""
        self._declares = ""
        self._prefix = ""

    def read(self, token: scan.Token) -> str | None:
        """The absolute IRI that a token outside the prologue stands for; None for other tokens."""
        if token.word in {"BASE", "PREFIX"}:
            self._declares = token.word
        elif self._declares == "PREFIX" and token.kind == "name":
            self._prefix = token.text.rstrip(":")
        elif self._declares and token.kind == "iri":
            self._declare(urljoin(self._base, token.text[1:-1]))
        elif token.kind == "iri":
            return urljoin(self._base, token.text[1:-1])
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix in self._prefixes:
                return self._prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
        return None

    def _declare(self, iri: str) -> None:
        if self._declares == "BASE":
            self._base = iri
        else:
            self._prefixes[self._prefix] = iri
        self._declares = ""


def _slice(iri: str, token: scan.Token, text: str, catalogue: Catalogue) -> str:
    try:
        return catalogue.resolve(iri)
    except NotFoundError as error:
        line, column = scan.place(text, token.start)
        raise UnsupportedQuery(f"line {line}, column {column}: <{iri}>: {error}") from error

"""What a problem document's detail says, in the reader's language.

Owns the reading of details. Errors are raised with English sentences by layers that know of no
reader, often in another process. Here such a sentence is known again by its fixed words, and said
from the catalogue with its variable parts as they are. The catalogues hold these sentences with the
context ``detail``; a variable named ``told`` holds such a sentence itself, one named ``word`` a
word that the catalogue may know. What is not in the catalogue stays English and is marked so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from assembly_kg.web.languages import in_context

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CONTEXT", "Piece", "said"]

CONTEXT: Final = "detail"
_VARIABLE: Final = re.compile(r"%\((\w+)\)s")
# A longer text holds what a client has sent, and is not worth the search.
_LONGEST: Final = 4000


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a detail; ``language`` is empty where it is the reader's, or no language's."""

    text: str
    language: str = ""


def said(detail: str, language: str) -> tuple[Piece, ...]:
    """A detail in a language, in parts; neighbours of one language are one part."""
    pieces: list[Piece] = []
    for piece in _said(detail, language):
        if pieces and pieces[-1].language == piece.language:
            pieces[-1] = Piece(pieces[-1].text + piece.text, piece.language)
        elif piece.text:
            pieces.append(piece)
    return tuple(pieces)


def _said(detail: str, language: str) -> Iterator[Piece]:
    if language == "en" or not detail:
        yield Piece(detail)
        return
    known = _known(detail, language)
    if known is not None:
        yield from known
        return
    # Below the sentence stands the line of the query that it is about.
    sentence, newline, excerpt = detail.partition("\n")
    known = _known(sentence, language) if newline else None
    yield from known or [Piece(sentence, "en")]
    yield Piece(newline + excerpt)


def _known(detail: str, language: str) -> list[Piece] | None:
    """The parts of a sentence of the catalogue; None if it is none."""
    for pattern, translation in _sentences(language) if len(detail) <= _LONGEST else ():
        found = pattern.fullmatch(detail)
        if found:
            return list(_filled(translation, found.groupdict(), language))
    return None


def _filled(translation: str, values: dict[str, str], language: str) -> Iterator[Piece]:
    for index, part in enumerate(_VARIABLE.split(translation)):
        if index % 2 == 0:
            yield Piece(part)
        elif part == "told":
            yield from _said(values[part], language)
        elif part == "word":
            yield from _known(values[part], language) or [Piece(values[part])]
        else:
            yield Piece(values[part])


@cache
def _sentences(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences of a catalogue, those with the most fixed words first."""
    sentences = in_context(CONTEXT, language).items()
    ordered = sorted(sentences, key=lambda one: -len(_VARIABLE.sub("", one[0])))
    return tuple((_pattern(sentence), translation) for sentence, translation in ordered)


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _VARIABLE.split(sentence)
    written = (f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile("".join(written), re.DOTALL)

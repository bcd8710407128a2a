"""The comments of a Turtle or TriG text, and the block that each belongs to.

Owns the lexical reading that a parser throws away. It follows the terminals of TriG
(https://www.w3.org/TR/trig/#sec-grammar) as far as needed to tell where a comment stands; that the
text is TriG at all, without blank nodes, has been proved by a parser before. The layout of what is
written is ``format``'s.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import pyoxigraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["HEAD", "TAIL", "Place", "comments"]

_STOP: Final = r"\s{};,\[\]()<>\"'#"
_TOKEN: Final = re.compile(
    rf"""
    (?P<comment>\#[^\n]*)
    | \"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
    | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*'
    | <(?:[^<>"{{}}|^`\\\x00-\x20]|\\.)*>
    | (?:\.(?=[0-9]))?(?:\\.|[^{_STOP}\\.]|\.(?=\.*[^{_STOP}.]))+
    | [{{}}.;,\[\]()]
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVES: Final = {"@prefix": 4, "@base": 3, "prefix": 3, "base": 2}
_NOWHERE: Final = "<x:nowhere>"


class Place(NamedTuple):
    """Where a comment stands: above a subject's block, above a graph, or at the end of either.

    Attributes:
        graph: IRI of the named graph; None for the default graph.
        subject: IRI of the subject; None for the graph, or the whole file, itself.
        end: after all blocks of the graph, or of the file.
    """

    graph: str | None
    subject: str | None
    end: bool = False


HEAD: Final = Place(None, None)
TAIL: Final = Place(None, None, end=True)


@dataclass
class _Token:
    """One terminal with the comments before it."""

    text: str
    before: list[_Comment] = field(default_factory=list)


@dataclass(frozen=True)
class _Comment:
    text: str
    trailing: bool
    after_gap: bool


def comments(text: str) -> Mapping[Place, tuple[str, ...]]:
    r"""Every comment, by the place that it belongs to, in the order of the text.

    A comment above a block, inside it, or behind one of its lines belongs to that block. What
    stands before the prefixes, or is set off by an empty line where there are none, heads the
    file. An empty string stands for an empty line between two paragraphs of comments.

    Args:
        text: TriG (or Turtle, which it contains) with ``\n`` as line end.
    """
    reader = _Reader(list(_tokens(text)))
    reader.read()
    return reader.resolved()


def _tokens(text: str) -> Iterator[_Token]:
    before: list[_Comment] = []
    end = 0
    for match in [*_TOKEN.finditer(text), None]:
        start = len(text) if match is None else match.start()
        gap = text.count("\n", end, start) > 1
        if match is not None and match["comment"]:
            trailing = end > 0 and "\n" not in text[end:start]
            before.append(_Comment(match[0].rstrip(), trailing, gap))
        else:
            if before and gap:
                before.append(_Comment("", trailing=False, after_gap=False))
            yield _Token("" if match is None else match[0], before)
            before = []
        end = start if match is None else match.end()


class _Reader:
    """One pass over the tokens; names stay as written until ``resolved``."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.directives: list[str] = []
        self.found: dict[Place, list[str]] = defaultdict(list)
        self.last = HEAD

    def read(self) -> None:
        self._split_head()
        graph: str | None = None
        while (word := self._word()) != "":
            if word.lower() in _DIRECTIVES:
                self._directive(_DIRECTIVES[word.lower()])
            elif word == "}":
                self._take(Place(graph, None, end=True))
                graph = None
            elif graph is None and "{" in (word, self._word(1), self._word(2)):
                graph = self._graph()
            else:
                self._statement(graph)
        self._take(TAIL)

    def resolved(self) -> dict[Place, tuple[str, ...]]:
        """What was found, by IRI: the text's own directives and a parser expand the names."""
        places = list(self.found)
        lines = [
            f'GRAPH {place.graph or _NOWHERE} {{ {place.subject or _NOWHERE} <x:at> "{at}" }}'
            for at, place in enumerate(places)
        ]
        skeleton = "\n".join([*self.directives, *lines])
        result: dict[Place, list[str]] = defaultdict(list)
        for quad in pyoxigraph.parse(skeleton, format=pyoxigraph.RdfFormat.TRIG):
            place = places[int(quad.object.value)]
            graph = quad.graph_name.value if place.graph else None
            subject = quad.subject.value if place.subject else None
            result[Place(graph, subject, place.end)] += self.found[place]
        return {place: tuple(_trimmed(lines)) for place, lines in result.items() if any(lines)}

    def _word(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].text if at < len(self.tokens) else ""

    def _take(self, place: Place) -> str:
        """Consume one token; its comments go to ``place``, or to what they trail."""
        token = self.tokens[self.at]
        for comment in token.before:
            if not comment.text:
                continue
            owner = self.last if comment.trailing else place
            if comment.after_gap and self.found[owner]:
                self.found[owner].append("")
            self.found[owner].append(comment.text)
        self.at += 1
        self.last = place
        return token.text

    def _split_head(self) -> None:
        """In a file without prefixes, only what an empty line sets off heads the file."""
        token = self.tokens[0]
        if token.text.lower() in _DIRECTIVES or not token.text:
            return
        gaps = [at for at, c in enumerate(token.before) if c.after_gap or not c.text]
        for comment in token.before[: gaps[-1] if gaps else 0]:
            self.found[HEAD] += [""] * comment.after_gap + [comment.text]
        token.before = token.before[gaps[-1] :] if gaps else token.before

    def _directive(self, length: int) -> None:
        self.directives.append(" ".join(self._take(HEAD) for _ in range(length)))

    def _graph(self) -> str | None:
        words = [self._word(ahead) for ahead in range(3)]
        words = words[: words.index("{") + 1]
        name = words[-2] if len(words) > 1 else None
        for _ in words:
            self._take(Place(name, None))
        return name

    def _statement(self, graph: str | None) -> None:
        place = Place(graph, self._word())
        while self._word() not in {"", ".", "}"}:
            self._take(place)
        if self._word() == ".":
            self._take(place)


def _trimmed(lines: list[str]) -> Iterator[str]:
    """The lines without empty ones at either end or in a row."""
    last = ""
    for at, line in enumerate(lines):
        if line or (last and any(lines[at:])):
            yield line
        last = line

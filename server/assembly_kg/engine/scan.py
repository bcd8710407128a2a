"""What can be told from a query's text before it is parsed.

Owns the outline of a query: its form, its prologue, its dataset clause, whether it calls another
server, and how deep its brackets nest. Tokens follow SPARQL 1.1 Query Language, section 19.8
(https://www.w3.org/TR/sparql11-query/#sparqlGrammar). Whether the text is SPARQL at all is for the
engine's parser to say.

Nothing here is a safety net: a worker cannot open a socket and its death costs nobody else
anything (``assembly_kg.engine.worker``). The outline makes refusals early and clear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from assembly_kg.errors import QuerySyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["QUERY_FORMS", "Outline", "Token", "outline", "place", "tokens"]

GRAPH_FORMS: Final = frozenset({"CONSTRUCT", "DESCRIBE"})
QUERY_FORMS: Final = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
UPDATE_FORMS: Final = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
)

_IRI: Final = r'<[^<>"{}|^`\\\x00-\x20]*>'
_NAME_START: Final = r"[^\W\d_]"
_PREFIX: Final = rf"(?:{_NAME_START}(?:[\w.\-·]*[\w\-·])?)?:"
_TOKEN: Final = re.compile(
    rf"""(?P<skip>[\s\ufeff]++|\#[^\r\n]*+)
    |(?P<iri>{_IRI})
    |(?P<string>\"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*+\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
        |"(?:[^"\\\r\n]|\\.)*+"|'(?:[^'\\\r\n]|\\.)*+')
    |(?P<variable>[?$]\w+)
    |(?P<blank>_:\w[\w.\-·]*)
    |(?P<name>{_PREFIX}(?:(?:[\w:.\-·]|%[0-9A-Fa-f]{{2}}|\\.)*(?:[\w:\-·]|%[0-9A-Fa-f]{{2}}|\\.))?)
    |(?P<language>@[A-Za-z]+(?:-+[A-Za-z0-9]+)*)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<number>[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_PROLOGUE: Final = re.compile(
    rf"""(?:[\s\ufeff]++|\#[^\r\n]*+(?=[\r\n])|BASE\s*{_IRI}|PREFIX\s+{_PREFIX}\s*{_IRI}
        |VERSION\s*(?:"[^"\r\n]*"|'[^'\r\n]*'))*+(?P<form>[A-Za-z]+)""",
    re.VERBOSE | re.IGNORECASE,
)
# A text without any of these needs no closer look: it has no dataset, no remote part, no chance.
_NOTABLE: Final = ("FROM", "SERVICE", "RAND", "NOW", "UUID", "STRUUID", "BNODE")
_DECLARED: Final = re.compile(rf"PREFIX\s+({_PREFIX})\s*({_IRI})", re.IGNORECASE)
_COMMENT: Final = re.compile(r"(?:\A|[\s>])#")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_VOLATILE: Final = frozenset({"RAND", "NOW", "UUID", "STRUUID", "BNODE"})
_BRACKETS: Final = "{([!"
_OPENING: Final = frozenset("{([")
_CLOSING: Final = frozenset("})]")


@dataclass(frozen=True, slots=True)
class Token:
    """A token, its kind as in the grammar, and where it stands (characters from 0)."""

    kind: str
    text: str
    start: int

    @property
    def word(self) -> str:
        """The keyword that this may be, upper case; empty for other kinds of token."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What stands out in a query's text.

    Attributes:
        form: SELECT, ASK, CONSTRUCT or DESCRIBE; a keyword of SPARQL Update; or empty.
        prefixes: prefix to namespace, as declared in the prologue.
        default_graphs, named_graphs: IRIs of FROM and FROM NAMED, absolute, in order.
        depth: how deep brackets nest, at most; counted up to a thousand.
        services: places (characters from 0) of the SERVICE keyword.
        volatile: whether two runs over the same data may differ by intent (NOW, RAND ...).
    """

    form: str
    prefixes: dict[str, str] = field(default_factory=dict)
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    depth: int = 0
    services: tuple[int, ...] = ()
    volatile: bool = False

    @property
    def is_update(self) -> bool:
        """Whether the text is SPARQL Update."""
        return self.form in UPDATE_FORMS

    @property
    def makes_graph(self) -> bool:
        """Whether the answer is triples rather than solutions or a truth value."""
        return self.form in GRAPH_FORMS


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a query, without white space and comments."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is not None and kind != "skip":
            yield Token(kind, match.group(), match.start())


def place(text: str, start: int) -> tuple[int, int]:
    """Line and column, each from 1, of a character of the text."""
    before = text[:start]
    return before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1


def outline(text: str) -> Outline:
    """The outline of a query.

    Raises:
        QuerySyntaxError: a dataset clause cannot be resolved (undeclared prefix, relative IRI).
    """
    match = _PROLOGUE.match(text)
    form = match["form"].upper() if match else ""
    brackets = sum(map(text.count, _BRACKETS))
    if match is None or form not in QUERY_FORMS or _is_notable(text):
        return _Reader(text).read()
    prefixes: dict[str, str] = {}
    if form in GRAPH_FORMS:
        start = match.start("form")
        prefixes = {name[:-1]: iri[1:-1] for name, iri in _DECLARED.findall(text, 0, start)}
        if _COMMENT.search(text, 0, start) or not all(map(_ABSOLUTE.match, prefixes.values())):
            return _Reader(text).read()
    return Outline(form, prefixes, depth=brackets if brackets <= _SHALLOW else _depth(text))


def _is_notable(text: str) -> bool:
    """Whether one of the words stands there as a keyword: not in ?from, ex:service, renown.

    Plain searches, since a pattern with alternatives would take as long as the query.
    """
    upper = text.upper()
    for word in _NOTABLE:
        at = upper.find(word)
        while at >= 0:
            before, after = upper[at - 1 : at], upper[at + len(word) : at + len(word) + 1]
            if not (before.isalnum() or before in _WITHIN) and not (
                after.isalnum() or after == "_"
            ):
                return True
            at = upper.find(word, at + 1)
    return False


_WITHIN: Final = frozenset("?$:_")


# Counting brackets costs nothing; only a text with more than these is measured properly.
_SHALLOW: Final = 64
_DEEPEST: Final = 1000  # nobody allows more, so nobody waits for the rest to be counted


def _depth(text: str) -> int:
    depth = deepest = run = 0
    for token in tokens(text):
        if token.text in _OPENING:
            depth += 1
        elif token.text in _CLOSING:
            depth -= 1
        run = run + 1 if token.text == "!" else 0
        deepest = max(deepest, depth + run)
        if deepest > _DEEPEST:
            break
    return deepest


class _Reader:
    """Reads the prologue and the dataset clause, and notes keywords in the rest."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._at = 0
        self._base: str | None = None
        self._prefixes: dict[str, str] = {}

    def read(self) -> Outline:
        self._prologue()
        form = self._tokens[self._at].word if self._at < len(self._tokens) else ""
        default: list[str] = []
        named: list[str] = []
        if form in QUERY_FORMS:
            self._dataset(default, named)
        words = [(token.word, token.start) for token in self._tokens if token.kind == "word"]
        return Outline(
            form=form,
            prefixes=self._prefixes,
            default_graphs=tuple(dict.fromkeys(default)),
            named_graphs=tuple(dict.fromkeys(named)),
            depth=_depth(self._text),
            services=tuple(start for word, start in words if word == "SERVICE"),
            volatile=any(word in _VOLATILE for word, _ in words),
        )

    def _prologue(self) -> None:
        while self._at < len(self._tokens):
            word = self._tokens[self._at].word
            following = self._tokens[self._at + 1 : self._at + 3]
            if word == "BASE" and following and following[0].kind == "iri":
                self._base = self._absolute(following[0])
                self._at += 2
            elif word == "PREFIX" and len(following) == 2 and following[1].kind == "iri":  # noqa: PLR2004 -- name and IRI
                self._prefixes[following[0].text.rstrip(":")] = self._absolute(following[1])
                self._at += 3
            elif word == "VERSION" and following:
                self._at += 2
            else:
                return

    def _dataset(self, default: list[str], named: list[str]) -> None:
        """FROM clauses stand between the form and the first group, outside any bracket."""
        depth = 0
        remaining = iter(self._tokens[self._at :])
        for token in remaining:
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if depth == 0 and token.word == "WHERE":
                return
            if depth == 0 and token.text == "}" and not self._from_follows(token):
                return
            if depth == 0 and token.word == "FROM":
                graph = next(remaining, None)
                target = default
                if graph is not None and graph.word == "NAMED":
                    graph, target = next(remaining, None), named
                if graph is not None and graph.kind in {"iri", "name"}:
                    target.append(self._graph(graph))

    def _from_follows(self, brace: Token) -> bool:
        """A CONSTRUCT template may stand before the dataset clause."""
        index = self._tokens.index(brace)
        following = self._tokens[index + 1 : index + 2]
        return bool(following) and following[0].word == "FROM"

    def _graph(self, token: Token) -> str:
        if token.kind == "iri":
            return self._absolute(token)
        prefix, _, local = token.text.partition(":")
        namespace = self._prefixes.get(prefix)
        if namespace is None:
            line, column = place(self._text, token.start)
            raise QuerySyntaxError(f'the prefix "{prefix}:" is not declared', line, column)
        return namespace + re.sub(r"\\(.)", r"\1", local)

    def _absolute(self, token: Token) -> str:
        iri = token.text[1:-1]
        if _ABSOLUTE.match(iri):
            return iri
        if self._base is None:
            line, column = place(self._text, token.start)
            raise QuerySyntaxError(
                f"<{iri}> is a relative IRI; write it in full or declare a BASE", line, column
            )
        return urljoin(self._base, iri)

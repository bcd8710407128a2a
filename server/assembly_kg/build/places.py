"""Where in a Turtle or TriG text a term stands.

Owns the search for the line of a fault that is found after parsing, when positions are gone: of a
literal, a blank node, an IRI, the name of a graph. The text has parsed before, so its terminals
(https://www.w3.org/TR/trig/#sec-grammar) can be told apart by one expression.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["line_of_blank_node", "line_of_graph", "line_of_iri", "line_of_literal"]

_TOKEN: Final = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<string>\"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''
        |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      (?:@[A-Za-z0-9-]+|\^\^(?:<[^<>\s]*>|[^\s;,.()\[\]{}]*(?:\.[^\s;,.()\[\]{}]+)*))?
    | (?P<iri><[^<>"{}|^`\s]*>)
    | (?P<blank>_:[^\s;,()\[\]{}]+|[\[(])
    | (?P<name>[^\s;,()\[\]{}<>"'\#]+)
    | (?P<other>[;,)\]{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_PREFIX: Final = re.compile(r"(?:@prefix|prefix)\s+([^\s:]*):\s*<([^<>]*)>", re.IGNORECASE)


def line_of_blank_node(text: str) -> int | None:
    """The line, from 1, of the first blank node or list."""
    return next((_line(text, m) for m in _TOKEN.finditer(text) if m["blank"]), None)


def line_of_literal(text: str, literal: ox.Literal) -> int | None:
    """The line, from 1, where the literal begins for the first time."""
    head = _head(text)
    for match in _TOKEN.finditer(text):
        candidate = match["string"] or match["name"] == literal.value
        if candidate and literal in _objects(f"{head}<x:s> <x:p> {match[0]} ."):
            return _line(text, match)
    return None


def line_of_iri(text: str, iri: str) -> int | None:
    """The line, from 1, where the IRI stands for the first time, in full or as a prefixed name."""
    return next((_line(text, m) for m in _mentions(text, iri)), None)


def line_of_graph(text: str, iri: str) -> int | None:
    """The line, from 1, where a graph of this name opens for the first time."""
    for match in _mentions(text, iri):
        if text[match.end() :].lstrip().startswith("{"):
            return _line(text, match)
    return line_of_iri(text, iri)


def _mentions(text: str, iri: str) -> Iterator[re.Match[str]]:
    head = _head(text)
    local = re.split(r"[/#]", iri)[-1]
    for match in _TOKEN.finditer(text):
        if match["iri"]:
            if match["iri"] == f"<{iri}>":
                yield match
        elif ":" in match[0] and local in match[0].replace("\\", ""):
            name = match[0].removesuffix(".")
            if ox.NamedNode(iri) in _objects(f"{head}<x:s> <x:p> {name} ."):
                yield match


def _head(text: str) -> str:
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in _PREFIX.findall(text))


def _objects(text: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]:
    try:
        return [quad.object for quad in ox.parse(text, ox.RdfFormat.TURTLE)]
    except SyntaxError:
        return []


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1

"""What is wrong with a query's text, for the person who wrote it.

Owns the translation of the engine's parser message (``error at 1:27: expected one of …``) into a
sentence with the place, the offending line and what would help. The parser itself is Oxigraph's.
"""

from __future__ import annotations

import re
from typing import Final

from assembly_kg.engine import scan
from assembly_kg.errors import QuerySyntaxError
from assembly_kg.namespaces import PREFIXES

__all__ = ["syntax_error"]

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_SENTENCE: Final = re.compile(r"(?:^|, )((?:The|Duplicated|IRI|\\u) [^,\[]+[^,\[ ])")
_WORD: Final = re.compile(r"\b[A-Z][A-Z_]+\b|\"(?:[^\"\\]|\\.)\"")
_SHOWN: Final = 60
_NAMED: Final = 6


def syntax_error(text: str, message: str) -> QuerySyntaxError:
    """The fault that the engine's message means, with line and column from 1."""
    fault = _beginning(text) or _undeclared_prefix(text)
    if fault is not None:
        return fault
    match = _PLACE.match(message)
    if match is None:
        return QuerySyntaxError(message[:300])
    line, column, expected = int(match[1]), int(match[2]), match[3]
    sentence = _SENTENCE.search(expected)
    if sentence:
        said = sentence[1].removeprefix("The ")
        what = said[0].upper() + said[1:] if not said.startswith("\\") else said
    elif not (rest := _rest(text, line, column)):
        what = "the query ends where more is needed, or its last part is not SPARQL"
    else:
        what = f"{_found(rest)} is not SPARQL here"
        words = _expected(expected)
        if words:
            what += f"; {words} could stand here"
    return QuerySyntaxError(what + _line(text, line, column), line, column)


def _beginning(text: str) -> QuerySyntaxError | None:
    first = next(scan.tokens(text), None)
    if first is None:
        return QuerySyntaxError("the query is empty", 1, 1)
    if first.word in scan.QUERY_FORMS | {"BASE", "PREFIX", "VERSION"}:
        return None
    line, column = scan.place(text, first.start)
    return QuerySyntaxError(
        f'"{first.text[:_SHOWN]}" does not begin a query; SELECT, ASK, CONSTRUCT and DESCRIBE do, '
        f"after BASE and PREFIX{_line(text, line, column)}",
        line,
        column,
    )


def _undeclared_prefix(text: str) -> QuerySyntaxError | None:
    declared: set[str] = set()
    before = scan.Token("mark", "", -1)
    for token in scan.tokens(text):
        if token.kind == "name":
            prefix = token.text.partition(":")[0]
            line, column = scan.place(text, token.start)
            if before.word == "PREFIX":
                declared.add(prefix)
            elif before.text == "<" and before.start + 1 == token.start:
                return QuerySyntaxError(
                    "an IRI begins here that holds a space or another character which has to be "
                    f"percent-encoded{_line(text, line, column)}",
                    line,
                    column,
                )
            elif prefix not in declared:
                known = PREFIXES.get(prefix)
                help_ = f"; add PREFIX {prefix}: <{known}>" if known else ""
                return QuerySyntaxError(
                    f'the prefix "{prefix}:" is not declared{help_}{_line(text, line, column)}',
                    line,
                    column,
                )
        before = token
    return None


def _rest(text: str, line: int, column: int) -> str:
    return "\n".join(text.split("\n")[line - 1 :])[column - 1 :].lstrip()


def _found(rest: str) -> str:
    token = next(scan.tokens(rest), None)
    return f'"{(token.text if token else rest)[:_SHOWN]}"'


def _expected(parts: str) -> str:
    words = list(dict.fromkeys(_WORD.findall(re.sub(r"\[[^\]]*\]", "", parts))))
    return ", ".join(words[:_NAMED])


def _line(text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return ""
    start = max(0, column - 1 - _SHOWN // 2)
    shown = lines[line - 1][start : start + _SHOWN].rstrip("\r")
    return f"\n{shown}\n{' ' * (column - 1 - start)}^" if shown.strip() else ""

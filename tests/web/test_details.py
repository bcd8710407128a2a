"""Every sentence that an error is raised with is known to the catalogues, and said whole."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug import exceptions

from assembly_kg.engine.explain_syntax import syntax_error
from assembly_kg.web.details import CONTEXT, Piece, said
from assembly_kg.web.languages import LANGUAGES, in_context

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = Path(__file__).parents[2] / "server" / "assembly_kg"
OTHERS = sorted(set(LANGUAGES) - {"en"})
# The position of the message among the arguments.
RAISED = {
    **dict.fromkeys(["QuerySyntaxError", "UnsupportedQuery", "NotAcceptable", "_bad"], 0),
    **dict.fromkeys(["NotFoundError", "EngineUnavailable", "EngineError"], 0),
    "Problem": 1,
    **dict.fromkeys(["LimitExceeded", "DeadlineExceeded", "MemoryExceeded"], 2),
    **dict.fromkeys(["ResultTooLarge", "QueueFull"], 2),
}
# Names of values that are no sentence, or whose sentence a test of its own makes.
LEFT_OUT = {"detail", "text", "str(error)", "str(error)[:500]", "message[:300]"}


@cache
def trees() -> dict[str, ast.Module]:
    folders = ("engine", "web", ".")
    files = [file for folder in folders for file in sorted((SERVER / folder).glob("*.py"))]
    return {str(file): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def text_of(node: ast.expr) -> str | None:
    """A text as it is written, with ``X`` for what is put into it when it is made."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "" for part in node.values)
    if isinstance(node, ast.FormattedValue):
        # The line of the query, and help that is there or not: tested below.
        is_more = re.match(r"_line\(|help_$", ast.unparse(node.value))
        return "" if is_more else "X"
    if isinstance(node, ast.BinOp):
        return f"{text_of(node.left) or 'X'}{text_of(node.right) or 'X'}"
    return None


def constants() -> dict[str, str]:
    """The texts that have names."""
    return {
        node.target.id: text
        for tree in trees().values()
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value
        if (text := text_of(node.value))
    }


def raised() -> Iterator[tuple[str, str]]:
    """Where in the code an error is made, and its sentence."""
    known = constants()
    for file, tree in trees().items():
        for node in ast.walk(tree):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name not in RAISED or len(node.args) <= RAISED[name]:  # type: ignore[attr-defined]
                continue
            message = node.args[RAISED[name]]  # type: ignore[attr-defined]
            text = text_of(message) or known.get(ast.unparse(message))
            if text is None and not file.endswith("web/errors.py"):
                assert ast.unparse(message) in LEFT_OUT, f"{file}:{message.lineno}"
            if text and re.search("[a-z]", text):
                yield f"{file}:{message.lineno}", text


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_an_error_is_said_in_every_language(language: str) -> None:
    unknown = [
        (place, text)
        for place, text in raised()
        if any(one.language and one.text != "X" for one in said(text, language))
    ]
    assert unknown == []
    assert sum(1 for _ in raised()) > 80


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_kept_that_nothing_says(language: str) -> None:
    texts = {
        text
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and (text := text_of(node))
    } | {str(one.description) for one in vars(exceptions).values() if hasattr(one, "description")}
    written = "\n".join(texts)
    for sentence in in_context(CONTEXT, language):
        for part in re.split(r"(?: \()?%\(\w+\)s|(?=; )", sentence):
            assert part in written, sentence


@pytest.mark.parametrize(
    ("query", "kk"),
    [
        ("", "сұрау бос"),
        ("FOO", "сұрау «FOO» сөзінен басталмайды"),
        ("SELECT * {", "сұрау аяқталмай тұрып"),
        ("ASK { ?s foaf:x 1 }", "мына жолды қосыңыз: PREFIX foaf: <http"),
        ("ASK { ?s nowhere:x 1 }", "«nowhere:» префиксі жарияланбаған"),
        ("ASK { ?s ?p ]", 'бұл жердегі "]" – SPARQL емес; мұнда тұра алатындар: FILTER'),
        ("ASK { <foaf:a b> ?p 1 }", "осы жерден басталатын IRI"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_above_its_line(query: str, kk: str) -> None:
    pieces = said(str(syntax_error(query, "error at 1:13: expected one of FILTER")), "kk")
    assert kk in pieces[0].text
    assert [piece.language for piece in pieces] == [""]
    assert not query or pieces[0].text.rstrip(" ^").endswith(f"\n{query}\n")


def test_what_the_parser_says_stays_english_inside_a_sentence() -> None:
    assert said("line 2, column 5: Variable ?x is said twice\n?x ?x\n    ^", "kk") == (
        Piece("2-жол, 5-баған: "),
        Piece("Variable ?x is said twice", "en"),
        Piece("\n?x ?x\n    ^"),
    )
    assert said("no such sentence", "ru") == (Piece("no such sentence", "en"),)
    assert said("no such sentence", "en") == (Piece("no such sentence"),)


def test_words_within_a_sentence_are_said_too_and_what_a_client_sent_is_kept() -> None:
    assert said("the address is not UTF-8 after percent-decoding", "ru") == (
        Piece("адрес после снятия процентного кода – не UTF-8"),
    )
    sent = 'a" (x) | %(iri)s \\1 қ'
    assert sent in said(f'there is no question "{sent}"', "kk")[0].text


def test_a_long_text_is_not_searched() -> None:
    long = "the graph does not know <" + "x" * 5000 + ">"
    assert said(long, "kk") == (Piece(long, "en"),)

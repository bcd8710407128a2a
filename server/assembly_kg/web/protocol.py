"""The SPARQL 1.1 Protocol: an HTTP request in, a question out.

Owns sections 2.1.1 to 2.1.4 of https://www.w3.org/TR/sparql11-protocol/ (query by GET, by POST
with URL-encoded parameters, by POST directly), and from the draft of 1.2 the QUERY method and the
parameter ``version``. Own parameters: ``timeout`` (seconds, only lowers the limit), ``format``
(short name, goes before ``Accept``), ``explain`` (``true``: each solution with its reasons) and
``release`` (which release to ask; the choice is ``by_release``'s). Knows WSGI's environ, not Flask.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote

from assembly_kg.engine.formats import GRAPH_FORMATS, SOLUTION_FORMATS
from assembly_kg.engine.question import Question
from assembly_kg.engine.tasks import REASONS
from assembly_kg.web.errors import Problem, ProblemError
from assembly_kg.web.negotiation import choose_for_query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = [
    "ALLOW",
    "FORM",
    "QUERY",
    "UPDATE",
    "UPDATE_REFUSED",
    "OtherRelease",
    "Request",
    "read_parameters",
    "read_request",
]

ALLOW: Final = "GET, HEAD, POST, QUERY, OPTIONS"
FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
VERSIONS: Final = frozenset({"1.0", "1.1", "1.2", "1.2-basic"})
UPDATE_REFUSED: Final = Problem(
    "update-refused", "SPARQL Update is not done here; the data change by release"
)
_FIELDS: Final = 1000
_SINGLE: Final = ("query", "timeout", "format", "version", "explain", "release")
_SOLUTION_NAMES: Final = frozenset(format_.name for format_ in SOLUTION_FORMATS)
_GRAPH_NAMES: Final = frozenset(format_.name for format_ in GRAPH_FORMATS)


@dataclass(frozen=True, slots=True)
class Request:
    """A question as it came over HTTP.

    Attributes:
        question: what is asked.
        timeout: in seconds; None where not given.
        release: the release that is to be asked; empty for the one that is served.
    """

    question: Question
    timeout: float | None
    release: str = ""


class OtherRelease(Exception):
    """A request's body asks for another release than the site's.

    Attributes:
        name: the release's.
        body: of the request, which has been read.
    """

    def __init__(self, name: str, body: bytes) -> None:
        super().__init__(name)
        self.name = name
        self.body = body


def read_request(environ: Mapping[str, Any], body: bytes) -> Request | None:
    """The question in a request; None if a GET asks none (it wants the service's description).

    Raises:
        ProblemError: the request is not of the protocol.
    """
    method = environ["REQUEST_METHOD"]
    parameters = read_parameters(environ.get("QUERY_STRING", ""), "the address")
    if method in {"POST", "QUERY"}:
        kind = _content_type(environ)
        if kind == FORM:
            parameters += read_parameters(_text(body, "the body", encoding="ascii"), "the body")
        elif kind == QUERY:
            if any(name == "query" for name, _ in parameters):
                raise _bad("the query is given twice: in the address and in the body")
            parameters.append(("query", _text(body, "the query", encoding="utf-8")))
    return _read(parameters, environ.get("HTTP_ACCEPT", ""), required=method in {"POST", "QUERY"})


def _read(parameters: list[tuple[str, str]], accept: str, *, required: bool) -> Request | None:
    if len(parameters) == 1 and parameters[0][0] == "query":
        solutions, triples = _formats(None, accept)
        return Request(Question(parameters[0][1], None, None, solutions, triples), None)
    names = [name for name, _ in parameters]
    if "update" in names:
        raise ProblemError(UPDATE_REFUSED)
    for name in _SINGLE:
        if names.count(name) > 1:
            raise _bad(f'the parameter "{name}" is given {names.count(name)} times; give it once')
    values = dict(parameters)
    if "query" not in values:
        if required or "default-graph-uri" in values or "named-graph-uri" in values:
            raise _bad('the parameter "query" is missing')
        return None
    version = values.get("version")
    if version is not None and version not in VERSIONS:
        known = ", ".join(sorted(VERSIONS))
        raise _bad(f'version "{version}" of SPARQL is not known here; known are {known}')
    default = tuple(value for name, value in parameters if name == "default-graph-uri")
    named = tuple(value for name, value in parameters if name == "named-graph-uri")
    given = bool(default or named)
    solutions, triples = _formats(values.get("format"), accept)
    return Request(
        Question(
            text=values["query"],
            default_graphs=default if given else None,
            named_graphs=named if given else None,
            solutions=solutions,
            triples=triples,
            task=REASONS if _flag("explain", values.get("explain")) else "",
        ),
        _timeout(values.get("timeout")),
        values.get("release", ""),
    )


def _formats(name: str | None, accept: str) -> tuple[str | None, str | None]:
    if name is None:
        chosen = choose_for_query(accept)
        if chosen == (None, None):
            offered = [format_.media_type for format_ in (*SOLUTION_FORMATS, *GRAPH_FORMATS)]
            raise ProblemError(
                Problem(
                    "not-acceptable",
                    f'none of "{accept[:200]}" can be written; there are {", ".join(offered)}',
                )
            )
        return chosen
    solutions = name if name in _SOLUTION_NAMES else None
    triples = name if name in _GRAPH_NAMES else None
    if solutions is None and triples is None:
        known = ", ".join([*(f.name for f in SOLUTION_FORMATS), *(f.name for f in GRAPH_FORMATS)])
        raise _bad(f'format "{name}" is not known; known are {known}')
    return solutions, triples


def _flag(name: str, value: str | None) -> bool:
    if value not in {None, "true", "false"}:
        raise _bad(f'{name} "{value}" is neither true nor false')
    return value == "true"


def _timeout(value: str | None) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise _bad(f'timeout "{value}" is not a number of seconds above 0')
    return seconds


def _content_type(environ: Mapping[str, Any]) -> str:
    value = str(environ.get("CONTENT_TYPE", ""))
    kind, _, parameters = value.partition(";")
    kind = kind.strip().lower()
    if kind == UPDATE:
        raise ProblemError(UPDATE_REFUSED)
    charset = next(
        (
            part.partition("=")[2].strip().strip('"').lower()
            for part in parameters.split(";")
            if part.partition("=")[0].strip().lower() == "charset"
        ),
        "utf-8",
    )
    if kind not in {FORM, QUERY} or charset not in {"utf-8", "utf8", "us-ascii"}:
        raise ProblemError(
            Problem(
                "unsupported-media-type",
                f'a body of type "{value[:200]}" is not read here; send {QUERY} or {FORM} in UTF-8',
                headers=(("Accept-Post", f"{QUERY}, {FORM}"), ("Accept-Query", f"{QUERY}, {FORM}")),
            )
        )
    return kind


def read_parameters(text: str, where: str) -> list[tuple[str, str]]:
    """The parameters of a query string, decoded once, in order.

    Raises:
        ProblemError: they are not UTF-8, or too many.
    """
    if not text:
        return []
    name, _, value = text.partition("=")
    try:
        if name == "query" and "&" not in value:  # nearly every request: no list to split
            return [("query", _decoded(value.replace("+", " ")))]
        return parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS, separator="&"
        )
    except UnicodeDecodeError as error:
        raise _bad(f"{where} is not UTF-8 after percent-decoding") from error
    except ValueError as error:
        raise _bad(f"{where} has more than {_FIELDS} parameters") from error


def _decoded(value: str) -> str:
    """Percent-decoding; like ``unquote``, but in an eighth of the time for dense escapes.

    Raises:
        UnicodeDecodeError: the bytes are not UTF-8.
    """
    if "\\" not in value and value.isascii():
        escaped = value.replace("%", "\\x").encode("ascii")
        try:
            data = escaped.decode("unicode_escape").encode("latin-1")
        except UnicodeDecodeError:  # a per cent sign without two digits: it stands for itself
            return unquote(value, errors="strict")
        return data.decode("utf-8")
    return unquote(value, errors="strict")


def _text(data: bytes, where: str, *, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad(f"{where} is not {encoding.upper()} (byte {error.start + 1})") from error


def _bad(detail: str) -> ProblemError:
    return ProblemError(Problem("bad-request", detail))

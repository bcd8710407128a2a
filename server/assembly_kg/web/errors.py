"""What a client is told when something is wrong.

Owns the one table of statuses and the problem documents (RFC 9457,
https://www.rfc-editor.org/rfc/rfc9457): ``application/problem+json``, or a plain page for a client
that prefers HTML. No answer holds a stack trace or a path of this machine.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from assembly_kg import errors
from assembly_kg.errors import KnowledgeGraphError, LimitExceeded, QuerySyntaxError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROBLEMS", "Kind", "Problem", "ProblemError", "blueprint", "problem_of"]


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its status, its title, and what to do about it."""

    status: HTTPStatus
    title: str
    advice: str
    retry_after: int | None = None


PROBLEMS: Final[Mapping[str, Kind]] = {
    "query-syntax": Kind(
        HTTPStatus.BAD_REQUEST, "The query is not SPARQL", "Mend the query at the place named."
    ),
    "query-unsupported": Kind(
        HTTPStatus.BAD_REQUEST, "The query is not answered here", "Ask for less; see the detail."
    ),
    "query-too-deep": Kind(
        HTTPStatus.BAD_REQUEST, "The query nests too deep", "Write it with fewer nested brackets."
    ),
    "bad-request": Kind(
        HTTPStatus.BAD_REQUEST, "The request cannot be understood", "See the detail."
    ),
    "update-refused": Kind(
        HTTPStatus.FORBIDDEN, "This endpoint cannot be changed", "Only queries are answered."
    ),
    "not-found": Kind(HTTPStatus.NOT_FOUND, "There is nothing here", "Check the address."),
    "method-not-allowed": Kind(
        HTTPStatus.METHOD_NOT_ALLOWED, "The method is not known here", "See the header Allow."
    ),
    "not-acceptable": Kind(
        HTTPStatus.NOT_ACCEPTABLE, "No format asked for will do", "See the detail for the formats."
    ),
    "too-large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large", "Send less at once."
    ),
    "answer-too-large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The answer is too large",
        "Ask for it in parts with ORDER BY, LIMIT and OFFSET, or take a download.",
    ),
    "unsupported-media-type": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body's type is not known", "See Accept-Post."
    ),
    "too-many-requests": Kind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many requests from one client", "Wait, then go on.", 5
    ),
    "deadline": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The query was stopped at its deadline",
        "Narrow its patterns or add a LIMIT.",
        30,
    ),
    "memory": Kind(
        HTTPStatus.INSUFFICIENT_STORAGE,
        "The query needed too much memory and was stopped",
        "Narrow its patterns; sorting and DISTINCT need all rows at once.",
    ),
    "queue": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "The server is busy", "Try again in a few seconds.", 5
    ),
    "unavailable": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The engine does not answer",
        "Try again in a few seconds.",
        5,
    ),
    "internal": Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The server made a mistake",
        "Tell us the request id, and we will look.",
    ),
}

_KINDS: Final[Mapping[type[KnowledgeGraphError], str]] = {
    errors.QuerySyntaxError: "query-syntax",
    errors.UnsupportedQuery: "query-unsupported",
    errors.NotAcceptable: "not-acceptable",
    errors.NotFoundError: "not-found",
    errors.DeadlineExceeded: "deadline",
    errors.MemoryExceeded: "memory",
    errors.ResultTooLarge: "answer-too-large",
    errors.QueueFull: "queue",
    errors.EngineUnavailable: "unavailable",
}
_LIMITS: Final = {"max_nesting": "query-too-deep", "max_query_bytes": "too-large"}
_STATUSES: Final = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
}


@dataclass(frozen=True)
class Problem:
    """A problem document.

    Attributes:
        kind: its key in ``PROBLEMS``, also the end of its ``type``.
        detail: what happened this time.
        more: further members (line, column, limit, value).
        headers: further headers (Allow, Accept-Post).
        status: the status, where it is not the kind's own.
    """

    kind: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 0

    def response(self, accept: str = "") -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body for a client with this ``Accept`` header."""
        kind = PROBLEMS[self.kind]
        status = self.status or int(kind.status)
        members = {
            "type": f"/problems/{self.kind}",
            "title": kind.title,
            "status": status,
            "detail": self.detail,
            "advice": kind.advice,
            **self.more,
        }
        if accept.lower().startswith("text/html"):
            content_type, body = "text/html; charset=utf-8", _page(members)
        else:
            content_type = "application/problem+json"
            body = json.dumps(members, ensure_ascii=False)
        data = body.encode("utf-8", "replace")
        headers = [
            ("Content-Type", content_type),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("Vary", "Accept"),
            *self.headers,
        ]
        if kind.retry_after is not None:
            headers.append(("Retry-After", str(kind.retry_after)))
        return status, headers, data


class ProblemError(Exception):
    """A request cannot be answered; carries the document that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def problem_of(error: KnowledgeGraphError) -> Problem:
    """The problem document for an error of the layers below."""
    if isinstance(error, QuerySyntaxError):
        place = {"line": error.line, "column": error.column} if error.line else {}
        return Problem("query-syntax", str(error), place)
    if isinstance(error, LimitExceeded):
        kind = _KINDS.get(type(error)) or _LIMITS.get(error.limit, "query-unsupported")
        return Problem(kind, str(error), {"limit": error.limit, "value": error.value})
    kind = next((_KINDS[cls] for cls in type(error).__mro__ if cls in _KINDS), "internal")
    detail = str(error) if kind != "internal" else "An unexpected fault; it has been logged."
    return Problem(kind, detail)


def _page(members: Mapping[str, Any]) -> str:
    title, detail, advice = (
        html.escape(str(members[name])) for name in ("title", "detail", "advice")
    )
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">\n'
        f"<title>{members['status']} {title}</title>\n"
        f"<h1>{title}</h1>\n<pre>{detail}</pre>\n<p>{advice}</p>\n</html>\n"
    )


blueprint = Blueprint("errors", __name__)


@blueprint.app_errorhandler(Exception)
def _answer(error: Exception) -> Response:
    """Every fault of a Flask view as a problem document."""
    if isinstance(error, ProblemError):
        problem = error.problem
    elif isinstance(error, KnowledgeGraphError):
        problem = problem_of(error)
    elif isinstance(error, HTTPException):
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return Response(error.get_response())  # type: ignore[arg-type]
        problem = _of_http(error)
    else:
        current_app.logger.error("unexpected fault", exc_info=error)
        problem = Problem("internal", "An unexpected fault; it has been logged.")
    status, headers, body = problem.response(request.headers.get("Accept", ""))
    return Response(body, status, headers)


def _of_http(error: HTTPException) -> Problem:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    allowed = [
        (name, value) for name, value in error.get_headers(None) if name in {"Allow", "Retry-After"}
    ]
    return Problem(
        _STATUSES.get(
            code, "internal" if code >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad-request"
        ),
        error.description or "",
        headers=tuple(allowed),
        status=code,
    )


@blueprint.get("/problems/<kind>")
def explain(kind: str) -> Response:
    """What a problem's ``type`` leads to: its title and what to do."""
    found = PROBLEMS.get(kind)
    if found is None:
        raise ProblemError(Problem("not-found", f'there is no kind of problem "{kind}"'))
    return Response(
        json.dumps({"title": found.title, "status": int(found.status), "advice": found.advice}),
        content_type="application/json",
    )

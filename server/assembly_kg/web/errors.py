"""What a client is told when something is wrong.

Owns the one table of statuses and the problem documents (RFC 9457,
https://www.rfc-editor.org/rfc/rfc9457) in the client's language: ``application/problem+json``, or
``text/html`` or ``text/plain`` for a client that asks for that first; and the pages that say what
each kind of problem is. Pages are made without the graph, which may be what is missing. No answer
holds a stack trace or a path of this machine. How a detail is said is ``details``'s.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, request
from jinja2 import Environment, FileSystemLoader, Template
from werkzeug import Request
from werkzeug.exceptions import HTTPException

from assembly_kg import errors
from assembly_kg.errors import KnowledgeGraphError, LimitExceeded, QuerySyntaxError
from assembly_kg.web.details import said
from assembly_kg.web.languages import LANGUAGES, N_, PARAMETER, language_of, translated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIEnvironment

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
        HTTPStatus.BAD_REQUEST,
        N_("The query is not SPARQL"),
        N_("Mend the query at the place named."),
    ),
    "query-unsupported": Kind(
        HTTPStatus.BAD_REQUEST,
        N_("The query is not answered here"),
        N_("Ask for less; see the detail."),
    ),
    "query-too-deep": Kind(
        HTTPStatus.BAD_REQUEST,
        N_("The query nests too deep"),
        N_("Write it with fewer nested brackets."),
    ),
    "bad-request": Kind(
        HTTPStatus.BAD_REQUEST,
        N_("The request cannot be understood"),
        N_("See the detail."),
    ),
    "update-refused": Kind(
        HTTPStatus.FORBIDDEN,
        N_("This endpoint cannot be changed"),
        N_("Only queries are answered."),
    ),
    "not-found": Kind(
        HTTPStatus.NOT_FOUND,
        N_("There is nothing here"),
        N_("Check the address."),
    ),
    "method-not-allowed": Kind(
        HTTPStatus.METHOD_NOT_ALLOWED,
        N_("The method is not known here"),
        N_("See the header Allow."),
    ),
    "not-acceptable": Kind(
        HTTPStatus.NOT_ACCEPTABLE,
        N_("No format asked for will do"),
        N_("See the detail for the formats."),
    ),
    "too-large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        N_("The request is too large"),
        N_("Send less at once."),
    ),
    "answer-too-large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        N_("The answer is too large"),
        N_("Ask for it in parts with ORDER BY, LIMIT and OFFSET, or take a download."),
    ),
    "unsupported-media-type": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        N_("The body's type is not known"),
        N_("See Accept-Post."),
    ),
    "too-many-requests": Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        N_("Too many requests from one client"),
        N_("Wait, then go on."),
        5,
    ),
    "deadline": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        N_("The query was stopped at its deadline"),
        N_("Narrow its patterns or add a LIMIT."),
        30,
    ),
    "memory": Kind(
        HTTPStatus.INSUFFICIENT_STORAGE,
        N_("The query needed too much memory and was stopped"),
        N_("Narrow its patterns; sorting and DISTINCT need all rows at once."),
    ),
    "queue": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        N_("The server is busy"),
        N_("Try again in a few seconds."),
        5,
    ),
    "unavailable": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        N_("The engine does not answer"),
        N_("Try again in a few seconds."),
        5,
    ),
    "internal": Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        N_("The server made a mistake"),
        N_("Tell us the request id, and we will look."),
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
_HTML: Final = "text/html; charset=utf-8"
_VARY: Final = "Accept, Accept-Language, Cookie"
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

    def response(
        self, accept: str = "", environ: WSGIEnvironment | None = None
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body for a client with this ``Accept`` header.

        The environment of the request tells the language.
        """
        kind = PROBLEMS[self.kind]
        status = self.status or int(kind.status)
        asked = Request(environ or {"PATH_INFO": "/"})
        language = language_of(asked)
        pieces = said(self.detail, language)
        members = {
            "type": f"/problems/{self.kind}",
            "title": translated(kind.title, language),
            "status": status,
            "detail": "".join(piece.text for piece in pieces),
            "advice": translated(kind.advice, language),
            **self.more,
        }
        preferred = accept.lower()
        if preferred.startswith("text/html"):
            content_type = _HTML
            body = _page("problem", asked, problem=members, pieces=pieces)
        elif preferred.startswith("text/plain"):
            content_type = "text/plain; charset=utf-8"
            body = "{status} {title}\n{detail}\n{advice}\n".format(**members)
        else:
            content_type = "application/problem+json"
            body = json.dumps(members, ensure_ascii=False)
        data = body.encode("utf-8", "replace")
        headers = [
            ("Content-Type", content_type),
            ("Content-Language", language),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("Vary", _VARY),
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


@cache
def _template(name: str) -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        autoescape=True, loader=FileSystemLoader(folder), trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(f"errors/{name}.html")


def _page(name: str, asked: Request, **shown: Any) -> str:
    language = language_of(asked)
    kept = [pair for pair in asked.args.items(multi=True) if pair[0] != PARAMETER]
    here = {
        code: quote(asked.path) + "?" + urlencode([*kept, (PARAMETER, code)]) for code in LANGUAGES
    }
    return _template(name).render(
        _=partial(translated, language=language),
        language=language,
        languages=LANGUAGES,
        here=here,
        chosen=language if PARAMETER in asked.args else "",
        words=re.sub(r"[^\w]+", " ", asked.path.rpartition("/")[2].partition(".")[0]).strip(),
        **shown,
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
    status, headers, body = problem.response(request.headers.get("Accept", ""), request.environ)
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


@blueprint.get("/problems", defaults={"name": ""})
@blueprint.get("/problems/<name>")
def explain(name: str) -> Response:
    """What a problem's ``type`` leads to, or all of them: title, status and what to do."""
    kinds = {name: PROBLEMS[name]} if name in PROBLEMS else {} if name else PROBLEMS
    if not kinds:
        raise ProblemError(Problem("not-found", f'there is no kind of problem "{name}"'))
    language = language_of(request)
    told = [
        {
            "type": f"/problems/{key}",
            "title": translated(kind.title, language),
            "status": int(kind.status),
            "advice": translated(kind.advice, language),
        }
        for key, kind in kinds.items()
    ]
    headers = {"Content-Language": language, "Vary": _VARY}
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        page = _page("kinds", request, kinds=told, one=bool(name))
        return Response(page, content_type=_HTML, headers=headers)
    body = json.dumps(told[0] if name else told, ensure_ascii=False)
    return Response(body, content_type="application/json", headers=headers)

"""Which form a page of answers is asked for in: for pages or for programs.

Owns the parameter ``format`` and, without it, the reading of ``Accept`` (RFC 9110, section 12.5.1,
https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1) for pages that are not about one thing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, request

from assembly_kg.engine.repository import Term
from assembly_kg.web.errors import Problem, ProblemError
from assembly_kg.web.representations import CONTENT_TYPES, MEDIA_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["as_json", "chosen", "content", "required", "term"]


def chosen(offers: Sequence[str]) -> str:
    """The form to answer in, one of the offers; the first where the client does not mind.

    Raises:
        ProblemError: the form that is asked for is not offered.
    """
    named = request.args.get("format")
    if named is not None:
        if named not in offers:
            raise ProblemError(
                Problem("bad-request", f'format "{named}" is not one of {", ".join(offers)}')
            )
        return named
    accepted = request.accept_mimetypes
    if not accepted:
        return offers[0]
    best = max(offers, key=lambda form: (accepted.quality(MEDIA_TYPES[form]), -offers.index(form)))
    if accepted.quality(MEDIA_TYPES[best]) <= 0:
        kinds = ", ".join(MEDIA_TYPES[form] for form in offers)
        raise ProblemError(Problem("not-acceptable", f"this is written as {kinds}"))
    return best


def required(*names: str) -> list[str]:
    """The values of parameters of the request.

    Raises:
        ProblemError: one is missing.
    """
    for name in names:
        if not request.args.get(name):
            raise ProblemError(Problem("bad-request", f'the parameter "{name}" is missing'))
    return [request.args[name] for name in names]


def content(body: str | bytes, form: str) -> Response:
    """A response in a form."""
    response = Response(body, content_type=CONTENT_TYPES[form])
    response.vary.add("Accept")
    return response


def as_json(document: object) -> Response:
    """A response in JSON."""
    return content(json.dumps(document, ensure_ascii=False, indent=2), "json")


def term(told: Mapping[str, Any]) -> Term:
    """A term of a JSON document as pages show it."""
    return Term(
        str(told["value"]), told["type"], told.get("xml:lang", ""), told.get("datatype", "")
    )

"""Releases as mementos: any page or answer as it was in a release, found by a date.

Owns RFC 7089 (https://www.rfc-editor.org/rfc/rfc7089): the TimeGate ``/timegate/<path>`` (section
4.2, pattern 2.1: original resource and TimeGate are apart), the TimeMaps ``/timemap/link/<path>``
(section 5) and ``/timemap/json/<path>``, and the headers ``Memento-Datetime`` and ``Link``. The
original resource is an address of this site, its memento in a release the same address with the
parameter ``release``. A release stands since the beginning, in UTC, of the day it was issued on.
"""

from __future__ import annotations

import json
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlencode

from flask import Blueprint, Response, current_app, request

from assembly_kg.engine.releases import served
from assembly_kg.errors import NotFoundError
from assembly_kg.web.errors import Problem, ProblemError

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from assembly_kg.engine.question import Engine
    from assembly_kg.engine.releases import Release
    from assembly_kg.settings import Settings

__all__ = ["PARAMETER", "blueprint", "memento_headers", "original_links"]

PARAMETER: Final = "release"
LINK_FORMAT: Final = "application/link-format"
_SAFE: Final = "/:;,@!$&'()*+=~-._"
_KEPT: Final = {"Cache-Control": "public, max-age=60"}

blueprint = Blueprint("memento", __name__)


def without_release(path: str, query: str) -> str:
    """The path and query of the original resource of an address."""
    pairs = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != PARAMETER
    ]
    return quote(path, safe=_SAFE) + (f"?{urlencode(pairs)}" if pairs else "")


def original_links(site: str, original: str) -> str:
    """The ``Link`` of an original resource: its TimeGate and TimeMap (RFC 7089, section 2.2.2).

    Args:
        site: the address of the site, without a slash at its end.
        original: the path and query of the resource.
    """
    return ", ".join(_around(site, original))


def memento_headers(
    site: str, original: str, all_: Sequence[Release], here: Release
) -> list[tuple[str, str]]:
    """The headers of a memento (RFC 7089, section 4.2.1)."""
    links = [_link(site + original, "original"), *_around(site, original)]
    links += _mementos(site, original, all_, here)
    return [("Memento-Datetime", _date(here.moment)), ("Link", ", ".join(links))]


@blueprint.get("/timegate/", defaults={"path": ""})
@blueprint.get("/timegate/<path:path>")
def timegate(path: str) -> Response:
    """302 to the memento in the release that stood at ``Accept-Datetime``; without it the last."""
    site, original, all_ = _asked(path)
    wanted = request.headers.get("Accept-Datetime")
    chosen = _chosen(all_, _moment(wanted)) if wanted is not None else all_[-1]
    links = [_link(site + original, "original"), *_around(site, original)[1:]]
    links += _mementos(site, original, all_, chosen)
    return Response(
        status=302,
        headers={
            "Location": _memento(site, original, chosen),
            "Vary": "Accept-Datetime",
            "Link": ", ".join(links),
            **_KEPT,
        },
    )


@blueprint.get("/timemap/<any(link, json):form>/", defaults={"path": ""})
@blueprint.get("/timemap/<any(link, json):form>/<path:path>")
def timemap(form: str, path: str) -> Response:
    """Every memento of an original resource."""
    site, original, all_ = _asked(path)
    if form == "link":
        own = f'<{site}/timemap/link{original}>; rel="self"; type="{LINK_FORMAT}"'
        links = [_link(site + original, "original"), own, _around(site, original)[0]]
        links += [_dated(site, original, one, _place(all_, one)) for one in all_]
        return Response(",\n".join(links) + "\n", content_type=LINK_FORMAT, headers=_KEPT)
    listed = [
        {
            "datetime": one.moment.isoformat().replace("+00:00", "Z"),
            "uri": _memento(site, original, one),
        }
        for one in all_
    ]
    told = {
        "original_uri": site + original,
        "timegate_uri": f"{site}/timegate{original}",
        "timemap_uri": {
            f"{kind}_format": f"{site}/timemap/{kind}{original}" for kind in ("link", "json")
        },
        "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
    }
    body = json.dumps(told, ensure_ascii=False, indent=2)
    return Response(body, content_type="application/json", headers=_KEPT)


def _asked(path: str) -> tuple[str, str, list[Release]]:
    settings: Settings = current_app.extensions["assembly_kg.settings"]
    engine: Engine = current_app.extensions["assembly_kg.engine"]
    all_ = served(settings.out, engine.catalogue())
    if not all_:
        raise NotFoundError("what is served here is no release, so nothing of it has a past")
    site = (settings.base_url or request.host_url).rstrip("/")
    return site, without_release(f"/{path}", request.query_string.decode("ascii", "replace")), all_


def _moment(text: str) -> datetime.datetime:
    """A date as HTTP writes it (RFC 7089, section 2.1.1).

    Raises:
        ProblemError: it is none.
    """
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            raise ValueError(text)  # noqa: TRY301 -- one message for every kind of no date
    except ValueError as error:
        raise ProblemError(
            Problem(
                "bad-request",
                f'Accept-Datetime "{text[:100]}" is not a date of HTTP; '
                "write it like Thu, 31 May 2007 20:35:00 GMT",
            )
        ) from error
    return moment


def _chosen(all_: Sequence[Release], moment: datetime.datetime) -> Release:
    """The release that stood at a moment; before the first the first (section 4.5.3)."""
    return max(
        (one for one in all_ if one.moment <= moment), key=lambda o: o.moment, default=all_[0]
    )


def _mementos(site: str, original: str, all_: Sequence[Release], here: Release) -> list[str]:
    """First, previous, this, next and last memento; one link for each, with all that it is."""
    moments = [one.version for one in all_]
    at = moments.index(here.version) if here.version in moments else -1
    named: dict[str, list[str]] = {}
    for relation, place in (
        ("first", 0), ("prev", at - 1), ("", at), ("next", at + 1), ("last", len(all_) - 1),
    ):  # fmt: skip
        if at >= 0 and 0 <= place < len(all_):
            named.setdefault(moments[place], []).append(relation)
    by_version = {one.version: one for one in all_}
    return [
        _dated(site, original, by_version[version], " ".join(filter(None, relations)))
        for version, relations in named.items()
    ]


def _place(all_: Sequence[Release], one: Release) -> str:
    return " ".join(name for name, end in (("first", all_[0]), ("last", all_[-1])) if one == end)


def _around(site: str, original: str) -> list[str]:
    return [
        _link(f"{site}/timegate{original}", "timegate"),
        f'<{site}/timemap/link{original}>; rel="timemap"; type="{LINK_FORMAT}"',
        f'<{site}/timemap/json{original}>; rel="timemap"; type="application/json"',
    ]


def _dated(site: str, original: str, one: Release, relations: str) -> str:
    relation = f"{relations} memento".strip()
    return f'<{_memento(site, original, one)}>; rel="{relation}"; datetime="{_date(one.moment)}"'


def _memento(site: str, original: str, one: Release) -> str:
    return f"{site}{original}{'&' if '?' in original else '?'}{PARAMETER}={quote(one.version)}"


def _link(address: str, relation: str) -> str:
    return f'<{address}>; rel="{relation}"'


def _date(moment: datetime.datetime) -> str:
    return format_datetime(moment, usegmt=True)

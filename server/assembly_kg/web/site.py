"""What all pages share: the layout's data, static files, and what happens before a page leaves.

Owns the headers of pages: caching (an ETag for each release, address and language), content coding,
and the cookie that keeps a chosen language. Owns the style sheet in each page, which is seen after
one answer and not two, and which the policy allows by its hash (CSP level 3, section 2.3.1,
https://www.w3.org/TR/CSP3/#grammardef-hash-source). Owns the title of the site, which comes from
the dataset's own description. What a page says is its own module's.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, current_app, g, request, url_for

from assembly_kg.engine.repository import Repository
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import DCAT, DCTERMS
from assembly_kg.web import compression, languages
from assembly_kg.web.cache import Cache, Reply
from assembly_kg.web.headers import COMMON
from assembly_kg.web.languages import LANGUAGES, PARAMETER
from assembly_kg.web.negotiation import choose_encoding
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from flask import Flask
    from flask.blueprints import BlueprintSetupState

    from assembly_kg.settings import Settings

__all__ = ["about", "blueprint", "repository"]

blueprint = Blueprint("site", __name__, static_folder="static", static_url_path="/static")
_TEXTUAL = ("text/", "application/json", "application/ld+json", "application/xml", "image/svg+xml")
_STATIC = Path(__file__).parent / "static"
_YEAR = 31_536_000
# What is in a style sheet for its writers: comments, and how its lines are set.
_UNREAD = re.compile(r"/\*.*?\*/|\n\s*", re.DOTALL)


def repository() -> Repository:
    """The graph behind the pages of the current application."""
    found: Repository = current_app.extensions["assembly_kg.repository"]
    return found


def about() -> dict[str, dict[str, str]]:
    """The dataset's own title, description, publisher and licence, by language."""
    return repository().kept("about", _about)


def _about() -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = {name: {} for name in ("title", "description", "publisher")}
    told["dataset"] = {}
    told["license"] = {}
    rows = repository().select(f"""
SELECT ?d ?p ?o {{ ?d a <{DCAT.Dataset}> ; <{DCTERMS.title}> ?any .
  VALUES ?p {{ <{DCTERMS.title}> <{DCTERMS.description}> <{DCTERMS.publisher}>
    <{DCTERMS.license}> }} ?d ?p ?o }} ORDER BY ?d""")
    for row in rows:
        if row["d"].value != rows[0]["d"].value:
            continue
        name = row["p"].value.removeprefix(str(DCTERMS))
        told[name][row["o"].language] = row["o"].value
        told["dataset"][""] = row["d"].value
    return told


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    languages.install(app)
    app.extensions["assembly_kg.repository"] = Repository(app.extensions["assembly_kg.engine"])
    settings: Settings = app.extensions["assembly_kg.settings"]
    app.extensions["assembly_kg.pages"] = Cache(settings.cache_bytes // 2)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


@blueprint.app_context_processor
def _shared() -> dict[str, Any]:
    here = view()
    return {
        "view": here,
        "language": here.language,
        "languages": LANGUAGES,
        "about": about(),
        "catalogue": repository().catalogue,
        "site_title": here.text(about()["title"]).value or request.host,
        "static": _static,
        "look": _look().sheet,
        "has_page": _has_page,
        "ontology": vocabulary(repository()).ontology,
    }


def _static(name: str) -> str:
    """A static file's address, with a mark of its content so that it may be kept for long."""
    marks: dict[str, str] = current_app.extensions.setdefault("assembly_kg.static", {})
    if name not in marks:
        file = _STATIC / name
        marks[name] = hashlib.sha256(file.read_bytes()).hexdigest()[:8] if file.is_file() else "0"
    return url_for("site.static", filename=name, v=marks[name])


@dataclass(frozen=True)
class _Look:
    """The style sheet as it stands in a page, and the policy of a page that has it."""

    sheet: str
    policy: str


def _look() -> _Look:
    known = current_app.extensions
    if "assembly_kg.look" not in known:
        sheet = _UNREAD.sub("", (_STATIC / "site.css").read_text(encoding="utf-8"))
        found = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
        policy = dict(COMMON)["Content-Security-Policy"]
        known["assembly_kg.look"] = _Look(
            sheet,
            policy.replace("style-src 'self'", f"style-src 'self' 'sha256-{found}'"),
        )
    look: _Look = known["assembly_kg.look"]
    return look


def _has_page(path: str) -> bool:
    """Whether the site answers this path; other parts of it may or may not be installed."""
    return any(rule.rule == path for rule in current_app.url_map.iter_rules())


def _key() -> tuple[str, ...] | None:
    """What a finished page is kept under; None if this request may get no kept page."""
    if request.method != "GET" or request.endpoint in {None, "site.static"}:
        return None
    if request.blueprint == "releases":  # a release may come beside the one that is served
        return None
    return (
        request.full_path,
        request.host_url,
        request.headers.get("Accept", ""),
        view().language,
        choose_encoding(request.headers.get("Accept-Encoding", "")) or "",
    )


def _pages() -> Cache:
    cache: Cache = current_app.extensions["assembly_kg.pages"]
    return cache


@blueprint.before_app_request
def _again() -> Response | None:
    """A page that was made before, for as long as its data are served."""
    key = _key()
    kept = _pages().get(repository().generation, key) if key else None
    if kept is None:
        return None
    g.kept = True
    response = Response(kept.body, headers=kept.headers)
    _keep_language(response)
    response.make_conditional(request)
    return response


@blueprint.after_app_request
def _finish(response: Response) -> Response:
    if g.get("kept"):
        return response
    if request.endpoint == "site.static" and response.status_code < HTTPStatus.BAD_REQUEST:
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR if "v" in request.args else 3600
        return _coded(response)
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _look().policy
    if response.status_code != HTTPStatus.OK or request.method not in {"GET", "HEAD"}:
        return response
    if response.mimetype == "text/html" and "Cache-Control" not in response.headers:
        response.vary.update(("Accept-Language", "Cookie", "Accept"))
        response.cache_control.public = True
        response.cache_control.no_cache = True
    if response.direct_passthrough or "ETag" in response.headers:
        return _coded(response)
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:24], weak=True)
    _coded(response)
    _keep(response)
    if response.mimetype == "text/html":
        _keep_language(response)
    response.make_conditional(request)
    return response


def _keep(response: Response) -> None:
    key = _key()
    if key and response.mimetype == "text/html":
        reply = Reply(list(response.headers.items()), response.get_data(), "")
        _pages().put(repository().generation, key, reply, key_size=sum(map(len, key)))


def _keep_language(response: Response) -> None:
    chosen = request.args.get(PARAMETER)
    if chosen in LANGUAGES and request.cookies.get(PARAMETER) != chosen:
        response.set_cookie(
            PARAMETER, chosen, max_age=_YEAR, samesite="Lax", secure=request.is_secure
        )


def _coded(response: Response) -> Response:
    """The response in a content coding that the client reads."""
    response.vary.add("Accept-Encoding")
    coding = choose_encoding(request.headers.get("Accept-Encoding", ""))
    if (
        not coding
        or "Content-Encoding" in response.headers
        or response.status_code != HTTPStatus.OK
        or not (response.mimetype or "").startswith(_TEXTUAL)
    ):
        return response
    response.direct_passthrough = False
    data = response.get_data()
    if len(data) >= compression.MINIMUM:
        response.set_data(compression.compress(coding, data))
        response.headers["Content-Encoding"] = coding
    return response

"""What all pages share: the layout's data, static files, and what happens before a page leaves.

Owns the headers of pages: caching (an ETag for each release, address and language), content coding,
the look that a browser may fetch before it reads the page (RFC 8288 with ``preload``,
https://html.spec.whatwg.org/multipage/links.html#link-type-preload), and the cookie that keeps a
chosen language. Owns the title of the site, which comes from the dataset's own description. What a
page says is its own module's.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, current_app, g, request, url_for

from assembly_kg.engine.repository import Repository
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import DCAT, DCTERMS
from assembly_kg.web import compression, languages
from assembly_kg.web.cache import Cache, Reply
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
    if request.endpoint == "site.static":
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR if "v" in request.args else 3600
        return _coded(response)
    if response.status_code != HTTPStatus.OK or request.method not in {"GET", "HEAD"}:
        return response
    if response.mimetype == "text/html" and "Cache-Control" not in response.headers:
        response.vary.update(("Accept-Language", "Cookie", "Accept"))
        response.cache_control.public = True
        response.cache_control.no_cache = True
        response.headers.add("Link", f"<{_static('site.css')}>; rel=preload; as=style")
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

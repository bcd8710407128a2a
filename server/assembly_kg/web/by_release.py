"""Which release a request is about: the parameter ``release``, for every address of the site.

Owns the choice. A request that names another release than the one that is served goes to a site of
its own over an engine of its own, made when it is first asked for; so cache, ETags, days, labels
and limits are that release's without anyone having to think of it. The least recently asked is
let go. Answers of a release carry the headers of a memento (``memento``).
"""

from __future__ import annotations

import io
import threading
import time
from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from assembly_kg.engine.releases import named, served
from assembly_kg.errors import KnowledgeGraphError, NotFoundError
from assembly_kg.web.errors import Problem, ProblemError, problem_of
from assembly_kg.web.headers import COMMON
from assembly_kg.web.memento import (
    PARAMETER,
    memento_headers,
    original_links,
    without_release,
)
from assembly_kg.web.protocol import OtherRelease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from assembly_kg.engine.question import Engine
    from assembly_kg.engine.releases import Release
    from assembly_kg.settings import Settings
    from assembly_kg.web.headers import Application, Start

__all__ = ["ByRelease"]

_MARK: Final = f"{PARAMETER}="
_QUERIES: Final = frozenset({"/sparql", "/rdf-graph-store"})
_READ: Final = frozenset({"GET", "HEAD"})
# What has no past of its own.
_TIMELESS: Final = (
    *("/static/", "/healthz", "/readyz", "/metrics", "/problems/", "/robots.txt", "/sitemap.xml"),
    *("/timegate/", "/timemap/", "/release", "/search/suggest", "/opensearch.xml", "/favicon"),
)
_LINKED: Final = ("200", "303")


class ByRelease:
    """The WSGI application of all releases, around that of the one that is served.

    Args:
        inner: the site over the release that is served.
        engine: what answers for it.
        settings: out, open_releases, base_url.
        make: the site over another release.
    """

    def __init__(
        self,
        inner: Application,
        engine: Engine,
        settings: Settings,
        make: Callable[[Release], Application],
    ) -> None:
        self._inner = inner
        self._engine = engine
        self._settings = settings
        self._make = make
        self._sites: OrderedDict[str, Application] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        if _MARK in environ.get("QUERY_STRING", ""):
            try:
                name = _name(environ["QUERY_STRING"])
            except ProblemError as error:
                return _refuse(environ, start_response, error.problem)
            if name:
                return self._answer(environ, start_response, name)
        if environ.get("PATH_INFO", "") not in _QUERIES:
            return self._inner(environ, self._original(environ, start_response))
        try:
            return self._inner(environ, start_response)
        except OtherRelease as other:
            environ["wsgi.input"] = io.BytesIO(other.body)
            return self._answer(environ, start_response, other.name)

    def _answer(self, environ: dict[str, Any], start: Start, name: str) -> Iterable[bytes]:
        environ["assembly_kg.began"] = time.monotonic()  # a release may have to be loaded first
        try:
            release, all_ = self._find(name)
            site = self._site(release)
        except ProblemError as error:
            return _refuse(environ, start, error.problem)
        except KnowledgeGraphError as error:
            return _refuse(environ, start, problem_of(error))
        environ["assembly_kg.release"] = name
        headers = self._memento(environ, all_, release)

        def dated(status: str, given: list[tuple[str, str]], *rest: object) -> Any:
            return start(status, [*given, *(headers if status[:3] == "200" else ())], *rest)

        return site(environ, dated)

    def _find(self, name: str) -> tuple[Release, list[Release]]:
        """The release of that name, and one of each version.

        Raises:
            ProblemError: there is none; the document lists those that there are.
            NotFoundError: what is served here is no release.
        """
        all_ = served(self._settings.out, self._engine.catalogue())
        if not all_:
            raise NotFoundError(f'there is no release "{name[:100]}"; what is served here is none')
        try:
            return named(self._settings.out, name), all_
        except NotFoundError as error:
            known = {"releases": [one.version for one in all_]}
            raise ProblemError(Problem("not-found", str(error), known)) from error

    def _site(self, release: Release) -> Application:
        if release.identity == self._engine.catalogue().release:
            return self._inner
        if not self._settings.open_releases:
            raise NotFoundError(
                f"this server answers over the current release only; the files of release "
                f"{release.version} are at /release/{release.version}"
            )
        with self._lock:
            site = self._sites.pop(release.folder.name, None) or self._make(release)
            self._sites[release.folder.name] = site
            while len(self._sites) > self._settings.open_releases:
                self._sites.popitem(last=False)
            return site

    def _memento(
        self, environ: dict[str, Any], all_: list[Release], release: Release
    ) -> list[tuple[str, str]]:
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] not in _READ or path.startswith(_TIMELESS):
            return []
        return memento_headers(self._address(environ), _original(environ), all_, release)

    def _original(self, environ: dict[str, Any], start: Start) -> Start:
        """Add to an answer where its mementos are found."""
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] not in _READ or path.startswith(_TIMELESS):
            return start

        def linked(status: str, given: list[tuple[str, str]], *rest: object) -> Any:
            if status[:3] in _LINKED and served(self._settings.out, self._engine.catalogue()):
                links = original_links(self._address(environ), _original(environ))
                given = [*given, ("Link", links)]
            return start(status, given, *rest)

        return linked

    def _address(self, environ: dict[str, Any]) -> str:
        if self._settings.base_url:
            return self._settings.base_url.rstrip("/")
        host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return f"{environ['wsgi.url_scheme']}://{host}"


def _name(query: str) -> str:
    """The release that a query string names; empty if none.

    Raises:
        ProblemError: it names several.
    """
    names = {value for name, value in parse_qsl(query) if name == PARAMETER}
    if len(names) > 1:
        raise ProblemError(Problem("bad-request", "a request is about one release; name one"))
    return names.pop() if names else ""


def _original(environ: dict[str, Any]) -> str:
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    return without_release(path, environ.get("QUERY_STRING", ""))


def _refuse(environ: dict[str, Any], start: Start, problem: Problem) -> Iterable[bytes]:
    status, headers, body = problem.response(environ.get("HTTP_ACCEPT", ""), environ)
    start(f"{status} {HTTPStatus(status).phrase}", [*headers, *COMMON])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

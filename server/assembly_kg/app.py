"""The application factory.

Owns how the site is put together: settings and an engine in, a WSGI application out. What a path
answers is owned by the modules of ``assembly_kg.web``; a module there that defines ``blueprint`` (a
Flask blueprint) is part of the site. Around Flask's dispatching lie the query path
(``web.endpoint``) and the headers that every response carries (``web.headers``). Around it all lies
the choice of the release (``web.by_release``), each with such a site of its own.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Flask

from assembly_kg import web
from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.store import load_release
from assembly_kg.web.bodies import Bodies
from assembly_kg.web.by_release import ByRelease
from assembly_kg.web.endpoint import Endpoint
from assembly_kg.web.headers import EveryResponse
from assembly_kg.web.observe import Log, Observed, Observer
from assembly_kg.web.rate import Rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.question import Answer, Engine, Question
    from assembly_kg.engine.releases import Release
    from assembly_kg.settings import Settings
    from assembly_kg.web.headers import Application

__all__ = ["create_app"]


def create_app(
    settings: Settings,
    engine: Engine | None = None,
    log: Log | None = None,
    older: Callable[[Release], Engine] | None = None,
    observer: Observer | None = None,
    *,
    rate: Rate | None = None,
) -> Flask:
    """The site over an engine; by default over the current release of ``settings.out``.

    The default engine answers in this process, without deadline: right for a test or a notebook.
    ``assembly-kg serve`` gives one that asks a pool of workers, a log, and ``older``, which gives
    such an engine for another release of ``settings.out``, and ``observer`` and ``rate`` of all its
    processes.
    """
    engine = engine or _CurrentRelease(settings)
    older = older or partial(_in_this_process, settings)
    observer = observer or Observer()
    admission = Bodies(), rate or Rate(settings.client_rate)
    app = _site(settings, engine, observer, admission)
    quarter = dataclasses.replace(settings, cache_bytes=settings.cache_bytes // 4)

    def other_site(release: Release) -> Application:
        return _site(quarter, older(release), observer, admission).wsgi_app

    releases = ByRelease(app.wsgi_app, engine, settings, other_site)
    app.wsgi_app = Observed(releases, observer, log)  # type: ignore[method-assign]
    return app


def _site(
    settings: Settings, engine: Engine, observer: Observer, admission: tuple[Bodies, Rate]
) -> Flask:
    """The site over one release."""
    app = Flask(web.__name__, static_folder=None)
    app.extensions["assembly_kg.settings"] = settings
    app.extensions["assembly_kg.engine"] = engine
    app.extensions["assembly_kg.observer"] = observer
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for module in pkgutil.iter_modules(web.__path__):
        blueprint = getattr(
            importlib.import_module(f"{web.__name__}.{module.name}"), "blueprint", None
        )
        if isinstance(blueprint, Blueprint):
            app.register_blueprint(blueprint)
    pages = EveryResponse(app.wsgi_app)
    bodies, rate = admission
    endpoint = Endpoint(pages, engine, settings, bodies)
    endpoint.rate = rate
    app.wsgi_app = endpoint  # type: ignore[method-assign]
    return app


def _in_this_process(settings: Settings, release: Release) -> Engine:
    return Inline(*load_release(release.folder), Limits.of(settings))


class _CurrentRelease:
    """The release that ``current`` names, loaded when it is first asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: Inline | None = None

    def _engine(self) -> Inline:
        if self._loaded is None:
            store, catalogue = load_release(self._settings.out / "current")
            self._loaded = Inline(store, catalogue, Limits.of(self._settings))
        return self._loaded

    def generation(self) -> str:
        return self._engine().generation()

    def catalogue(self) -> Catalogue:
        return self._engine().catalogue()

    def answer(
        self, question: Question, timeout: float | None = None, hung_up: object = None
    ) -> Answer:
        return self._engine().answer(question, timeout, hung_up)

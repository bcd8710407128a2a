"""The application factory.

Owns how the site is put together: settings in, a WSGI application out. What a path answers is
owned by the modules of ``assembly_kg.web``; a module there that defines ``blueprint`` (a Flask
blueprint) is part of the site.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from flask import Blueprint, Flask

from assembly_kg import web

if TYPE_CHECKING:
    from assembly_kg.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings) -> Flask:
    """The site over the current release of ``settings.out``."""
    app = Flask(web.__name__, static_folder=None)
    app.extensions["assembly_kg.settings"] = settings
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for module in pkgutil.iter_modules(web.__path__):
        blueprint = getattr(
            importlib.import_module(f"{web.__name__}.{module.name}"), "blueprint", None
        )
        if isinstance(blueprint, Blueprint):
            app.register_blueprint(blueprint)
    return app

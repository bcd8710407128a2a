"""The site over the small library, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assembly_kg.app import create_app
from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.store import load_files
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

ROOT = Path(__file__).parents[2]
LIBRARY = Path(__file__).parents[1] / "fixtures" / "library.trig"


@pytest.fixture
def settings() -> Settings:
    return Settings(max_query_bytes=4096, max_rows=1000)


@pytest.fixture
def engine(settings: Settings) -> Inline:
    return Inline(*load_files([LIBRARY]), Limits.of(settings))


@pytest.fixture
def client(settings: Settings, engine: Inline) -> FlaskClient:
    return create_app(settings, engine).test_client()


@pytest.fixture(scope="module")
def council_client(council_release: Path) -> FlaskClient:
    """The site over a release of the invented library council."""
    root = Path(__file__).parents[1] / "fixtures" / "institution"
    return create_app(Settings(root=root, out=council_release.parent)).test_client()


@pytest.fixture(scope="session")
def site_app(release: Path) -> Flask:
    """The site over this repository's own release."""
    return create_app(Settings(root=ROOT, out=release.parent))


@pytest.fixture
def site(site_app: Flask) -> FlaskClient:
    """A reader without cookies."""
    return site_app.test_client(use_cookies=False)

"""The site over the release, in a real Chromium: one server and one browser for all tests.

Every page that a test opens is watched: a message in its console, a script's fault and a request
to another host fail the test.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from assembly_kg.app import create_app
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
VENDOR = ROOT / "server" / "assembly_kg" / "web" / "static" / "vendor" / "ready"
# Quiet, and nothing asks the network on its own.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site(release: Path) -> Iterator[str]:
    """The address of the site, served in this process."""
    assert VENDOR.is_file(), "make setup brings what the pages load"
    app = create_app(Settings(root=ROOT, out=release.parent))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that is installed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "the tests of pages need Chromium; make test installs it where it may"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


Open = "Callable[..., Page]"


@pytest.fixture
def open_page(site: str, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a path in a fresh context; keyword arguments are the context's (Playwright)."""
    contexts = []
    faults: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on(
            "console",
            lambda said: (
                faults.append(f"console: {said.text}") if said.type in {"error", "warning"} else None
            ),
        )
        page.on(
            "request",
            lambda asked: (
                None
                if asked.url.startswith((site, "data:", "blob:"))
                else faults.append(f"another host: {asked.url}")
            ),
        )

    def opened(path: str, **context: Any) -> Page:
        made = chromium.new_context(**context)
        made.set_default_timeout(15_000)
        contexts.append(made)
        page = made.new_page()
        watch(page)
        page.goto(site + path)
        return page

    yield opened
    for made in contexts:
        made.close()
    assert faults == []


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and its own best practices: rule and place.

    axe is evaluated by the browser's debugger, which the page's security policy does not bind.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})"
    )
    return [
        f"{one['id']}: {' '.join(map(str, node['target']))}"
        for one in found["violations"]
        for node in one["nodes"]
    ]

"""A real browser over a real server, and what is looked for in every page.

Screenshots of the run are kept in ``screenshots/`` beside this file, outside the repository.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.chromium import chromium
from tests.test_supervisor import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[2]
SHOTS = Path(__file__).parent / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is below the screen is laid out only when it is scrolled to; axe and pictures need all of it.
LAID_OUT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets = [sheet];
}"""
SIZES = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 360, "height": 780},
    "narrow": {"width": 320, "height": 640},  # https://www.w3.org/TR/WCAG22/#reflow
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Look at pages last: an open browser keeps an event loop running, so no other can run."""
    items.sort(key=lambda item: item.path.is_relative_to(Path(__file__).parent))


@pytest.fixture(scope="session")
def address(release: Path) -> Iterator[str]:
    """The address of a server over the release."""
    with serving("--root", ROOT, "--release", release) as server:
        yield server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with chromium() as browser:
        yield browser


class Watched:
    """A page that notes what must not happen: faults of scripts, requests to other hosts."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.faults: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._asked)

    def _said(self, message: object) -> None:
        if getattr(message, "type", "") in {"error", "warning"}:
            self.faults.append(str(getattr(message, "text", message)))

    def _asked(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"a request to {url}")

    def go(self, path: str) -> None:
        """Open a page of the site and wait until all of it is loaded and its scripts have run."""
        self.faults.clear()
        self.page.goto(self.address + path)

    def shoot(self, name: str) -> None:
        """Keep what is seen, and some of what is below."""
        SHOTS.mkdir(exist_ok=True)
        self.page.evaluate(LAID_OUT)
        size = self.page.viewport_size or SIZES["desktop"]
        height = self.page.evaluate("document.documentElement.scrollHeight")
        seen = {"x": 0, "y": 0, "width": size["width"], "height": min(height, 1600)}
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True, clip=seen)  # type: ignore[arg-type]

    def violations(self) -> list[tuple[str, str]]:
        """What axe finds against WCAG 2.2, levels A and AA (https://www.w3.org/TR/WCAG22/)."""
        self.page.evaluate(LAID_OUT)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", RULES
        )
        return [
            (fault["id"], fault["nodes"][0]["html"][:200] + fault["nodes"][0]["failureSummary"])
            for fault in found["violations"]
        ]

    def shorten(self) -> None:
        """Leave the beginning of every list, for what takes long and needs to see each pattern."""
        self.page.evaluate(
            "document.querySelectorAll('main :is(section, ul, ol, dl, tbody)')"
            ".forEach(list => [...list.children].slice(8).forEach(item => item.remove()))"
        )

    def weight(self) -> int:
        """Bytes of the page and of all that it loads, as sent: compressed, without headers."""
        sent: int = self.page.evaluate(
            "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
            ".reduce((sum, entry) => sum + entry.encodedBodySize, 0)"
        )
        return sent

    def overflows(self) -> bool:
        """Whether the page is wider than its window."""
        wider: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wider


@pytest.fixture(scope="session")
def views(browser: Browser, address: str) -> Iterator[Callable[..., Watched]]:
    """A page for each size and look that all tests share, for those that only look at it."""
    with ExitStack() as contexts:

        @cache
        def view(size: str, look: str, *, scripts: bool = True) -> Watched:
            context = contexts.enter_context(_context(browser, size, look, scripts=scripts))
            return Watched(context.new_page(), address)

        yield view


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Watched]]:
    """Makes a page of its own: ``opened(size, look, scripts=True)``."""
    with ExitStack() as contexts:

        def make(size: str = "desktop", look: str = "light", *, scripts: bool = True) -> Watched:
            context = contexts.enter_context(_context(browser, size, look, scripts=scripts))
            return Watched(context.new_page(), address)

        yield make


def _context(browser: Browser, size: str, look: str, *, scripts: bool) -> BrowserContext:
    """A reader without history."""
    context = browser.new_context(
        viewport=SIZES[size],  # type: ignore[arg-type]
        color_scheme=look,  # type: ignore[arg-type]
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    return context

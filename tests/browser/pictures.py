"""Makes the pictures of docs/screenshots: ``python -m tests.browser.pictures [release]``.

Each is taken from a running server over the current release, at one size, so that making them
again shows what changed and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.browser.chromium import chromium
from tests.browser.kinds import in_language
from tests.test_supervisor import serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Page

__all__ = ["PICTURES"]

ROOT: Final = Path(__file__).parents[2]
SIZE: Final = {"width": 1280, "height": 960}
QUERY: Final = "what-events-began-and-ended"
ABOVE: Final = "one => scrollBy(0, one.getBoundingClientRect().top - 480)"
# Name of the file: language, address, and what is then seen (a place in the page).
PICTURES: Final[Mapping[str, tuple[str, str, str]]] = {
    "home": ("kk", "/", ""),
    "entity": ("en", "/id/mandates/status-constitutional-body.html", "#note-1"),
    "structure": ("ru", "/structure?as-of=2010-05-05", ""),
    "map": ("kk", "/map", ""),
    "query": ("en", "/sparql", ""),
    "explanation": ("en", "/explain?s=people:kassym-jomart-tokayev&p=akz:hasServedIn", ""),
}


def main() -> None:
    """Take all of them."""
    release = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "releases" / "current"
    folder = ROOT / "docs" / "screenshots"
    folder.mkdir(exist_ok=True)
    with serving("--root", ROOT, "--release", release) as server, chromium() as browser:
        page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_default_timeout(60_000)
        for name, (language, path, place) in PICTURES.items():
            page.goto(server.url + in_language(path, language) + place)
            if name == "query":
                _ask(page)
            if place:  # the facts too, above the sentence that is marked
                page.locator(place).evaluate(ABOVE)
            page.screenshot(path=folder / f"{name}.png")


def _ask(page: Page) -> None:
    """Put an example in and run it."""
    page.select_option("#example", QUERY)
    page.click("#examples button")
    page.wait_for_selector("#answer tbody td a")
    page.evaluate("document.querySelector('.query-field').scrollIntoView()")


if __name__ == "__main__":
    main()

"""A real browser over a real server; the browser is the machine's own Chromium.

``make test`` installs it where it is absent. Screenshots of the run are kept in ``screenshots/``
beside this file, outside the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
SHOTS = Path(__file__).parent / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="session")
def address(release: Path) -> Iterator[str]:
    """The address of a server over the release, on a free port."""
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "assembly_kg",
            "serve",
            "--root",
            str(ROOT),
            "--release",
            str(release),
            "--port",
            "0",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "server")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with server:
        said = []
        for line in server.stderr or ():
            said.append(line)
            found = re.search(r"http://[\d.]+:\d+", line)
            if found:
                _listens(found[0])
                yield found[0]
                break
        else:
            pytest.fail("the server did not start:\n" + "".join(said))
        server.terminate()
        server.communicate(timeout=30)


def _listens(address: str) -> None:
    """Wait until the server that has said its address is there."""
    for _ in range(300):
        try:
            httpx.get(f"{address}/healthz", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"nothing listens at {address}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("no browser: run `make browser`, or set CHROMIUM to one")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


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
        self.page.goto(self.address + path)

    def shoot(self, name: str) -> None:
        """Keep what is seen."""
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Watched]]:
    """Makes a page: ``opened(size, look, scripts=True)``."""
    contexts: list[BrowserContext] = []

    def make(size: str = "desktop", look: str = "light", *, scripts: bool = True) -> Watched:
        context = browser.new_context(
            viewport=SIZES[size],  # type: ignore[arg-type]
            color_scheme=look,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        return Watched(context.new_page(), address)

    yield make
    for context in contexts:
        context.close()

"""What each kind of page weighs and how soon it is seen on a slow phone, in a real browser.

Run by hand: ``python -m benchmarks.pages [--release releases/current] [--rounds 5] [--kinds a,b]``.
Prints the table of docs/pages.md. A reader without history opens each page on a screen of 412 by
823 points, with the network and the processor that Lighthouse gives a phone
(https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md): 150 ms for each request,
1.6 Mbit/s down, 0.75 Mbit/s up, a processor four times as slow as this machine's. The browser's own
paint timing (https://www.w3.org/TR/paint-timing/) says when the first content was seen.

*made* is how long the server takes to the first byte of a page that nobody has asked for yet,
*kept* to that of one it has made before, both without the slow network. Paints are of kept pages.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from tests.browser.chromium import chromium
from tests.browser.kinds import FAULTS, PAGES, in_language
from tests.test_supervisor import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
PHONE = {"width": 412, "height": 823}
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
BROWSERS = {"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip, deflate, br, zstd"}
# Evaluated by the debugger and not by a script of the page, whose policy allows no eval.
PAINT = """new Promise(seen => new PerformanceObserver(list => {
  const [first] = list.getEntriesByName("first-contentful-paint");
  if (first) seen(first.startTime);
}).observe({ type: "paint", buffered: true }))"""


@dataclass(frozen=True)
class Visit:
    """One opening of a page: files, bytes sent with their headers, milliseconds."""

    files: int
    sent: int
    paint: float


def visit(browser: Browser, url: str) -> Visit:
    """Open a page as a reader without history does, on a slow phone."""
    with browser.new_context(viewport=PHONE, device_scale_factor=2) as context:  # type: ignore[arg-type]
        page = context.new_page()
        wire = context.new_cdp_session(page)
        sent: list[float] = []
        wire.on("Network.loadingFinished", lambda told: sent.append(told["encodedDataLength"]))
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", NETWORK)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(url, wait_until="networkidle", timeout=60_000)
        return Visit(len(sent), round(sum(sent)), page.evaluate(PAINT))


def first_byte(url: str) -> float:
    """Milliseconds until the server begins to answer."""
    began = time.perf_counter()
    with httpx.stream("GET", url, headers=BROWSERS, timeout=60) as answer:
        answer.raise_for_status()
        return 1000 * (time.perf_counter() - began)


def row(browser: Browser, site: str, name: str, rounds: int) -> str:
    """One kind of page as a line of the table."""
    url = site + in_language(PAGES[name], "kk")
    made = first_byte(url)
    visit(browser, url)  # a browser asks in words of its own, for which a page is kept apart
    kept = statistics.median(first_byte(url) for _ in range(rounds))
    visits = [visit(browser, url) for _ in range(rounds)]
    files, sent, paint = (
        statistics.median(getattr(one, field) for one in visits)
        for field in ("files", "sent", "paint")
    )
    address = PAGES[name].split("?")[0]
    return (
        f"| {name} | `{address}` | {files:.0f} | {sent / 1000:.1f} | {made:.0f} | {kept:.0f} | "
        f"{paint:.0f} |"
    )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--release", type=Path, default=ROOT / "releases" / "current")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--kinds", default="", help="only these, with commas between")
    chosen = options.parse_args()
    names = [name for name in PAGES if name not in FAULTS]
    names = [name for name in chosen.kinds.split(",") if name] or names
    with serving("--root", ROOT, "--release", chosen.release) as server, chromium() as browser:
        print(f"Chromium {browser.version}, Python {platform.python_version()}, ", end="")
        print(f"median of {chosen.rounds}.\n")
        print("| kind | address | files | kB | made, ms | kept, ms | first paint, ms |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
        first_byte(server.url + "/")  # what the first page of all waits for is not its own
        for name in names:
            print(row(browser, server.url, name, chosen.rounds), flush=True)


if __name__ == "__main__":
    main()

"""How long an explanation takes: every inferred triple of a release, and those of one day.

Run by hand (``.venv/bin/python -P benchmarks/explain.py``), never as a test: it measures, it judges
nothing. The aim is a median below 50 ms.
"""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from assembly_kg.engine.explain import Explainer
from assembly_kg.engine.store import load_release

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assembly_kg.engine.world import Triple


def measure(explainer: Explainer, triples: Iterable[Triple], day: str | None) -> list[float]:
    """Milliseconds of each explanation that is not of a stated triple."""
    taken = []
    for triple in triples:
        begin = time.perf_counter()
        found = explainer.explain(triple, day)
        if found.verdict != "stated":
            taken.append((time.perf_counter() - begin) * 1000)
    return taken


def show(name: str, taken: list[float]) -> None:
    """One line of the result."""
    taken.sort()
    high = taken[int(len(taken) * 0.99)]
    print(
        f"{name:<24}{len(taken):>7} triples   median {statistics.median(taken):7.2f} ms"
        f"   99 % {high:7.2f} ms   longest {taken[-1]:7.2f} ms"
    )


def main() -> None:
    """Measure the current release, or the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release", nargs="?", type=Path, default=Path("releases/current"))
    parser.add_argument("--day", default="")
    arguments = parser.parse_args()
    store, catalogue = load_release(arguments.release.resolve())
    explainer = Explainer(store, catalogue)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    explainer.warm()
    print(f"rules read in {time.perf_counter() - begin:.2f} s, Python {platform.python_version()}")
    day = arguments.day or catalogue.slices[len(catalogue.slices) // 2]
    graphs = {None: f"{catalogue.base}inferred", day: catalogue.as_of + catalogue.slice_on(day)}
    for asked, graph in graphs.items():
        quads = store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        triples = [(quad.subject, quad.predicate, quad.object) for quad in quads]
        show(asked or "inferred, today", measure(explainer, triples, asked))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"memory grew by {grown / 1024:.0f} MiB")


if __name__ == "__main__":
    main()

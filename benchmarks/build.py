"""Time and memory of each stage of a build, from nothing and with nothing changed.

Run by hand: ``make benchmark-build``. Memory is the peak resident size while the stage ran, read
from Linux's ``VmHWM`` (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html), which is
set back before each stage; it includes what the stages before left.
"""

from __future__ import annotations

import os
import platform
import re
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyoxigraph
from rich.console import Console
from rich.table import Table

from assembly_kg.build.release import build
from assembly_kg.settings import Settings

PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Mark:
    """The moment that a stage begins: its name, the clock in seconds, the peak before it in MiB."""

    stage: str
    clock: float
    peak: float


def mark(stage: str) -> Mark:
    """Note the clock and the peak so far, and begin a new peak."""
    status = (PROC / "self" / "status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    (PROC / "self" / "clear_refs").write_text("5", encoding="ascii")
    return Mark(stage, time.perf_counter(), int(found[1]) / 1024 if found else 0.0)


def measure(settings: Settings) -> tuple[list[Mark], Path]:
    """One build; the marks of its stages and a last one at its end."""
    marks = [mark("look for changes")]
    release = build(settings, lambda stage: marks.append(mark(stage)))
    return [*marks, mark("end")], release.path


def machine() -> str:
    """Processor, cores, memory, system and the versions that matter."""
    models = re.findall(r"^model name\s*: (.+)$", (PROC / "cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{models[0] if models else platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"{memory:.0f} GiB; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, pyoxigraph {pyoxigraph.__version__}"
    )


def table(title: str, marks: list[Mark]) -> Table:
    """A row for each stage, and the whole."""
    shown = Table("stage", title=title, title_justify="left")
    shown.add_column("seconds", justify="right")
    shown.add_column("peak MiB", justify="right")
    for begin, end in pairwise(marks):
        shown.add_row(begin.stage, f"{end.clock - begin.clock:.2f}", f"{end.peak:.0f}")
    shown.add_section()
    peak = max(mark.peak for mark in marks[1:])
    shown.add_row("all", f"{marks[-1].clock - marks[0].clock:.2f}", f"{peak:.0f}")
    return shown


def main() -> None:
    """Build this repository's institution twice in a folder of its own."""
    console = Console()
    console.print(machine(), soft_wrap=True)
    with tempfile.TemporaryDirectory() as out:
        settings = Settings(root=Path(__file__).parent.parent, out=Path(out))
        marks, release = measure(settings)
        with (release / "dataset.nq").open("rb") as dataset:
            quads = sum(1 for _ in dataset)
        console.print(f"{release.name}: {quads:,} quads\n")
        console.print(table("from nothing", marks))
        console.print(table("nothing changed", measure(settings)[0]))


if __name__ == "__main__":
    main()

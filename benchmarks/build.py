"""Time and memory of each stage of a build, with the machine that it was measured on.

Run by ``make benchmark-build``, by hand and never as a test: it measures, it judges nothing. Each
stage's wall-clock and processor seconds are printed with the peak of resident memory in it; then
the same input is built again, unchanged, in a new process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from assembly_kg.build.release import build
from assembly_kg.settings import Settings

LIBRARIES = ("owlrl", "pyoxigraph", "pyshacl", "rdflib")
STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Measured:
    """One stage: seconds on the wall and of the processor, peak resident memory in MiB."""

    stage: str
    wall: float
    processor: float
    peak: float


class Meter:
    """Notes what each stage took when the next one begins."""

    def __init__(self) -> None:
        self.stages: list[Measured] = []
        self._begin("start")

    def __call__(self, stage: str) -> None:
        """A stage begins."""
        self.end()
        self._begin(stage)

    def end(self) -> None:
        """The last stage has ended."""
        wall, processor = time.perf_counter() - self._wall, time.process_time() - self._processor
        self.stages.append(Measured(self._stage, wall, processor, peak_memory()))

    def _begin(self, stage: str) -> None:
        reset_peak_memory()
        self._stage = stage
        self._wall, self._processor = time.perf_counter(), time.process_time()


def peak_memory() -> float:
    """Peak resident memory since the last reset, in MiB."""
    for line in STATUS.read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell the peak of memory")


def reset_peak_memory() -> None:
    """Begin a new peak (https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def machine() -> str:
    """The machine in a line."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{len(os.sched_getaffinity(0))} x {cpu}, {memory:.0f} GiB memory, load before "
        f"{os.getloadavg()[0]:.1f}; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {libraries}"
    )


def unchanged(root: Path, out: Path) -> float:
    """Wall-clock seconds of the command when nothing has changed."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "assembly_kg", "build"]
    subprocess.run(
        [*command, "--root", str(root), "--out", str(out)], check=True, capture_output=True
    )
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(), help="folder of the institution")
    given: Path = parser.parse_args().root
    console = Console(width=100)
    console.print(machine(), highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        # A copy: nobody edits it between the two builds.
        root, out = Path(folder) / "institution", Path(folder) / "releases"
        for name in ("data", "ontology", "shapes"):
            shutil.copytree(given / name, root / name)
        meter = Meter()
        release = build(Settings(root=root, out=out), meter).path
        meter.end()
        again = unchanged(root, out)
        counts = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["counts"]
        size = sum(file.stat().st_size for file in release.rglob("*") if file.is_file())
    table = Table("stage", "wall s", "processor s", "peak MiB")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in meter.stages:
        figures = (row.wall, row.processor, row.peak)
        table.add_row(row.stage, *(f"{figure:.2f}" for figure in figures))
    table.add_section()
    walls, processors = (sum(getattr(r, k) for r in meter.stages) for k in ("wall", "processor"))
    peak = max(row.peak for row in meter.stages)
    table.add_row("all", f"{walls:.2f}", f"{processors:.2f}", f"{peak:.2f}")
    table.add_row("unchanged", f"{again:.2f}", "", "")
    console.print(table)
    console.print(f"{counts}, {size / 1024**2:.1f} MiB on disk", highlight=False)


if __name__ == "__main__":
    main()

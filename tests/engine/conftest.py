"""A small graph of a library, and a pool of workers over it in processes of its own."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from assembly_kg.engine.client import CURRENT, PoolClient
from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.store import load_files
from assembly_kg.settings import Settings

LIBRARY = Path(__file__).parents[1] / "fixtures" / "library.trig"


@pytest.fixture
def library() -> Path:
    """The graph as a file."""
    return LIBRARY


@pytest.fixture
def inline(library: Path) -> Inline:
    """An engine in this process."""
    return Inline(*load_files([library]), Limits.of(Settings(max_nesting=64)))


PARENT = """
import sys
from pathlib import Path
from assembly_kg.engine.client import CURRENT, catalogue_file
from assembly_kg.engine.evaluate import Evaluator
from assembly_kg.engine.pool import Pool
from assembly_kg.engine.question import Limits
from assembly_kg.engine.store import load_files
from assembly_kg.settings import Settings

directory, file = Path(sys.argv[1]), Path(sys.argv[2])
settings = Settings.load({}, environ=dict(part.split("=") for part in sys.argv[3:]))
store, catalogue = load_files([file])

def ready():
    catalogue_file(directory, "1").write_text(catalogue.to_json(), encoding="utf-8")
    (directory / CURRENT).symlink_to("1")

evaluator = Evaluator(store, catalogue, Limits.of(settings))
Pool(lambda: evaluator, settings, directory, "1").run(ready)
"""

OpenPool = Callable[..., "PoolClient"]


@contextmanager
def running_pool(directory: Path, file: Path, **values: float) -> Iterator[PoolClient]:
    settings = dataclasses.replace(Settings(), **values)  # type: ignore[arg-type]
    arguments = [f"ASSEMBLY_KG_{name.upper()}={value}" for name, value in values.items()]
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(directory), str(file), *arguments],
    )
    try:
        until = time.monotonic() + 30
        while not (directory / CURRENT).is_symlink():
            assert process.poll() is None, "the pool did not start"
            assert time.monotonic() < until, "the pool does not start"
            time.sleep(0.02)
        yield PoolClient(directory, settings)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) in {0, -signal.SIGKILL}


@pytest.fixture
def open_pool(tmp_path: Path, library: Path) -> Iterator[OpenPool]:
    """Opens a pool with settings of the test's own; it is closed after the test."""
    with ExitStack() as stack:

        def open_(**values: float) -> PoolClient:
            directory = tmp_path / "run"
            directory.mkdir()
            return stack.enter_context(running_pool(directory, library, **values))

        yield open_

"""owlrl in another process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assembly_kg.build.aside import aside
from assembly_kg.build.reason import here, reasoning
from assembly_kg.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable

    from assembly_kg.build.load import Sources

# A build that waits for its second process, which does nothing but watch it.
WATCHER = "import sys; from assembly_kg.build.aside import _end_with; _end_with(int(sys.argv[1]))"
BUILD = f"""
import os, subprocess, sys
watcher = subprocess.Popen([sys.executable, "-c", {WATCHER!r}, str(os.getpid())])
print(watcher.pid, flush=True)
watcher.wait()
"""


def children() -> set[int]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return {int(word) for word in listed.split()}


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_over(pid: int) -> bool:
    """Whether the process has ended, even if nobody has asked how."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def test_it_concludes_what_owlrl_concludes_here(sources: Sources) -> None:
    stated = sources.merged()
    with aside(stated) as there, here(stated) as beside:
        here_too, errors = beside()
        assert there() == (here_too, errors)
    with reasoning(stated, ask=aside) as found:
        found.confirm()
        assert found.inferred == here_too


def test_its_end_ends_the_build(sources: Sources) -> None:
    before = children()
    with aside(sources.merged()) as wait:
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)
        with pytest.raises(BuildError, match="owlrl ended with -9; build again"):
            wait()


def test_it_ends_when_nobody_waits_any_more(sources: Sources) -> None:
    before = children()
    with suppress(KeyboardInterrupt), aside(sources.merged()):
        (child,) = children() - before
        raise KeyboardInterrupt
    assert is_over(child)


def test_it_ends_when_the_build_is_killed() -> None:
    build = subprocess.Popen([sys.executable, "-c", BUILD], stdout=subprocess.PIPE)
    assert build.stdout is not None
    watcher = int(build.stdout.readline())
    assert not is_over(watcher)
    build.kill()
    build.wait()
    build.stdout.close()
    wait_for(lambda: is_over(watcher))

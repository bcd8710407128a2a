"""Counts that every process that speaks HTTP adds to and any of them can tell.

Owns their place: a file for each process, mapped into memory, which only that process writes and
all may read; so adding costs no system call, and what a process counted outlives it. A number is
found by its key, a few words; keys are few (routes, methods, statuses) and never go.
"""

from __future__ import annotations

import json
import mmap
import os
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Key", "Tally"]

Key = tuple[str, ...]

_NAMES: Final = 256 * 1024
_NUMBERS: Final = 8192
_SIZE: Final = _NAMES + 8 * _NUMBERS
_SUFFIX: Final = ".counts"


class Tally:
    """The counts of one process, among those of others.

    Args:
        folder: where all of them keep theirs; None for one process alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory = mmap.mmap(-1, _SIZE) if folder is None else _own(folder)
        self.numbers = memoryview(self._memory)[_NAMES:].cast("Q")
        self._places: dict[Key, int] = {}
        self._end = 0
        self._lock = threading.Lock()

    def place(self, key: Key) -> int:
        """Where in ``numbers`` a key is counted; the last place counts what no longer fits."""
        found = self._places.get(key)
        if found is None:
            with self._lock:
                found = self._places.get(key)
                if found is None:
                    found = self._new(key)
        return found

    def _new(self, key: Key) -> int:
        line = json.dumps(key, ensure_ascii=False).encode() + b"\n"
        place = len(self._places)
        if place >= _NUMBERS - 1 or self._end + len(line) > _NAMES:
            return _NUMBERS - 1
        self._memory[self._end : self._end + len(line)] = line
        self._end += len(line)
        self._places[key] = place
        return place

    def totals(self) -> Counter[Key]:
        """What all processes counted, by key."""
        found: Counter[Key] = Counter()
        for memory in self._all():
            names, _, _ = bytes(memory[:_NAMES]).partition(b"\0")
            with memoryview(memory)[_NAMES:] as rest, rest.cast("Q") as numbers:
                for place, line in enumerate(names.split(b"\n")[:-1]):
                    found[tuple(json.loads(line))] += numbers[place]
        return found

    def _all(self) -> Iterator[mmap.mmap]:
        if self._folder is None:
            yield self._memory
            return
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as m:
                yield m


def _own(folder: Path) -> mmap.mmap:
    path = folder / f"{os.getpid()}-{time.monotonic_ns()}{_SUFFIX}"
    hidden = path.with_suffix(".new")
    with hidden.open("w+b") as file:
        file.truncate(_SIZE)
        memory = mmap.mmap(file.fileno(), _SIZE)
    hidden.rename(path)  # whoever looks for such files finds them whole
    return memory

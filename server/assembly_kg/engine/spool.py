"""A long answer on its way: written by one thread, read by another, on disk in between.

Owns the meeting of the two. The worker that makes the answer never waits for the client that reads
it, so that a slow reader costs disk and not the time of a worker; and memory holds one piece of the
answer, however long it is. What reads before the end learns of a failure as the exception itself.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
from typing import TYPE_CHECKING, Final

from assembly_kg.engine.question import AskerGone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Spool"]

PIECE: Final = 256 * 1024
_LOOK_SECONDS: Final = 0.25


class Spool(io.RawIOBase):
    """A file whose end is not written yet. Reading waits for what is to come.

    Args:
        directory: where the file lies, without a name.
        explain: what a reader is told for an exception that ``finish`` was given.
    """

    def __init__(self, directory: Path, explain: Callable[[Exception], Exception]) -> None:
        self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115 -- closed by ``close``
        self._explain = explain
        self._changed = threading.Condition()
        self._at = 0
        self._error: Exception | None = None
        self.size = 0
        self.rows: int | None = None
        self.complete = False

    # The writing side

    def append(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            AskerGone: the reader has closed.
        """
        with self._changed:
            if self.closed:
                raise AskerGone
            rest = memoryview(data)
            while rest:
                written = os.pwrite(self._file.fileno(), rest, self.size)
                self.size += written
                rest = rest[written:]
            self._changed.notify_all()

    def finish(self, error: Exception | None = None, rows: int | None = None) -> None:
        """Say that nothing more comes: why, if more was to come, else of how many rows it was."""
        with self._changed:
            self.rows = rows
            self.complete, self._error = error is None, error
            self._changed.notify_all()

    # The reading side

    def explained(self, error: Exception) -> Exception:
        """What a reader is told for what ``settle`` raised."""
        return self._explain(error)

    def settle(self, seconds: float | None) -> bool:
        """Wait so long (None: to the end) for the answer to be complete; whether it is.

        Raises:
            Exception: it failed; what ``finish`` was given, as it is.
        """
        with self._changed:
            self._changed.wait_for(self._ended, seconds)
            if self._error is not None:
                raise self._error
            return self.complete

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what comes next; 0 at the end.

        Raises:
            KnowledgeGraphError: the answer failed.
        """
        with self._changed:
            self._changed.wait_for(self._readable)
            return self._take(buffer)

    def pieces(self, gone: Callable[[], bool]) -> Iterator[bytes]:
        """What is there, as it comes, in pieces; closes at the end.

        Args:
            gone: asked while nothing comes; once true, the reading ends.

        Raises:
            KnowledgeGraphError: the answer failed; all that came before it was given.
        """
        buffer = memoryview(bytearray(PIECE))
        with self:
            while True:
                with self._changed:
                    there = self._changed.wait_for(self._readable, _LOOK_SECONDS)
                    number = self._take(buffer) if there else -1
                if number > 0:
                    yield bytes(buffer[:number])
                elif number == 0 or gone():
                    return

    def close(self) -> None:
        """Read no more; whoever writes is told."""
        with self._changed:
            self._file.close()
            super().close()

    def _ended(self) -> bool:
        return self.complete or self._error is not None

    def _readable(self) -> bool:
        return self._at < self.size or self._ended()

    def _take(self, buffer: memoryview) -> int:
        if self._at == self.size and self._error is not None:
            raise self._explain(self._error)
        number = os.preadv(self._file.fileno(), [buffer], self._at)
        self._at += number
        return number

"""What each worker is doing, in memory that the pool and its workers share.

Owns the layout. A worker writes its own slot; the pool reads all of them, and writes only
``demoted``. Writing a slot costs a worker well under a microsecond, so that the pool knows of every
question without a message.
"""

from __future__ import annotations

import mmap
import struct
import time
from typing import Final

__all__ = ["Slot", "Table"]

_SLOT: Final = struct.Struct("=dQQBxxxxxxx")  # started, question, answered, demoted
_STARTED: Final = struct.Struct("=d")
_NUMBER: Final = struct.Struct("=Q")


class Slot:
    """The line of one worker."""

    def __init__(self, memory: mmap.mmap, offset: int) -> None:
        self._memory = memory
        self._offset = offset

    def clear(self) -> None:
        """Make it ready for a new worker; the number of answers stays."""
        answered = self.answered
        _SLOT.pack_into(self._memory, self._offset, 0.0, 0, answered, 0)

    def begin(self, question: int) -> float:
        """Note the question and the time, which is returned (seconds, monotonic)."""
        now = time.monotonic()
        _STARTED.pack_into(self._memory, self._offset, now)
        _NUMBER.pack_into(self._memory, self._offset + 8, question)
        return now

    def finish(self) -> None:
        """Note that the question is done with."""
        _NUMBER.pack_into(self._memory, self._offset + 8, 0)
        _NUMBER.pack_into(self._memory, self._offset + 16, self.answered + 1)

    @property
    def started(self) -> float:
        """When the question began, seconds on the monotonic clock."""
        return float(_STARTED.unpack_from(self._memory, self._offset)[0])

    @property
    def question(self) -> int:
        """The question's identity; 0 when idle."""
        return int(_NUMBER.unpack_from(self._memory, self._offset + 8)[0])

    @property
    def answered(self) -> int:
        """How many questions ended in this slot."""
        return int(_NUMBER.unpack_from(self._memory, self._offset + 16)[0])

    @property
    def demoted(self) -> bool:
        """Whether the pool has taken this worker for a long question; it ends with it."""
        return self._memory[self._offset + 24] != 0

    @demoted.setter
    def demoted(self, value: bool) -> None:
        self._memory[self._offset + 24] = int(value)


class Table:
    """So many slots, shared by every process forked after this was made."""

    def __init__(self, slots: int) -> None:
        self._memory = mmap.mmap(-1, max(1, slots) * _SLOT.size)
        self.slots = [Slot(self._memory, number * _SLOT.size) for number in range(slots)]

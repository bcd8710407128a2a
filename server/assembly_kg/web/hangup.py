"""Whether the client of a request has gone, which WSGI does not say.

Owns a guess that is never wrong in one direction: a client that is still there is never taken for
gone. Granian names a client's address but not its port, so the connections of this process that
might be the request's are found by what Linux tells of them (``connections``): they come from the
address, last received data about when the request began, and sent nothing since. While one of
them is open the client is there. On other systems nobody is ever taken for gone.
"""

from __future__ import annotations

import sys
import time
from typing import Final

from assembly_kg.web.connections import connections

__all__ = ["HungUp"]

_TICK: Final = 0.05  # the kernel's clock for these ages is coarse
_LATE: Final = 2.0  # a request waits at most this long for a thread


class HungUp:
    """Call it to learn whether a request's client has gone.

    Args:
        address: the client's address, as the request tells it.
        started: when the request began, on the monotonic clock.
    """

    def __init__(self, address: str, started: float) -> None:
        self._address = address
        self._started = started
        self._peers: set[tuple[str, int]] | None = None

    def __call__(self) -> bool:
        """Whether none of the connections that might be the request's is open."""
        if sys.platform != "linux":
            return False
        elapsed = time.monotonic() - self._started
        present = [c for c in connections(self._address) if c.open]
        if self._peers is None:
            self._peers = {
                c.peer
                for c in present
                if elapsed - _TICK <= c.received <= elapsed + _LATE and c.sent >= c.received - _TICK
            }
        return not any(c.peer in self._peers for c in present)

"""Bodies of requests that are still on their way.

Owns their bounds. A body is awaited in one of granian's threads, of which there are only some, so
whoever sends many bodies and ends none would leave no thread to anyone. Hence only a few are
awaited at once, half of them for one client at most, and none for longer than ``PATIENCE``: then
its connection is cut, where it can be told from others (``relay``; elsewhere a proxy that sends
on only whole requests must be in front).
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.web.connections import connections
from assembly_kg.web.errors import Problem, ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST", "PATIENCE", "Bodies"]

MOST: Final = 8  # fewer than granian has threads beside those that may wait for a worker
PATIENCE: Final = 10.0  # seconds
_PAUSE: Final = 0.2  # a body that came with its head is read in far less
_TICK: Final = 0.5


@dataclass(eq=False, slots=True)
class _Awaited:
    """A body on its way: whose, on the connection from which address, since when."""

    client: str
    remote: str
    since: float

    def cut(self) -> None:
        """End its connection, if there is no other that may be meant."""
        if self.remote != self.client:
            for connection in connections(self.remote):
                connection.cut()


class Bodies:
    """The bodies that one process awaits.

    Args:
        patience: seconds that one may take.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._awaited: set[_Awaited] = set()
        self._watched = False

    @contextmanager
    def awaiting(self, environ: dict[str, Any]) -> Iterator[None]:
        """While a request's body is read.

        Raises:
            ProblemError: too many are on their way.
        """
        remote = environ.get("REMOTE_ADDR", "")
        body = _Awaited(environ.get("assembly_kg.client") or remote, remote, time.monotonic())
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(body.client), _PAUSE):
                raise ProblemError(
                    Problem(
                        "queue",
                        "too many requests are still on their way; try again in a few seconds",
                        {"limit": "bodies", "value": MOST},
                    )
                )
            self._awaited.add(body)
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="bodies", daemon=True).start()
        try:
            yield
        finally:
            with self._changed:
                self._awaited.discard(body)
                self._changed.notify_all()

    def _has_room(self, client: str) -> bool:
        own = sum(1 for body in self._awaited if body.client == client)
        return len(self._awaited) < MOST and own < MOST // 2

    def _watch(self) -> None:
        while True:
            time.sleep(_TICK)
            oldest = time.monotonic() - self._patience
            with self._changed:
                late = [body for body in self._awaited if body.since < oldest]
            for body in late:
                body.cut()

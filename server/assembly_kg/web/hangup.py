"""Whether the client of a request has gone, which WSGI does not say.

Owns a guess that is never wrong in one direction: a client that is still there is never taken for
gone. Granian names a client's address but not its port, so the connections of this process that
might be the request's are found by what Linux tells of them (``TCP_INFO``, tcp(7)): they come from
the address, last received data about when the request began, and sent nothing since. While one of
them is open the client is there. On other systems nobody is ever taken for gone.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HungUp"]

_ESTABLISHED: Final = 1
_TICK: Final = 0.05  # the kernel's clock for these ages is coarse
_LATE: Final = 2.0  # a request waits at most this long for a thread
# tcp_info: the state, then, after 8 bytes of flags, 32-bit numbers: the tenth is the age of the
# last data sent and the twelfth that of the last data received, both in milliseconds.
_INFO: Final = struct.Struct("=B7x36xI4xI")


@dataclass(frozen=True, slots=True)
class _Connection:
    peer: tuple[str, int]
    open: bool
    sent: float
    received: float


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
        present = [c for c in _connections(self._address) if c.open]
        if self._peers is None:
            self._peers = {
                c.peer
                for c in present
                if elapsed - _TICK <= c.received <= elapsed + _LATE and c.sent >= c.received - _TICK
            }
        return not any(c.peer in self._peers for c in present)


def _connections(address: str) -> Iterator[_Connection]:
    """This process's TCP connections with an address."""
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if not str(entry.readlink()).startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(int(entry.name))) as connection:
                if connection.family not in {socket.AF_INET, socket.AF_INET6}:
                    continue
                peer = connection.getpeername()
                if peer[0].removeprefix("::ffff:") != address.removeprefix("::ffff:"):
                    continue
                info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
                state, sent, received = _INFO.unpack(info)
                yield _Connection(
                    (peer[0], peer[1]), state == _ESTABLISHED, sent / 1000, received / 1000
                )

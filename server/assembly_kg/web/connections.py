"""This process's TCP connections, as Linux tells of them.

Owns what the kernel knows and WSGI does not say: which connections there are with an address, when
they last sent and received, and how many bytes were written to each (``TCP_INFO`` and ``SIOCOUTQ``,
tcp(7); ``struct tcp_info`` of ``linux/tcp.h``). Elsewhere there are none.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
import sys
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Connection", "connections"]

_ESTABLISHED: Final = 1
# tcp_info: the state, then, after 8 bytes of flags, 32-bit numbers: the tenth is the age of the
# last data sent and the twelfth that of the last data received, both in milliseconds; from byte
# 120, in 64 bits, the bytes that the other side has acknowledged.
_INFO: Final = struct.Struct("=B7x36xI4xI64xQ")
_UNSENT: Final = struct.Struct("=i")


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection at one moment.

    Attributes:
        descriptor: its file descriptor in this process.
        peer: the other side's address and port.
        open: whether both sides may still send.
        sent, received: seconds since data last went out or came in.
        written: bytes that this side has written since it was made (and at most one more).
    """

    descriptor: int
    peer: tuple[str, int]
    open: bool
    sent: float
    received: float
    written: int

    def cut(self) -> None:
        """End it for both sides, if it is still the same."""
        with (
            contextlib.suppress(OSError),
            socket.socket(fileno=os.dup(self.descriptor)) as connection,
        ):
            if connection.getpeername()[:2] == self.peer:
                connection.shutdown(socket.SHUT_RDWR)


def connections(address: str) -> Iterator[Connection]:
    """This process's TCP connections with an address."""
    if sys.platform != "linux":
        return
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
                state, sent, received, acknowledged = _INFO.unpack(info)
                waiting = fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(_UNSENT.size))
                yield Connection(
                    int(entry.name),
                    (peer[0], peer[1]),
                    state == _ESTABLISHED,
                    sent / 1000,
                    received / 1000,
                    acknowledged + _UNSENT.unpack(waiting)[0],
                )

"""Connections that the front does not answer itself, passed on to granian.

Owns the passing: bytes both ways, unread and unchanged, each side as fast as the other takes them.
What is passed is a connection, for good, not a request: so there are no two readings of where a
request ends, and nothing to smuggle between them. Also owns how granian learns the client's
address: each connection comes from a loopback address of its own (all of 127.0.0.0/8 is Linux's
loopback), and a file that both map into memory says whose that is.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import mmap
import os
import re
import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol

from assembly_kg.web.headers import COMMON

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from assembly_kg.web.headers import Application, Start

__all__ = ["Client", "Passage", "Relayed", "Upstream"]

_SLOTS: Final = 65_536
_BYTES: Final = 16
_FIRST: Final = 64  # addresses are 127.64.x.y for the first front, 127.65.x.y for the second …
_PATIENCE: Final = 10.0
_REST: Final = 0.05
_BIND_WITHOUT_PORT: Final = 24  # IP_BIND_ADDRESS_NO_PORT, ip(7)
_NETWORK: Final = "127."
_BARE: Final = re.compile(
    rb"HTTP/1\.1 4[0-9]{2} [A-Za-z ]+\r\n(?:(?:connection|content-length|date): [\w ,:]+\r\n)+\r\n"
)
_COMMON: Final = "".join(f"{name}: {value}\r\n" for name, value in COMMON).encode()


def _file(folder: Path, front: int) -> Path:
    return folder / f"clients-{front}"


class Client(Protocol):
    """The side of the client, as its other side sees it."""

    def passed(self, data: bytes) -> None:
        """Take bytes for the client."""

    def passed_all(self) -> None:
        """There will be no more."""

    def hold(self, *, back: bool) -> None:
        """Read no more from the client, or read again."""


class Passage:
    """Makes connections to granian, for one front.

    Args:
        folder: where the file of addresses is.
        front: the front's number, from 0.
        port: granian's.
    """

    def __init__(self, folder: Path, front: int, port: int) -> None:
        self._port = port
        self._front = front
        with _file(folder, front).open("a+b") as file:
            file.truncate(_SLOTS * _BYTES)
            self._addresses = mmap.mmap(file.fileno(), _SLOTS * _BYTES)
        self._free = deque(range(1, _SLOTS - 1))

    async def open(self, client: Client, address: str) -> Upstream:
        """A connection for a client with this address, waiting a while for a granian that starts.

        Raises:
            OSError: there is none to be had.
        """
        if not self._free:
            raise OSError("too many connections are passed on")
        slot = self._free.popleft()  # the one that was free longest
        self._addresses[slot * _BYTES : (slot + 1) * _BYTES] = _packed(address)
        try:
            connection = await self._connect(slot)
        except BaseException:
            self._free.append(slot)
            raise
        loop = asyncio.get_running_loop()
        upstream = Upstream(client, lambda: self._free.append(slot))
        await loop.create_connection(lambda: upstream, sock=connection)
        return upstream

    async def _connect(self, slot: int) -> socket.socket:
        loop = asyncio.get_running_loop()
        until = time.monotonic() + _PATIENCE
        source = f"127.{_FIRST + self._front}.{slot >> 8}.{slot & 255}"
        while True:
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            try:
                connection.setsockopt(socket.IPPROTO_IP, _BIND_WITHOUT_PORT, 1)
                connection.bind((source, 0))
                await loop.sock_connect(connection, ("127.0.0.1", self._port))
            except OSError:
                connection.close()
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_REST)
            except BaseException:
                connection.close()
                raise
            else:
                return connection


class Upstream(asyncio.Protocol):
    """Granian's side of a connection that is passed on."""

    def __init__(self, client: Client, ended: Any) -> None:
        self._client = client
        self._silent = True
        self._ended = ended
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(type(transport))
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Granian answers."""
        # Only what comes first is looked at: that is a head for sure, and no part of a body.
        self._client.passed(_with_headers(data) if self._silent else data)
        self._silent = False

    def pause_writing(self) -> None:
        """Granian takes no more."""
        self._client.hold(back=True)

    def resume_writing(self) -> None:
        """Granian takes more again."""
        self._client.hold(back=False)

    def connection_lost(self, error: Exception | None) -> None:
        """It has ended; what it said before is told, also where it did not listen to the end."""
        self._ended()
        if error is not None:
            self.data_received(self._rest())
        self._client.passed_all()

    def _rest(self) -> bytes:
        """What Linux still holds of a connection that was reset: a body is refused unread."""
        found = b""
        with contextlib.suppress(OSError):
            number = self.transport.get_extra_info("socket").fileno()
            while data := os.read(number, 65536):
                found += data
        return found


class Relayed:
    """WSGI middleware: notes whose a request is that comes through a front.

    Only ``assembly_kg.client`` changes: by ``REMOTE_ADDR``, which no two connections that are
    passed on share, a request's connection can be told from all others.
    """

    def __init__(self, inner: Application, folder: Path) -> None:
        self._inner = inner
        self._folder = folder
        self._files: dict[int, mmap.mmap] = {}

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        remote = environ.get("REMOTE_ADDR", "")
        if remote.startswith(_NETWORK):
            environ["assembly_kg.client"] = self._client(remote) or remote
        return self._inner(environ, start_response)

    def _client(self, remote: str) -> str:
        _, front, high, low = map(int, remote.split("."))
        if front < _FIRST:
            return ""
        memory = self._files.get(front)
        if memory is None:
            try:
                with _file(self._folder, front - _FIRST).open("rb") as file:
                    memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError):
                return ""
            self._files[front] = memory
        slot = high * 256 + low
        return _address(memory[slot * _BYTES : (slot + 1) * _BYTES])


def _with_headers(data: bytes) -> bytes:
    """What granian answers by itself to what is not HTTP: its bare head, and ``COMMON``."""
    return data[:-2] + _COMMON + b"\r\n" if _BARE.fullmatch(data) else data


def _packed(address: str) -> bytes:
    """An address as 16 bytes; IPv4 as RFC 4291, section 2.5.5.2, has it."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return bytes(_BYTES)
    return parsed.packed if parsed.version == 6 else bytes(10) + b"\xff\xff" + parsed.packed  # noqa: PLR2004 -- the protocol's number


def _address(packed: bytes) -> str:
    found = ipaddress.IPv6Address(packed)
    return str(found.ipv4_mapped or found)

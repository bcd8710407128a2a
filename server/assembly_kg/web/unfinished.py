"""A response that began before its answer was complete, and must not end as if it were.

Owns what granian lacks: a WSGI response that fails after its first byte is ended by it like a whole
one. Here its connection is cut instead, so that the client misses the last chunk and knows (RFC
9112, section 8, https://www.rfc-editor.org/rfc/rfc9112#section-8). Granian does not say which
connection a request came on, so it is found by what is written to it: pieces of odd sizes, and the
one connection on which just so many bytes went out, twice.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.errors import KnowledgeGraphError
from assembly_kg.web.connections import Connection, connections

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

__all__ = ["Line", "line_of", "streamed"]

_LEAST: Final = 1024
_MOST: Final = 8192
_PATIENCE: Final = 0.02
_PAUSE: Final = 0.0005

Peer = tuple[str, int]


class Line:
    """The connection of a response; at first any of those with the client's address.

    Args:
        address: the client's.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._first = self.written()
        self._matched: set[Peer] = set()
        self.found: Peer | None = None

    def written(self) -> dict[Peer, int]:
        """Bytes written so far, for each connection that may be the one."""
        return {c.peer: c.written for c in self._present() if c.open}

    def compare(self, before: dict[Peer, int], size: int) -> None:
        """Look for the connection on which one chunk of so many bytes went out since ``before``."""
        expected = size + len(f"{size:x}") + len("\r\n\r\n")
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            now = self.written()
            matched = {p for p, n in now.items() if n - before.get(p, 0) == expected}
            if matched:
                again = matched & self._matched
                self.found = next(iter(again)) if len(again) == 1 else None
                self._matched = again or matched
                return
            time.sleep(_PAUSE)

    def gone(self) -> bool:
        """Whether the client is known to have hung up."""
        return self.found is not None and self.found not in self.written()

    def cut(self) -> None:
        """Cut it; if it is not known by now, all on which anything went out that may be it."""
        for connection in self._present():
            grown = connection.written > self._first.get(connection.peer, connection.written)
            if connection.peer == self.found or (self.found is None and grown):
                connection.cut()

    def _present(self) -> Iterator[Connection]:
        return connections(self._address)

    def __bool__(self) -> bool:
        """Whether there is any connection that may be the one."""
        return bool(self._first)


def line_of(environ: dict[str, Any]) -> Line | None:
    """The connection of a request, if a response on it can be cut; chunks are HTTP/1.1's."""
    if environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        return None
    return Line(environ.get("REMOTE_ADDR", "")) or None


def streamed(
    pieces: Iterator[bytes], line: Line
) -> Generator[bytes, None, KnowledgeGraphError | None]:
    """The pieces, and a cut line where they fail with a ``KnowledgeGraphError``; returns that."""
    try:
        for piece in pieces:
            rest = piece
            while line.found is None and len(rest) > _LEAST:
                size = min(len(rest), _LEAST + secrets.randbelow(_MOST - _LEAST))
                before = line.written()
                yield rest[:size]
                line.compare(before, size)
                rest = rest[size:]
            if rest:
                yield rest
    except Exception as error:
        line.cut()
        if not isinstance(error, KnowledgeGraphError):
            raise
        return error
    return None

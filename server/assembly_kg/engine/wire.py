"""What passes between an HTTP process and the pool over a Unix socket.

Owns the frames. A request is one frame of JSON; a reply is either ``WHOLE`` (number of rows, head
and body together), or ``START`` (head), any number of ``PIECE`` and then ``END`` (number of rows),
or ``FAULT`` at any point. A reply that ends without ``WHOLE``, ``END`` or ``FAULT`` is broken: its
worker has died.
"""

from __future__ import annotations

import json
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from assembly_kg import errors
from assembly_kg.engine.question import Answer, Head
from assembly_kg.errors import EngineError, KnowledgeGraphError

if TYPE_CHECKING:
    import socket

    from assembly_kg.engine.question import Question

__all__ = [
    "END",
    "FAULT",
    "PIECE",
    "PIECE_BYTES",
    "START",
    "WHOLE",
    "BrokenReply",
    "Reader",
    "decode_fault",
    "decode_head",
    "encode_fault",
    "encode_question",
    "send",
    "short_answer",
    "whole_frame",
]

WHOLE: Final = 1
START: Final = 2
PIECE: Final = 3
END: Final = 4
FAULT: Final = 5
PIECE_BYTES: Final = 256 * 1024

_HEADER: Final = struct.Struct("!BI")
_encode: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class BrokenReply(Exception):
    """The other side has gone before it was done."""


def send(connection: socket.socket, kind: int, *parts: bytes) -> None:
    """Send one frame.

    Raises:
        OSError: the other side has gone.
    """
    size = sum(map(len, parts))
    connection.sendall(b"".join((_HEADER.pack(kind, size), *parts)))


class Reader:
    """Frames as they arrive on one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def frame(self) -> tuple[int, bytes]:
        """The next frame: its kind and its content.

        Raises:
            BrokenReply: the other side has gone.
            BlockingIOError: nothing came within the socket's own time-out; ask again.
        """
        wanted = _HEADER.size
        while True:
            if len(self._buffer) >= _HEADER.size:
                kind, size = _HEADER.unpack_from(self._buffer)
                wanted = _HEADER.size + size
                if len(self._buffer) >= wanted:
                    with memoryview(self._buffer) as view:
                        content = bytes(view[_HEADER.size : wanted])
                    del self._buffer[:wanted]
                    return kind, content
            data = self._connection.recv(max(65536, wanted - len(self._buffer)))
            if not data:
                raise BrokenReply
            self._buffer += data


def whole_frame(data: bytes) -> tuple[int, bytes] | None:
    """The frame at the beginning of some bytes, if all of it is there."""
    if len(data) < _HEADER.size:
        return None
    kind, size = _HEADER.unpack_from(data)
    end = _HEADER.size + size
    return (kind, data[_HEADER.size : end]) if len(data) >= end else None


def encode_question(number: int, deadline: float, question: Question) -> bytes:
    """A question as a frame, with its number and its deadline (seconds, monotonic)."""
    content = [
        number,
        deadline,
        question.text,
        question.default_graphs,
        question.named_graphs,
        question.solutions,
        question.triples,
        question.task,
    ]
    data = _encode(content).encode("utf-8", "surrogatepass")
    return _HEADER.pack(0, len(data)) + data


def short_answer(kind: int, content: bytes) -> Answer:
    """The answer in a frame that holds all of it.

    Raises:
        KnowledgeGraphError: the frame is a fault.
    """
    if kind == FAULT:
        raise decode_fault(content)
    rows, _, rest = content.partition(b"\n")
    head, _, body = rest.partition(b"\n")
    return Answer(decode_head(head), body, len(body), json.loads(rows))


@lru_cache(maxsize=64)
def decode_head(content: bytes) -> Head:
    """The head of an answer."""
    return Head(*json.loads(content))


def encode_fault(error: KnowledgeGraphError) -> bytes:
    """An error as the content of a ``FAULT`` frame."""
    reduced: Any = error.__reduce__()
    return json.dumps([type(error).__name__, reduced[1]], ensure_ascii=False, default=str).encode(
        "utf-8", "replace"
    )


def decode_fault(content: bytes) -> KnowledgeGraphError:
    """The reverse of ``encode_fault``."""
    name, arguments = json.loads(content)
    error = getattr(errors, name, EngineError)(*arguments)
    if not isinstance(error, KnowledgeGraphError):
        raise TypeError(name)
    return error

"""A process that answers one question at a time and may be killed at any moment.

Owns what happens in a forked worker: its bounds, its loop, the frames it sends. Who forks, watches
and buries it is left to ``pool``.

What bounds it is the kernel, not its own good will. The deadline is an alarm whose default is
death. Memory is RLIMIT_DATA above what the worker inherited. And it can open nothing: it may make
no socket (seccomp(2)), and every file descriptor but one is taken, and that one is the connection
to its asker, so that no query, however it is written, reaches a file or another host. A large
store on disk keeps a descriptor for each of its files that is not open yet.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import json
import os
import platform
import re
import resource
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from assembly_kg.engine import wire
from assembly_kg.engine.question import Head, Question
from assembly_kg.errors import DeadlineExceeded, KnowledgeGraphError, MemoryExceeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from assembly_kg.engine.evaluate import Evaluator
    from assembly_kg.engine.table import Slot

__all__ = ["Worker", "die_with_parent"]

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2
_SOCKET_CALL: Final = {"x86_64": 41, "aarch64": 198}
_FILTER: Final = struct.Struct("=HBBI")  # struct sock_filter
_PROGRAM: Final = struct.Struct("@HP")  # struct sock_fprog
_TABLE: Final = ".sst"  # the files of RocksDB
_GROWN: Final = 16 * 1024 * 1024


class _Stopped(BaseException):
    """The pool asks an idle worker to go."""


class _AskerGone(Exception):
    """The connection is closed."""


class Worker:
    """The loop of one worker process.

    Args:
        evaluate: gives what answers questions, over the inherited store or over one on disk.
        listener: where askers connect; all workers accept from it.
        slot: where this worker tells the pool what it is doing.
        memory: bytes that it may take beyond what it inherited.
        timeout: the setting, for the message of a question that waited too long.
    """

    def __init__(
        self,
        evaluate: Callable[[], Evaluator],
        listener: socket.socket,
        slot: Slot,
        memory: int,
        timeout: float,
    ) -> None:
        self._evaluate = evaluate
        self._listener = listener
        self._slot = slot
        self._memory = memory
        self._timeout = timeout
        self._idle = False
        self._stopping = False

    def run(self) -> NoReturn:
        """Answer until told to stop, grown too large or dead; then leave without a trace."""
        status = 0
        try:
            _forbid_sockets()
            self._evaluator = self._evaluate()
            self._confine()
            self._loop()
        except _Stopped:
            pass
        except MemoryError:
            status = 1
        except BaseException:  # noqa: BLE001 -- a forked child must never return into its parent's code
            status = 70
        os._exit(status)

    def _confine(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, self._stop)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        gc.freeze()
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            _limit_memory(self._memory)
        _fill_descriptors()
        self._baseline = _private()

    def _stop(self, *_: object) -> None:
        self._stopping = True
        if self._idle:
            raise _Stopped

    def _loop(self) -> None:
        while True:
            # Idle first: a signal from here on ends the wait, one before it has left its mark.
            self._idle = True
            if self._stopping:
                return
            connection, _ = self._listener.accept()
            self._idle = False
            with connection:
                heavy = self._serve(connection)
            if self._slot.demoted or (heavy and _private() - self._baseline > _GROWN):
                return

    def _serve(self, connection: socket.socket) -> bool:
        """Answer one connection; whether it may have cost memory worth looking at."""
        try:
            _, content = wire.Reader(connection).frame()
        except (wire.BrokenReply, OSError):
            return False
        identity, deadline, *question = json.loads(content)
        remaining = deadline - time.monotonic()
        reply = _Reply(connection)
        if _left(connection):
            return False
        if remaining <= 0:
            reply.fail(
                DeadlineExceeded(
                    "timeout", self._timeout, "the query waited its whole time for a free worker"
                )
            )
            return False
        started = self._slot.begin(identity)
        signal.setitimer(signal.ITIMER_REAL, remaining)
        try:
            reply.end(self._evaluator.answer(_question(question), reply))
        except KnowledgeGraphError as error:
            reply.fail(error)
        except MemoryError:
            reply.fail(MemoryExceeded("memory", self._memory / 1024 / 1024))
            raise
        except _AskerGone:
            return True  # there is nobody to tell
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._slot.finish()
        return time.monotonic() - started > 0.05 or reply.sent > wire.PIECE_BYTES  # noqa: PLR2004


def _question(values: list[object]) -> Question:
    text, default, named, solutions, triples, task = values
    return Question(
        text=text,  # type: ignore[arg-type]
        default_graphs=None if default is None else tuple(default),  # type: ignore[arg-type]
        named_graphs=None if named is None else tuple(named),  # type: ignore[arg-type]
        solutions=solutions,  # type: ignore[arg-type]
        triples=triples,  # type: ignore[arg-type]
        task=task,  # type: ignore[arg-type]
    )


def _left(connection: socket.socket) -> bool:
    """Whether an asker has gone while its question waited; one that is there sends no more."""
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


class _Reply:
    """An answer on its way: held back while it is small, so that it is whole or not at all."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._head = b""
        self._parts: list[bytes] = []
        self._size = 0
        self._started = False
        self.sent = 0

    def begin(self, head: Head) -> None:
        self._head = json.dumps([head.format, head.makes_graph, head.volatile]).encode()

    def write(self, data: bytes) -> int:
        self._parts.append(data)
        self._size += len(data)
        if self._size >= wire.PIECE_BYTES:
            self._push()
        return len(data)

    def flush(self) -> None:
        """Nothing: pieces go when they are full, the rest with the end."""

    def end(self, rows: int | None) -> None:
        told = b"null" if rows is None else b"%d" % rows
        if self._started:
            self._push()
            self._send(wire.END, told)
        else:
            self._send(wire.WHOLE, told, b"\n", self._head, b"\n", *self._parts)

    def fail(self, error: KnowledgeGraphError) -> None:
        with contextlib.suppress(OSError):
            wire.send(self._connection, wire.FAULT, wire.encode_fault(error))

    def _push(self) -> None:
        if not self._started:
            self._send(wire.START, self._head)
            self._started = True
        self._send(wire.PIECE, *self._parts)
        self.sent += self._size
        self._parts, self._size = [], 0

    def _send(self, kind: int, *parts: bytes) -> None:
        try:
            wire.send(self._connection, kind, *parts)
        except OSError as error:
            raise _AskerGone from error


def die_with_parent(parent: int, with_: int = signal.SIGKILL) -> None:
    """Have the kernel end this process when its parent ends (Linux; elsewhere nothing happens)."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, int(with_), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _limit_memory(extra: int) -> None:
    """Allow so many bytes of private memory on top of what the fork inherited."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    held = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData:"))
    limit = held * 1024 + extra
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _forbid_sockets() -> None:
    """Let the kernel refuse to make a socket (Linux; where it cannot, other guards remain)."""
    number = _SOCKET_CALL.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return
    # Load the call's number; if it is socket's, answer "permission denied", else allow it.
    steps = ((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | errno.EACCES))
    code = b"".join(_FILTER.pack(*step) for step in (*steps, (0x06, 0, 0, 0x7FFF0000)))
    held = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(_PROGRAM.pack(len(steps) + 1, ctypes.addressof(held)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0)


def _fill_descriptors() -> None:
    """Leave room for exactly one more file descriptor: the connection that is being served.

    And for those files of a store on disk that it opens when it first needs them.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    opened = {int(entry.name): entry for entry in Path("/proc/self/fd").iterdir()}
    tables = set()
    for entry in opened.values():
        with contextlib.suppress(OSError):
            tables.add(entry.readlink())
    folders = {table.parent for table in tables if table.suffix == _TABLE}
    unopened = sum(
        1 for folder in folders for file in folder.glob(f"*{_TABLE}") if file not in tables
    )
    while (taken := os.dup(null)) < max(opened):
        pass
    # Every number up to ``taken`` is in use now; the limit is the first number not to be had.
    limit = taken + 2 + unopened
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def _private() -> int:
    """Bytes of memory that this process alone holds: new, or no longer as they were inherited."""
    with contextlib.suppress(OSError):
        told = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
        return sum(map(int, re.findall(r"^Private_\w+:\s+(\d+) kB", told, re.MULTILINE))) * 1024
    return 0

"""The pool, from a process that speaks HTTP: questions out over Unix sockets, answers back.

Owns admission (the queue), the wait, and the meaning of a worker's death. Follows the generation
that is current: a directory holds one pair of sockets and one catalogue for each release that is
loaded, and the link ``current`` names the one to ask.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from assembly_kg.engine import wire
from assembly_kg.engine.catalogue import Catalogue
from assembly_kg.engine.pool import control_address, question_address
from assembly_kg.engine.question import Answer, AskerGone, Head, Question
from assembly_kg.engine.spool import Spool
from assembly_kg.errors import (
    DeadlineExceeded,
    EngineError,
    EngineUnavailable,
    LimitExceeded,
    MemoryExceeded,
    QueueFull,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assembly_kg.settings import Settings

__all__ = [
    "ATTEMPTS",
    "CURRENT",
    "OVERDUE",
    "REST",
    "UNANSWERED",
    "WAIT_FOR_POOL",
    "PoolClient",
    "catalogue_file",
]

CURRENT: Final = "current"
_LOOK_SECONDS: Final = 0.25
_TIMEVAL: Final = struct.Struct("@ll")
ATTEMPTS: Final = 4  # how often a question is asked whose worker was lost
REST: Final = 0.01  # seconds between two looks
WAIT_FOR_POOL: Final = 10.0  # seconds that a pool may take to come back
OVERDUE: Final = 2.0  # seconds that a worker may be late with ending itself
UNANSWERED: Final = "the engine does not answer; try again in a few seconds"


def catalogue_file(directory: Path, generation: str) -> Path:
    """Where a generation's catalogue lies."""
    return directory / f"{generation}.json"


class PoolClient:
    """Asks the pool of the current generation. Safe to use from many threads.

    Args:
        directory: where the pools' sockets and catalogues are.
        settings: timeout, memory, workers, long_workers, queue, hold.
        link: the link there that names the generation to ask.
    """

    def __init__(self, directory: Path, settings: Settings, link: str = CURRENT) -> None:
        self._directory = directory
        self._current = str(directory / link)
        self._settings = settings
        self._known: tuple[str, Catalogue] | None = None
        self._numbers = itertools.count(os.getpid() << 32 | 1)
        # All processes wait in the pool's socket; this also holds while there is none.
        places = settings.workers + settings.long_workers + settings.queue
        self._places = threading.BoundedSemaphore(places)
        self._timeval = _TIMEVAL.pack(0, int(_LOOK_SECONDS * 1e6))
        self.waiting = 0

    def generation(self) -> str:
        """The name of the generation to ask; changes when another release is loaded.

        Raises:
            EngineUnavailable: none is loaded.
        """
        try:
            return os.readlink(self._current)  # noqa: PTH115 -- asked for every request: half the time
        except OSError as error:
            raise EngineUnavailable("no release is loaded; try again in a few seconds") from error

    def catalogue(self) -> Catalogue:
        """What the current generation serves."""
        generation = self.generation()
        if self._known is None or self._known[0] != generation:
            file = catalogue_file(self._directory, generation)
            try:
                catalogue = Catalogue.from_json(file.read_text(encoding="utf-8"))
            except OSError as error:
                raise EngineUnavailable("the release is being changed; try again") from error
            self._known = generation, catalogue
        return self._known[1]

    def answer(
        self,
        question: Question,
        timeout: float | None = None,
        hung_up: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a question; see ``Engine``."""
        limit = self._settings.timeout if timeout is None else min(timeout, self._settings.timeout)
        if not self._places.acquire(blocking=False):
            raise QueueFull("queue", self._settings.queue)
        try:
            return self._answer(question, limit, hung_up)
        finally:
            self._places.release()

    def statistics(self) -> dict[str, Any]:
        """How the pool is doing; empty if it does not say."""
        with contextlib.suppress(EngineError):
            found = self._ask_control(["statistics"])
            if isinstance(found, dict):
                return found
        return {}

    def _answer(
        self, question: Question, limit: float, hung_up: Callable[[], bool] | None
    ) -> Answer:
        deadline = time.monotonic() + limit
        for attempt in range(ATTEMPTS):
            number = next(self._numbers)
            wait = _Wait(self, number, deadline, hung_up)
            try:
                with contextlib.ExitStack() as kept:
                    connection = kept.enter_context(self._connect(deadline))
                    connection.sendall(wire.encode_question(number, deadline, question))
                    reader = wire.Reader(connection)
                    kind, first = wait.frame(reader)
                    if kind != wire.START:
                        return wire.short_answer(kind, first)
                    wait.look()
                    spool = Spool(self._directory, functools.partial(self._told, number, limit))
                    _start_spool(spool, reader, wait, kept.pop_all())
                return self._held(wire.decode_head(first), spool, wait)
            except (wire.BrokenReply, OSError) as error:
                self._explain(number, limit, error, last=attempt == ATTEMPTS - 1)
        raise EngineUnavailable("the query's worker was lost; try again")

    def _connect(self, deadline: float) -> socket.socket:
        """A connection to a worker, waiting a while for a pool that is being restarted.

        Raises:
            QueueFull: as many questions wait as may.
            EngineUnavailable: there is no pool.
        """
        give_up = min(deadline, time.monotonic() + WAIT_FOR_POOL)
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.setblocking(False)  # or a full queue would have to be waited for
                connection.connect(question_address(self._directory, self.generation()))
                connection.setblocking(True)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, self._timeval)
            except BlockingIOError as error:
                connection.close()
                raise QueueFull("queue", self._settings.queue) from error
            except (OSError, EngineUnavailable) as error:
                connection.close()
                if time.monotonic() > give_up:
                    raise EngineUnavailable(UNANSWERED) from error
                time.sleep(REST)
            else:
                return connection

    def _held(self, head: Head, spool: Spool, wait: _Wait) -> Answer:
        """A long answer: whole, if it is so soon; else what there is of it and what will come."""
        try:
            spool.settle(self._settings.hold)
            wait.watch(lambda: spool.closed)
        except BaseException:
            spool.close()
            raise
        return Answer(head, cast("BinaryIO", spool), spool.size)

    def _told(self, number: int, limit: float, error: Exception) -> Exception:
        """What a reader is told, of an answer that failed after it was given."""
        if isinstance(error, wire.BrokenReply | OSError):
            try:
                self._explain(number, limit, error, last=True)
            except EngineError as meant:
                return meant
        return error

    def _explain(self, number: int, limit: float, error: Exception, *, last: bool) -> None:
        """Raise what a worker's death means, or return if the question may be asked again."""
        cause = self._why(number)
        if cause == "deadline":
            raise DeadlineExceeded("timeout", limit) from error
        if cause == "memory":
            raise MemoryExceeded("memory", self._settings.memory) from error
        if cause == "stack":
            raise LimitExceeded(
                "max_nesting",
                self._settings.max_nesting,
                "the query is too deep to be read: it overflowed the stack of its worker",
            ) from error
        if cause == "long_workers":
            raise QueueFull(
                "long_workers",
                self._settings.long_workers,
                "the query takes long, and as many long queries as may run are running; "
                "try again later or narrow it",
            ) from error
        if last:
            raise EngineUnavailable("the query's worker was lost; try again") from error

    def _why(self, number: int) -> str:
        """Why a question's worker died; the pool may need a moment to notice."""
        for _ in range(5):
            cause = self._ask_control(["why", number])
            if cause:
                return str(cause)
            time.sleep(REST)
        return ""

    def cancel(self, number: int) -> None:
        """Stop a question of this client."""
        self._ask_control(["cancel", number])

    def _ask_control(self, message: list[object]) -> object:
        with (
            contextlib.suppress(OSError, ValueError, EngineUnavailable),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as control,
        ):
            control.bind("")
            control.settimeout(1.0)
            control.connect(control_address(self._directory, self.generation()))
            control.send(json.dumps(message).encode())
            return json.loads(control.recv(65536))
        return None


class _Wait:
    """Waits for frames, looking up now and then."""

    def __init__(
        self,
        client: PoolClient,
        number: int,
        deadline: float,
        hung_up: Callable[[], bool] | None,
    ) -> None:
        self._client = client
        self._number = number
        self._overdue = deadline + OVERDUE
        self._hung_up = hung_up

    def frame(self, reader: wire.Reader) -> tuple[int, bytes]:
        while True:
            try:
                return reader.frame()
            except BlockingIOError:
                self.look()
                if time.monotonic() > self._overdue:
                    self.cancel()
                    raise wire.BrokenReply from None

    def look(self) -> None:
        """Stop the question if its asker has gone.

        Raises:
            AskerGone: it has.
        """
        if self._hung_up is not None and self._hung_up():
            self.cancel()
            raise AskerGone

    def cancel(self) -> None:
        """Stop the question."""
        self._client.cancel(self._number)

    def watch(self, hung_up: Callable[[], bool]) -> None:
        """Ask this from now on."""
        self._hung_up = hung_up


def _start_spool(
    spool: Spool, reader: wire.Reader, wait: _Wait, connection: contextlib.ExitStack
) -> None:
    """Have a thread take a long answer from its worker, as fast as it comes."""

    def take() -> None:
        with connection:
            try:
                while (frame := wait.frame(reader))[0] == wire.PIECE:
                    spool.append(frame[1])
                if frame[0] == wire.FAULT:
                    spool.finish(wire.decode_fault(frame[1]))
                else:
                    spool.finish(rows=json.loads(frame[1]))
            except Exception as error:  # noqa: BLE001 -- whoever reads the spool is told
                if isinstance(error, AskerGone):
                    wait.cancel()
                spool.finish(error)

    threading.Thread(target=take, name="spool", daemon=True).start()

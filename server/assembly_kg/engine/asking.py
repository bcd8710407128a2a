"""The pool, from an event loop: many questions wait at once, and none of them in a thread.

Owns the same conversation as ``client``, without its waiting: a question goes out on a connection
of its own, the loop says when there is something to read, and a function is told the outcome. What
a worker's death means is ``client``'s. A long answer is not taken here but given up for
``TooLong``: whoever asked has a thread ask again, which spools it.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import time
from typing import TYPE_CHECKING, Final

from assembly_kg.engine import wire
from assembly_kg.engine.client import (
    ATTEMPTS,
    OVERDUE,
    REST,
    UNANSWERED,
    WAIT_FOR_POOL,
    PoolClient,
)
from assembly_kg.engine.pool import question_address
from assembly_kg.errors import EngineError, EngineUnavailable, QueueFull

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assembly_kg.engine.question import Answer, Question
    from assembly_kg.settings import Settings

__all__ = ["Asked", "AskingPool", "TooLong"]

_LONGEST: Final = 64 * 1024  # what a Unix socket takes at once


class TooLong(Exception):
    """The question or its answer is too long to be dealt with in a loop."""


class AskingPool(PoolClient):
    """Asks the pool of the current generation, for one event loop.

    ``answer`` may still be called from threads; both count against the same queue.
    """

    def __init__(self, directory: Path, settings: Settings) -> None:
        super().__init__(directory, settings)
        self._asked: set[Asked] = set()

    def ask(self, question: Question, told: Callable[[Answer | Exception], None]) -> Asked:
        """Ask; ``told`` is called once, unless the question is cancelled.

        Raises:
            QueueFull: as many questions as may be under way are so in this process.
        """
        if not self._places.acquire(blocking=False):
            raise self.full()
        asked = Asked(self, question, self._settings.timeout, told)
        self._asked.add(asked)
        asked.send()
        return asked

    def look(self) -> None:
        """Give up questions that are overdue; to be called every second or so."""
        now = time.monotonic()
        for asked in [asked for asked in self._asked if asked.deadline + OVERDUE < now]:
            asked.overdue()

    def address(self) -> str:
        """Where to ask.

        Raises:
            EngineUnavailable: nowhere at the moment.
        """
        return question_address(self._directory, self.generation())

    def full(self) -> QueueFull:
        """What is said when no more may wait."""
        return QueueFull("queue", self._settings.queue)

    def number(self) -> int:
        """A number that no other question has."""
        return next(self._numbers)

    def explain(self, number: int, limit: float, error: Exception, *, last: bool) -> None:
        """Raise what a worker's death means; takes a while, so not for the loop."""
        self._explain(number, limit, error, last=last)

    def forget(self, asked: Asked) -> None:
        """A question has come to its end."""
        if asked in self._asked:
            self._asked.remove(asked)
            self._places.release()


class Asked:
    """One question on its way."""

    __slots__ = (
        "_attempt",
        "_buffer",
        "_connection",
        "_limit",
        "_loop",
        "_number",
        "_pool",
        "_question",
        "_told",
        "deadline",
    )

    def __init__(
        self,
        pool: AskingPool,
        question: Question,
        limit: float,
        told: Callable[[Answer | Exception], None],
    ) -> None:
        self._pool = pool
        self._question = question
        self._limit = limit
        self._told: Callable[[Answer | Exception], None] | None = told
        self._loop = asyncio.get_running_loop()
        self._attempt = 0
        self._number = 0
        self._buffer = b""
        self._connection: socket.socket | None = None
        self.deadline = time.monotonic() + limit

    def send(self) -> None:
        """Put the question to a worker, or try again soon while there is no pool."""
        if self._told is None:
            return
        self._number = self._pool.number()
        message = wire.encode_question(self._number, self.deadline, self._question)
        if len(message) > _LONGEST:
            self._end(TooLong())
            return
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            connection.connect(self._pool.address())
            sent = connection.send(message)
        except BlockingIOError:
            connection.close()
            self._end(self._pool.full())
            return
        except (OSError, EngineUnavailable):
            connection.close()
            if time.monotonic() > self.deadline - self._limit + min(self._limit, WAIT_FOR_POOL):
                self._end(EngineUnavailable(UNANSWERED))
            else:
                self._loop.call_later(REST, self.send)
            return
        self._connection, self._buffer = connection, b""
        if sent < len(message):
            self._end(TooLong())
        else:
            self._loop.add_reader(connection.fileno(), self._readable)

    def cancel(self) -> None:
        """Nobody waits any longer."""
        self._stop(None)

    def overdue(self) -> None:
        """The worker's own alarm should have ended this."""
        self._loop.run_in_executor(None, self._pool.cancel, self._number)
        self._lost(wire.BrokenReply())

    def _readable(self) -> None:
        if self._connection is None:
            return
        try:
            data = self._connection.recv(wire.PIECE_BYTES + 65536)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(error)
            return
        if not data:
            self._lost(wire.BrokenReply())
            return
        self._buffer = self._buffer + data if self._buffer else data
        frame = wire.whole_frame(self._buffer)
        if frame is None:
            return
        kind, content = frame
        if kind == wire.START:
            self._stop(TooLong())
            return
        try:
            self._end(wire.short_answer(kind, content))
        except Exception as error:  # noqa: BLE001 -- whoever asked decides; the loop goes on
            self._end(error)

    def _stop(self, reason: Exception | None) -> None:
        """Stop the worker and tell why, if anyone is to be told."""
        self._loop.run_in_executor(None, self._pool.cancel, self._number)
        self._end(reason)

    def _lost(self, error: Exception) -> None:
        """The worker has gone: ask why, and ask another if that does not forbid it."""
        self._disconnect()
        self._attempt += 1
        last = self._attempt == ATTEMPTS
        explain = functools.partial(self._pool.explain, self._number, self._limit, error, last=last)
        self._loop.run_in_executor(None, explain).add_done_callback(self._explained)

    def _explained(self, future: asyncio.Future[None]) -> None:
        error = future.exception()
        if error is None:
            self.send()
        else:
            self._end(error if isinstance(error, EngineError) else EngineUnavailable(str(error)))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._loop.remove_reader(self._connection.fileno())
            self._connection.close()
            self._connection = None

    def _end(self, outcome: Answer | Exception | None) -> None:
        self._disconnect()
        self._pool.forget(self)
        told, self._told = self._told, None
        if told is not None and outcome is not None:
            told(outcome)

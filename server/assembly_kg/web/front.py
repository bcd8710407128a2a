"""The door of a server on Linux: what nearly every query is, answered in one event loop.

Owns connections and three kinds of answer that need neither a thread nor granian: a finished one
from the cache, found by a request's very bytes; that of a small query (``engine.lookup``); and a
short answer of the pool, awaited without a thread (``engine.asking``). It knows one form of
request, a GET of ``/sparql`` with the parameter ``query`` alone, whole in one piece, whose header
fields say nothing about framing. Whatever else a client sends goes to granian together with its
connection (``relay``), so HTTP in all its forms is read by granian's parser and nobody else. What
an answer says is ``endpoint``'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import gc
import re
import resource
import signal
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.engine.asking import TooLong
from assembly_kg.engine.question import AskerGone
from assembly_kg.errors import EngineUnavailable, KnowledgeGraphError
from assembly_kg.web.cache import Reply
from assembly_kg.web.endpoint import Endpoint
from assembly_kg.web.errors import Problem, ProblemError, problem_of
from assembly_kg.web.protocol import read_request
from assembly_kg.web.query_log import ANSWERED
from assembly_kg.web.query_log import Asked as Noted

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Hashable, Iterable

    from assembly_kg.engine.asking import Asked, AskingPool
    from assembly_kg.engine.lookup import WithLookups
    from assembly_kg.engine.question import Answer, Question
    from assembly_kg.settings import Settings
    from assembly_kg.web.observe import Notes
    from assembly_kg.web.relay import Passage, Upstream

__all__ = ["Front"]

_REQUEST: Final = re.compile(
    rb"GET /sparql\?(query=[!$%'-~]++) HTTP/1\.1\r\n((?:[A-Za-z0-9-]++:[\t -~]*+\r\n)++)\r\n"
)
# Fields that change what a request is, where it ends or what follows it.
_LEFT_TO_GRANIAN: Final = frozenset(
    {
        *("content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"),
        *("range", "if-match", "if-range", "if-unmodified-since", "http2-settings"),
        *("proxy-connection", "accept-datetime"),
    }
)
_OWN: Final = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_X_REQUEST_ID"})
_PATH: Final = "/sparql"
_CONNECTIONS: Final = 20_000
_LARGEST_REQUEST: Final = 64 * 1024
_KNOWN: Final = 16_384
_KNOWN_BYTES: Final = 16 * 1024 * 1024
_LONG: Final = 4096
_TICK: Final = 1.0
_NO_ROOM: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_IDLE_SECONDS: Final = 75.0
_LINGER: Final = 1.0
_RUNAWAY: Final = 1.0  # seconds of processor time, where milliseconds are meant
_KINDS: Final = 256
_REST: Final = 0.05
_OK: Final = b"HTTP/1.1 200 OK\r\n"
_LAST: Final = b"Connection: close\r\n"


class Front(Endpoint):
    """Answers what it can, passes on the rest.

    Args:
        pool: answers questions, later.
        lookups: answers some at once.
        settings: as for ``Endpoint``, and timeout.
        notes: is told of each request.
        passage: leads to granian.
    """

    def __init__(
        self,
        pool: AskingPool,
        lookups: WithLookups,
        settings: Settings,
        notes: Notes,
        passage: Passage,
    ) -> None:
        super().__init__(_nobody, lookups, settings)
        self.notes = notes
        self.passage = passage
        self.lines: set[Line] = set()
        # One that is passed on has two descriptors, here and in granian.
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.most = descriptors // 3 if descriptors > 0 else _CONNECTIONS
        self.draining = False
        self._pool = pool
        self._lookups = lookups
        self._known: dict[bytes, Hashable] = {}
        self._known_bytes = 0
        self._long: set[int] = set()
        self._learning = False
        self._beginnings: dict[Hashable, bytes] = {}
        self._date = (0, b"")
        self._coming: set[asyncio.Task[object]] = set()

    async def serve(self, listener: socket.socket, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM; then answer what was asked and return.

        Args:
            listener: where clients come in.
            ready: called once when they are served.
        """
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        self.listen(listener)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
        gc.freeze()
        ready()
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _TICK)
            self._look()
        loop.remove_reader(listener)
        listener.close()
        await self._drain()

    def listen(self, listener: socket.socket) -> None:
        """Take clients, one at a time; the next that waits may be another front's.

        asyncio's own servers take all that wait in one turn, and leave the other fronts idle.
        """
        if not self.draining and listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another front was sooner, or the client has gone again
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            loop.remove_reader(listener)
            loop.call_later(_TICK, self.listen, listener)
            return
        connection.setblocking(False)
        task = loop.create_task(loop.connect_accepted_socket(lambda: Line(self), connection))
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    def _look(self) -> None:
        """What is due every second."""
        self._pool.look()
        now = time.perf_counter()
        for line in list(self.lines):
            line.end_if_idle(0.0 if self.draining else _IDLE_SECONDS, now)

    def has_room(self) -> bool:
        """Whether one more connection can be had, at the cost of those that are idle longest."""
        if len(self.lines) < self.most:
            return True
        idle = sorted((line for line in self.lines if line.is_idle()), key=lambda line: line.last)
        for line in idle[: self.most // 8 + 1]:
            line.end()
        return bool(idle)

    async def _drain(self) -> None:
        self.draining = True
        until = time.monotonic() + self._settings.timeout + 5
        while self.lines and time.monotonic() < until:
            self._look()
            await asyncio.sleep(0.02)

    def take(self, line: Line, data: bytes, started: float) -> bool:
        """Deal with a request; False if it is not for the front.

        An answer that is there goes out at once; else ``line`` is busy until there is one.
        """
        try:
            generation = self._engine.generation()
        except EngineUnavailable:
            return False  # where threads can wait for it
        key = self._known.get(data)
        reply = self._cache.get(generation, key) if key is not None else None
        if reply is not None:
            identity = self.notes.identity()
            line.answer(reply.lines, reply.body, started, identity=identity, outcome="cached")
            return True
        environ = _read(data)
        if environ is None:
            return False
        environ["REMOTE_ADDR"] = line.address
        identity = self.notes.identity(environ.get("HTTP_X_REQUEST_ID", ""))
        environ["assembly_kg.request_id"] = identity
        try:
            return self._take(_Request(line, data, environ, started, generation))
        except ProblemError as error:
            self._refuse(_Request(line, data, environ, started, generation), error.problem)
        except KnowledgeGraphError as error:
            self._refuse(_Request(line, data, environ, started, generation), problem_of(error))
        return True

    def _take(self, asked: _Request) -> bool:
        line, environ = asked.line, asked.environ
        key = (
            environ["QUERY_STRING"],
            environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_ENCODING", ""),
        )
        reply = self._cache.get(asked.generation, key)
        if reply is not None:
            self._remember(asked.data, key, environ)
            self._finish(asked, reply, "cached")
            return True
        request = read_request(environ, b"")
        if request is None or hash(request.question) in self._long:
            return False
        release = self._engine.catalogue().release
        etag = self._etag(request.question, release)
        if self._named(environ, etag):
            self._finish(asked, Reply([], b"", etag), "")
            return True
        self._admit(environ)
        environ["assembly_kg.outcome"] = "failed"
        environ["assembly_kg.log"] = self.notes.write
        noted = Noted(environ, request.question, release)

        def told(answer: Answer | Exception) -> None:
            if isinstance(answer, TooLong):
                self._note_long(hash(request.question))
                line.pass_on(asked.data)
            elif isinstance(answer, KnowledgeGraphError):
                noted.failed(answer)
                self._refuse(asked, problem_of(answer))
            elif isinstance(answer, Exception):
                line.break_off()
                raise answer
            else:
                noted.ended(ANSWERED, answer)
                self._finish(asked, self._keep(asked, key, answer, etag), "evaluated")

        try:
            answer = self._here(request.question, asked.generation)
            if answer is None:
                waiting = self._pool.ask(request.question, told)
                line.wait_for(waiting, lambda: noted.failed(AskerGone()))
                self._learn()
            else:
                told(answer)
        except KnowledgeGraphError as error:
            noted.failed(error)
            raise
        return True

    def _here(self, question: Question, generation: str) -> Answer | None:
        """The answer, if this process can give it at once.

        The bound of what such an answer takes is proved. Were a proof wrong, the kernel would end
        this process, and another would take its place, rather than have all clients wait.
        """
        signal.setitimer(signal.ITIMER_VIRTUAL, _RUNAWAY)
        try:
            return self._lookups.here(question, generation)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _learn(self) -> None:
        """Have the pool find out what lets more queries be answered here, one thing at a time."""
        if self._learning:
            return
        question = self._lookups.to_learn()
        if question is None:
            return
        self._learning = True

        def told(answer: Answer | Exception) -> None:
            body = answer.body if not isinstance(answer, Exception) else b""
            self._lookups.learned(question, body if isinstance(body, bytes) else b"")
            asyncio.get_running_loop().call_later(_REST, rested)

        def rested() -> None:
            self._learning = False

        try:
            self._pool.ask(question, told)
        except KnowledgeGraphError:
            self._learning = False  # another time

    def _keep(self, asked: _Request, key: tuple[str, str, str], answer: Answer, etag: str) -> Reply:
        coding, body = self._coded(asked.environ, answer)
        kept = not answer.head.volatile
        own = f"Content-Length: {len(body)}\r\n"
        if kept:
            own += f"ETag: {etag}\r\n"
        lines = self._beginning(asked.generation, answer, coding) + own.encode("ascii")
        reply = Reply([], body, etag if kept else "", lines)
        asked.environ["assembly_kg.answer"] = (answer.size, answer.head.format)
        if kept:
            self._cache.put(asked.generation, key, reply, key_size=sum(map(len, key)))
        return reply

    def _beginning(self, generation: str, answer: Answer, coding: str | None) -> bytes:
        """Status and header fields that all answers of a kind have."""
        kind = (generation, answer.head, coding)
        lines = self._beginnings.get(kind)
        if lines is None:
            headers = [pair for pair in self._headers(answer, "") if pair[0] != "ETag"]
            if coding:
                headers.append(("Content-Encoding", coding))
            if len(self._beginnings) >= _KINDS:
                self._beginnings.clear()
            lines = self._beginnings[kind] = _OK + _fields(headers)
        return lines

    def _remember(self, data: bytes, key: Hashable, environ: dict[str, Any]) -> None:
        """Know these bytes again, if any request with them gets just this answer."""
        if not _OWN.isdisjoint(environ):
            return
        if len(self._known) >= _KNOWN or self._known_bytes > _KNOWN_BYTES:
            self._known.clear()
            self._known_bytes = 0
        self._known[data] = key
        self._known_bytes += len(data)

    def _note_long(self, question: int) -> None:
        if len(self._long) >= _LONG:
            self._long.clear()
        self._long.add(question)

    def _finish(self, asked: _Request, reply: Reply, outcome: str) -> None:
        line, environ, started = asked.line, asked.environ, asked.started
        identity = environ["assembly_kg.request_id"]
        status, lines, body = 200, reply.lines, reply.body
        if reply.etag and self._unchanged(environ, reply.etag):
            head: list[tuple[str, str]] = []
            self._not_modified(lambda _, headers: head.extend(headers), reply.etag)
            status, lines, body = 304, b"HTTP/1.1 304 Not Modified\r\n" + _fields(head), b""
        measured = environ.get("assembly_kg.answer", (0, ""))
        line.answer(
            lines,
            body,
            started,
            identity=identity,
            outcome=outcome,
            status=status,
            measured=measured,
        )

    def _refuse(self, asked: _Request, problem: Problem) -> None:
        environ = asked.environ
        seen: list[Any] = []
        body = self._problem(environ, lambda *given: seen.extend(given), problem)
        asked.line.answer(
            f"HTTP/1.1 {seen[0]}\r\n".encode() + _fields(seen[1]),
            b"".join(body),
            asked.started,
            identity=environ["assembly_kg.request_id"],
            outcome=environ.get("assembly_kg.outcome", ""),
            status=int(seen[0][:3]),
        )

    def date(self) -> bytes:
        """The header ``Date`` of this second."""
        now = int(time.time())
        if now != self._date[0]:
            self._date = now, f"Date: {formatdate(now, usegmt=True)}\r\n".encode()
        return self._date[1]


@dataclass(slots=True)
class _Request:
    """A request that has been read: whose, its bytes, as WSGI tells it, when, of which data.

    Not frozen, which would take as long as reading it.
    """

    line: Line
    data: bytes
    environ: dict[str, Any]
    started: float
    generation: str


class Line(asyncio.Protocol):
    """One connection of a client: idle, waiting for an answer, or passed on."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._asked: Asked | None = None
        self._hung_up: Callable[[], None] = _nothing
        self._busy = False
        self._passed = False
        self._over = False
        self._upstream: Upstream | None = None
        self._waiting = bytearray()
        self._held: set[str] = set()
        self.last = time.perf_counter()
        self._transport: asyncio.Transport
        self.address = ""

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(type(transport))
        self._transport = transport
        peer = transport.get_extra_info("peername") or ("",)
        self.address = str(peer[0])
        if self._front.has_room():
            self._front.lines.add(self)
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """A client speaks."""
        if self._over:
            return
        if self._upstream is not None:
            self._upstream.transport.write(data)
            return
        if self._busy or self._passed:
            self._waiting += data
            if len(self._waiting) > _LARGEST_REQUEST:
                self._hold("waiting", back=True)
            return
        self._begin(data)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        """A client has gone; nothing is done for it any longer."""
        self._front.lines.discard(self)
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.cancel()
            self._hung_up()
            notes, seconds = self._front.notes, time.perf_counter() - self.last
            notes.request(notes.identity(), method="GET", path=_PATH, status=499, seconds=seconds)
        if self._upstream is not None:
            self._upstream.transport.close()

    def pause_writing(self) -> None:
        """The client takes no more: listen to it no more, and to granian neither."""
        self._hold("client", back=True)
        if self._upstream is not None:
            self._upstream.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client takes more again."""
        self._hold("client", back=False)
        if self._upstream is not None and not self._upstream.transport.is_closing():
            self._upstream.transport.resume_reading()

    # The front's side

    def _begin(self, data: bytes) -> None:
        self.last = started = time.perf_counter()
        self._busy = True
        if not self._front.take(self, data, started):
            self.pass_on(data)

    def wait_for(self, asked: Asked, hung_up: Callable[[], None]) -> None:
        """There is no answer yet; ``hung_up`` is called if the client does not wait for it."""
        if self._busy:
            self._asked, self._hung_up = asked, hung_up

    def answer(
        self,
        lines: bytes,
        body: bytes,
        started: float,
        *,
        identity: str,
        outcome: str = "",
        status: int = 200,
        measured: tuple[int, str] = (0, ""),
    ) -> None:
        """Send a response and be ready for the next request."""
        front = self._front
        self._asked = None
        self._busy = False
        close = _LAST if front.draining else b""
        self._transport.write(
            b"%bX-Request-Id: %b\r\n%b%b\r\n%b"
            % (lines, identity.encode(), front.date(), close, body)
        )
        now = time.perf_counter()
        front.notes.request(
            identity,
            method="GET",
            path=_PATH,
            status=status,
            seconds=now - started,
            outcome=outcome,
            answer=measured,
        )
        self.last = now
        if front.draining:
            self._transport.close()
        elif self._waiting:
            data = bytes(self._waiting)
            self._waiting.clear()
            self._hold("waiting", back=False)
            asyncio.get_running_loop().call_soon(self._next, data)

    def _next(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self.data_received(data)

    def break_off(self) -> None:
        """End the connection without an answer."""
        self._asked = None
        self._transport.abort()

    def end_if_idle(self, seconds: float, now: float) -> None:
        """Close the connection if nothing was asked on it for so long."""
        if self.is_idle() and now - self.last > seconds:
            self.end()

    def is_idle(self) -> bool:
        """Whether nothing is to be answered on it, and it is the front's."""
        return not (self._busy or self._passed)

    def end(self) -> None:
        """Close the connection."""
        self._front.lines.discard(self)
        self._transport.close()

    # Passing on

    def pass_on(self, data: bytes) -> None:
        """Let granian have the connection, and what came on it and was not answered."""
        self._asked = None
        self._busy = False
        self._passed = True
        self._waiting[:0] = data
        task = asyncio.ensure_future(self._front.passage.open(self, self.address))
        task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Future[Upstream]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._transport.abort()
            return
        upstream = task.result()
        if self._transport.is_closing():
            upstream.transport.close()
            return
        self._upstream = upstream
        upstream.transport.write(bytes(self._waiting))
        self._waiting.clear()
        self._hold("waiting", back=False)

    def passed(self, data: bytes) -> None:
        """Take bytes for the client."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def passed_all(self) -> None:
        """Granian has no more for the client, who may still be sending and must not lose what came.

        To close at once would reset the connection (RFC 9112, section 9.6).
        """
        if self._transport.is_closing():
            return
        self._transport.write_eof()
        self._over = True
        self._held.clear()
        self._transport.resume_reading()
        asyncio.get_running_loop().call_later(_LINGER, self._transport.close)

    def hold(self, *, back: bool) -> None:
        """Read no more from the client, or read again, as granian can take it."""
        self._hold("granian", back=back)

    def _hold(self, reason: str, *, back: bool) -> None:
        """Read from the client while there is no reason not to."""
        if back:
            self._held.add(reason)
        else:
            self._held.discard(reason)
        if self._transport.is_closing():
            return
        if self._held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


def _read(data: bytes) -> dict[str, Any] | None:
    """A request as WSGI would tell it, if it has the one form that is known here."""
    if len(data) > _LARGEST_REQUEST:
        return None
    match = _REQUEST.fullmatch(data)
    if match is None:
        return None
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": _PATH,
        "QUERY_STRING": match[1].decode("ascii"),
    }
    fields = _fields_of(match[2])
    if fields is None or fields.get("HTTP_ACCEPT", "").lower().startswith("text/html"):
        return None  # pages, and errors that are pages, speak the reader's language: Flask's
    return environ | fields


@functools.lru_cache(maxsize=1024)
def _fields_of(block: bytes) -> dict[str, str] | None:
    """Header fields by their names in WSGI; None if they are not for the front."""
    found: dict[str, str] = {}
    for line in block.decode("ascii").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        key = "HTTP_" + name.upper().replace("-", "_")
        if name in _LEFT_TO_GRANIAN or key in found:
            return None
        if name == "connection" and value.lower() != "keep-alive":
            return None
        found[key] = value
    return found if "HTTP_HOST" in found else None


def _fields(headers: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")


def _nothing() -> None:
    """Nobody waits."""


def _nobody(environ: object, start: object) -> Iterable[bytes]:  # noqa: ARG001 -- WSGI's signature
    raise AssertionError("a front answers no other path")

"""What the front answers itself, and what it leaves to granian with its connection."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import re
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import pytest

from assembly_kg.engine.asking import AskingPool, TooLong
from assembly_kg.engine.lookup import WithLookups, is_lookup
from assembly_kg.engine.question import Question
from assembly_kg.errors import DeadlineExceeded, KnowledgeGraphError, QueueFull
from assembly_kg.settings import Settings
from assembly_kg.web.front import Front
from assembly_kg.web.observe import Notes, Observer
from assembly_kg.web.relay import Passage, Relayed

if TYPE_CHECKING:
    from pathlib import Path

    from assembly_kg.engine.inline import Inline
    from assembly_kg.engine.question import Answer

LOOK_UP = "SELECT ?o { <http://example.org/library> <http://example.org/books> ?o }"
JOIN = "SELECT ?o { ?s <http://example.org/books> ?o . ?s ?p ?o }"
HOST = b"Host: h\r\n"


def get(text: str, *fields: str) -> bytes:
    lines = "".join(f"{line}\r\n" for line in fields)
    return f"GET /sparql?query={quote(text)} HTTP/1.1\r\nHost: h\r\n{lines}\r\n".encode()


@dataclass
class Engine:
    """Stands for the pool and for look-ups; answers over a store of this process."""

    inline: Inline
    fails: Exception | None = None
    silent: bool = False
    number: int = 1
    asked: list[str] = field(default_factory=list)
    cancelled: int = 0
    unknown: list[Question] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)

    def to_learn(self) -> Question | None:
        return self.unknown.pop() if self.unknown else None

    def learned(self, _: Question, answer: bytes) -> None:
        self.told.append(answer)

    def generation(self) -> str:
        return str(self.number)

    def catalogue(self) -> object:
        return self.inline.catalogue()

    def here(self, question: Question, _: str) -> Answer | None:
        self.left.append(signal.getitimer(signal.ITIMER_VIRTUAL)[0])
        return self.inline.answer(question) if is_lookup(question.text) else None

    def ask(self, question: Question, told: Callable[[Answer | Exception], None]) -> Engine:
        self.asked.append(question.text)
        if isinstance(self.fails, QueueFull):
            raise self.fails
        answer: Answer | Exception
        try:
            answer = self.fails or self.inline.answer(question)
        except KnowledgeGraphError as error:
            answer = error
        if not self.silent:
            asyncio.get_running_loop().call_soon(told, answer)
        return self

    def cancel(self) -> None:
        self.cancelled += 1

    def look(self) -> None:
        pass


class Listener(socket.socket):
    """Accepts clients; if it is crowded, the first time it cannot."""

    crowded = False

    def accept(self) -> tuple[socket.socket, Any]:
        if self.crowded:
            self.crowded = False
            raise OSError(errno.EMFILE, "too many open files")
        return super().accept()


@dataclass
class Served:
    """A front that listens, and what arrives behind it."""

    front: Front
    engine: Engine
    observer: Observer
    port: int
    folder: Path
    listener: Listener
    passed: list[bytes] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, *requests: bytes) -> list[tuple[int, dict[str, str], bytes]]:
        """Requests one after the other on one connection, and their responses."""
        reader, writer = await self.open()
        found = []
        for request in requests:
            writer.write(request)
            found.append(await response(reader))
        writer.close()
        return found


async def until(condition: Callable[[], object]) -> None:
    for _ in range(4000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come about")


async def response(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode("latin-1")
    status, *lines = head.rstrip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    body = await reader.readexactly(int(headers.get("Content-Length", 0)))
    return int(status.split()[1]), headers, body


@contextlib.asynccontextmanager
async def standing(inline: Inline, folder: Path, **values: float) -> AsyncIterator[Served]:
    engine = Engine(inline)
    observer = Observer()
    loop = asyncio.get_running_loop()
    found: Served

    async def behind(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """In granian's place: keeps what comes and answers every piece alike."""
        found.sources.append(writer.get_extra_info("peername")[0])
        while data := await reader.read(65536):
            found.passed.append(data)
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    inside = await asyncio.start_server(behind, "127.0.0.1", 0)
    front = Front(
        cast("AskingPool", engine),
        cast("WithLookups", engine),
        Settings(**values),  # type: ignore[arg-type]
        Notes(observer, None),
        Passage(folder, 0, inside.sockets[0].getsockname()[1]),
    )
    listener = Listener(socket.AF_INET)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)
    front.listen(listener)
    found = Served(front, engine, observer, listener.getsockname()[1], folder, listener)
    yield found
    loop.remove_reader(listener)
    listener.close()
    inside.close()
    for line in list(front.lines):
        line.break_off()
    await asyncio.sleep(0.05)


Do = Callable[[Served], Awaitable[None]]
Run = Callable[..., None]


@pytest.fixture
def run(engine: Inline, tmp_path: Path) -> Run:
    """Do something with a front."""

    def done(do: Do, **values: float) -> None:
        async def all_of_it() -> None:
            async with standing(engine, tmp_path, **values) as served:
                await do(served)

        asyncio.run(all_of_it())

    return done


@pytest.mark.parametrize("text", [LOOK_UP, JOIN])
def test_a_query_is_answered_and_then_answered_from_the_cache(run: Run, text: str) -> None:
    async def do(served: Served) -> None:
        answers = await served.ask(*[get(text)] * 3)
        assert [status for status, _, _ in answers] == [200] * 3
        assert json.loads(answers[0][2])["results"]["bindings"][0]["o"]["value"] == "7"
        assert len({body for _, _, body in answers}) == 1
        assert len({headers["X-Request-Id"] for _, headers, _ in answers}) == 3
        for _, headers, _ in answers:
            assert headers["Content-Type"] == "application/sparql-results+json"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["ETag"]
            assert headers["Date"].endswith("GMT")
        assert served.observer.snapshot().outcomes == {"evaluated": 1, "cached": 2}
        assert served.observer.snapshot().requests == {("/sparql", "GET", "200"): 3}
        assert len(served.engine.asked) == (0 if text == LOOK_UP else 1)

    run(do)


def test_another_release_empties_the_cache(run: Run) -> None:
    async def do(served: Served) -> None:
        for number in (1, 1, 2):
            served.engine.number = number
            await served.ask(get(JOIN))
        assert len(served.engine.asked) == 2

    run(do)


def test_formats_and_codings_are_chosen_as_the_client_asks(run: Run) -> None:
    async def do(served: Served) -> None:
        asked = ["Accept: text/csv", "Accept: application/sparql-results+xml", "Accept: */*"]
        found = await served.ask(*[get(JOIN, one) for one in asked])
        assert [headers["Content-Type"].partition(";")[0] for _, headers, _ in found] == [
            "text/csv",
            "application/sparql-results+xml",
            "application/sparql-results+json",
        ]
        wide = "SELECT * { VALUES ?x { " + " ".join(f'"{n:040}"' for n in range(60)) + " } }"
        [(_, headers, body)] = await served.ask(get(wide, "Accept-Encoding: gzip"))
        assert headers["Content-Encoding"] == "gzip"
        assert body[:2] == b"\x1f\x8b"

    run(do)


def test_a_client_that_has_the_answer_is_told_so(run: Run) -> None:
    async def do(served: Served) -> None:
        [(_, headers, _)] = await served.ask(get(JOIN))
        same = get(JOIN, f"If-None-Match: {headers['ETag']}", "X-Request-Id: mine-1")
        other = get(JOIN, 'If-None-Match: "other"')
        (status, now, body), (again, _, _) = await served.ask(same, other)
        assert (status, body, now["ETag"], again) == (304, b"", headers["ETag"], 200)
        assert now["X-Request-Id"] == "mine-1"
        since = get(JOIN, f"If-Modified-Since: {headers['Last-Modified']}")
        long_since = get(JOIN, "If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT")
        found = await served.ask(since, since, long_since, get("SELECT x", "If-None-Match: *"))
        assert [status for status, _, _ in found] == [304, 304, 200, 400]

    run(do)


@pytest.mark.parametrize(
    ("text", "fails", "status", "kind"),
    [
        ("SELECT nonsense", None, 400, "query-syntax"),
        (JOIN, DeadlineExceeded("timeout", 1), 503, "deadline"),
        (JOIN, QueueFull("queue", 1), 503, "busy"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_problem_document(
    run: Run, text: str, fails: Exception | None, status: int, kind: str
) -> None:
    async def do(served: Served) -> None:
        served.engine.fails = fails
        found = await served.ask(get(text), get(text))
        for seen, headers, body in found:
            assert seen == status
            assert headers["Content-Type"] == "application/problem+json"
            assert json.loads(body)["type"].startswith("/problems/")
            assert json.loads(body)["status"] == status, kind

    run(do)


def test_one_client_may_ask_only_so_much_that_is_not_in_the_cache(run: Run) -> None:
    async def do(served: Served) -> None:
        found = await served.ask(*[get(f"{JOIN} # {number}") for number in range(4)])
        assert [status for status, _, _ in found] == [200, 200, 429, 429]
        assert (await served.ask(get(f"{JOIN} # 0")))[0][0] == 200

    run(do, client_rate=1)


LEFT = {
    "another path": b"GET /id/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "no query": b"GET /sparql HTTP/1.1\r\n" + HOST + b"\r\n",
    "a second parameter": b"GET /sparql?query=ASK%7B%7D&format=csv HTTP/1.1\r\n" + HOST + b"\r\n",
    "another method": b"HEAD /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + HOST + b"\r\n",
    "another version": b"GET /sparql?query=ASK%7B%7D HTTP/1.0\r\n" + HOST + b"\r\n",
    "no host": b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nAccept: */*\r\n\r\n",
    "two hosts": b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "a body": get("ASK {}", "Content-Length: 3") + b"abc",
    "chunks": get("ASK {}", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "both, to smuggle": get("ASK {}", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0",
    "a space before the colon": get("ASK {}", "Content-Length : 5") + b"abcde",
    "a folded field": get("ASK {}", "X: 1\r\n Content-Length: 5"),
    "a bare line feed": get("ASK {}", "X: 1\nContent-Length: 5"),
    "a bare carriage return": get("ASK {}", "X: 1\rY: 2"),
    "a null": get("ASK {}", "X: \0"),
    "the end of the connection": get("ASK {}", "Connection: close"),
    "an upgrade": get("ASK {}", "Connection: keep-alive, Upgrade", "Upgrade: h2c"),
    "expectations": get("ASK {}", "Expect: 100-continue"),
    "two at once": get("ASK {}") + get("ASK {}"),
    "a beginning": get("ASK {}")[:-2],
    "a reader's page": get("ASK {}", "Accept: text/html"),
    "what is not UTF-8": b"GET /sparql?query=%FF HTTP/1.1\r\n" + HOST + b"\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303"),
    "something very long": get("ASK {} # " + "x" * 70_000),
}


@pytest.mark.parametrize("sent", LEFT.values(), ids=LEFT)
def test_any_other_request_goes_to_granian_unchanged(run: Run, sent: bytes) -> None:
    async def do(served: Served) -> None:
        reader, writer = await served.open()
        writer.write(sent)
        if sent == LEFT["what is not UTF-8"]:
            assert (await response(reader))[0] == 400
            assert not served.passed
            writer.close()
            return
        assert (await response(reader))[0] == 204
        await until(lambda: len(b"".join(served.passed)) >= len(sent))
        writer.write(get("ASK {}"))  # and so does what follows on the same connection
        await response(reader)
        await until(lambda: len(b"".join(served.passed)) >= len(sent) + len(get("ASK {}")))
        assert b"".join(served.passed) == sent + get("ASK {}")
        assert not served.engine.asked
        writer.close()

    run(do)


def test_what_is_answered_here_ends_this_process_rather_than_take_a_second(run: Run) -> None:
    async def do(served: Served) -> None:
        await served.ask(get(LOOK_UP), get("SELECT nonsense"))
        assert len(served.engine.left) == 2
        assert all(0 < seconds < 1.1 for seconds in served.engine.left)  # in ticks of the kernel
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0
        assert signal.getsignal(signal.SIGVTALRM) is signal.SIG_DFL

    run(do)


def test_a_client_that_there_is_no_descriptor_for_is_taken_a_little_later(run: Run) -> None:
    async def do(served: Served) -> None:
        served.listener.crowded = True
        [(status, _, _)] = await served.ask(get(LOOK_UP))
        assert status == 200
        assert not served.listener.crowded

    run(do)


def test_what_lets_more_be_answered_here_is_asked_of_the_pool(run: Run) -> None:
    async def do(served: Served) -> None:
        served.engine.unknown = [Question("ASK { }"), Question("nonsense")]
        await served.ask(get(LOOK_UP))
        assert not served.engine.told
        await served.ask(get(JOIN))
        await until(lambda: served.engine.told == [b""])
        for number in range(1000):
            await served.ask(get(f"{JOIN} # {number}"))
            if len(served.engine.told) > 1:
                break
        assert b"true" in served.engine.told[1]

    run(do)


def test_a_long_answer_is_left_to_granian_and_the_next_time_at_once(run: Run) -> None:
    async def do(served: Served) -> None:
        served.engine.fails = TooLong()
        assert (await served.ask(get(JOIN)))[0][0] == 204
        assert (await served.ask(get(JOIN)))[0][0] == 204
        assert served.passed == [get(JOIN)] * 2
        assert len(served.engine.asked) == 1

    run(do)


def test_the_query_of_a_client_that_hangs_up_is_cancelled(run: Run) -> None:
    async def do(served: Served) -> None:
        served.engine.silent = True
        _, writer = await served.open()
        writer.write(get(JOIN))
        await until(lambda: served.engine.asked)
        writer.close()
        await until(lambda: served.engine.cancelled)
        assert served.observer.snapshot().requests == {("/sparql", "GET", "499"): 1}

    run(do)


def test_what_comes_while_an_answer_is_awaited_is_answered_after_it(run: Run) -> None:
    async def do(served: Served) -> None:
        reader, writer = await served.open()
        writer.write(get(JOIN))
        await until(lambda: served.engine.asked)
        writer.write(get(LOOK_UP))
        assert [(await response(reader))[0] for _ in range(2)] == [200, 200]
        writer.close()

    run(do)


def test_granian_learns_whose_a_connection_is_and_can_tell_it_from_others(run: Run) -> None:
    async def do(served: Served) -> None:
        for _ in range(2):
            await served.ask(LEFT["another path"])
        assert len(set(served.sources)) == 2
        assert all(re.fullmatch(r"127\.64\.\d+\.\d+", source) for source in served.sources)
        seen: list[dict[str, Any]] = []
        site = Relayed(lambda environ, _: seen.append(environ) or [], served.folder)  # type: ignore[func-returns-value]
        for remote in (served.sources[0], "127.0.0.1", "127.99.0.1", "10.0.0.1"):
            site({"REMOTE_ADDR": remote}, lambda *_: None)
        told = [environ.get("assembly_kg.client") for environ in seen]
        assert told == ["127.0.0.1", "127.0.0.1", "127.99.0.1", None]
        assert seen[0]["REMOTE_ADDR"] == served.sources[0]

    run(do)


def test_a_connection_ends_with_the_other_side_of_it(run: Run) -> None:
    async def do(served: Served) -> None:
        reader, writer = await served.open()
        writer.write(LEFT["another path"])
        await response(reader)
        [line] = served.front.lines
        line.passed_all()
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()

    run(do)


def test_idle_connections_are_closed_and_busy_ones_are_not(run: Run) -> None:
    async def do(served: Served) -> None:
        served.engine.silent = True
        idle, unused = await served.open()
        _, busy = await served.open()
        busy.write(get(JOIN))
        await until(lambda: served.engine.asked)
        for line in list(served.front.lines):
            line.end_if_idle(0.0, float("inf"))
        assert await asyncio.wait_for(idle.read(), 5) == b""
        await asyncio.sleep(0.05)
        assert not served.engine.cancelled
        unused.close()
        busy.close()

    run(do)


def test_where_there_is_no_room_the_longest_idle_go_and_none_that_is_busy(run: Run) -> None:
    async def do(served: Served) -> None:
        served.front.most = 3
        (idle, first), *others = [await served.open() for _ in range(3)]
        assert (await served.ask(get(LOOK_UP)))[0][0] == 200
        assert await asyncio.wait_for(idle.read(), 5) == b""
        served.engine.silent = True
        for _, writer in others:
            writer.write(get(JOIN))
        await until(lambda: len(served.engine.asked) == 2)
        _, writer = await served.open()
        writer.write(get(JOIN))
        await until(lambda: len(served.engine.asked) == 3)
        refused, one_more = await served.open()
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(refused.read(), 5) == b""
        assert not served.engine.cancelled
        for one in (first, one_more, writer, *(writer for _, writer in others)):
            one.close()

    run(do)


def test_an_end_lets_answers_go_out_and_says_that_no_more_will_come(run: Run) -> None:
    async def do(served: Served) -> None:
        reader, writer = await served.open()
        served.front.draining = True
        writer.write(get(JOIN))
        status, headers, _ = await response(reader)
        assert (status, headers["Connection"]) == (200, "close")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()

    run(do)

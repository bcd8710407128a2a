"""A running server, seen from outside: signals, crashes, new releases, clients that hang up."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIBRARY = Path(__file__).parent / "fixtures" / "library.trig"
BOOKS = "SELECT ?o { ?s <http://example.org/books> ?o }"
LISTS = " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(20)))} }}" for n in range(10))
RUNAWAY = f"SELECT (COUNT(*) AS ?n) {{ {LISTS} }}"


class Server:
    """A server in processes of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def books(self, client: httpx.Client | None = None) -> str:
        """A fresh answer: the comment keeps it out of every cache."""
        text = f"{BOOKS} # {time.monotonic_ns()}"
        answer = (client or httpx).get(f"{self.url}/sparql", params={"query": text}, timeout=30)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["results"]["bindings"][0]["o"]["value"])

    def descendants(self) -> dict[int, str]:
        """Every process below the parent."""
        found: dict[int, str] = {}
        below = {self.process.pid}
        for _ in range(4):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    try:
                        status = (entry / "status").read_text(encoding="utf-8")
                    except OSError:
                        continue
                    [parent] = re.findall(r"^PPid:\s+(\d+)", status, re.MULTILINE)
                    if int(parent) in below and "zombie" not in status:
                        below.add(int(entry.name))
                        found[int(entry.name)] = parent
        return found


@contextmanager
def serving(*arguments: str | Path, **settings: object) -> Iterator[Server]:
    flags = [f"ASSEMBLY_KG_{name.upper()}={value}" for name, value in settings.items()]
    process = subprocess.Popen(
        [sys.executable, "-m", "assembly_kg", "serve", "--port", "0", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | dict(flag.split("=", 1) for flag in flags),
    )
    assert process.stderr is not None
    said = ""
    drain = None
    try:
        for line in process.stderr:
            said += line
            if found := re.match(r"http://127\.0\.0\.1:(\d+)/sparql answers", line):
                break
        else:
            raise AssertionError(said)
        drain = threading.Thread(target=process.stderr.read, daemon=True)
        drain.start()
        server = Server(process, int(found[1]))
        wait_until(lambda: reachable(server.port))
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        if drain is not None:
            drain.join(timeout=5)
        process.stderr.close()


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "it does not come about"
        time.sleep(0.05)


@contextmanager
def under_load(server: Server) -> Iterator[list[str]]:
    """Four clients that ask without a pause; every failure fails the test.

    So does a client that is told of newer data and then again of older. Between clients there is
    no such order: an answer may be on its way while another client gets the next one.
    """
    stop = threading.Event()
    answers: list[str] = []

    def ask() -> None:
        own: list[str] = []
        with httpx.Client() as client:
            while not stop.is_set():
                own.append(server.books(client))
                answers.append(own[-1])
        assert own == sorted(own)

    with ThreadPoolExecutor() as threads:
        asking = [threads.submit(ask) for _ in range(4)]
        try:
            yield answers
        finally:
            stop.set()
        for future in asking:
            future.result()


def test_a_hangup_signal_loads_new_data_without_a_failed_request(tmp_path: Path) -> None:
    file = Path(shutil.copy(LIBRARY, tmp_path))
    with serving("--data", file) as server:
        with under_load(server) as answers:
            wait_until(lambda: len(answers) > 50)
            for books in (8, 9):
                text = LIBRARY.read_text(encoding="utf-8")
                file.write_text(text.replace("books 7", f"books {books}"), encoding="utf-8")
                server.process.send_signal(signal.SIGHUP)
                wait_until(lambda books=books: str(books) in answers)
            count = len(answers)
            wait_until(lambda: len(answers) > count + 50)
        assert set(answers) == {"7", "8", "9"}


def test_data_that_cannot_be_read_leave_the_old_ones_served(tmp_path: Path) -> None:
    file = Path(shutil.copy(LIBRARY, tmp_path))
    with serving("--data", file) as server:
        file.write_text("this is not TriG", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert server.books() == "7"
        assert server.process.poll() is None


def release(folder: Path, books: int) -> Path:
    """A release with one statement."""
    folder.mkdir(parents=True)
    (folder / "dataset.nq").write_text(
        f'<a:s> <http://example.org/books> "{books}" .\n', encoding="utf-8"
    )
    about = {"version": "1", "issued": "2026-11-22", "hash": f"{books:064}", "base": "a:"}
    about |= {"namespace": "a:#", "dataset": "a:d", "ontology": "a:o", "prefixes": {}}  # type: ignore[dict-item]
    (folder / "manifest.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def test_a_new_release_is_served_as_soon_as_the_link_is_turned(tmp_path: Path) -> None:
    release(tmp_path / "one", 1)
    release(tmp_path / "two", 2)
    current = tmp_path / "current"
    current.symlink_to("one")
    with serving("--release", current) as server, under_load(server) as answers:
        wait_until(lambda: "1" in answers)
        (tmp_path / "next").symlink_to("two")
        (tmp_path / "next").replace(current)
        wait_until(lambda: "2" in answers)


def test_any_process_but_the_first_may_be_killed() -> None:
    with serving("--data", LIBRARY) as server:
        for _ in range(3):
            for pid in server.descendants():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                wait_until(lambda: answers_again(server))


def answers_again(server: Server) -> bool:
    try:
        return server.books() == "7"
    except (httpx.TransportError, AssertionError):
        return False


def test_killed_workers_and_engines_cost_no_request() -> None:
    with serving("--data", LIBRARY) as server, under_load(server) as answers:
        wait_until(lambda: len(answers) > 20)
        below = server.descendants()
        engine = min(pid for pid, parent in below.items() if int(parent) == server.process.pid)
        for pid in [p for p, parent in below.items() if int(parent) == engine]:
            os.kill(pid, signal.SIGKILL)
        count = len(answers)
        wait_until(lambda: len(answers) > count + 20)
        time.sleep(5)  # an engine that dies young is not started again at once
        os.kill(engine, signal.SIGKILL)
        count = len(answers)
        wait_until(lambda: len(answers) > count + 20)


def test_the_end_waits_for_requests_in_flight_and_leaves_nothing() -> None:
    with serving("--data", LIBRARY, timeout=2) as server, ThreadPoolExecutor() as threads:
        params = {"query": RUNAWAY}
        slow = threads.submit(httpx.get, f"{server.url}/sparql", params=params, timeout=30)
        time.sleep(0.7)
        below = server.descendants()
        server.process.send_signal(signal.SIGTERM)
        assert slow.result().status_code == 503
        assert slow.result().json()["limit"] == "timeout"
        assert server.process.wait(timeout=20) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in below)
        assert not reachable(server.port)


def test_a_client_that_hangs_up_stops_its_query_and_no_other() -> None:
    with serving("--data", LIBRARY, timeout=20, quick=0.2) as server:
        ask = f"GET /sparql?query={quote(RUNAWAY)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", server.port)) as stays:
            stays.sendall(ask)
            with socket.create_connection(("127.0.0.1", server.port)) as leaves:
                leaves.sendall(ask)
                wait_until(lambda: metric(server, 'workers{state="long"}') == 2)
        with socket.create_connection(("127.0.0.1", server.port)) as alone:
            alone.sendall(ask)
            time.sleep(1)
        wait_until(lambda: metric(server, 'workers{state="long"}') == 0)
        assert metric(server, 'workers_ended_total{cause="cancelled"}') == 3
        assert server.books() == "7"


def metric(server: Server, name: str) -> float:
    for line in httpx.get(f"{server.url}/metrics").text.splitlines():
        if line.startswith(f"assembly_kg_{name} "):
            return float(line.rpartition(" ")[2])
    return 0.0


def test_the_server_tells_how_it_does() -> None:
    with serving("--data", LIBRARY, http_processes=1) as server:  # each keeps its own answers
        assert httpx.get(f"{server.url}/healthz").text == "ok\n"
        assert httpx.get(f"{server.url}/readyz").text == "ready\n"
        with httpx.Client() as client:  # one connection, so one process with one cache
            for _ in range(2):
                client.get(f"{server.url}/sparql", params={"query": BOOKS})
        assert metric(server, 'requests_total{method="GET",route="/sparql",status="200"}') == 2
        assert metric(server, 'answers_total{outcome="cached"}') == 1
        assert metric(server, "quads") == 10
        assert metric(server, 'workers{state="idle"}') == 2
        answer = httpx.get(f"{server.url}/healthz", headers={"X-Request-Id": "abc-1"})
        assert answer.headers["X-Request-Id"] == "abc-1"


def test_what_one_http_process_did_is_told_by_any() -> None:
    """Each connection may be another process's; pages are granian's, queries the fronts'."""
    with serving("--data", LIBRARY, http_processes=3) as server:
        for number in range(12):
            assert httpx.get(f"{server.url}/healthz").status_code == 200
            assert httpx.get(
                f"{server.url}/sparql", params={"query": f"{BOOKS} # {number}"}
            ).is_success
        assert metric(server, 'requests_total{method="GET",route="/healthz",status="200"}') == 12
        assert metric(server, 'requests_total{method="GET",route="/sparql",status="200"}') == 12
        assert metric(server, 'answers_total{outcome="evaluated"}') == 12


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = [sys.executable, "-m", "assembly_kg", "serve", "--data", str(LIBRARY)]
        done = subprocess.run(
            [*arguments, "--port", port], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "message"), [("<a> <b> .", ":1:"), (None, "cannot be read"), ("", None)]
)
def test_data_that_cannot_be_read_are_told_with_their_line(
    tmp_path: Path, text: str | None, message: str | None
) -> None:
    file = tmp_path / "x.ttl"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    if message is None:
        with serving("--data", file) as server:
            assert httpx.get(f"{server.url}/readyz").status_code == 200
        return
    arguments = [sys.executable, "-m", "assembly_kg", "serve", "--data", str(file), "--port", "0"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_older_release_is_answered_from_a_pool_of_its_own(council_releases: Path) -> None:
    query = "SELECT ?n { <https://library.example/id/boris> skos:prefLabel ?n }"
    query = f"PREFIX skos: <http://www.w3.org/2004/02/skos/core#> {query}"
    with (
        serving("--release", council_releases / "current", out=council_releases) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):

        def names(release: str, text: str = query) -> list[str]:
            answer = client.get("/sparql", params={"query": text, "release": release})
            assert answer.status_code == 200, answer.text
            return [row["n"]["value"] for row in answer.json()["results"]["bindings"]]

        assert names("1.0") == ["Boris"]
        assert len(names("1.1")) == 2
        runaway = {"query": RUNAWAY, "release": "1.0", "timeout": "1"}
        stopped = client.get("/sparql", params=runaway)
        assert (stopped.status_code, stopped.json()["limit"]) == (503, "timeout")
        page = client.get("/id/boris.ttl", params={"release": "1.0"})
        assert page.headers["Memento-Datetime"] == "Mon, 01 Jun 2020 00:00:00 GMT"
        assert names("1.0", f"{query} # again") == ["Boris"]

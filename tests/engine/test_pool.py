"""Workers that may be killed at any moment, and what their askers are told."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assembly_kg.engine.client import PoolClient
from assembly_kg.engine.pool import question_address
from assembly_kg.engine.question import AskerGone, Question
from assembly_kg.errors import (
    DeadlineExceeded,
    EngineUnavailable,
    LimitExceeded,
    MemoryExceeded,
    QuerySyntaxError,
    QueueFull,
    ResultTooLarge,
    UnsupportedQuery,
)

OpenPool = Callable[..., PoolClient]

QUICK = Question("SELECT ?o { ?s <http://example.org/books> ?o }")
# Ten unrelated copies of a list of twenty: 10^13 rows, none of which is kept.
LISTS = " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(20)))} }}" for n in range(10))
RUNAWAY = Question(f"SELECT (COUNT(*) AS ?n) {{ {LISTS} }}")
HUNGRY = Question(f"SELECT * {{ {LISTS} }} ORDER BY ?v3")


def value(client: PoolClient) -> str:
    body = client.answer(QUICK).body
    assert isinstance(body, bytes)
    return str(json.loads(body)["results"]["bindings"][0]["o"]["value"])


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it does not come about"
        time.sleep(0.02)


def test_a_worker_answers_as_the_process_itself_would(open_pool: OpenPool) -> None:
    client = open_pool()
    assert value(client) == "7"
    assert client.catalogue().default_size == 4
    with pytest.raises(QuerySyntaxError, match=r'line 1, column 1: "nonsense"'):
        client.answer(Question("nonsense"))


def test_a_query_is_stopped_at_its_deadline_and_the_next_is_answered(open_pool: OpenPool) -> None:
    client = open_pool(timeout=0.6)
    with pytest.raises(DeadlineExceeded, match=r"timeout = 0\.6"):
        client.answer(RUNAWAY)
    assert value(client) == "7"
    wait_until(lambda: client.statistics()["ended"] == {"deadline": 1})


def test_an_asker_may_lower_the_deadline_but_not_raise_it(open_pool: OpenPool) -> None:
    client = open_pool(timeout=0.8)
    with pytest.raises(DeadlineExceeded, match=r"timeout = 0\.1|waited its whole time"):
        client.answer(RUNAWAY, timeout=0.1)
    with pytest.raises(DeadlineExceeded, match=r"timeout = 0\.8"):
        client.answer(RUNAWAY, timeout=900)


def test_a_query_that_takes_too_much_memory_is_stopped(open_pool: OpenPool) -> None:
    client = open_pool(memory=64, timeout=20)
    with pytest.raises(MemoryExceeded, match="memory = 64"):
        client.answer(HUNGRY)
    assert value(client) == "7"


def test_a_query_that_overflows_the_stack_is_the_only_one_hurt(open_pool: OpenPool) -> None:
    client = open_pool()
    with pytest.raises(LimitExceeded, match="too deep") as fault:
        client.answer(Question("SELECT (" + "1+" * 60_000 + "1 AS ?x) {}"))
    assert fault.value.limit == "max_nesting"
    assert value(client) == "7"


@pytest.mark.parametrize(
    "text",
    [
        "ASK { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
        "ASK { SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
        "ASK { FILTER(1<2)SERVICE#>\n<http://127.0.0.1:PORT/>{?s ?p ?o} }",
        "ASK { FILTER(1<'>')SERVICE <http://127.0.0.1:PORT/>{?s ?p ?o} } #'",
        "ASK { BIND(<http://127.0.0.1:PORT/> AS ?x) FILTER(1<2)SERVICE#>\n?x{?s ?p ?o} }",
        "ASK { FILTER(1<2)SERVICE#>\n<http://localhost:PORT/>{?s ?p ?o} }",
    ],
)
def test_no_query_opens_a_connection_however_it_is_written(open_pool: OpenPool, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.3)
        client = open_pool()
        with pytest.raises(UnsupportedQuery, match=r"SERVICE|service name"):
            client.answer(Question(text.replace("PORT", str(trap.getsockname()[1]))))
        with pytest.raises(TimeoutError):
            trap.accept()


def test_a_long_query_leaves_its_place_to_quick_ones(open_pool: OpenPool) -> None:
    client = open_pool(workers=1, long_workers=2, quick=0.1, timeout=8)
    with ThreadPoolExecutor() as threads:
        long = [threads.submit(client.answer, RUNAWAY) for _ in range(2)]
        wait_until(lambda: client.statistics().get("long") == 2)
        assert value(client) == "7"
        with pytest.raises(QueueFull, match="as many long queries as may run"):
            client.answer(RUNAWAY)
        assert value(client) == "7"
        for future in long:
            with pytest.raises(DeadlineExceeded):
                future.result()


ASKER = """
import socket, sys, time
from assembly_kg.engine import wire
from assembly_kg.engine.question import Question

connections = []
for number, seconds in enumerate([2, 600, 600, 600, 600], 1):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        connection.connect(sys.argv[1])
    except BlockingIOError:
        break
    deadline = time.monotonic() + seconds
    connection.send(wire.encode_question(number, deadline, Question(sys.argv[2])))
    connections.append(connection)
    time.sleep(0.5 if number == 1 else 0)  # the first is to run before the others come
print(len(connections), flush=True)
time.sleep(60)
"""


def test_all_processes_wait_in_one_queue_and_one_that_is_killed_leaves_it(
    open_pool: OpenPool,
) -> None:
    client = open_pool(workers=1, long_workers=0, queue=2, quick=60)
    address = question_address(client._directory, client.generation())
    other = subprocess.Popen(
        [sys.executable, "-c", ASKER, address, RUNAWAY.text], stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "4\n"  # one is answered, one comes next, two more wait
        with pytest.raises(QueueFull, match="too many queries are waiting"):
            client.answer(QUICK)
        other.kill()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            assert value(client) == "7"
            break
        except QueueFull:
            time.sleep(0.02)
    assert client.statistics()["ended"] == {"deadline": 1}


def test_a_question_whose_asker_has_gone_is_stopped(open_pool: OpenPool) -> None:
    client = open_pool(timeout=30)
    gone = threading.Event()
    threading.Timer(0.3, gone.set).start()
    with pytest.raises(AskerGone):
        client.answer(RUNAWAY, hung_up=gone.is_set)
    wait_until(lambda: client.statistics()["ended"] == {"cancelled": 1})
    wait_until(lambda: client.statistics()["idle"] == 2)


def test_killed_workers_are_replaced_and_their_questions_asked_again(open_pool: OpenPool) -> None:
    client = open_pool()
    stop = threading.Event()
    answers: list[str] = []

    def ask() -> None:
        while not stop.is_set():
            answers.append(value(client))

    with ThreadPoolExecutor() as threads:
        asking = [threads.submit(ask) for _ in range(3)]
        try:
            for _ in range(8):
                for pid in client.statistics().get("pids", []):
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.1)
        finally:
            stop.set()
        for future in asking:
            future.result()
    assert set(answers) == {"7"}


def test_a_long_answer_is_whole_before_it_is_given_if_it_may_wait(open_pool: OpenPool) -> None:
    client = open_pool(hold=20)
    lists = LISTS.split(" VALUES", 4)
    text = "SELECT * { " + " VALUES".join(lists[:4]) + " }"
    answer = client.answer(Question(text, solutions="csv"))
    assert not isinstance(answer.body, bytes)
    with answer.body as file:
        data = file.read()
    assert len(data) == answer.size
    assert data.count(b"\r\n") == 20**4 + 1


def test_an_answer_that_grows_too_large_is_an_error_and_never_a_part(open_pool: OpenPool) -> None:
    client = open_pool(max_bytes=1_000_000, hold=20)
    with pytest.raises(ResultTooLarge, match="max_bytes = 1e"):
        client.answer(Question(f"SELECT * {{ {LISTS} }}"))
    assert value(client) == "7"


def test_a_long_answer_that_is_given_on_its_way_fails_while_it_is_read(open_pool: OpenPool) -> None:
    client = open_pool(timeout=1, hold=0)
    body = client.answer(Question(f"SELECT * {{ {LISTS} }}", solutions="csv")).body
    assert not isinstance(body, bytes)
    with body as file, pytest.raises(DeadlineExceeded, match="timeout = 1"):
        file.read()
    assert value(client) == "7"


def test_without_a_pool_the_asker_is_told_to_come_back(open_pool: OpenPool) -> None:
    client = open_pool()
    (client._directory / "current").unlink()
    with pytest.raises(EngineUnavailable, match="try again"):
        client.generation()
    with pytest.raises(EngineUnavailable, match="try again"):
        client.answer(QUICK, timeout=0.2)


def test_no_worker_outlives_its_pool(open_pool: OpenPool) -> None:
    client = open_pool()
    pids = client.statistics()["pids"]
    status = Path(f"/proc/{pids[0]}/status").read_text(encoding="ascii")
    [parent] = re.findall(r"^PPid:\s+(\d+)", status, re.MULTILINE)
    os.kill(int(parent), signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


SLOW_TO_START = """
import sys, time
from pathlib import Path
from assembly_kg.engine.evaluate import Evaluator
from assembly_kg.engine.pool import Pool
from assembly_kg.engine.question import Limits
from assembly_kg.engine.store import load_files
from assembly_kg.settings import Settings

settings = Settings(timeout=120)
evaluator = Evaluator(*load_files([Path(sys.argv[2])]), Limits.of(settings))

def evaluate():
    time.sleep(0.5)
    return evaluator

Pool(evaluate, settings, Path(sys.argv[1]), "1").run(lambda: print("ready", flush=True))
"""


def test_a_worker_that_is_told_to_end_while_it_starts_ends(tmp_path: Path, library: Path) -> None:
    command = [sys.executable, "-c", SLOW_TO_START, str(tmp_path), str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.wait(timeout=30) == 0

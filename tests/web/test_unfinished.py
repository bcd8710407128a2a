"""Long answers over a running server: the first byte early, and no broken one that looks whole."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import pytest
from tests.test_supervisor import LIBRARY, LISTS, Server, metric, serving, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 60_000
MANY = "SELECT * { " + " VALUES".join(LISTS.split(" VALUES")[:5]) + " }"  # 3.2 million rows


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("--data", LIBRARY, hold=0, max_rows=ROWS, timeout=30, long_workers=16) as running:
        yield running


def asked(server: Server, limit: int, **headers: str) -> httpx.Response:
    params = {"query": f"{MANY} LIMIT {limit}", "format": "csv"}
    return httpx.get(f"{server.url}/sparql", params=params, headers=headers, timeout=60)


def test_an_answer_begins_before_it_is_complete_and_ends_whole(server: Server) -> None:
    answer = asked(server, ROWS, **{"Accept-Encoding": "identity"})
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in answer.headers
    assert answer.text.count("\r\n") == ROWS + 1


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_an_answer_is_coded_as_it_comes(server: Server, coding: str) -> None:
    answer = asked(server, ROWS, **{"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.text.count("\r\n") == ROWS + 1


def test_an_answer_that_fails_on_its_way_is_cut_and_no_other(server: Server) -> None:
    def outcome(limit: int) -> str:
        try:
            rows = asked(server, limit).text.count("\r\n") - 1
        except httpx.RemoteProtocolError as error:
            return "cut" if "incomplete chunked read" in str(error) else str(error)
        return "whole" if rows == limit else f"{rows} rows"

    limits = [ROWS - 3, ROWS * 3] * 4
    with ThreadPoolExecutor(len(limits) + 2) as threads, httpx.Client() as client:
        found = threads.map(outcome, limits)
        for _ in range(30):
            assert server.books(client) == "7"
        assert list(found) == ["whole", "cut"] * 4


def test_a_client_of_http_1_0_gets_the_whole_or_a_status(server: Server) -> None:
    for limit, status in ((ROWS, b"200"), (ROWS * 2, b"413")):
        path = "/sparql?" + urlencode({"query": f"{MANY} LIMIT {limit}", "format": "csv"})
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            data = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        assert data[9:12] == status
        assert status != b"200" or data.count(b"\r\n") > ROWS


def test_a_client_that_hangs_up_on_its_way_stops_the_query(server: Server) -> None:
    before = metric(server, 'workers_ended_total{cause="cancelled"}')
    rows, silence = f"{{ {MANY} LIMIT {ROWS - 1} }}", f"{{ {LISTS} FILTER(?v0 + ?v1 > 99) }}"
    query = f"SELECT * {{ {rows} UNION {silence} }}"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        path = "/sparql?" + urlencode({"query": query, "format": "csv", "timeout": "29"})
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
    wait_until(lambda: metric(server, 'workers{state="long"}') == 0)
    assert metric(server, 'workers_ended_total{cause="cancelled"}') == before + 1


def test_an_answer_that_is_held_back_fails_with_a_status_of_its_own() -> None:
    with serving("--data", LIBRARY, hold=30, max_rows=ROWS) as server:
        assert asked(server, ROWS * 2).status_code == 413
        whole = asked(server, ROWS, **{"Accept-Encoding": "gzip"})
        assert int(whole.headers["Content-Length"]) < len(whole.content)
        assert whole.text.count("\r\n") == ROWS + 1

"""Hostile inputs, kept as files: what each is answered, and that nothing is harmed.

``queries/NAME.STATUS.rq`` is sent as the body of a POST; ``requests/NAME.STATUS.http`` is sent as
it is, byte by byte. STATUS is the answer to expect, or several where it depends on how fast the
machine is which limit is met first; 000 is a connection closed without an answer.
"""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from tests.test_supervisor import Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
LIBRARY = HERE.parent / "fixtures" / "library.trig"
LONGEST_ADDRESS = 60_000
QUERIES = sorted((HERE / "queries").glob("*.rq"))
REQUESTS = sorted((HERE / "requests").glob("*.http"))
EVERYTHING = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?g ?s ?p ?o"
# What no answer may show: where this program lies, how it fails, what the machine holds.
SECRETS = re.compile(rb"Traceback|/server/|site-packages|\.py\b|root:x:|panicked|core::")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    limits = {"timeout": 30, "quick": 0.5, "memory": 256, "max_rows": 100_000, "client_rate": 0}
    limits |= {"long_workers": 8, "hold": 30}
    with serving("--data", LIBRARY, **limits) as running:
        yield running


def expected(file: Path) -> set[int]:
    return {int(status) for status in file.suffixes[-2][1:].split("-")}


def holds_everything(server: Server) -> bool:
    answer = httpx.get(f"{server.url}/sparql", params={"query": EVERYTHING}, timeout=30)
    return len(answer.json()["results"]["bindings"]) == 10 and server.books() == "7"


def test_there_are_two_hundred_of_them() -> None:
    assert len(QUERIES) + len(REQUESTS) >= 200


def test_hostile_queries_are_answered_and_harm_nothing(server: Server) -> None:
    wrong = []
    kind = {"Content-Type": "application/sparql-query"}
    with httpx.Client(timeout=60, headers=kind) as client, ThreadPoolExecutor(4) as threads:

        def send(file: Path) -> httpx.Response:
            patience = "2" if 503 in expected(file) else "30"
            url = f"{server.url}/sparql?timeout={patience}"
            return client.post(url, content=file.read_bytes())

        for file, answer in zip(QUERIES, threads.map(send, QUERIES), strict=True):
            if answer.status_code not in expected(file):
                wrong.append(f"{file.name}: {answer.status_code} {answer.text[:200]}")
            if answer.status_code >= 400 and answer.json()["status"] != answer.status_code:
                wrong.append(f"{file.name}: the document says {answer.text[:200]}")
            if SECRETS.search(answer.content):
                wrong.append(f"{file.name}: tells too much: {answer.text[:300]}")
    assert not wrong, "\n".join(wrong)
    assert holds_everything(server)


def test_hostile_queries_in_an_address_are_answered_alike(server: Server) -> None:
    """By the event loop, where they have the form that it knows."""
    wrong = []
    short = {f: quote(f.read_bytes(), safe="") for f in QUERIES if expected(f) < {200, 400}}
    short = {file: query for file, query in short.items() if len(query) <= LONGEST_ADDRESS}
    assert len(short) > 100
    with httpx.Client(timeout=60) as client:
        for file, query in short.items():
            answer = client.get(f"{server.url}/sparql?query={query}")
            if answer.status_code not in expected(file) or SECRETS.search(answer.content):
                wrong.append(f"{file.name}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert holds_everything(server)


def test_hostile_requests_are_answered_and_harm_nothing(server: Server) -> None:
    wrong = []
    for file in REQUESTS:
        answer = raw(server.port, file.read_bytes())
        status = int(answer[9:12] or b"0") if answer.startswith(b"HTTP/1.") else 0
        if status not in expected(file):
            wrong.append(f"{file.name}: {status} {answer[:300]!r}")
        if SECRETS.search(answer):
            wrong.append(f"{file.name}: tells too much: {answer[:500]!r}")
        if status and b"content-security-policy: default-src 'none'" not in answer.lower():
            wrong.append(f"{file.name}: has no policy: {answer[:500]!r}")
    assert not wrong, "\n".join(wrong)
    assert holds_everything(server)


NUMBERS = " ".join(map(str, range(100)))
ASKED_BOTH_WAYS = [
    "ASK {}",
    "SELECT ?o { <http://example.org/library> ?p ?o }",
    "SELECT ?o { <http://example.org/library> ?p ?o } LIMIT 1",
    'SELECT * { VALUES (?a ?b) { ("x\\"y\\n\\t," 1) (<http://қ.kz/ә> "ж"@kk) (UNDEF 1.5) } }',
    'SELECT (STR("\\u0001\\u0008\\uFFFF") AS ?x) {}',
    "SELECT (<<( <a:b> <c:d> 'x' )>> AS ?t) {}",
    f"SELECT * {{ VALUES ?n {{ {NUMBERS} }} }}",
    f"SELECT * {{ VALUES ?n {{ {NUMBERS} }} VALUES ?m {{ {NUMBERS} }} }}",  # long enough to wait
    "CONSTRUCT { <a:b> <c:d> 'x' } WHERE {}",
    "DESCRIBE <http://example.org/library>",
    "SELECT nonsense",
    "INSERT DATA { <a:a> <a:b> 1 }",
    "ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "",
]
ACCEPTED = [
    *({}, {"Accept": "text/csv"}, {"Accept": "text/tab-separated-values"}),
    *({"Accept": "application/sparql-results+xml"}, {"Accept": "application/rdf+xml"}),
    *({"Accept": "text/turtle"}, {"Accept": "image/png"}, {"Accept": "text/plain"}),
    *({"Accept-Encoding": coding} for coding in ("gzip", "br", "zstd", "br;q=0.5, gzip", "*;q=0")),
    *({"If-None-Match": "*"}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
]


def test_the_event_loop_answers_as_granian_does(server: Server) -> None:
    """A header field that says nothing here is enough to be passed on."""
    own = {"date", "x-request-id", "server"}
    wrong = []

    def ask(text: str, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
        address = f"{server.url}/sparql?query={quote(text, safe='')}"
        answer = client.get(address, headers=headers)
        fields = sorted(pair for pair in answer.headers.items() if pair[0] not in own)
        return answer.status_code, fields, answer.content

    with httpx.Client(timeout=60, headers={"Accept-Encoding": "identity"}) as client:
        for text in ASKED_BOTH_WAYS:
            for headers in ACCEPTED:
                here, there = ask(text, headers), ask(text, headers | {"TE": "trailers"})
                if here != there:
                    wrong.append(f"{text[:60]} {headers}: {str(here)[:900]} but {str(there)[:900]}")
    assert not wrong, "\n".join(wrong)


def raw(port: int, data: bytes) -> bytes:
    """What comes back on a connection for some bytes."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            connection.sendall(data)
            while chunk := connection.recv(65536):
                received += chunk
                if b"\r\n\r\n" in received and not wants_more(received):
                    break
        except (TimeoutError, ConnectionError):
            pass
    return received


def wants_more(received: bytes) -> bool:
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return len(body) < int(length[1]) if length else False


def test_a_client_that_sends_slowly_or_nothing_holds_up_nobody(server: Server) -> None:
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    try:
        for connection in idle:
            connection.sendall(b"GET /sparql?query=ASK")
        assert server.books() == "7"
    finally:
        for connection in idle:
            connection.close()


def test_bodies_that_never_end_hold_up_nobody(server: Server) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
    try:
        for connection in slow:
            connection.sendall(head + b"Content-Length: 100\r\n\r\nASK")
        assert httpx.get(f"{server.url}/healthz", timeout=20).text == "ok\n"
        assert server.books() == "7"
    finally:
        for connection in slow:
            connection.close()


def test_a_client_that_reads_nothing_holds_up_nobody(server: Server) -> None:
    values = " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(20)))} }}" for n in range(3))
    body = f"SELECT * {{ {values} }}".encode()
    head = f"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/sparql-query\r\n\r\n"
    deaf = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    try:
        for connection in deaf:
            connection.sendall(head.encode() + body)
        for _ in range(20):
            assert server.books() == "7"
    finally:
        for connection in deaf:
            connection.close()

"""SERVICE: only what is listed, only to the open internet, and joined as the standard says."""

from __future__ import annotations

import ipaddress
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from assembly_kg.engine.federation import Federated, is_public
from assembly_kg.engine.question import Question
from assembly_kg.errors import EngineUnavailable, ResultTooLarge, UnsupportedQuery
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assembly_kg.engine.inline import Inline

NAMES = {
    "head": {"vars": ["thing", "note"]},
    "results": {
        "bindings": [
            {
                "thing": {"type": "uri", "value": "http://example.org/library"},
                "note": {"type": "literal", "value": 'a "b"\n\\ қ', "xml:lang": "kk"},
            },
            {"thing": {"type": "uri", "value": "http://example.org/other"}},
        ]
    },
}


class Remote(HTTPServer):
    """Another endpoint, as a thread of the test."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.answer: tuple[int, bytes] = (200, json.dumps(NAMES).encode())

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/sparql"


class Handler(BaseHTTPRequestHandler):
    server: Remote

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.server.asked.append(parse_qs(self.rfile.read(size).decode())["query"][0])
        status, body = self.server.answer
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def remote() -> Iterator[Remote]:
    server = Remote()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def federated(inline: Inline, remote: Remote) -> Federated:
    return Federated(inline, Settings(services=remote.url, service_rows=3), lambda _: True)


def rows(engine: Federated, text: str) -> list[dict[str, str]]:
    body = engine.answer(Question(text)).body
    assert isinstance(body, bytes)
    return [
        {name: term["value"] for name, term in row.items()}
        for row in json.loads(body)["results"]["bindings"]
    ]


def test_the_solutions_of_a_service_are_joined(federated: Federated, remote: Remote) -> None:
    text = (
        f"PREFIX ex: <http://example.org/> SELECT * {{ ?thing ex:books ?n "
        f"SERVICE <{remote.url}> {{ ?thing ex:note ?note }} }}"
    )
    assert rows(federated, text) == [
        {"thing": "http://example.org/library", "n": "7", "note": 'a "b"\n\\ қ'}
    ]
    assert remote.asked == [
        "PREFIX ex: <http://example.org/>  SELECT * WHERE { ?thing ex:note ?note } LIMIT 4"
    ]


def test_an_answer_that_rests_on_a_service_is_not_kept(
    federated: Federated, remote: Remote
) -> None:
    text = f"SELECT * {{ SERVICE <{remote.url}> {{ ?thing ?p ?note }} }}"
    assert federated.answer(Question(text)).head.volatile
    assert not federated.answer(Question("SELECT * { ?SERVICE ?p ?o }")).head.volatile


def test_a_service_that_is_not_listed_is_refused(federated: Federated, remote: Remote) -> None:
    for target in ("<http://localhost:9/sparql>", f"<{remote.url}/>", "?x"):
        with pytest.raises(UnsupportedQuery):
            rows(federated, f"SELECT * {{ SERVICE {target} {{ ?s ?p ?o }} }}")
    assert remote.asked == []


def test_an_address_that_is_not_of_the_open_internet_is_refused(
    inline: Inline, remote: Remote
) -> None:
    engine = Federated(inline, Settings(services=remote.url))
    with pytest.raises(UnsupportedQuery, match="open internet"):
        rows(engine, f"SELECT * {{ SERVICE SILENT <{remote.url}> {{ ?s ?p ?o }} }}")
    assert remote.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),  # noqa: S104
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::"),
        *("fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "ff02::1"),
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111"])
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "answer",
    [(302, b""), (500, b"no"), (200, b"<html>"), (200, b'{"boolean": true}'), (200, b"[]")],
)
def test_a_service_that_fails_fails_the_query_unless_it_is_silent(
    federated: Federated, remote: Remote, answer: tuple[int, bytes]
) -> None:
    remote.answer = answer
    text = f"SELECT ?n {{ ?s <http://example.org/books> ?n SERVICE <{remote.url}> {{ ?s ?p ?o }} }}"
    with pytest.raises(EngineUnavailable, match="the service"):
        rows(federated, text)
    assert rows(federated, text.replace("SERVICE", "SERVICE SILENT")) == [{"n": "7"}]


def test_a_service_that_brings_too_much_is_refused(federated: Federated, remote: Remote) -> None:
    many = {"head": {"vars": ["x"]}, "results": {"bindings": [{}] * 4}}
    remote.answer = (200, json.dumps(many).encode())
    with pytest.raises(ResultTooLarge, match="service_rows = 3"):
        rows(federated, f"SELECT * {{ SERVICE <{remote.url}> {{ ?s ?p ?o }} }}")


def test_terms_from_a_service_cannot_add_to_the_query(federated: Federated, remote: Remote) -> None:
    evil = {"type": "uri", "value": "http://a/> } ?s ?p ?o { <"}
    remote.answer = (
        200,
        json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": evil}]}}).encode(),
    )
    with pytest.raises(UnsupportedQuery, match="cannot be joined"):
        rows(federated, f"SELECT * {{ SERVICE <{remote.url}> {{ ?s ?p ?o }} }}")

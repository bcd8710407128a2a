"""The Graph Store Protocol, read: GET this, expect that."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from rdflib import Graph

if TYPE_CHECKING:
    from flask.testing import FlaskClient

ONE = quote("http://example.org/one")


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("?default", 4),
        ("?default=", 4),
        (f"?graph={ONE}", 2),
        (f"?graph={quote('http://example.org/as-of/2000-01-01')}", 1),
    ],
)
def test_a_graph_is_given_whole(client: FlaskClient, path: str, count: int) -> None:
    answer = client.get("/rdf-graph-store" + path)
    assert answer.content_type == "text/turtle; charset=utf-8"
    assert len(Graph().parse(answer.data)) == count
    again = client.get("/rdf-graph-store" + path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "", 400),
        ("GET", f"?default&graph={ONE}", 400),
        ("GET", f"?graph={ONE}&graph={ONE}", 400),
        ("GET", f"?graph={quote('http://example.org/none')}", 404),
        ("GET", f"?graph={quote('http://example.org/as-of/2000-02-30')}", 404),
        ("GET", "?graph=relative", 404),
        ("GET", "?default&format=csv", 406),
        ("HEAD", f"?graph={ONE}", 200),
        ("HEAD", f"?graph={quote('http://example.org/none')}", 404),
        ("OPTIONS", "", 204),
        ("PUT", f"?graph={ONE}", 405),
        ("POST", "?default", 405),
        ("DELETE", f"?graph={ONE}", 405),
        ("PATCH", "?default", 405),
    ],
)
def test_the_graph_store_table(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open("/rdf-graph-store" + path, method=method, data=b"<a:a> <a:b> 1 .")
    assert answer.status_code == status
    if status == 405:
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert "nothing can be changed" in answer.json["detail"]


def test_the_format_is_negotiated(client: FlaskClient) -> None:
    accept = {"Accept": "application/n-triples, text/turtle;q=0.5"}
    answer = client.get(f"/rdf-graph-store?graph={ONE}", headers=accept)
    assert answer.content_type == "application/n-triples"
    assert answer.data.count(b"\n") == 2

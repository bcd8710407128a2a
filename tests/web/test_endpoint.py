"""The SPARQL Protocol at /sparql: GET this, expect that."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from assembly_kg.web.protocol import _decoded

if TYPE_CHECKING:
    from flask.testing import FlaskClient

ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
TSV = "text/tab-separated-values; charset=utf-8"
ONE, TWO = "http://example.org/one", "http://example.org/two"


def address(**parameters: str) -> str:
    return "/sparql?" + "&".join(f"{name}={quote(value)}" for name, value in parameters.items())


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        # 2.1.1 query via GET
        (("GET", address(query=ALL)), 200),
        (("GET", address(query="ASK {}")), 200),
        (("GET", address(query=GRAPH)), 200),
        (("GET", address(query="DESCRIBE <http://example.org/a>")), 200),
        (("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D"), 400),
        (("GET", "/sparql?default-graph-uri=http%3A%2F%2Fa%2F"), 400),
        (("GET", "/sparql?query="), 400),
        (("GET", "/sparql?query=ASK%7B%7D&colour=red"), 200),
        (("GET", address(query="ASK {}", release="0.0.1")), 404),
        (("GET", "/sparql?query=ASK%7B%7D%20%23%FF"), 400),
        (("GET", address(query="SELECT")), 400),
        (("GET", address(query="INSERT DATA { <a:a> <a:b> 1 }")), 400),
        (("GET", address(update="DROP ALL")), 403),
        (("GET", address(query="ASK {}", update="DROP ALL")), 403),
        (("HEAD", address(query=ALL)), 200),
        (("HEAD", address(query="SELECT")), 400),
        # 2.1.2 query via URL-encoded POST
        (("POST", "/sparql", FORM, f"query={quote(ALL)}"), 200),
        (("POST", "/sparql", FORM + "; charset=UTF-8", f"query={quote(ALL)}"), 200),
        (("POST", "/sparql", FORM, ""), 400),
        (("POST", "/sparql", FORM, "query=ASK%7B%7D&query=ASK%7B%7D"), 400),
        (("POST", "/sparql?query=ASK%7B%7D", FORM, "query=ASK%7B%7D"), 400),
        (("POST", "/sparql", FORM, "query=ә"), 400),
        (("POST", "/sparql", FORM, "update=DROP%20ALL"), 403),
        (("POST", "/sparql", FORM, "update=DROP%20ALL&query=ASK%7B%7D"), 403),
        # 2.1.3 query via POST directly
        (("POST", "/sparql", QUERY, ALL), 200),
        (("POST", "/sparql", QUERY + "; charset=utf-8", ALL), 200),
        (("POST", "/sparql", "Application/SPARQL-Query", ALL), 200),
        (("POST", "/sparql", QUERY + "; charset=koi8-r", ALL), 415),
        (("POST", "/sparql", QUERY, ""), 400),
        (("POST", "/sparql?query=ASK%7B%7D", QUERY, ALL), 400),
        (("POST", f"/sparql?default-graph-uri={quote(ONE)}", QUERY, ALL), 200),
        (("POST", "/sparql", QUERY, b"ASK { ?s ?p '\xff' }"), 400),
        (("POST", "/sparql", "application/sparql-update", "DROP ALL"), 403),
        (("POST", "/sparql", "text/plain", ALL), 415),
        (("POST", "/sparql", "application/json", "{}"), 415),
        (("POST", "/sparql", "", ALL), 415),
        # SPARQL 1.2 Protocol (draft): QUERY and version
        (("QUERY", "/sparql", QUERY, ALL), 200),
        (("QUERY", "/sparql", FORM, f"query={quote(ALL)}"), 200),
        (("QUERY", "/sparql", "application/sparql-update", "DROP ALL"), 403),
        (("GET", address(query="ASK {}", version="1.2")), 200),
        (("GET", address(query="ASK {}", version="7")), 400),
        # own parameters
        (("GET", address(query="ASK {}", timeout="5")), 200),
        (("GET", address(query="ASK {}", timeout="0")), 400),
        (("GET", address(query="ASK {}", timeout="soon")), 400),
        (("GET", address(query="ASK {}", timeout="nan")), 400),
        (("GET", address(query="ASK {}", format="xml")), 200),
        (("GET", address(query="ASK {}", format="ttl")), 406),
        (("GET", address(query="ASK {}", format="gif")), 400),
        # methods
        (("OPTIONS", "/sparql"), 204),
        (("PUT", "/sparql", QUERY, ALL), 405),
        (("DELETE", "/sparql"), 405),
        (("PATCH", "/sparql", "application/sparql-update", "DROP ALL"), 405),
        # limits
        (("POST", "/sparql", QUERY, "ASK {} #" + "x" * 5000), 413),
        (("POST", "/sparql", QUERY, "x" * 200_000), 413),
        (("GET", address(query="SELECT * {" + "{" * 300 + "}" * 301)), 400),
    ],
)
def test_the_protocol_table(client: FlaskClient, request_: tuple[str, ...], status: int) -> None:
    method, path, *rest = request_
    content_type, body = rest or ("", b"")
    answer = client.open(path, method=method, data=body, content_type=content_type or None)
    assert answer.status_code == status, answer.text
    if status >= 400 and method != "HEAD":
        assert answer.content_type == "application/problem+json"
        assert answer.json["status"] == status
        assert answer.json["detail"]
    assert len(json.loads(client.get(address(query=ALL)).data)["results"]["bindings"]) == 4


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (ALL, "", "application/sparql-results+json"),
        (ALL, "*/*", "application/sparql-results+json"),
        (ALL, "application/json", "application/sparql-results+json"),
        (ALL, "text/csv", "text/csv; charset=utf-8; header=present"),
        (
            ALL,
            "text/csv;q=0.5, text/tab-separated-values",
            "text/tab-separated-values; charset=utf-8",
        ),
        (ALL, "application/xml;q=0.9, */*;q=0.8", "application/sparql-results+xml"),
        (
            ALL,
            "text/turtle, application/sparql-results+xml;q=0.1",
            "application/sparql-results+xml",
        ),
        (ALL, "application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        (GRAPH, "", "text/turtle; charset=utf-8"),
        (GRAPH, "application/n-triples", "application/n-triples"),
        (GRAPH, "application/rdf+xml, text/turtle;q=0.9", "application/rdf+xml"),
        (GRAPH, "application/ld+json", "application/ld+json"),
        (GRAPH, "application/trig", "application/trig; charset=utf-8"),
        (GRAPH, "application/n-quads", "application/n-quads"),
        (GRAPH, "text/*;q=0.3, application/n-triples;q=0.4", "application/n-triples"),
    ],
)
def test_the_format_is_negotiated(
    client: FlaskClient, query: str, accept: str, expected: str
) -> None:
    answer = client.get(address(query=query), headers={"Accept": accept} if accept else {})
    assert answer.content_type == expected
    assert "Accept" in answer.headers["Vary"]


def test_a_format_that_cannot_be_had_is_told_with_those_that_can(client: FlaskClient) -> None:
    answer = client.get(address(query=ALL), headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "application/sparql-results+json" in answer.json["detail"]


def test_a_browser_gets_a_page_for_a_problem(client: FlaskClient) -> None:
    answer = client.get(address(query="<script>"), headers={"Accept": "text/html, */*;q=0.8"})
    assert answer.content_type == "text/html; charset=utf-8"
    assert "<script>" not in answer.text


def test_a_syntax_error_has_its_place_as_numbers(client: FlaskClient) -> None:
    problem = client.get(address(query="SELECT *\n{ ?s foaf:name ?o }")).json
    assert (problem["line"], problem["column"]) == (2, 6)
    assert client.get(problem["type"]).json["title"] == problem["title"]


def test_percent_encoding_is_decoded_once(client: FlaskClient) -> None:
    text = "SELECT (<http://example.org/қала%20бір> AS ?x) {}"
    for answer in (
        client.get("/sparql?query=" + quote(text)),
        client.post("/sparql", data=text.encode(), content_type=QUERY),
        client.post("/sparql", data={"query": text}),
    ):
        [row] = json.loads(answer.data)["results"]["bindings"]
        assert row["x"]["value"] == "http://example.org/қала%20бір"


def test_the_protocol_dataset_goes_before_from_and_is_merged(client: FlaskClient) -> None:
    text = "SELECT ?o FROM <http://example.org/one> { ?s ?p ?o }"
    path = address(query=text) + f"&default-graph-uri={quote(ONE)}&default-graph-uri={quote(TWO)}"
    assert len(json.loads(client.get(path).data)["results"]["bindings"]) == 3
    path = address(query="SELECT ?g { GRAPH ?g { ?s ?p ?o } }", **{"named-graph-uri": TWO})
    found = json.loads(client.get(path).data)["results"]["bindings"]
    assert {row["g"]["value"] for row in found} == {TWO}


def test_a_head_request_has_the_headers_and_no_body(client: FlaskClient) -> None:
    get, head = (getattr(client, method)(address(query=ALL)) for method in ("get", "head"))
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(get.data))


@pytest.mark.parametrize(
    ("accepted", "coding", "decode"),
    [
        ("gzip", "gzip", gzip.decompress),
        ("br", "br", brotli.decompress),
        (
            "zstd",
            "zstd",
            lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
        ),
        ("gzip;q=0.5, br;q=0.7", "br", brotli.decompress),
        ("identity;q=1, gzip;q=0.5", None, bytes),
        ("gzip;q=0", None, bytes),
        ("compress", None, bytes),
    ],
)
def test_a_large_answer_is_coded_as_the_client_likes(
    client: FlaskClient, accepted: str, coding: str | None, decode: object
) -> None:
    text = "SELECT ?x { VALUES ?x { " + " ".join(map(str, range(200))) + " } }"
    plain = client.get(address(query=text))
    coded = client.get(address(query=text), headers={"Accept-Encoding": accepted})
    assert coded.headers.get("Content-Encoding") == coding
    assert coded.headers["Content-Length"] == str(len(coded.data))
    assert decode(coded.data) == plain.data  # type: ignore[operator]


def test_an_answer_that_is_no_newer_is_not_sent_again(client: FlaskClient) -> None:
    for _ in range(2):  # evaluated, then from the cache
        date = client.get(address(query=ALL)).headers["Last-Modified"]
        for since, status in ((date, 304), ("Mon, 01 Jan 2001 00:00:00 GMT", 200), ("never", 200)):
            answer = client.get(address(query=ALL), headers={"If-Modified-Since": since})
            assert answer.status_code == status, since
    both = {"If-Modified-Since": date, "If-None-Match": '"x"'}
    assert client.get(address(query=ALL), headers=both).status_code == 200


@pytest.mark.parametrize(
    "header", [{"If-None-Match": "*"}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}]
)
def test_only_an_answer_that_there_is_can_be_unchanged(
    client: FlaskClient, header: dict[str, str]
) -> None:
    assert client.get(address(query="SELECT nonsense"), headers=header).status_code == 400
    assert client.get(address(query="SELECT (NOW() AS ?n) {}"), headers=header).status_code == 200
    assert client.get(address(query=ALL), headers=header).status_code == 304


def test_a_request_of_http_1_1_names_its_host(client: FlaskClient) -> None:
    for protocol, status in (("HTTP/1.1", 400), ("HTTP/1.0", 200)):
        wsgi = {"SERVER_PROTOCOL": protocol, "HTTP_HOST": ""}
        assert client.get("/healthz", environ_overrides=wsgi).status_code == status


def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(address(query=ALL))
    etag = first.headers["ETag"]
    for known in (etag, f'"other", {etag}', "*", etag.removeprefix("W/")):
        again = client.get(address(query=ALL), headers={"If-None-Match": known})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag
    assert client.get(address(query=ALL), headers={"If-None-Match": '"x"'}).status_code == 200
    assert client.get(address(query=ALL + " ")).headers["ETag"] != etag
    assert client.get(address(query=ALL), headers={"Accept": "text/csv"}).headers["ETag"] != etag
    assert "max-age=60" in first.headers["Cache-Control"]
    assert first.headers["Last-Modified"].endswith("GMT")


def test_an_answer_that_varies_by_intent_is_never_kept(client: FlaskClient) -> None:
    answers = [client.get(address(query="SELECT (UUID() AS ?x) {}")) for _ in range(2)]
    assert answers[0].data != answers[1].data
    assert "ETag" not in answers[0].headers
    assert answers[0].headers["Cache-Control"] == "no-store"


def test_every_origin_may_read(client: FlaskClient) -> None:
    answer = client.options("/sparql", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "QUERY" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    for path in (address(query=ALL), address(query="SELECT"), "/nowhere"):
        assert client.get(path).headers["Access-Control-Allow-Origin"] == "*"


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in (address(query=ALL), address(query="SELECT"), "/nowhere"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_methods_that_are_not_allowed_name_those_that_are(client: FlaskClient) -> None:
    assert client.put("/sparql").headers["Allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
    answer = client.post("/sparql", data="x", content_type="text/plain")
    assert QUERY in answer.headers["Accept-Post"]


@given(st.text("%abcdefABCDEF0123456789+\\\\ қz", max_size=30))
def test_percent_decoding_is_the_standard_one_but_faster(text: str) -> None:
    try:
        expected = unquote(text, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            _decoded(text)
    else:
        assert _decoded(text) == expected

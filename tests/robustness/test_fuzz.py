"""Any parameters and headers at all: an answer of the protocol, never a fault of the server."""

from __future__ import annotations

import contextlib
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assembly_kg.app import create_app
from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.scan import outline, tokens
from assembly_kg.engine.store import load_files
from assembly_kg.errors import QuerySyntaxError
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient

LIBRARY = Path(__file__).parents[1] / "fixtures" / "library.trig"
KNOWN = {200, 304, 308, 400, 403, 404, 405, 406, 413, 415}
often = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

names = st.sampled_from(
    [
        *("query", "default-graph-uri", "named-graph-uri", "update", "timeout", "format"),
        *("version", "graph", "default", "explain", "QUERY", "", "query[]"),
    ]
) | st.text(max_size=8)
values = st.sampled_from(
    [
        *("ASK {}", "SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "DROP ALL"),
        *("http://example.org/one", "http://example.org/as-of/2000-02-30", "csv", "ttl", "1"),
        *("-1", "nan", "1.2", "", "ASK { ?s ?p 'қ' }", "SELECT ?x {", "DESCRIBE <a:b>"),
    ]
) | st.text(max_size=40)
pairs = st.lists(st.tuples(names, values), max_size=5)
headers = st.dictionaries(
    st.sampled_from(
        [
            *("Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "Range", "Cookie"),
            *("If-Modified-Since", "Content-Type", "X-Forwarded-For", "X-Request-Id", "Origin"),
        ]
    ),
    st.sampled_from(
        [
            *("*/*", "text/csv;q=0.5, */*;q=0.1", "text/html", "gzip, br;q=0.2", "*", '"x"', ",,"),
            *(
                "application/sparql-query",
                "application/x-www-form-urlencoded",
                "q=;;=",
                "bytes=0-1",
            ),
            *("application/sparql-update", "a/b;q=2", "application/json; charset=utf-16"),
        ]
    )
    | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
    max_size=4,
)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    limits = Settings(max_query_bytes=4096, client_rate=0)
    engine = Inline(*load_files([LIBRARY]), Limits.of(limits))
    return create_app(limits, engine).test_client()


def check(answer: Any) -> None:
    assert answer.status_code in KNOWN, answer.text
    if answer.data and answer.content_type == "application/problem+json":
        assert json.loads(answer.text)["status"] == answer.status_code
    assert b"Traceback" not in answer.data
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@often
@given(
    path=st.sampled_from(["/sparql", "/rdf-graph-store"]),
    method=st.sampled_from(["GET", "HEAD", "POST", "QUERY", "PUT", "DELETE", "OPTIONS", "X"]),
    parameters=pairs,
    body=st.binary(max_size=200) | values.map(str.encode),
    given_headers=headers,
)
def test_any_request_has_an_answer_of_the_protocol(  # noqa: PLR0917 -- given by name
    client: FlaskClient,
    path: str,
    method: str,
    parameters: list[tuple[str, str]],
    body: bytes,
    given_headers: dict[str, str],
) -> None:
    text = "&".join(f"{quote(name)}={quote(value)}" for name, value in parameters)
    answer = client.open(
        f"{path}?{text}", method=method, data=body, headers=list(given_headers.items())
    )
    if method == "OPTIONS":
        assert answer.status_code in {200, 204, 403}
    else:
        check(answer)


@often
@given(parameters=pairs, given_headers=headers)
def test_a_form_is_read_like_an_address(
    client: FlaskClient, parameters: list[tuple[str, str]], given_headers: dict[str, str]
) -> None:
    text = "&".join(f"{quote(name)}={quote(value)}" for name, value in parameters)
    given_headers.pop("Content-Type", None)
    given_headers.pop("If-None-Match", None)
    by_address = client.get(f"/sparql?{text}", headers=list(given_headers.items()))
    by_form = client.post(
        "/sparql",
        data=text,
        content_type="application/x-www-form-urlencoded",
        headers=list(given_headers.items()),
    )
    check(by_form)
    if "query" in dict(parameters):
        assert by_form.status_code == by_address.status_code
        if by_form.status_code == 200 and "no-store" not in by_form.headers["Cache-Control"]:
            assert by_form.data == by_address.data


@often
@given(st.text() | st.text("SELECTASKFROM <>{}()[]\"'\\#?:.@^&|!*/=+-0123456789\n abcқ"))
def test_any_text_has_an_outline_and_its_tokens_cover_it(text: str) -> None:
    found = list(tokens(text))
    assert all(text.startswith(token.text, token.start) for token in found)
    assert all(a.start + len(a.text) <= b.start for a, b in itertools.pairwise(found))
    with contextlib.suppress(QuerySyntaxError):  # a dataset clause that cannot be resolved
        outline(text)

"""What the log and the counts tell, and what they do not."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from assembly_kg.app import create_app
from assembly_kg.web.observe import Log

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from assembly_kg.engine.inline import Inline
    from assembly_kg.settings import Settings


def test_a_line_of_the_log_is_json_and_holds_nothing_personal(
    tmp_path: Path, engine: Inline, settings: Settings
) -> None:
    file = tmp_path / "log"
    log = Log(os.open(file, os.O_WRONLY | os.O_CREAT))
    client = create_app(settings, engine, log).test_client()
    secret = "Nursultan-from-Astana"  # noqa: S105 -- what a client might write
    headers = {"User-Agent": secret, "Cookie": secret, "X-Request-Id": "request-1"}
    client.get(f"/sparql?query={quote(f'ASK {{ ?s ?p {secret!r} }}')}", headers=headers)
    client.get(f'/no"where%0A?{secret}', headers={"X-Request-Id": '"} evil {"'})
    log.flush()
    text = file.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    first, second = [line for line in lines if line["event"] == "request"]
    assert first["id"] == "request-1"
    assert (first["path"], first["status"], first["outcome"]) == ("/sparql", 200, "evaluated")
    assert first["ms"] > 0
    assert (second["path"], second["status"]) == ('/no"where\n', 404)
    assert "evil" not in second["id"]
    assert secret not in text
    assert "127.0.0.1" not in text


def test_every_answer_has_an_id(client: FlaskClient) -> None:
    ids = {client.get("/healthz").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_the_counts_are_in_the_format_of_prometheus(client: FlaskClient) -> None:
    client.get(f"/sparql?query={quote('ASK {}')}")
    client.get("/some/unknown/path")
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    assert (
        'assembly_kg_requests_total{method="GET",route="/sparql",status="200"} 1.0' in answer.text
    )
    assert 'route="/…",status="404"} 1.0' in answer.text
    assert 'assembly_kg_request_seconds_bucket{le="+Inf",route="/sparql"} 1.0' in answer.text
    assert "assembly_kg_quads 10.0" in answer.text

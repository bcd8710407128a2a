"""One line for each query that was evaluated, told when it is over."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from assembly_kg.app import create_app
from assembly_kg.engine.question import Answer, AskerGone, Head, Question
from assembly_kg.engine.spool import Spool
from assembly_kg.errors import DeadlineExceeded
from assembly_kg.web.observe import Log
from assembly_kg.web.query_log import CUT, Asked

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from assembly_kg.engine.inline import Inline
    from assembly_kg.settings import Settings

ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"


def test_each_query_has_its_line_and_a_cached_answer_none(
    tmp_path: Path, engine: Inline, settings: Settings
) -> None:
    log = Log(os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT))
    client = create_app(settings, engine, log).test_client()
    for query in (ALL, ALL, "SELECT", "ASK {}"):
        client.get(f"/sparql?query={quote(query)}", headers={"X-Request-Id": "request-1"})
    log.flush()
    text = (tmp_path / "log").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    rows, wrong, truth = [line for line in found if line["event"] == "query"]
    assert [line["outcome"] for line in found if line["event"] == "request"].count("cached") == 1
    assert (rows["outcome"], rows["rows"], rows["format"]) == ("answered", 4, "json")
    assert rows["bytes"] > 100
    assert rows["ms"] > 0
    assert rows["id"] == "request-1"
    assert rows["release"] == engine.catalogue().release
    assert (wrong["outcome"], wrong["problem"], wrong["line"]) == ("refused", "query-syntax", 1)
    assert (truth["outcome"], truth["rows"]) == ("answered", None)
    assert len({line["query"] for line in (rows, wrong, truth)}) == 3
    assert "SELECT" not in text


def test_what_broke_off_says_why_and_how_far_it_came(tmp_path: Path) -> None:
    written: list[str] = []
    environ = {"assembly_kg.log": written.append, "assembly_kg.request_id": "request-1"}
    spool = Spool(tmp_path, lambda error: error)
    spool.append(b"a part")
    answer = Answer(Head("csv", makes_graph=False, volatile=False), cast("BinaryIO", spool), 0)
    Asked(environ, Question(ALL), "r").ended(CUT, answer, DeadlineExceeded("timeout", 2))
    Asked(environ, Question(ALL), "r").failed(AskerGone())
    cut, gone = map(json.loads, written)
    assert (cut["outcome"], cut["problem"], cut["limit"]) == ("cut", "deadline", "timeout")
    assert (cut["bytes"], cut["rows"]) == (6, None)
    assert gone["outcome"] == "hung-up"
    assert gone["query"] == cut["query"]


def test_without_a_log_nothing_is_told() -> None:
    Asked({}, Question(ALL), "r").ended(CUT)

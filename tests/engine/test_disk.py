"""A store on disk: made once, whole or not at all, and answering as one in memory does."""

from __future__ import annotations

import csv
import io
import os
import re
import socket
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pyoxigraph as ox
import pytest
from tests.test_supervisor import serving

from assembly_kg.engine.catalogue import of_store
from assembly_kg.engine.disk import NAME, DiskStore, prepared
from assembly_kg.engine.store import load_files, load_release
from assembly_kg.errors import EngineUnavailable, InputError

if TYPE_CHECKING:
    from assembly_kg.engine.catalogue import Catalogue

ROOT = Path(__file__).parents[2]
LIBRARY = Path(__file__).parents[1] / "fixtures" / "library.trig"
QUESTIONS = sorted((ROOT / "ontology" / "questions").glob("*.rq"))


def answers(store: ox.Store) -> dict[str, Counter[tuple[str, ...]]]:
    found = {}
    for question in QUESTIONS:
        written = store.query(question.read_text(encoding="utf-8"))
        assert isinstance(written, ox.QuerySolutions)
        data = written.serialize(format=ox.QueryResultsFormat.CSV)
        assert data is not None
        found[question.name] = Counter(map(tuple, csv.reader(io.StringIO(data.decode()))))
    return found


def opened(kept: DiskStore) -> tuple[int, dict[str, Counter[tuple[str, ...]]]]:
    store = kept.open()
    return len(store), answers(store)


def apart(kept: DiskStore) -> tuple[int, dict[str, Counter[tuple[str, ...]]]]:
    """Size and answers, from a process of its own: an open store brings threads, and tests fork."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(opened, kept).result()


def test_every_question_has_the_same_answer_on_disk(
    release: Path, release_store: ox.Store, tmp_path: Path
) -> None:
    kept = prepared(tmp_path / "store", lambda into: load_release(release, into))
    size, found = apart(kept)
    assert size == kept.catalogue.size == len(release_store)
    assert found == answers(release_store)
    assert all(len(rows) > 1 for rows in found.values())


def test_a_store_is_made_once_and_leaves_nothing_beside(tmp_path: Path) -> None:
    made = prepared(tmp_path / "store", lambda into: load_files([LIBRARY], into))
    again = prepared(tmp_path / "store", _never)
    assert again.catalogue == made.catalogue
    assert [entry.name for entry in tmp_path.iterdir()] == ["store"]


def _never(into: Path) -> tuple[ox.Store, Catalogue]:
    raise AssertionError(f"{into} is made again")


def test_what_cannot_be_read_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "x.ttl"
    broken.write_text("<a> <b> .", encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.ttl:1:"):
        prepared(tmp_path / "store", lambda into: load_files([broken], into))
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.ttl"]


def test_a_process_that_dies_while_it_makes_one_leaves_none(tmp_path: Path) -> None:
    def die(into: Path) -> tuple[ox.Store, Catalogue]:
        into.mkdir()
        os._exit(9)

    with pytest.raises(EngineUnavailable, match="died"):
        prepared(tmp_path / "store", die)
    assert not (tmp_path / "store").exists()


def test_one_that_another_server_made_meanwhile_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "store"

    def load(into: Path) -> tuple[ox.Store, Catalogue]:
        prepared(folder, lambda first: load_files([LIBRARY], first))
        store = ox.Store(into)
        return store, of_store(store, release="other", modified=0)

    assert prepared(folder, load).catalogue.size == 10


def test_a_server_answers_from_disk_and_opens_no_connection(council_release: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as trap,
        serving("--release", council_release, "--store", "disk") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        trap.settimeout(0.3)
        assert (council_release / NAME / "catalogue.json").is_file()
        query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        count = client.get("/sparql", params={"query": query, "format": "csv"}).text
        assert int(count.split()[1]) > 100
        hidden = f"ASK {{ FILTER(1<2)SERVICE#>\n<http://127.0.0.1:{trap.getsockname()[1]}/>{{}} }}"
        assert client.get("/sparql", params={"query": hidden}).status_code == 400
        with pytest.raises(TimeoutError):
            trap.accept()
        worker = next(pid for pid in server.descendants() if _opens(pid, f"/{NAME}/files/"))
        status = Path(f"/proc/{worker}/status").read_text(encoding="ascii")
        assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)


def _opens(pid: int, part: str) -> bool:
    folder = Path(f"/proc/{pid}/fd")
    return any(part in os.readlink(entry) for entry in folder.iterdir())  # noqa: PTH115

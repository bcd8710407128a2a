"""Older releases in pools of their own: opened when asked for, the least recently asked let go."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assembly_kg.engine import wire
from assembly_kg.engine.client import catalogue_file
from assembly_kg.engine.releases import Release
from assembly_kg.engine.shelf import Generation, OlderReleases, Shelf
from assembly_kg.errors import EngineUnavailable, InputError
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pools:
    """Processes that only wait, in place of pools; ``broken`` ones say a fault."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.started: list[str] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, folder: str) -> Generation:
        self.started.append(folder)
        name = str(len(self.started))
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        self.processes[folder] = process
        catalogue_file(self.directory, name).write_text("{}", encoding="utf-8")
        receive, announce = os.pipe()
        fault = InputError(Path("dataset.nq"), 1, "is broken")
        os.write(announce, wire.encode_fault(fault) if folder == "broken" else b"+")
        os.close(announce)
        return Generation(name, process.pid, receive, "", time.monotonic())


@contextmanager
def shelf_of(directory: Path, most: int) -> Iterator[tuple[Pools, Shelf]]:
    pools = Pools(directory)
    shelf = Shelf(directory, most, pools.start)
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            readable, _, _ = select.select(shelf.watched(), [], [], 0.02)
            shelf.turn(readable)
            for process in pools.processes.values():
                if process.poll() is not None:
                    shelf.buried(process.pid)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield pools, shelf
    finally:
        stop.set()
        thread.join()
        shelf.leave()
        for process in pools.processes.values():
            process.kill()
            process.wait()


def release(name: str) -> Release:
    return Release(Path(name), name, "2020-01-01", name * 16, "", "", 0.0, current=False, told={})


def ask(directory: Path, name: str) -> None:
    OlderReleases(directory, Settings(timeout=20))(release(name))._open()


def linked(directory: Path) -> set[str]:
    return {link.name.removeprefix("release-") for link in directory.glob("release-*")}


def test_a_release_is_loaded_once_and_kept(tmp_path: Path) -> None:
    with shelf_of(tmp_path, 2) as (pools, _):
        for name in ("a", "b", "a", "b", "a"):
            ask(tmp_path, name)
        assert pools.started == ["a", "b"]
        assert linked(tmp_path) == {"a", "b"}


def test_the_least_recently_asked_is_let_go_and_loaded_again_when_asked(tmp_path: Path) -> None:
    with shelf_of(tmp_path, 2) as (pools, _):
        for name in ("a", "b", "a", "c"):
            ask(tmp_path, name)
        assert linked(tmp_path) == {"a", "c"}
        assert pools.processes["b"].wait(timeout=10) == -15
        ask(tmp_path, "b")
        assert linked(tmp_path) == {"b", "c"}


def test_a_pool_that_dies_is_opened_again_when_asked(tmp_path: Path) -> None:
    with shelf_of(tmp_path, 2) as (pools, shelf):
        ask(tmp_path, "a")
        pools.processes["a"].kill()
        pools.processes["a"].wait()
        until = time.monotonic() + 10
        while linked(tmp_path) and time.monotonic() < until:
            time.sleep(0.02)
        assert linked(tmp_path) == set()
        assert shelf.pids() == []
        assert not catalogue_file(tmp_path, "1").exists()
        ask(tmp_path, "a")
        assert pools.started == ["a", "a"]


def test_a_release_that_cannot_be_read_is_told_and_takes_no_place(tmp_path: Path) -> None:
    with shelf_of(tmp_path, 1):
        ask(tmp_path, "a")
        with pytest.raises(InputError, match="is broken"):
            ask(tmp_path, "broken")
        ask(tmp_path, "a")


def test_only_a_few_requests_wait_while_a_release_is_loaded(tmp_path: Path) -> None:
    older = OlderReleases(tmp_path, Settings(timeout=3))
    told: list[str] = []

    def wait(name: str) -> None:
        with pytest.raises(EngineUnavailable) as error:
            older(release(name))._open()
        told.append(str(error.value))

    threads = [threading.Thread(target=wait, args=(f"r{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("others wait" in text for text in told) == 4
    assert sum("being loaded" in text for text in told) == 8


def test_without_a_parent_that_answers_the_engine_is_not_there(tmp_path: Path) -> None:
    engine = OlderReleases(tmp_path, Settings(timeout=0.1))(release("a"))
    with pytest.raises(EngineUnavailable):
        engine._open()

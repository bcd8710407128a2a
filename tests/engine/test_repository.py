"""What is kept for a generation is made once, and nobody waits for what they did not ask for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.repository import Repository
from assembly_kg.engine.store import load_files
from assembly_kg.settings import Settings


@pytest.fixture
def repository() -> Repository:
    return Repository(Inline(*load_files([]), Limits.of(Settings())))


def test_a_thing_is_made_once_however_many_ask(repository: Repository) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: repository.kept("number", make), range(32)))
    assert answers == [1] * 32


def test_while_one_thing_is_made_others_are_answered(repository: Repository) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert may_end.wait(30)
        return repository.kept("inner", lambda: "slow")

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(repository.kept, "slow", slow)
        assert begun.wait(30)
        assert repository.kept("quick", lambda: "quick") == "quick"
        assert repository.labels([]) == {}
        may_end.set()
        assert waiting.result() == "slow"

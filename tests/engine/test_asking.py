"""Questions that wait in an event loop rather than in a thread."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from assembly_kg.engine.asking import AskingPool, TooLong
from assembly_kg.engine.question import Answer, Question
from assembly_kg.errors import (
    DeadlineExceeded,
    EngineUnavailable,
    LimitExceeded,
    QuerySyntaxError,
    QueueFull,
)
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assembly_kg.engine.client import PoolClient

    OpenPool = Callable[..., PoolClient]

QUICK = Question("SELECT ?o { ?s <http://example.org/books> ?o }")
LISTS = " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(20)))} }}" for n in range(10))
RUNAWAY = Question(f"SELECT (COUNT(*) AS ?n) {{ {LISTS} }}")
LONG = Question("SELECT * { VALUES ?v { " + " ".join(map(str, range(9_000))) + " } }")


async def until(condition: Callable[[], object]) -> None:
    for _ in range(4000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come about")


async def asked(pool: AskingPool, question: Question) -> Answer | Exception:
    future: asyncio.Future[Answer | Exception] = asyncio.get_running_loop().create_future()
    pool.ask(question, future.set_result)
    return await asyncio.wait_for(future, 20)


def over(client: PoolClient, **values: float) -> AskingPool:
    return AskingPool(client._directory, dataclasses.replace(Settings(), **values))  # type: ignore[arg-type]


def test_many_questions_wait_at_once_and_each_gets_its_answer(open_pool: OpenPool) -> None:
    pool = over(open_pool())

    async def all_of_them() -> list[Answer | Exception]:
        texts = [
            f"SELECT (?o + {n} AS ?x) {{ ?s <http://example.org/books> ?o }}" for n in range(9)
        ]
        return await asyncio.gather(*[asked(pool, Question(text)) for text in texts])

    found = asyncio.run(all_of_them())
    values = []
    for answer in found:
        assert isinstance(answer, Answer)
        assert isinstance(answer.body, bytes)
        values.append(json.loads(answer.body)["results"]["bindings"][0]["x"]["value"])
    assert values == [str(7 + n) for n in range(9)]


def test_faults_are_told_as_what_they_are(open_pool: OpenPool) -> None:
    pool = over(open_pool(timeout=0.6), timeout=0.6)
    deep = Question("SELECT (" + "1+" * 20_000 + "1 AS ?x) {}")
    for question, kind in (
        (Question("nonsense"), QuerySyntaxError),
        (RUNAWAY, DeadlineExceeded),
        (deep, LimitExceeded),
        (LONG, TooLong),
    ):
        assert isinstance(asyncio.run(asked(pool, question)), kind), kind
    assert isinstance(asyncio.run(asked(pool, QUICK)), Answer)


def test_a_question_that_is_given_up_is_stopped(open_pool: OpenPool) -> None:
    client = open_pool(timeout=20)
    pool = over(client)

    async def give_up() -> None:
        told: list[object] = []
        waiting = pool.ask(RUNAWAY, told.append)
        await until(lambda: client.statistics()["quick"] + client.statistics()["long"] > 0)
        waiting.cancel()
        await until(lambda: client.statistics()["ended"] == {"cancelled": 1})
        assert not told

    asyncio.run(asyncio.wait_for(give_up(), 20))


def test_no_more_questions_wait_than_may(open_pool: OpenPool) -> None:
    values = {"queue": 0, "workers": 1, "long_workers": 8, "timeout": 2, "quick": 60}
    client = open_pool(**values)
    pool = over(client, **values)

    async def three() -> None:
        told: list[Answer | Exception] = []
        pool.ask(RUNAWAY, told.append)
        await until(lambda: client.statistics()["quick"] == 1)
        pool.ask(QUICK, told.append)  # the one that the worker takes next
        assert isinstance(await asked(pool, QUICK), QueueFull)
        await until(lambda: len(told) == 2)
        assert [type(one) for one in told] == [DeadlineExceeded, DeadlineExceeded]
        assert isinstance(await asked(pool, QUICK), Answer)

    asyncio.run(three())


def test_one_process_has_only_so_many_under_way_even_while_there_is_no_pool(tmp_path: Path) -> None:
    pool = AskingPool(tmp_path, Settings(queue=0, workers=1, long_workers=0))

    async def two() -> None:
        pool.ask(QUICK, print)
        with pytest.raises(QueueFull):
            pool.ask(QUICK, print)

    asyncio.run(two())


def test_without_a_pool_the_asker_is_told_after_a_while(tmp_path: Path) -> None:
    pool = AskingPool(tmp_path, Settings(timeout=0.3))
    assert isinstance(asyncio.run(asked(pool, QUICK)), EngineUnavailable)

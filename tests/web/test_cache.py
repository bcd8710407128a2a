"""Finished answers within a budget, for one generation."""

from __future__ import annotations

from assembly_kg.web.cache import Cache, Reply


def reply(size: int) -> Reply:
    return Reply([], b"x" * size, '"e"')


def test_a_reply_is_kept_for_its_generation_only() -> None:
    cache = Cache(100_000)
    cache.put("1", "a", reply(10), key_size=1)
    assert cache.get("1", "a") is not None
    assert cache.get("2", "a") is None
    assert cache.get("1", "b") is None
    cache.put("2", "b", reply(10), key_size=1)
    assert cache.get("1", "a") is None
    assert cache.get("2", "b") is not None


def test_the_least_recently_used_goes_first() -> None:
    cache = Cache(20_000)
    for name in "abcdefgh":
        cache.put("1", name, reply(1000), key_size=1)
    assert cache.get("1", "a") is not None
    for name in "ijkl":
        cache.put("1", name, reply(1000), key_size=1)
    assert cache.get("1", "a") is not None
    assert cache.get("1", "b") is None
    assert cache.get("1", "l") is not None


def test_the_same_key_costs_once_and_a_large_reply_is_not_kept() -> None:
    cache = Cache(20_000)
    for _ in range(50):
        cache.put("1", "a", reply(1000), key_size=1)
    cache.put("1", "b", reply(1000), key_size=1)
    assert cache.get("1", "a") is not None
    cache.put("1", "c", reply(5000), key_size=1)
    assert cache.get("1", "c") is None
    nothing = Cache(0)
    nothing.put("1", "a", reply(1), key_size=1)
    assert nothing.get("1", "a") is None

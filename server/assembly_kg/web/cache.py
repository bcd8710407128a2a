"""Finished answers, kept while their release is served.

Owns the budget: an answer costs its bytes, the least recently used goes first, and a change of
generation empties the whole. What may be kept, and under which key, is for the caller.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["Cache", "Reply"]

_OVERHEAD: Final = 1024
_LARGEST_SHARE: Final = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete response of status 200; ``lines`` are its headers as they go out, if kept."""

    headers: list[tuple[str, str]]
    body: bytes
    etag: str
    lines: bytes = b""


class Cache:
    """Replies by key, within a budget of bytes. Safe to use from many threads."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._used = 0
        self._generation = ""
        self._replies: OrderedDict[Hashable, tuple[Reply, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, generation: str, key: Hashable) -> Reply | None:
        """The reply kept for a key in this generation."""
        if generation != self._generation:
            return None
        held = self._replies.get(key)
        if held is None:
            return None
        with self._lock:
            if key in self._replies:
                self._replies.move_to_end(key)
        return held[0]

    def put(self, generation: str, key: Hashable, reply: Reply, *, key_size: int) -> None:
        """Keep a reply, unless it would take more than its share of the budget."""
        cost = len(reply.body) + key_size + _OVERHEAD
        if cost > self._budget // _LARGEST_SHARE:
            return
        with self._lock:
            if generation != self._generation:
                self._replies.clear()
                self._used = 0
                self._generation = generation
            before = self._replies.pop(key, None)
            self._used += cost - (before[1] if before else 0)
            self._replies[key] = (reply, cost)
            while self._used > self._budget:
                self._used -= self._replies.popitem(last=False)[1][1]

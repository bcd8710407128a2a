"""How much one client may ask.

Owns a token bucket for each client: ``client_rate`` requests a second on average, twice that at
once. A client is an address, or for IPv6 the network that a household gets. Addresses live here for
as long as a bucket is not full again, and are written nowhere.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Final

__all__ = ["Rate", "client_of"]

_CLIENTS: Final = 10_000
_HOUSEHOLD: Final = 64


class Rate:
    """Buckets by client. Safe to use from many threads."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._capacity = max(1.0, per_second * 2)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, client: str) -> bool:
        """Take one request from the client's bucket, if there is one left."""
        if not self._per_second:
            return True
        now = time.monotonic()
        with self._lock:
            left, then = self._buckets.pop(client, (self._capacity, now))
            left = min(self._capacity, left + (now - then) * self._per_second)
            allowed = left >= 1
            self._buckets[client] = (left - 1 if allowed else left, now)
            while len(self._buckets) > _CLIENTS:
                self._buckets.popitem(last=False)
        return allowed


def client_of(remote: str, forwarded: str, proxies: int) -> str:
    """Who sent a request: behind so many trusted proxies, what the outermost of them saw."""
    seen = [part.strip() for part in forwarded.split(",") if part.strip()]
    address = seen[-proxies] if proxies and len(seen) >= proxies else remote
    return _client(address)


@lru_cache(maxsize=1024)
def _client(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4 or parsed.ipv4_mapped:  # noqa: PLR2004 -- the protocol's number
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _HOUSEHOLD), strict=False))

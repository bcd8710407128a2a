"""How much one client may ask.

Owns one number for each client, which all processes that speak HTTP share: when its next request is
due if it asks ``client_rate`` times a second, of which it may be two seconds ahead (the generic
cell rate algorithm, ITU-T I.371, annex A). A client is an address, or for IPv6 the network that a
household gets. No address is kept: its place is a hash, with a key of this server's run, so that
two clients rarely share one and nobody can choose to.
"""

from __future__ import annotations

import hashlib
import ipaddress
import mmap
import os
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Rate", "client_of"]

_PLACES: Final = 65_536
_SIZE: Final = 8 * _PLACES
_FILE: Final = "rates"
_HOUSEHOLD: Final = 64
_ROUNDING: Final = 0.001


class Rate:
    """Requests by client. Safe to use from many threads.

    Args:
        per_second: how many one client may send; 0 for any number.
        folder: where all processes keep theirs; None for one process alone. Its name is the key.
    """

    def __init__(self, per_second: float, folder: Path | None = None) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._ahead = (max(1.0, per_second * 2) - 1 + _ROUNDING) * self._interval
        self._key = os.urandom(16) if folder is None else hashlib.sha256(bytes(folder)).digest()
        self._due = memoryview(mmap.mmap(-1, _SIZE) if folder is None else _file(folder)).cast("d")
        self._place = lru_cache(maxsize=1024)(self._hashed)
        self._lock = threading.Lock()

    def allows(self, client: str) -> bool:
        """Count one request of a client, if it may be sent."""
        if not self._interval:
            return True
        place, now = self._place(client), time.monotonic()
        # Processes do not wait for each other: at worst one of two at the same moment is free.
        with self._lock:
            due = max(self._due[place], now)
            if due - now > self._ahead:
                return False
            self._due[place] = due + self._interval
        return True

    def _hashed(self, client: str) -> int:
        digest = hashlib.blake2b(client.encode("utf-8", "replace"), key=self._key, digest_size=4)
        return int.from_bytes(digest.digest()) % _PLACES


def _file(folder: Path) -> mmap.mmap:
    with (folder / _FILE).open("a+b") as file:
        file.truncate(_SIZE)
        return mmap.mmap(file.fileno(), _SIZE)


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

"""What the server does, told to its operator.

Owns request ids, the access log and the counts that ``metrics`` shows. A line of the log is one
JSON object; it holds no address, no user agent and no text that a client wrote, except the path.
Lines are written by a thread of their own, many at once, so that a request waits for none.
"""

from __future__ import annotations

import bisect
import itertools
import json
import os
import re
import threading
import time
from collections import Counter
from functools import lru_cache
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assembly_kg.web.headers import Application, Start

__all__ = ["BUCKETS", "Log", "Observed", "Observer"]

BUCKETS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, float("inf")),
)
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS"})
_FLUSH_SECONDS: Final = 0.1
_HEADER: Final = "X-Request-Id"


class Log:
    """JSON lines to a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: list[str] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._run, name="log", daemon=True).start()
        Finalize(self, self.flush, exitpriority=10)

    def write(self, line: str) -> None:
        """Add a line, which is JSON and ends like one; it is written soon."""
        self._lines.append(line)

    def flush(self) -> None:
        """Write what is waiting."""
        with self._lock:
            lines, self._lines = self._lines, []
            data = "".join(lines).encode("utf-8", "replace")
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                return  # nobody reads the log; serving goes on

    def _run(self) -> None:
        while True:
            time.sleep(_FLUSH_SECONDS)
            if self._lines:
                self.flush()


class Observer:
    """Counts of one process. Increments are made under one lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.seconds: dict[str, list[int]] = {}
        self.total_seconds: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()

    def count(self, route: str, method: str, status: int, seconds: float, outcome: str) -> None:
        """Count one request."""
        place = bisect.bisect_left(BUCKETS, seconds)
        with self._lock:
            self.requests[route, method, status] += 1
            histogram = self.seconds.get(route)
            if histogram is None:
                histogram = self.seconds[route] = [0] * len(BUCKETS)
            histogram[place] += 1
            self.total_seconds[route] += seconds  # type: ignore[assignment]
            if outcome:
                self.outcomes[outcome] += 1

    def snapshot(self) -> dict[str, Any]:
        """The counts, for ``merge`` in whichever process is asked for them."""
        with self._lock:
            return {
                "requests": [[*key, number] for key, number in self.requests.items()],
                "seconds": {route: list(counts) for route, counts in self.seconds.items()},
                "total_seconds": dict(self.total_seconds),
                "outcomes": dict(self.outcomes),
            }


class Observed:
    """WSGI middleware: gives every request an id, counts it and logs it."""

    def __init__(self, inner: Application, observer: Observer, log: Log | None) -> None:
        self._inner = inner
        self._observer = observer
        self._log = log
        self._prefix = f"{os.getpid():x}-{time.time_ns() // 1_000_000:x}"
        self._numbers = itertools.count(1)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        started = time.perf_counter()
        identity = environ.get("HTTP_X_REQUEST_ID", "")
        if not identity or not _ID.fullmatch(identity):
            identity = f"{self._prefix}-{next(self._numbers):x}"
        environ["assembly_kg.request_id"] = identity
        environ["assembly_kg.log"] = None if self._log is None else self._log.write
        seen = [500]

        def start(status: str, headers: list[tuple[str, str]], *rest: object) -> Any:
            seen[0] = int(status[:3])
            return start_response(status, [*headers, (_HEADER, identity)], *rest)

        try:
            return self._inner(environ, start)
        finally:
            self._note(environ, seen[0], time.perf_counter() - started, identity)

    def _note(self, environ: dict[str, Any], status: int, seconds: float, identity: str) -> None:
        method = environ["REQUEST_METHOD"]
        method = method if method in _KNOWN_METHODS else "other"
        outcome = environ.get("assembly_kg.outcome", "")
        path = environ.get("PATH_INFO", "")
        self._observer.count(_route(path), method, status, seconds, outcome)
        if self._log is not None:
            size, format_ = environ.get("assembly_kg.answer", (0, ""))
            self._log.write(
                f'{{"time": {time.time():.3f}, "event": "request", "id": "{identity}", '
                f'"method": "{method}", "path": {_quoted(path)}, "status": {status}, '
                f'"ms": {seconds * 1000:.3f}, "outcome": "{outcome}", '
                f'"format": "{format_}", "bytes": {size}}}\n'
            )


@lru_cache(maxsize=256)
def _quoted(path: str) -> str:
    return json.dumps(path[:200], ensure_ascii=False)


@lru_cache(maxsize=256)
def _route(path: str) -> str:
    """The first part of a path: few enough to count by."""
    first = path[1:].partition("/")[0].partition(".")[0]
    return f"/{first}" if first in _ROUTES else "/…"


_ROUTES: Final = frozenset(
    {
        *("", "sparql", "id", "source", "as-of", "release", "ontology", "rdf-graph-store"),
        *("search", "explain", "diff", "timeline", "structure", "validation", "questions"),
        *("downloads", "healthz", "readyz", "metrics", "static", "problems"),
    }
)

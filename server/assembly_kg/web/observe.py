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
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.web.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from assembly_kg.web.headers import Application, Start

__all__ = ["BUCKETS", "Log", "Notes", "Observed", "Observer", "Snapshot"]

BUCKETS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, float("inf")),
)
_BOUNDS: Final = [str(bound) for bound in BUCKETS]
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
    """Counts of requests, by all processes together that count in the same folder.

    Args:
        folder: where; None for this process alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._tally = Tally(folder)
        self._numbers = self._tally.numbers
        self._lock = threading.Lock()
        self._place = lru_cache(maxsize=4096)(self._tally.place)

    def count(self, route: str, method: str, status: str, seconds: float, outcome: str) -> None:
        """Count one request."""
        bucket = _BOUNDS[bisect.bisect_left(BUCKETS, seconds)]
        place, numbers = self._place, self._numbers
        with self._lock:
            numbers[place(("requests", route, method, status))] += 1
            numbers[place(("seconds", route, bucket))] += 1
            numbers[place(("microseconds", route))] += int(seconds * 1e6)
            if outcome:
                numbers[place(("outcomes", outcome))] += 1

    def snapshot(self) -> Snapshot:
        """What was counted so far."""
        found = Snapshot({}, {}, {}, {})
        for key, number in self._tally.totals().items():
            match key:
                case "requests", route, method, status:
                    found.requests[route, method, status] = number
                case "seconds", route, bound:
                    counts = found.seconds.setdefault(route, [0] * len(BUCKETS))
                    counts[_BOUNDS.index(bound)] = number
                case "microseconds", route:
                    found.total_seconds[route] = number / 1e6
                case "outcomes", outcome:
                    found.outcomes[outcome] = number
        return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The counts at one moment.

    Attributes:
        requests: by route, method and status.
        seconds: by route, how many fell into each of ``BUCKETS``.
        total_seconds: by route.
        outcomes: answers of /sparql by where they came from.
    """

    requests: dict[tuple[str, str, str], int]
    seconds: dict[str, list[int]]
    total_seconds: dict[str, float]
    outcomes: dict[str, int]


class Notes:
    """What is told of each request: its id, its counts, its line in the log."""

    def __init__(self, observer: Observer, log: Log | None) -> None:
        self._observer = observer
        self._log = log
        self.write = None if log is None else log.write
        self._prefix = f"{os.getpid():x}-{time.time_ns() // 1_000_000:x}"
        self._numbers = itertools.count(1)

    def identity(self, given: str = "") -> str:
        """The id of a request: the client's own if it looks like one, else a new one."""
        if given and _ID.fullmatch(given):
            return given
        return f"{self._prefix}-{next(self._numbers):x}"

    def request(
        self,
        identity: str,
        *,
        method: str,
        path: str,
        status: int,
        seconds: float,
        outcome: str = "",
        answer: tuple[int, str] = (0, ""),
    ) -> None:
        """Count a request and log it; ``answer`` is its bytes and the name of its format."""
        method = method if method in _KNOWN_METHODS else "other"
        self._observer.count(_route(path), method, str(status), seconds, outcome)
        if self._log is not None:
            size, format_ = answer
            self._log.write(
                f'{{"time": {time.time():.3f}, "event": "request", "id": "{identity}", '
                f'"method": "{method}", "path": {_quoted(path)}, "status": {status}, '
                f'"ms": {seconds * 1000:.3f}, "outcome": "{outcome}", '
                f'"format": "{format_}", "bytes": {size}}}\n'
            )


class Observed:
    """WSGI middleware: gives every request an id, counts it and logs it."""

    def __init__(self, inner: Application, observer: Observer, log: Log | None) -> None:
        self._inner = inner
        self._notes = Notes(observer, log)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        started = time.perf_counter()
        identity = self._notes.identity(environ.get("HTTP_X_REQUEST_ID", ""))
        environ["assembly_kg.request_id"] = identity
        environ["assembly_kg.log"] = self._notes.write
        seen = [500]

        def start(status: str, headers: list[tuple[str, str]], *rest: object) -> Any:
            seen[0] = int(status[:3])
            return start_response(status, [*headers, (_HEADER, identity)], *rest)

        try:
            return self._inner(environ, start)
        finally:
            self._notes.request(
                identity,
                method=environ["REQUEST_METHOD"],
                path=environ.get("PATH_INFO", ""),
                status=seen[0],
                seconds=time.perf_counter() - started,
                outcome=environ.get("assembly_kg.outcome", ""),
                answer=environ.get("assembly_kg.answer", (0, "")),
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
        *("map", "series", "sources", "disputes", "releases", "things", "resource", "rules"),
        *("downloads", "healthz", "readyz", "metrics", "static", "problems"),
    }
)

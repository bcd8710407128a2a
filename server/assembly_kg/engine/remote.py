"""Another SPARQL 1.1 server as the engine: the same protocol, limits, cache and pages before it.

Owns the questions to that server (SPARQL 1.1 Protocol, section 2.1.2) and the checks that do not
depend on who evaluates. How the server bounds its own work is its own affair; here an answer has
the same deadline and size as any other, and is complete before it is given.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast
from urllib.parse import urlencode, urlsplit

from assembly_kg.engine import days, scan
from assembly_kg.engine.catalogue import Catalogue, slices_among
from assembly_kg.engine.evaluate import ROW_MARKS, Bounded, choose_format
from assembly_kg.engine.question import Answer, AskerGone, Head, Limits, Question
from assembly_kg.errors import (
    DeadlineExceeded,
    EngineUnavailable,
    LimitExceeded,
    NotFoundError,
    QuerySyntaxError,
    UnsupportedQuery,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from assembly_kg.settings import Settings

__all__ = ["Remote"]

_KNOWN_SECONDS: Final = 60.0
_PIECE: Final = 64 * 1024
_TOLD: Final = 500
_COUNTS: Final = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
_TOTAL: Final = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


class _File:
    """A sink that keeps an answer in a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def begin(self, head: Head) -> None:
        pass

    def write(self, data: bytes) -> int:
        return self._file.write(data)

    def flush(self) -> None:
        pass


class Remote:
    """An engine that asks another server. Safe to use from many threads.

    Args:
        url: its endpoint, http or https.
        settings: the limits.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = urlsplit(url)
        self._limits = Limits.of(settings)
        self._lock = threading.Lock()
        self._known: tuple[float, Catalogue] | None = None

    def generation(self) -> str:
        """Changes when the sizes of the other server's graphs do; looked at once a minute."""
        return self.catalogue().release

    def catalogue(self) -> Catalogue:
        """What the other server holds, as it was at most a minute ago."""
        with self._lock:
            now = time.monotonic()
            if self._known is None or now - self._known[0] > _KNOWN_SECONDS:
                self._known = now, self._read_catalogue()
            return self._known[1]

    def answer(
        self,
        question: Question,
        timeout: float | None = None,
        hung_up: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a question; see ``Engine``."""
        if question.task:
            raise UnsupportedQuery("this is only done over a release, not over another server")
        limit = self._limits.timeout if timeout is None else min(timeout, self._limits.timeout)
        catalogue = self.catalogue()
        text = days.resolved(question.text, catalogue)
        outline = self._outline(text)
        head = Head(
            choose_format(question, makes_graph=outline.makes_graph),
            outline.makes_graph,
            outline.volatile,
        )
        fields = [("query", text), *self._dataset(question, outline, catalogue)]
        return self._ask(fields, head, limit, hung_up)

    def _outline(self, text: str) -> scan.Outline:
        if len(text.encode("utf-8", "replace")) > self._limits.max_query_bytes:
            limit = self._limits.max_query_bytes
            raise LimitExceeded("max_query_bytes", limit, "the query's text is too long")
        outline = scan.outline(text)
        if outline.is_update or outline.services:
            what = "SERVICE" if outline.services else "SPARQL Update"
            raise UnsupportedQuery(f"{what} is not done here; this endpoint only answers queries")
        if outline.depth > self._limits.max_nesting:
            raise LimitExceeded("max_nesting", self._limits.max_nesting)
        return outline

    def _dataset(
        self, question: Question, outline: scan.Outline, catalogue: Catalogue
    ) -> list[tuple[str, str]]:
        default, named = question.default_graphs, question.named_graphs
        if default is None and named is None:
            default, named = outline.default_graphs, outline.named_graphs
        try:
            return [
                *(("default-graph-uri", catalogue.resolve(graph)) for graph in default or ()),
                *(("named-graph-uri", catalogue.resolve(graph)) for graph in named or ()),
            ]
        except NotFoundError as error:
            raise UnsupportedQuery(str(error)) from error

    def _ask(
        self,
        fields: list[tuple[str, str]],
        head: Head,
        limit: float,
        hung_up: Callable[[], bool] | None,
    ) -> Answer:
        until = time.monotonic() + limit
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else None
        connection = (kind or http.client.HTTPConnection)(
            self._url.hostname or "", self._url.port, timeout=limit
        )
        path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        headers = {
            "Accept": head.written_as.media_type,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with contextlib.closing(connection):
            try:
                connection.request("POST", path, urlencode(fields).encode(), headers)
                answer = connection.getresponse()
                if answer.status != http.client.OK:
                    raise _refusal(answer)
                return self._received(answer, head, until, hung_up)
            except TimeoutError as error:
                raise DeadlineExceeded("timeout", limit) from error
            except (OSError, http.client.HTTPException) as error:
                raise EngineUnavailable("the server behind this one does not answer") from error

    def _received(
        self,
        answer: http.client.HTTPResponse,
        head: Head,
        until: float,
        hung_up: Callable[[], bool] | None,
    ) -> Answer:
        got = (answer.headers.get_content_type() or "").lower()
        if got != head.written_as.media_type:
            raise EngineUnavailable(f"the server behind this one answered with {got}")
        mark = None if head.makes_graph else ROW_MARKS[head.format]
        file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 -- the answer owns it
        try:
            sink = Bounded(_File(file), self._limits, mark)
            while data := answer.read(_PIECE):
                sink.write(data)
                if time.monotonic() > until:
                    raise TimeoutError  # noqa: TRY301 -- translated by the caller
                if hung_up is not None and hung_up():
                    raise AskerGone  # noqa: TRY301 -- nobody is left
            size = file.tell()
            file.seek(0)
            if size > _PIECE:
                return Answer(head, file, size)
            with file:
                return Answer(head, file.read(), size)
        except BaseException:
            file.close()
            raise

    def _read_catalogue(self) -> Catalogue:
        graphs = {row["g"]["value"]: int(row["n"]["value"]) for row in self._rows(_COUNTS)}
        [total] = self._rows(_TOTAL)
        prefix, slices = slices_among(graphs)
        size = int(total["n"]["value"])
        told = json.dumps([self._url.geturl(), size, sorted(graphs.items())])
        return Catalogue(
            release=hashlib.blake2b(told.encode(), digest_size=8).hexdigest(),
            version="",
            modified=time.time(),
            date=None,
            base="",
            prefixes={},
            default_size=size,
            largest=0,
            graphs=dict(sorted(graphs.items())),
            as_of=prefix,
            slices=slices,
        )

    def _rows(self, text: str) -> list[dict[str, Any]]:
        head = Head("json", makes_graph=False, volatile=False)
        answer = self._ask([("query", text)], head, self._limits.timeout, None)
        body = answer.body if isinstance(answer.body, bytes) else answer.body.read()
        try:
            found: list[dict[str, Any]] = json.loads(body)["results"]["bindings"]
        except (ValueError, KeyError, TypeError) as error:
            raise EngineUnavailable("the server behind this one does not speak SPARQL") from error
        return found


def _refusal(answer: http.client.HTTPResponse) -> QuerySyntaxError | EngineUnavailable:
    told = answer.read(_TOLD).decode("utf-8", "replace")
    if answer.status == http.client.BAD_REQUEST:
        return QuerySyntaxError(f"the server behind this one says: {told}")
    return EngineUnavailable(f"the server behind this one answered {answer.status}")

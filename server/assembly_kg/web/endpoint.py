"""``/sparql`` and ``/rdf-graph-store`` as a WSGI layer ahead of Flask's dispatching.

Here every microsecond counts. Owns the path from a request to its response: the cache, the
question, the engine, conditional requests, coding and headers. What a request means is
``protocol``'s and ``graph_store``'s, what an error means is ``errors``'s. A GET of ``/sparql``
without a query goes on to Flask, where ``sparql`` describes the service.
"""

from __future__ import annotations

import hashlib
import math
import time
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.engine.question import AskerGone
from assembly_kg.engine.spool import Spool
from assembly_kg.errors import KnowledgeGraphError
from assembly_kg.web import compression
from assembly_kg.web.bodies import Bodies
from assembly_kg.web.cache import Cache, Reply
from assembly_kg.web.errors import Problem, ProblemError, problem_of
from assembly_kg.web.graph_store import ALLOW as ALLOW_GRAPH_STORE
from assembly_kg.web.graph_store import read_graph_request
from assembly_kg.web.hangup import HungUp
from assembly_kg.web.headers import COMMON, PREFLIGHT
from assembly_kg.web.negotiation import choose_encoding
from assembly_kg.web.protocol import (
    ALLOW,
    FORM,
    QUERY,
    UPDATE,
    UPDATE_REFUSED,
    OtherRelease,
    read_request,
)
from assembly_kg.web.query_log import ANSWERED, CUT, HUNG_UP, Asked
from assembly_kg.web.rate import Rate, client_of
from assembly_kg.web.unfinished import line_of, streamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from assembly_kg.engine.question import Answer, Engine, Question
    from assembly_kg.settings import Settings
    from assembly_kg.web.headers import Application, Start
    from assembly_kg.web.protocol import Request
    from assembly_kg.web.unfinished import Line

__all__ = ["Endpoint"]

_SPARQL: Final = "/sparql"
_GRAPH_STORE: Final = "/rdf-graph-store"
_PATHS: Final = frozenset({_SPARQL, _GRAPH_STORE})
_READ: Final = frozenset({"GET", "HEAD"})
_ASK: Final = frozenset({"POST", "QUERY"})
_STATUS: Final = {int(status): f"{int(status)} {status.phrase}" for status in HTTPStatus}
_OK: Final = _STATUS[200]
_NO_HOST: Final = Problem("bad-request", "HTTP/1.1 asks for the header Host")
_FORM_EXPANSION: Final = 3
_FORM_SLACK: Final = 64 * 1024


class Endpoint:
    """The WSGI application for these two paths, around the application for all others.

    Args:
        inner: answers every other path, and the service's description.
        engine: answers the questions.
        settings: cache_bytes, max_age, max_query_bytes.
        bodies: those that this process awaits; by default these are the endpoint's alone.

    Attributes:
        rate: what clients may ask; may be another, which several endpoints share.
    """

    def __init__(
        self,
        inner: Application,
        engine: Engine,
        settings: Settings,
        bodies: Bodies | None = None,
    ) -> None:
        self._inner = inner
        self._engine = engine
        self._settings = settings
        self._bodies = bodies or Bodies()
        self._cache = Cache(settings.cache_bytes)
        self._largest_body = settings.max_query_bytes * _FORM_EXPANSION + _FORM_SLACK
        self.rate = Rate(settings.client_rate)
        self._modified: tuple[float, str] = (0.0, formatdate(0.0, usegmt=True))
        self._kept = ("Cache-Control", f"public, max-age={settings.max_age}")

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        path = environ.get("PATH_INFO", "")
        refused = _refused(environ, path)
        if refused is not None:
            return self._problem(environ, start_response, refused)
        if path not in _PATHS:
            environ["assembly_kg.permit"] = self._admit
            return self._inner(environ, start_response)
        try:
            return self._answer(environ, start_response)
        except ProblemError as error:
            return self._problem(environ, start_response, error.problem)
        except KnowledgeGraphError as error:
            return self._problem(environ, start_response, problem_of(error))
        except AskerGone:
            start_response("499 Client Closed Request", [("Content-Length", "0")])
            return []

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        path = environ["PATH_INFO"]
        if method in _READ:
            body = b""
        elif method in _ASK and path == _SPARQL:
            body = self._body(environ)
        else:
            return _other_method(method, path, start)
        key = (
            path,
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_ENCODING", ""),
            body,
            environ.get("CONTENT_TYPE", "") if body else "",
        )
        generation = self._engine.generation()
        reply = self._cache.get(generation, key)
        if reply is None:
            request = self._read(environ, path, body)
            if request is None:
                return self._inner(environ, start)
            if body and request.release and "assembly_kg.release" not in environ:
                raise OtherRelease(request.release, body)
            etag = self._etag(request.question, self._engine.catalogue().release)
            if self._named(environ, etag):
                return self._not_modified(start, etag)
            answer = self._ask(environ, request)
            if not isinstance(answer.body, bytes):
                return self._send_file(environ, start, answer, etag)
            reply = self._reply(environ, answer, etag)
            if not answer.head.volatile:
                self._cache.put(generation, key, reply, key_size=sum(map(len, key)))
        else:
            environ["assembly_kg.outcome"] = "cached"
        if reply.etag and self._unchanged(environ, reply.etag):
            return self._not_modified(start, reply.etag)
        start(_OK, reply.headers)
        return [] if method == "HEAD" else [reply.body]

    def _read(self, environ: dict[str, Any], path: str, body: bytes) -> Request | None:
        if path == _GRAPH_STORE:
            return read_graph_request(environ, self._engine.catalogue())
        return read_request(environ, body)

    def _body(self, environ: dict[str, Any]) -> bytes:
        declared = environ.get("CONTENT_LENGTH") or ""
        if declared.isdigit() and int(declared) > self._largest_body:
            raise self._too_large()
        # PEP 3333: nothing is read beyond the declared length; some servers would wait for it.
        most = int(declared) if declared.isdigit() else self._largest_body + 1
        with self._bodies.awaiting(environ):
            data: bytes = environ["wsgi.input"].read(most)
        if len(data) > self._largest_body:
            raise self._too_large()
        if declared.isdigit() and len(data) < most:
            raise AskerGone
        return data

    def _too_large(self) -> ProblemError:
        limit = self._settings.max_query_bytes
        return ProblemError(
            Problem(
                "too-large",
                f"the query's text may take {limit} bytes",
                {"limit": "max_query_bytes", "value": limit},
            )
        )

    def _admit(self, environ: dict[str, Any]) -> None:
        """Count a query of a client, here or on a page that answers one.

        Raises:
            ProblemError: the client asks too much.
        """
        remote = environ.get("assembly_kg.client") or environ.get("REMOTE_ADDR", "")
        proxies = self._settings.proxies
        client = client_of(remote, environ.get("HTTP_X_FORWARDED_FOR", ""), proxies)
        if not self.rate.allows(client):
            limit = self._settings.client_rate
            raise ProblemError(
                Problem(
                    "too-many-requests",
                    f"one client may ask {limit:g} queries a second that are not in the cache",
                    {"limit": "client_rate", "value": limit},
                )
            )

    def _ask(self, environ: dict[str, Any], request: Request) -> Answer:
        """Ask the engine, if the client may and for as long as it waits.

        Raises:
            ProblemError: the client asks too much.
        """
        self._admit(environ)
        environ["assembly_kg.outcome"] = "failed"
        remote = environ.get("REMOTE_ADDR", "")
        hung_up = HungUp(remote, environ.get("assembly_kg.began") or time.monotonic())
        release = self._engine.catalogue().release
        asked = environ["assembly_kg.asked"] = Asked(environ, request.question, release)
        try:
            answer = self._engine.answer(request.question, request.timeout, hung_up)
        except (KnowledgeGraphError, AskerGone) as error:
            asked.failed(error)
            raise
        if isinstance(answer.body, bytes):
            asked.ended(ANSWERED, answer)
        environ["assembly_kg.outcome"] = "evaluated"
        environ["assembly_kg.answer"] = (answer.size, answer.head.format)
        return answer

    def _etag(self, question: Question, release: str) -> str:
        fields = (
            release,
            question.text,
            question.default_graphs,
            question.named_graphs,
            question.solutions,
            question.triples,
            question.task,
        )
        digest = hashlib.blake2b(repr(fields).encode("utf-8", "surrogatepass"), digest_size=12)
        return f'W/"{digest.hexdigest()}"'

    def _named(self, environ: dict[str, Any], etag: str) -> bool:
        """Whether the client names this answer, so that it had it before."""
        given = environ.get("HTTP_IF_NONE_MATCH")
        if not given:
            return False
        opaque = etag.removeprefix("W/")
        return any(tag.strip().removeprefix("W/") == opaque for tag in given.split(","))

    def _unchanged(self, environ: dict[str, Any], etag: str) -> bool:
        """Whether the client has an answer already that there is (RFC 9110, section 13.1)."""
        given = environ.get("HTTP_IF_NONE_MATCH")
        if given:
            return given.strip() == "*" or self._named(environ, etag)
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        if not since or environ["REQUEST_METHOD"] not in _READ:
            return False
        return self._engine.catalogue().modified < _seconds(since) + 1

    def _not_modified(self, start: Start, etag: str) -> Iterable[bytes]:
        start(
            _STATUS[304],
            [("ETag", etag), self._kept, ("Vary", "Accept, Accept-Encoding"), *COMMON],
        )
        return []

    def _reply(self, environ: dict[str, Any], answer: Answer, etag: str) -> Reply:
        coding, body = self._coded(environ, answer)
        headers = self._headers(answer, etag)
        if coding:
            headers.append(("Content-Encoding", coding))
        headers.append(("Content-Length", str(len(body))))
        return Reply(headers, body, "" if answer.head.volatile else etag)

    def _coded(self, environ: dict[str, Any], answer: Answer) -> tuple[str | None, bytes]:
        """A whole body as it goes out, and the coding that it has then, if any."""
        body = answer.body
        if not isinstance(body, bytes):
            raise TypeError(type(body))
        coding = choose_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if coding is None or len(body) < compression.MINIMUM:
            return None, body
        return coding, compression.compress(coding, body)

    def _send_file(
        self, environ: dict[str, Any], start: Start, answer: Answer, etag: str
    ) -> Iterable[bytes]:
        file, size = answer.body, answer.size
        if isinstance(file, bytes):
            raise TypeError(type(file))
        asked: Asked = environ["assembly_kg.asked"]
        headers = self._headers(answer, etag)
        head = environ["REQUEST_METHOD"] == "HEAD"
        coding = None if head else choose_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if coding:
            headers.append(("Content-Encoding", coding))
        if isinstance(file, Spool) and not file.complete:
            line = None if head else line_of(environ)
            if line is not None:
                start(_OK, headers)
                return _as_it_comes(file, coding, line, partial(asked.ended, answer=answer))
            try:
                size = _complete(file)
            except KnowledgeGraphError as error:
                asked.failed(error)
                raise
        asked.ended(ANSWERED, answer)
        if coding:
            file, size = compression.compress_file(coding, file)
        headers.append(("Content-Length", str(size)))
        start(_OK, headers)
        if head:
            file.close()
            return []
        return compression.pieces(file)

    def _headers(self, answer: Answer, etag: str) -> list[tuple[str, str]]:
        headers = [
            ("Content-Type", answer.head.written_as.content_type),
            ("Vary", "Accept, Accept-Encoding"),
        ]
        if answer.head.volatile:
            headers.append(("Cache-Control", "no-store"))
        else:
            headers += [self._kept, ("ETag", etag), ("Last-Modified", self._last_modified())]
        headers += COMMON
        return headers

    def _last_modified(self) -> str:
        modified = self._engine.catalogue().modified
        if modified != self._modified[0]:
            self._modified = (modified, formatdate(modified, usegmt=True))
        return self._modified[1]

    def _problem(self, environ: dict[str, Any], start: Start, problem: Problem) -> Iterable[bytes]:
        status, headers, body = problem.response(environ.get("HTTP_ACCEPT", ""), environ)
        start(_STATUS[status], [*headers, *COMMON])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _as_it_comes(
    spool: Spool, coding: str | None, line: Line, ended: Callable[..., None]
) -> Iterable[bytes]:
    """An answer that is not complete yet, on a line that is cut if it fails."""
    pieces = spool.pieces(line.gone)
    coded = compression.compress_pieces(coding, pieces) if coding else pieces
    error: Exception | None = None
    try:
        error = yield from streamed(coded, line)
        whole = error is None and spool.complete
        ended(ANSWERED if whole else HUNG_UP if error is None else CUT, error=error)
    except GeneratorExit:
        ended(HUNG_UP)
        raise


@lru_cache(maxsize=256)
def _seconds(date: str) -> float:
    """A date of HTTP in seconds since 1970; long ago if it is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return -math.inf


def _complete(spool: Spool) -> int:
    """Wait for the whole answer; its size.

    Raises:
        KnowledgeGraphError: it failed.
    """
    try:
        spool.settle(None)
    except BaseException as error:
        spool.close()
        if isinstance(error, Exception):
            raise spool.explained(error) from error
        raise
    return spool.size


def _refused(environ: dict[str, Any], path: str) -> Problem | None:
    """Why a request is not answered, whatever it asks for (RFC 9112, section 3.2, of Host)."""
    if not environ.get("HTTP_HOST") and environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
        return _NO_HOST
    if path in _PATHS:
        return None
    updates = path == "/update" or environ.get("CONTENT_TYPE", "").startswith(UPDATE)
    return UPDATE_REFUSED if updates else None


def _other_method(method: str, path: str, start: Start) -> Iterable[bytes]:
    """OPTIONS; anything else is refused."""
    allow = ALLOW if path == _SPARQL else ALLOW_GRAPH_STORE
    if method == "OPTIONS":
        bodies = f"{QUERY}, {FORM}"
        accepted = [("Accept-Post", bodies), ("Accept-Query", bodies)] if path == _SPARQL else []
        allowed = [("Allow", allow), ("Access-Control-Allow-Methods", allow)]
        start(_STATUS[204], [*allowed, *accepted, *PREFLIGHT, *COMMON])
        return []
    raise ProblemError(
        Problem(
            "method-not-allowed",
            f"{method[:20]} is not answered at {path}, where nothing can be changed; "
            f"there are {allow}",
            headers=(("Allow", allow),),
        )
    )

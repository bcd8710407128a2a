"""SERVICE, for the endpoints that the operator lists, and no others.

Owns SPARQL 1.1 Federated Query (https://www.w3.org/TR/sparql11-federated-query/) by its own
semantics: a SERVICE pattern is evaluated by itself and its solutions joined (section 4). So it is
asked for here, before the query goes to a worker, and stands in the query as VALUES; workers never
reach out. An endpoint is reached at an address that was looked at first: public ones only, no
redirect, no more bytes and rows than the limits say.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import ipaddress
import json
import re
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from assembly_kg.engine import scan
from assembly_kg.errors import (
    EngineUnavailable,
    QuerySyntaxError,
    ResultTooLarge,
    UnsupportedQuery,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from assembly_kg.engine.question import Answer, Engine, Question
    from assembly_kg.settings import Settings

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

__all__ = ["Federated", "is_public"]

_JSON: Final = "application/sparql-results+json"
_NOT_IN_IRI: Final = re.compile(r'[<>"{}|^`\\\x00-\x20]')


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, in whatever notation."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return is_public(inner) if inner else address.is_global and not address.is_multicast


class Federated:
    """An engine that resolves SERVICE before another engine is asked.

    Args:
        inner: answers what is left.
        settings: services, service_rows, max_bytes, timeout.
        permit: which addresses may be connected to.
    """

    def __init__(
        self, inner: Engine, settings: Settings, permit: Callable[[Address], bool] = is_public
    ) -> None:
        self._inner = inner
        self._settings = settings
        self._allowed = frozenset(settings.services.split())
        self._permit = permit
        self.generation = inner.generation
        self.catalogue = inner.catalogue

    def answer(
        self,
        question: Question,
        timeout: float | None = None,
        hung_up: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a question; see ``Engine``. What rests on another server is never kept."""
        if "SERVICE" not in question.text.upper():
            return self._inner.answer(question, timeout, hung_up)
        limit = self._settings.timeout if timeout is None else min(timeout, self._settings.timeout)
        until = time.monotonic() + limit
        text = self._resolved(question.text, until)
        if text == question.text:
            return self._inner.answer(question, timeout, hung_up)
        asked = dataclasses.replace(question, text=text)
        answer = self._inner.answer(asked, max(0.001, until - time.monotonic()), hung_up)
        return dataclasses.replace(answer, head=dataclasses.replace(answer.head, volatile=True))

    def statistics(self) -> dict[str, Any]:
        """How the pool is doing, if there is one."""
        found: dict[str, Any] = getattr(self._inner, "statistics", dict)()
        return found

    def _resolved(self, text: str, until: float) -> str:
        """The text with each SERVICE pattern replaced by its solutions."""
        calls = _calls(text)
        for call in reversed(calls):
            if call.endpoint not in self._allowed:
                line, column = scan.place(text, call.start)
                raise UnsupportedQuery(
                    f"line {line}, column {column}: SERVICE <{call.endpoint}> is not one of the "
                    f"services that are called from here; there are {' '.join(self._allowed)}"
                )
        for call in reversed(calls):
            query = f"{text[: call.prologue]} SELECT * WHERE {call.group}"
            try:
                found = self._ask(call.endpoint, query, until)
            except (EngineUnavailable, ResultTooLarge):
                if not call.silent:
                    raise
                found = "{}"
            text = text[: call.start] + found + text[call.end :]
        return text

    def _ask(self, endpoint: str, query: str, until: float) -> str:
        """A group with the solutions that an endpoint gives."""
        rows = self._settings.service_rows
        body = urlencode({"query": f"{query} LIMIT {rows + 1}"}).encode()
        try:
            data = self._post(endpoint, body, until)
            results = json.loads(data)
            variables = [str(name) for name in results["head"].get("vars", [])]
            bindings = results["results"]["bindings"]
        except (OSError, http.client.HTTPException) as error:
            raise EngineUnavailable(f"the service <{endpoint}> does not answer") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EngineUnavailable(
                f"the service <{endpoint}> answered with something else than SPARQL results in JSON"
            ) from error
        if len(bindings) > rows:
            raise ResultTooLarge("service_rows", rows)
        return _values(endpoint, variables, bindings)

    def _post(self, endpoint: str, body: bytes, until: float) -> bytes:
        parts = urlsplit(endpoint)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self._address(endpoint, parts.hostname or "", port)
        patience = until - time.monotonic()
        if patience <= 0:
            raise EngineUnavailable(f"the service <{endpoint}> does not answer in time")
        connection = _Connection(parts.hostname or "", port, address, patience, parts.scheme)
        with contextlib.closing(connection):
            connection.request(
                "POST",
                (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
                body,
                {"Content-Type": "application/x-www-form-urlencoded", "Accept": _JSON},
            )
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise EngineUnavailable(f"the service <{endpoint}> answered {answer.status}")
            data = b""
            while piece := answer.read(65536):
                data += piece
                if len(data) > self._settings.max_bytes:
                    raise ResultTooLarge("max_bytes", self._settings.max_bytes)
                if time.monotonic() > until:
                    raise EngineUnavailable(f"the service <{endpoint}> does not answer in time")
            return data

    def _address(self, endpoint: str, host: str, port: int) -> str:
        """An address of the host, looked at once, to connect to and to no other."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
        for address in addresses:
            if not self._permit(ipaddress.ip_address(address)):
                raise UnsupportedQuery(f"the service <{endpoint}> is not on the open internet")
        return addresses[0]


class _Connection(http.client.HTTPConnection):
    """HTTP or HTTPS to an address that was chosen before, under the host's name."""

    def __init__(self, host: str, port: int, address: str, timeout: float, scheme: str) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._secure = scheme == "https"

    def connect(self) -> None:
        """Open the connection."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            context = ssl.create_default_context()
            plain = context.wrap_socket(plain, server_hostname=self.host)
        self.sock = plain


@dataclass(frozen=True)
class _Call:
    """A SERVICE pattern in a text: characters from ``start`` to ``end``; its group with braces."""

    start: int
    end: int
    prologue: int
    endpoint: str
    group: str
    silent: bool


def _calls(text: str) -> list[_Call]:
    """The SERVICE patterns of a query, in order.

    Raises:
        UnsupportedQuery: one is called by variable, or stands inside another.
    """
    tokens = list(scan.tokens(text))
    prefixes = scan.outline(text).prefixes
    prologue = next((t.start for t in tokens if t.word in scan.QUERY_FORMS), 0)
    found: list[_Call] = []
    for index, token in enumerate(tokens):
        if token.word != "SERVICE":
            continue
        if found and token.start < found[-1].end:
            raise UnsupportedQuery("SERVICE inside SERVICE is not done")
        at = index + 1
        silent = at < len(tokens) and tokens[at].word == "SILENT"
        at += silent
        endpoint = _endpoint(tokens[at] if at < len(tokens) else token, prefixes)
        end = _closing(text, tokens, at + 1)
        group = text[tokens[at + 1].start : end]
        found.append(_Call(token.start, end, prologue, endpoint, group, silent))
    return found


def _endpoint(token: scan.Token, prefixes: dict[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    if token.kind == "name" and prefix in prefixes:
        return prefixes[prefix] + local
    raise UnsupportedQuery("a SERVICE is called by its IRI here, not by a variable")


def _closing(text: str, tokens: list[scan.Token], at: int) -> int:
    """The end of the group that begins with a token."""
    depth = 0
    for token in tokens[at:]:
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            return token.start + 1
    line, column = scan.place(text, tokens[min(at, len(tokens) - 1)].start)
    raise QuerySyntaxError("this SERVICE has no group that is closed", line, column)


def _values(endpoint: str, variables: list[str], bindings: list[dict[str, Any]]) -> str:
    if not all(re.fullmatch(r"\w+", name) for name in variables):
        raise EngineUnavailable(f"the service <{endpoint}> answered with names of no variables")
    head = " ".join(f"?{name}" for name in variables)
    rows = " ".join(
        "(" + " ".join(_term(endpoint, row.get(name)) for name in variables) + ")"
        for row in bindings
    )
    return f"{{ VALUES ({head}) {{ {rows} }} }}"


def _term(endpoint: str, term: dict[str, Any] | None) -> str:
    if term is None:
        return "UNDEF"
    kind, value = term.get("type"), str(term.get("value"))
    if kind == "uri" and not _NOT_IN_IRI.search(value):
        return f"<{value}>"
    if kind in {"literal", "typed-literal"}:
        text = json.dumps(value)
        if "xml:lang" in term and re.fullmatch(r"[A-Za-z]+(-[A-Za-z0-9]+)*", term["xml:lang"]):
            return f"{text}@{term['xml:lang']}"
        if "datatype" in term and not _NOT_IN_IRI.search(term["datatype"]):
            return f"{text}^^<{term['datatype']}>"
        return text
    raise UnsupportedQuery(
        f"the service <{endpoint}> answered with a blank node or a term that cannot be joined; "
        "select its other variables in a subquery"
    )

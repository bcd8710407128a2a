"""Headers that every response carries.

Owns the security headers, with a content security policy that allows no inline script, and CORS:
the data are public and carry no credentials, so every origin may read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Start = Callable[..., Any]
    Application = Callable[[dict[str, Any], Start], Iterable[bytes]]

__all__ = ["COMMON", "PREFLIGHT", "EveryResponse"]

COMMON: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
    ),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), camera=(), microphone=()"),
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "ETag, Link, Location, Memento-Datetime, Retry-After, Last-Modified, X-Request-Id",
    ),
)
PREFLIGHT: Final = (
    (
        "Access-Control-Allow-Headers",
        (
            "Accept, Accept-Datetime, Accept-Language, Content-Type, If-None-Match, "
            "If-Modified-Since, X-Request-Id"
        ),
    ),
    ("Access-Control-Max-Age", "86400"),
)


class EveryResponse:
    """WSGI middleware: adds ``COMMON`` to a response that does not set the same itself."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""

        def start(status: str, headers: list[tuple[str, str]], *rest: object) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [pair for pair in COMMON if pair[0].lower() not in present]
            if environ["REQUEST_METHOD"] == "OPTIONS":
                allow = next((value for name, value in headers if name.lower() == "allow"), "")
                missing += [*PREFLIGHT, ("Access-Control-Allow-Methods", allow)]
            return start_response(status, [*headers, *missing], *rest)

        return self._inner(environ, start)


def header(environ: Mapping[str, Any], name: str) -> str:
    """A request header by its usual name; empty if absent."""
    return str(environ.get("HTTP_" + name.upper().replace("-", "_"), ""))

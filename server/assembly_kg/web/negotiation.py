"""Which format and which encoding a client gets.

Owns proactive negotiation (RFC 9110, section 12, https://www.rfc-editor.org/rfc/rfc9110#section-12)
over tables that others own. The highest quality wins; among equals a type that the client names
goes before one that it only covers with a wildcard, and then the table's order decides.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from werkzeug.datastructures import Accept, MIMEAccept
from werkzeug.http import parse_accept_header

from assembly_kg.engine.formats import GRAPH_FORMATS, SOLUTION_FORMATS, Format

__all__ = ["choose", "choose_encoding", "choose_for_query"]

ENCODINGS: Final = ("zstd", "br", "gzip")


@lru_cache(maxsize=512)
def choose(accept: str, offers: tuple[Format, ...]) -> Format | None:
    """The best of the offered formats for an ``Accept`` header; None if none will do."""
    if not accept.strip():
        return offers[0]
    wanted = parse_accept_header(accept, MIMEAccept)
    if not wanted:
        return offers[0]  # a header that says nothing, or nothing that can be read
    named = {value.partition(";")[0].strip().lower(): quality for value, quality in wanted}
    best: tuple[float, bool] = (0.0, False)
    chosen = None
    for offer in offers:
        rank = max(_ranks(offer, wanted, named))
        if rank > best:
            best, chosen = rank, offer
    return chosen


def _ranks(offer: Format, wanted: MIMEAccept, named: dict[str, float]) -> list[tuple[float, bool]]:
    ranks = [(named[name], True) for name in (offer.media_type, *offer.aliases) if name in named]
    return ranks or [(float(wanted.quality(offer.media_type)), False)]


@lru_cache(maxsize=512)
def choose_for_query(accept: str) -> tuple[str | None, str | None]:
    """Names of the formats for solutions and for a graph; None where the client reads none."""
    solutions = choose(accept, SOLUTION_FORMATS)
    triples = choose(accept, GRAPH_FORMATS)
    return solutions.name if solutions else None, triples.name if triples else None


@lru_cache(maxsize=512)
def choose_encoding(accept_encoding: str) -> str | None:
    """The content coding to use; None for none."""
    if not accept_encoding:
        return None
    wanted = parse_accept_header(accept_encoding, Accept)
    ranked = [(float(wanted.quality(name)), -index) for index, name in enumerate(ENCODINGS)]
    quality, index = max(ranked)
    identity = wanted.quality("identity") if "identity" in dict(wanted) else 0
    return ENCODINGS[-index] if quality > 0 and quality >= identity else None

"""A query's algebra as rdflib makes it (SPARQL 1.1, section 18.2), walked.

Owns the walk. What a node means is for those who look: ``columns`` and ``bounds``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rdflib.plugins.sparql.parserutils import CompValue

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["nodes"]


def nodes(value: Any) -> Iterator[CompValue]:
    """All nodes, those of expressions too, each before what is in it."""
    if isinstance(value, CompValue):
        yield value
        for key, child in value.items():
            if key != "_vars":
                yield from nodes(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from nodes(child)

"""What a store holds, and which stored graph a requested name means.

Owns ``Catalogue``: the graphs with their sizes, the release they belong to, and the resolution of
graph names. A name under ``…/as-of/`` may carry any day; the graph is stored once for each day on
which something changed, so the day resolves to the newest slice that is not after it.
"""

from __future__ import annotations

import bisect
import datetime
import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Store

__all__ = ["Catalogue", "of_store", "slices_among"]

_SLICE: Final = re.compile(r"(?P<prefix>.*/as-of/)(?P<day>\d{4}-\d{2}-\d{2})")
_COUNTS: Final = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
_DEFAULT_COUNT: Final = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
_LARGEST: Final = "SELECT (MAX(?n) AS ?m) { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s }"


@dataclass(frozen=True)
class Catalogue:
    """What is served.

    Attributes:
        release: identifies the data: equal for equal data, different otherwise.
        version: the version that the data give themselves; empty where they give none.
        modified: when the data last changed, seconds since 1970.
        date: the release date, YYYY-MM-DD; None where unknown.
        base: what the release's own names begin with; empty where unknown.
        prefixes: the institution's prefixes.
        default_size: triples in the default graph.
        largest: triples of the subject that has most of them, in the default graph.
        graphs: triples of each named graph, A to Z.
        as_of: what slices' names begin with; empty if there are none.
        slices: days of the stored slices, ascending.
        namespace: of the institution's ontology; empty where unknown.
        projections: the rules that made relations of situations, name to CONSTRUCT query.
    """

    release: str
    version: str
    modified: float
    date: str | None
    base: str
    prefixes: dict[str, str]
    default_size: int
    largest: int
    graphs: dict[str, int]
    as_of: str
    slices: tuple[str, ...]
    namespace: str = ""
    projections: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Quads in all graphs together."""
        return self.default_size + sum(self.graphs.values())

    def resolve(self, graph: str) -> str:
        """The name of the stored graph that a requested name means; itself unless it is a day.

        Raises:
            NotFoundError: the name asks for a day that does not exist or is not covered.
        """
        if not self.as_of or not graph.startswith(self.as_of) or graph in self.graphs:
            return graph
        return self.as_of + self.slice_on(graph.removeprefix(self.as_of))

    def slice_on(self, day: str) -> str:
        """The day of the slice in force on a day.

        Raises:
            NotFoundError: as for ``resolve``.
        """
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
                raise ValueError(day)  # noqa: TRY301 -- one message for every kind of no date
            datetime.date.fromisoformat(day)
        except ValueError as error:
            raise NotFoundError(f'"{day}" is not a day; write YYYY-MM-DD') from error
        if not self.slices:
            raise NotFoundError("these data have no graph as of a day")
        if day < self.slices[0]:
            raise NotFoundError(f"the record begins on {self.slices[0]}; {day} is before that")
        if self.date is not None and day > self.date:
            raise NotFoundError(f"the release tells of days up to {self.date}; {day} is after that")
        return self.slices[bisect.bisect_right(self.slices, day) - 1]

    def to_json(self) -> str:
        """As text, for another process."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Catalogue:
        """The reverse of ``to_json``."""
        values: dict[str, Any] = json.loads(text)
        values["slices"] = tuple(values["slices"])
        return cls(**values)


def of_store(
    store: Store,
    *,
    release: str,
    modified: float,
    version: str = "",
    date: str | None = None,
    base: str = "",
    prefixes: Mapping[str, str] | None = None,
    namespace: str = "",
    projections: Mapping[str, str] | None = None,
) -> Catalogue:
    """The catalogue of a store, counted."""
    graphs = {row["g"].value: int(row["n"].value) for row in _rows(store, _COUNTS)}
    [total] = _rows(store, _DEFAULT_COUNT)
    [most] = _rows(store, _LARGEST)
    prefix, slices = slices_among(graphs)
    return Catalogue(
        release=release,
        version=version,
        modified=modified,
        date=date,
        base=base,
        prefixes=dict(prefixes or {}),
        default_size=int(total["n"].value),
        largest=int(most["m"].value) if most["m"] is not None else 0,
        graphs=dict(sorted(graphs.items())),
        as_of=prefix,
        slices=slices,
        namespace=namespace,
        projections=dict(projections or {}),
    )


def _rows(store: Store, query: str) -> list[Mapping[str, Any]]:
    return list(store.query(query))  # type: ignore[arg-type]


def slices_among(graphs: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """What the names of slices begin with, and their days, ascending."""
    found: dict[str, list[str]] = {}
    for graph in graphs:
        match = _SLICE.fullmatch(graph)
        if match:
            found.setdefault(match["prefix"], []).append(match["day"])
    if not found:
        return "", ()
    prefix = max(found, key=lambda key: len(found[key]))
    return prefix, tuple(sorted(found[prefix]))

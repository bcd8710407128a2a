"""What is so, today or on a day, and which graphs say so.

Owns the difference between stated and concluded: a triple is stated if a segment of a source, the
entities or the ontology say it. Everything else in the default graph or in a day's slice follows
from what is stated, by a projection rule or by OWL 2 RL; how is for ``projected`` and ``proofs``.
Disputed graphs state nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assembly_kg.engine.catalogue import Catalogue

__all__ = ["DISPUTED", "RDF_TYPE", "Term", "Triple", "World", "is_basis"]

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triple = tuple[Term, ox.NamedNode, Term]

DISPUTED: Final = "/disputed"
RDF_TYPE: Final = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_DEFAULT: Final = ox.DefaultGraph()


def is_basis(graph: str, catalogue: Catalogue) -> bool:
    """Whether the graph holds statements that everything else rests on."""
    if not catalogue.base:
        return not graph.endswith(DISPUTED)
    below = graph.removeprefix(catalogue.base)
    if below == graph or below.endswith(DISPUTED):
        return False
    return below in {"ontology", "entities"} or below.startswith("source/")


class World:
    """One day's view of a store.

    Args:
        store: the graph.
        catalogue: what it holds.
        day: YYYY-MM-DD; None for the default graph, which stands on the release date.

    Raises:
        NotFoundError: the day does not exist or is not covered.
    """

    def __init__(self, store: ox.Store, catalogue: Catalogue, day: str | None = None) -> None:
        self.store = store
        self.catalogue = catalogue
        self.day = day
        shown = day or catalogue.date
        stored = catalogue.slice_on(shown) if shown and catalogue.slices else None
        self.slice = None if stored is None else ox.NamedNode(catalogue.as_of + stored)
        self.projected_on = stored if day else catalogue.date
        self._graphs: tuple[ox.NamedNode | ox.DefaultGraph, ...] = (_DEFAULT,)
        if day is not None and self.slice is not None:
            below = [ox.NamedNode(catalogue.base + name) for name in ("ontology", "inferred")]
            self._graphs = (self.slice, *below)
        self._stated: dict[Triple, bool] = {}

    def match(self, s: Term | None, p: Term | None, o: Term | None) -> Iterator[Triple]:
        """The triples here with these terms, and perhaps some that hold on another day only.

        Which of the second kind hold, a proof from what is stated here must show.
        """
        if len(self._graphs) == 1:
            yield from self._of(s, p, o, self._graphs[0])
            return
        seen: set[Triple] = set()
        for graph in self._graphs:
            for triple in self._of(s, p, o, graph):
                if triple not in seen:
                    seen.add(triple)
                    yield triple

    def __contains__(self, triple: object) -> bool:
        """Whether ``match`` would give the triple."""
        return isinstance(triple, tuple) and any(True for _ in self.match(*triple))

    def shows(self, triple: Triple) -> bool:
        """Whether a reader of this view sees the triple."""
        return any(True for _ in self._of(*triple, self._graphs[0]))

    def stating(self, triple: Triple) -> list[str]:
        """The graphs that state the triple, A to Z, whatever the day."""
        return sorted(name for name in self.holding(triple) if is_basis(name, self.catalogue))

    def holding(self, triple: Triple) -> list[str]:
        """All named graphs that hold the triple, A to Z."""
        return sorted(
            quad.graph_name.value
            for quad in self.store.quads_for_pattern(*triple, None)  # type: ignore[arg-type]
            if isinstance(quad.graph_name, ox.NamedNode)
        )

    def states(self, triple: Triple) -> bool:
        """Whether the triple is stated, and is one that may be relied on on this day."""
        known = self._stated.get(triple)
        if known is None:
            known = self._stated[triple] = self._states(triple)
        return known

    def holds(self, situation: Term, begins: list[ox.NamedNode]) -> bool:
        """Whether a situation holds on this day; ``begins`` are the properties of a known begin.

        A slice has these of just the situations that hold.
        """
        if self.slice is None:
            return False
        return any(True for p in begins for _ in self._of(situation, p, None, self.slice))

    def _states(self, triple: Triple) -> bool:
        if not self.catalogue.base:
            return triple in self
        here = self.day is None or self.slice is None or self.shows(triple)
        return any(
            here or name == f"{self.catalogue.base}ontology" for name in self.stating(triple)
        )

    def _of(
        self,
        s: Term | None,
        p: Term | None,
        o: Term | None,
        graph: ox.NamedNode | ox.DefaultGraph,
    ) -> Iterator[Triple]:
        if isinstance(s, ox.Literal):
            return
        for quad in self.store.quads_for_pattern(s, p, o, graph):  # type: ignore[arg-type]
            yield quad.subject, quad.predicate, quad.object

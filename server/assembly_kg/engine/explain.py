"""Why a triple is in the graph, or why it is not.

Owns ``Explanation`` and its making: the verdict, who states the triple, proofs where it follows,
what is missing and what comes near where it is not there. Finding proofs is ``proofs``'s, reading
segments ``evidence``'s; how an explanation is written is for ``explain_text``, ``explain_json`` and
``explain_prov``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine import near
from assembly_kg.engine.evidence import Evidence
from assembly_kg.engine.projected import Projections
from assembly_kg.engine.proofs import Prover, compile_rules
from assembly_kg.engine.world import World
from assembly_kg.namespaces import DCTERMS, PREFIXES, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.evidence import Dispute, Statement
    from assembly_kg.engine.near import Near
    from assembly_kg.engine.proofs import Proof, Rules
    from assembly_kg.engine.world import Term, Triple

__all__ = ["MOST_PROOFS", "VERDICTS", "Explainer", "Explanation"]

MOST_PROOFS: Final = 20
# stated: a source, the entities or the ontology say it. projected, inferred: it follows.
# described: the dataset says it of itself. rejected: only a disputed graph has it. absent: nothing.
VERDICTS: Final = ("stated", "projected", "inferred", "described", "rejected", "absent")
_NAMING: Final = tuple(
    ox.NamedNode(str(p)) for p in (SKOS.prefLabel, RDFS.label, DCTERMS.title, SKOS.notation)
)


@dataclass(frozen=True)
class Explanation:
    """Why a triple is there on a day.

    Attributes:
        triple: what is explained.
        day: YYYY-MM-DD; None for the graph as it stands.
        verdict: one of ``VERDICTS``.
        statements: the graphs that have it, rejected ones included.
        disputes: about this property of this subject.
        proofs: shortest first; of a stated triple only if further ones were asked for.
        sources: the graphs that state each leaf of the proofs, and each premise of a near miss.
        near: what is missing and what comes near, for a triple that is not there.
        labels: names of everything that is mentioned: IRI, language, text.
        prefixes: the institution's.
    """

    triple: Triple
    day: str | None
    verdict: str
    statements: tuple[Statement, ...]
    disputes: tuple[Dispute, ...]
    proofs: tuple[Proof, ...]
    sources: Mapping[Triple, tuple[Statement, ...]]
    near: Near | None
    labels: Mapping[str, Mapping[str, str]]
    prefixes: Mapping[str, str] = field(default_factory=dict)


class Explainer:
    """Explains triples of one store. Reads the rules when it is first asked, and keeps them.

    Attributes:
        projections: the release's projection rules.
    """

    def __init__(self, store: ox.Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._compiled: Rules | None = None
        self.projections = Projections(
            catalogue.projections, {**PREFIXES, **catalogue.prefixes}, catalogue.namespace
        )

    def warm(self) -> None:
        """Read the rules."""
        self.prover(self.world())
        self.projections.read()

    def world(self, day: str | None = None) -> World:
        """The graph as it stood on a day.

        Raises:
            NotFoundError: the day does not exist or is not covered.
        """
        return World(self._store, self._catalogue, day)

    def prover(self, world: World) -> Prover:
        """Finds proofs in the world."""
        if self._compiled is None:
            self._compiled = compile_rules(self.world())
        return Prover(world, self._compiled, self.projections)

    def explain(self, triple: Triple, day: str | None = None, count: int = 1) -> Explanation:
        """Why the triple is in the graph, or why not.

        Args:
            triple: what to explain.
            day: as it stood on this day; None for the graph as it stands.
            count: how many proofs are wanted, up to ``MOST_PROOFS``.

        Raises:
            NotFoundError: the day does not exist or is not covered.
        """
        world = self.world(day)
        evidence = Evidence(world)
        prover = self.prover(world)
        states = world.states(triple)
        shown = world.shows(triple)
        proofs: list[Proof] = []
        if not states or count > 1:
            proofs = prover.prove(triple, min(count, MOST_PROOFS))
        graphs = world.holding(triple)
        statements = [evidence.of_graph(graph) for graph in graphs if self._says(graph)]
        verdict = _verdict(states, shown, proofs, statements)
        missing = near.find(triple, world, prover) if verdict in {"absent", "rejected"} else None
        leaves = {leaf for proof in proofs for leaf in proof.leaves()}
        if missing is not None:
            leaves |= {p for miss in missing.almost for p in miss.step.premises if world.states(p)}
        sources = {
            leaf: tuple(map(evidence.of_graph, world.stating(leaf)))
            for leaf in sorted(leaves, key=str)
        }
        disputes = tuple(evidence.disputes(triple))
        said = (*statements, *(one for some in sources.values() for one in some))
        mentioned = {
            *triple,
            *(t for proof in proofs for t in _terms(proof)),
            *_of_statements(said),
            *_of_disputes(disputes),
            *(missing.terms() if missing else ()),
        }
        return Explanation(
            triple=triple,
            day=day,
            verdict=verdict,
            statements=tuple(statements),
            disputes=disputes,
            proofs=tuple(proofs),
            sources=sources,
            near=missing,
            labels=self.labels(mentioned),
            prefixes=self._catalogue.prefixes,
        )

    def values(self, s: Term, p: ox.NamedNode, day: str | None = None) -> list[Term]:
        """The values of a property of a thing, A to Z."""
        world = self.world(day)
        return sorted({o for _, _, o in world.match(s, p, None) if world.shows((s, p, o))}, key=str)

    def labels(self, terms: Iterable[Term]) -> dict[str, dict[str, str]]:
        """The names of things: IRI, language, text."""
        found: dict[str, dict[str, str]] = {}
        for term in sorted({t for t in terms if isinstance(t, ox.NamedNode)}, key=str):
            named = self._label(term)
            if named:
                found[term.value] = named
        return found

    def _label(self, term: ox.NamedNode) -> dict[str, str]:
        for p in _NAMING:
            found = self._store.quads_for_pattern(term, p, None, ox.DefaultGraph())
            texts = [quad.object for quad in found if isinstance(quad.object, ox.Literal)]
            if texts:
                return {t.language or "": t.value for t in sorted(texts, key=str)}
        return {}

    def _says(self, graph: str) -> bool:
        """Whether a graph is a source, and not one of those that were computed."""
        base = self._catalogue.base
        computed = graph == f"{base}inferred" or (
            bool(self._catalogue.as_of) and graph.startswith(self._catalogue.as_of)
        )
        return not (base and computed)


def _verdict(
    states: bool,
    shown: bool,
    proofs: list[Proof],
    statements: list[Statement],
) -> str:
    if states:
        return "stated"
    if proofs:
        step = proofs[0].step
        return "projected" if step is not None and step.is_projection else "inferred"
    if shown:
        return "described"
    return "rejected" if any(one.rejected for one in statements) else "absent"


def _terms(proof: Proof) -> Iterator[Term]:
    yield from proof.triple
    if proof.step is not None:
        yield from proof.step.situations
    for premise in proof.premises:
        yield from _terms(premise)


def _of_statements(statements: Iterable[Statement]) -> Iterator[Term]:
    for one in statements:
        for iri in (one.document, one.certainty):
            if iri:
                yield ox.NamedNode(iri)


def _of_disputes(disputes: Iterable[Dispute]) -> Iterator[Term]:
    for one in disputes:
        yield from (*one.accepted, *one.rejected, ox.NamedNode(one.iri))
        yield from (ox.NamedNode(iri) for iri in (one.judgement,) if iri)

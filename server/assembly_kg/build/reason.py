"""What follows from what is stated: OWL 2 RL, and of its conclusions those worth reading.

Owns which reasoner is believed and which conclusions are published. The reference is owlrl
(https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules); the rules
of ``assembly_kg.rules`` must come to the same conclusions on every graph that is published, and
then give what owlrl cannot: slices in milliseconds and the reasons of a contradiction.

Not published are conclusions that say nothing new: reflexive ones, everything being a thing or a
resource, types from RDF's, RDFS's and OWL's own vocabulary, domains and ranges weaker than the
stated ones, statements about literals or with blank nodes, axioms about those vocabularies
themselves, and whatever is stated anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from owlrl import OWLRL_Semantics
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD

from assembly_kg.build.cache import key, program
from assembly_kg.build.clash import check
from assembly_kg.build.terms import from_triple, to_triple
from assembly_kg.errors import BuildError, InconsistencyError
from assembly_kg.rules import Closure, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from rdflib.term import Node

    from assembly_kg.build.cache import Cache

Saying = Callable[[Triple], Iterable["Node"]]
Conclusions = tuple[set[Triple], list[str]]
Ask = Callable[[Iterable[Triple]], AbstractContextManager[Callable[[], Conclusions]]]

__all__ = [
    "Ask",
    "Conclusions",
    "Reasoning",
    "Saying",
    "here",
    "infer",
    "infer_each",
    "reason",
    "reasoning",
    "reference",
    "worth_saying",
]

_VOCABULARIES: Final = (str(RDF), str(RDFS), str(OWL), str(XSD))
_WEAKER: Final = frozenset({RDFS.domain, RDFS.range})
_REFLEXIVE: Final = frozenset(
    {OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty}
)
_SHOWN: Final = 5


@dataclass(frozen=True)
class Reasoning:
    """What follows by the rules of ``assembly_kg.rules``, and how the reference confirms it.

    Attributes:
        inferred: the conclusions that are worth publishing.
        confirm: waits for the reference; raises ``BuildError`` if it concludes anything else, and
            ``InconsistencyError`` if it finds a contradiction.
    """

    inferred: frozenset[Triple]
    confirm: Callable[[], None]


@contextmanager
def here(triples: Iterable[Triple]) -> Iterator[Callable[[], Conclusions]]:
    """Ask the reference in this process, when its answer is waited for."""
    yield lambda: reference(triples)


@contextmanager
def reasoning(
    graph: Graph, saying: Saying | None = None, cache: Cache | None = None, ask: Ask = here
) -> Iterator[Reasoning]:
    """Reason about a graph, with the reference beside.

    Args:
        graph: what is stated.
        saying: gives the names of the graphs that state a triple, for messages.
        cache: where confirmed conclusions from an equal graph may be found and are kept.
        ask: begins to ask the reference.

    Raises:
        InconsistencyError: the graph contradicts itself; the message has the clashing facts.
    """
    mark = f"{program()}-{key(sorted(map(str, map(to_triple, graph))))}" if cache else ""
    known = cache.get("inferred", mark) if cache else None
    if known is not None:
        quads = ox.parse(known, ox.RdfFormat.N_TRIPLES)
        yield Reasoning(frozenset(from_triple(quad.triple) for quad in quads), lambda: None)
        return
    with ask(graph) as wait:
        inferred = frozenset(infer(graph, saying))

        def confirm() -> None:
            found, errors = wait()
            if errors:
                raise InconsistencyError("; ".join(errors))
            if inferred != found:
                raise BuildError(_disagreement(found, inferred))
            if cache:
                triples = map(to_triple, sorted(found))
                written = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
                cache.put("inferred", mark, written or b"")

        yield Reasoning(inferred, confirm)


def infer(graph: Graph, saying: Saying | None = None) -> set[Triple]:
    """The conclusions from a graph that are worth publishing, by the rules of our own.

    Raises:
        InconsistencyError: the graph contradicts itself; the message has the clashing facts.
    """
    closure = Closure(sorted(graph))
    check(closure, saying)
    return {triple for triple in closure.inferred() if worth_saying(triple)}


def reason(graph: Graph, saying: Saying | None = None, cache: Cache | None = None) -> Graph:
    """The conclusions from a graph that are worth publishing, confirmed by owlrl.

    Args:
        graph: what is stated.
        saying: gives the names of the graphs that state a triple, for messages.
        cache: where conclusions from an equal graph may be found and are kept.

    Raises:
        InconsistencyError: the graph contradicts itself; the message has the clashing facts.
        BuildError: owlrl and the rules of ``assembly_kg.rules`` disagree.
    """
    with reasoning(graph, saying, cache) as found:
        found.confirm()
        result = Graph()
        for triple in found.inferred:
            result.add(triple)
        return result


def reference(triples: Iterable[Triple]) -> Conclusions:
    """What owlrl concludes and is worth saying, and the contradictions that it reports."""
    # The store without contexts: twice as fast, and there is but one graph.
    stated, closed = set(triples), Graph(store="SimpleMemory")
    for triple in stated:
        closed.add(triple)
    semantics = _Reference(closed)
    semantics.closure()
    errors = sorted(str(message) for message in semantics.error_messages)
    return {t for t in closed if t not in stated and worth_saying(t)}, errors


def infer_each(
    stated: Sequence[set[Triple]], schema: Closure, saying: Saying | None = None
) -> list[set[Triple]]:
    """What follows from each of several sets of triples under an ontology, and is worth saying.

    For sets that differ little from their neighbours, as the days of a record do: what half of them
    have in common is reasoned about once, then what a quarter have in common on top of it, and so
    on. Conclusions from the ontology alone are not repeated.

    Args:
        stated: the sets of triples, neighbours alike.
        schema: the closure of the ontology.
        saying: gives the names of the graphs that state a triple, for messages.

    Raises:
        InconsistencyError: one of the sets contradicts the ontology or itself.
    """
    if not stated:
        return []
    return [
        inferred - own
        for inferred, own in zip(_layers(stated, schema, set(), saying), stated, strict=True)
    ]


def _layers(
    stated: Sequence[set[Triple]], above: Closure, inferred: set[Triple], saying: Saying | None
) -> Iterator[set[Triple]]:
    """All conclusions of each set from it and what the closure above states and concludes."""
    common = set.intersection(*stated)
    closure = Closure(common, parent=above)
    check(closure, saying)
    inferred = inferred | {triple for triple in closure.inferred() if worth_saying(triple)}
    if len(stated) == 1:
        yield inferred
        return
    rest = [triples - common for triples in stated]
    middle = len(rest) // 2
    yield from _layers(rest[:middle], closure, inferred, saying)
    yield from _layers(rest[middle:], closure, inferred, saying)


def worth_saying(triple: Triple) -> bool:
    """Whether a conclusion is one that a reader would call an inference."""
    s, p, o = triple
    if not isinstance(s, URIRef) or not isinstance(p, URIRef) or isinstance(o, BNode):
        return False
    if _is_vocabulary(s) or (s == o and p in _REFLEXIVE) or p in _WEAKER:
        return False
    return isinstance(o, Literal) or not _is_vocabulary(o)


def _is_vocabulary(term: Node) -> bool:
    return isinstance(term, URIRef) and str(term).startswith(_VOCABULARIES)


def _disagreement(reference: AbstractSet[Triple], own: AbstractSet[Triple]) -> str:
    """What to look at when the two reasoners differ: a fault of this program, not of the data."""

    def some(triples: AbstractSet[Triple]) -> str:
        return "; ".join(" ".join(term.n3() for term in t) for t in sorted(triples)[:_SHOWN]) or "-"

    return (
        "owlrl and assembly_kg.rules disagree, so nothing is published; please report this. "
        f"Only owlrl: {some(reference - own)}. Only our rules: {some(own - reference)}."
    )


# The predicates, and the objects of rdf:type, that any rule of owlrl asks a triple for.
_AXIOMS: Final = frozenset(
    {
        OWL.sameAs,
        RDFS.domain,
        RDFS.range,
        RDFS.subClassOf,
        RDFS.subPropertyOf,
        OWL.propertyChainAxiom,
        OWL.equivalentProperty,
        OWL.propertyDisjointWith,
        OWL.inverseOf,
        OWL.hasKey,
        OWL.sourceIndividual,
        OWL.intersectionOf,
        OWL.unionOf,
        OWL.complementOf,
        OWL.someValuesFrom,
        OWL.allValuesFrom,
        OWL.hasValue,
        OWL.maxCardinality,
        OWL.maxQualifiedCardinality,
        OWL.oneOf,
        OWL.equivalentClass,
        OWL.disjointWith,
    }
)
_KINDS: Final = frozenset(
    {
        OWL.AllDifferent,
        OWL.AllDisjointClasses,
        OWL.AllDisjointProperties,
        OWL.AsymmetricProperty,
        OWL.Class,
        OWL.DatatypeProperty,
        OWL.FunctionalProperty,
        OWL.InverseFunctionalProperty,
        OWL.IrreflexiveProperty,
        OWL.Nothing,
        OWL.ObjectProperty,
        OWL.SymmetricProperty,
        OWL.TransitiveProperty,
        RDF.Property,
    }
)


# How an axiom reaches the terms that its rules look for, besides its own subject and object.
_REACHES: Final = (
    OWL.onProperty,
    OWL.onClass,
    OWL.assertionProperty,
    OWL.members,
    OWL.distinctMembers,
)


class _Reference(OWLRL_Semantics):  # type: ignore[misc]
    """owlrl without its axiomatic triples, without idle work, and with one correction.

    It asks every triple, in every round, whether any rule begins with it. Rules begin with axioms
    only, save eq-ref; so other triples are not asked, and reflexive ``owl:sameAs``, on which no
    other conclusion rests, is not stored. An axiom is asked again only if the round before said
    something new with one of its terms: nothing else can make its rules fire.

    Keys are compared whole: owlrl 7 leaves out the last property of ``owl:hasKey``, so that all
    things with the first properties of a key become the same.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph, False, False)
        self._round = 0
        self._new: set[Node] = set()
        self._old: set[Node] = set()
        self._interests: dict[Triple, frozenset[Node]] = {}

    def store_triple(self, t: Triple) -> None:
        """Keep a conclusion, unless it says that a thing is itself."""
        if t[1] == OWL.sameAs and t[0] == t[2]:
            return
        before = len(self.added_triples)
        super().store_triple(t)
        if len(self.added_triples) > before:
            self._new |= {t[1], t[2]} if t[1] == RDF.type else {t[1]}
            if t[1] in _AXIOMS:
                self._new |= {t[0], t[2]}

    def rules(self, t: Triple, cycle_num: int) -> None:
        """Apply the rules that begin with a triple, if they may have something to say."""
        if cycle_num != self._round:
            self._round, self._old, self._new = cycle_num, self._new, set()
        if not (t[1] in _AXIOMS or (t[1] == RDF.type and t[2] in _KINDS)):
            return
        # Equality copies any triple of its terms, and so has to do with all of them.
        always = cycle_num == 1 or t[1] == OWL.sameAs or OWL.sameAs in self._old
        if always or not self._old.isdisjoint(self._interest(t)):
            super().rules(t, cycle_num)

    def _interest(self, axiom: Triple) -> frozenset[Node]:
        """The terms of the triples that the rules beginning with an axiom look for."""
        known = self._interests.get(axiom)
        if known is None:
            subject, _, value = axiom
            reached = {o for p in _REACHES for o in self.graph.objects(subject, p)}
            terms = {subject, value} | reached
            members = {member for term in terms for member in self._list(term)}
            known = self._interests[axiom] = frozenset(terms | members)
        return known

    def _properties(self, triple: Triple, cycle_num: int) -> None:
        if triple[1] == OWL.hasKey:
            self._key(triple[0], self._list(triple[2]))
        else:
            super()._properties(triple, cycle_num)

    def _key(self, keyed: Node, properties: list[Any]) -> None:
        """Rule prp-key."""
        members = set(self.graph.subjects(RDF.type, keyed))
        for p in properties[:1]:
            for x in members:
                for value in self.graph.objects(x, p):
                    for y in self.graph.subjects(p, value):
                        if x != y and y in members and self._share(x, y, properties):
                            self.store_triple((x, OWL.sameAs, y))

    def _share(self, x: Node, y: Node, properties: list[Any]) -> bool:
        return all(
            any((y, p, value) in self.graph for value in self.graph.objects(x, p))
            for p in properties
        )

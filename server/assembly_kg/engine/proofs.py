"""Why a triple follows: proofs by the rules of OWL 2 RL and the projection rules, shortest first.

Owns a goal-directed search over the graph as it is served, which holds every conclusion worth
publishing. From the goal it looks for the instances of rules whose conclusion it is and whose
premises are there, then for theirs, level by level, until the cheapest proof that rests on nothing
but stated triples cannot be beaten. Nothing is computed or kept before somebody asks. The rules and
their names are those of ``assembly_kg.rules``
(https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules).

A conclusion that is not published (with a blank node, about a literal, a weaker domain or range) is
not in the graph, though a proof may pass through it; it is a goal like any other when a rule asks
for it in full.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib.namespace import OWL, RDF, RDFS

from assembly_kg.engine.step import Step
from assembly_kg.engine.terms import from_rdflib, to_rdflib
from assembly_kg.engine.world import RDF_TYPE
from assembly_kg.rules import Rule, Variable, list_rules, rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from assembly_kg.engine.projected import Projections
    from assembly_kg.engine.world import Term, Triple, World

__all__ = ["Proof", "Prover", "Rules", "compile_rules"]

# Triples that one search may look into; proofs of this length nobody would read.
_MOST: Final = 4000
_LISTS: Final = (
    RDF.first,
    RDF.rest,
    OWL.propertyChainAxiom,
    OWL.hasKey,
    OWL.intersectionOf,
    OWL.unionOf,
    OWL.oneOf,
)
_WEAKER: Final = frozenset({ox.NamedNode(str(RDFS.domain)), ox.NamedNode(str(RDFS.range))})
_SCHEMA: Final = (str(OWL), str(RDFS))

_Pattern = tuple["int | Term", "int | Term", "int | Term"]
_Binding = dict[int, "Term"]


@dataclass(frozen=True)
class Proof:
    """A triple with the step that gives it and the proofs of the premises.

    Attributes:
        triple: what is proved.
        step: None if the triple is stated.
        premises: a proof of each premise of the step, in its order.
        size: applications of rules in the whole.
    """

    triple: Triple
    step: Step | None
    premises: tuple[Proof, ...]
    size: int

    def leaves(self) -> Iterator[Triple]:
        """The stated triples that it rests on, from left to right, each once."""
        seen: dict[Triple, None] = {}
        stack = [self]
        while stack:
            proof = stack.pop()
            if proof.step is None:
                seen.setdefault(proof.triple)
            stack.extend(reversed(proof.premises))
        return iter(seen)


@dataclass(frozen=True)
class _Backward:
    """A rule to be run from its conclusion: variables are numbers, atoms in the order to match."""

    name: str
    head: _Pattern
    atoms: tuple[_Pattern, ...]
    places: tuple[int, ...]
    grounds: tuple[Triple, ...]


class Rules:
    """The rules by the conclusions that they can have."""

    def __init__(self, backward: Iterable[_Backward]) -> None:
        self._by: defaultdict[tuple[Term | None, Term | None], list[_Backward]] = defaultdict(list)
        for rule in backward:
            _, p, o = rule.head
            key = (
                None if isinstance(p, int) else p,
                None if isinstance(o, int) or p != RDF_TYPE else o,
            )
            self._by[key].append(rule)

    def concluding(self, triple: Triple) -> Iterator[_Backward]:
        """The rules whose head may be the triple."""
        _, p, o = triple
        for key in ((None, None), (p, None), (p, o)):
            yield from self._by.get(key, ())


def compile_rules(world: World) -> Rules:
    """The rules that can have an instance in a graph, ready to be run backward."""
    found = [*rules(), *list_rules(list(_axioms(world)))]
    backward = (_turn(rule) for rule in found if rule.head is not None)
    return Rules(
        rule for rule in backward if all(_possible(atom, world.store) for atom in rule.atoms)
    )


class Prover:
    """Finds proofs in one world."""

    def __init__(self, world: World, compiled: Rules, projections: Projections) -> None:
        self._world = world
        self._rules = compiled
        self._projections = projections

    def prove(self, triple: Triple, count: int = 1) -> list[Proof]:
        """Proofs of a triple that is not stated, shortest first; at most ``count``.

        Each differs from the others in its last step, and goes on with the shortest proofs of that
        step's premises. Empty if none is found.
        """
        search = _Search(self, triple)
        search.run(to_the_end=count > 1)
        return search.proofs(count)

    def steps(self, triple: Triple) -> list[Step]:
        """All steps whose conclusion is the triple and whose premises may hold."""
        found: dict[Step, None] = {}
        for step in self._projections.steps(triple, self._world):
            found.setdefault(step)
        for rule in self._rules.concluding(triple):
            binding = _unify(rule.head, triple)
            if binding is None:
                continue
            for premises in self._join(rule, 0, binding, ()):
                if triple not in premises:
                    found.setdefault(Step(rule.name, premises))
        return list(found)

    def almost(self, triple: Triple) -> Iterator[tuple[Step, Triple]]:
        """Steps that would give the triple if one premise, the second value, were there too."""
        for rule in self._rules.concluding(triple):
            binding = _unify(rule.head, triple)
            if binding is None or rule.name.startswith("eq-"):
                continue
            for premises in self._join(rule, 0, binding, (), lacking=1):
                missing = [t for t in premises if t not in self._world]
                if len(missing) == 1 and missing[0] != triple:
                    yield Step(rule.name, premises), missing[0]

    def states(self, triple: Triple) -> bool:
        """Whether the triple is stated in this world."""
        return self._world.states(triple)

    def _join(
        self,
        rule: _Backward,
        at: int,
        binding: _Binding,
        found: tuple[Triple, ...],
        lacking: int = 0,
    ) -> Iterator[tuple[Triple, ...]]:
        """The premises of the rule's instances; up to ``lacking`` of them need not be there."""
        if at == len(rule.atoms):
            ordered = sorted(zip(rule.places, found, strict=True), key=lambda pair: pair[0])
            yield (*rule.grounds, *(triple for _, triple in ordered))
            return
        atom = rule.atoms[at]
        s, p, o = (binding.get(term) if isinstance(term, int) else term for term in atom)
        if s is not None and p is not None and o is not None:
            wanted: Triple = (s, p, o)  # type: ignore[assignment]
            there = wanted in self._world or (not lacking and _unpublished(wanted))
            if there or lacking:
                left = lacking if there else lacking - 1
                yield from self._join(rule, at + 1, binding, (*found, wanted), left)
            return
        for triple in self._world.match(s, p, o):
            extended = _extend(atom, triple, binding)
            if extended is not None:
                yield from self._join(rule, at + 1, extended, (*found, triple), lacking)


class _Search:
    """The steps that may lead to one goal, and the cost of the cheapest proof of each triple."""

    def __init__(self, prover: Prover, goal: Triple) -> None:
        self._prover = prover
        self._goal = goal
        self._steps: dict[Triple, list[Step]] = {}
        self._cost: dict[Triple, int] = {}
        self._best: dict[Triple, Step] = {}
        self._users: defaultdict[Triple, list[tuple[Triple, Step]]] = defaultdict(list)

    def run(self, *, to_the_end: bool) -> None:
        """Look level by level; a proof through what is not yet seen has more steps than levels."""
        frontier = [self._goal]
        level = 0
        while frontier and len(self._steps) < _MOST:
            level += 1
            following: dict[Triple, None] = {}
            for triple in frontier:
                following.update(dict.fromkeys(self._expand(triple)))
            known = self._cost.get(self._goal)
            if known is not None and known <= level + 1 and not to_the_end:
                return
            frontier = [t for t in following if t not in self._steps and t not in self._cost]

    def proofs(self, count: int) -> list[Proof]:
        found = []
        for step in self._steps.get(self._goal, ()):
            if all(premise in self._cost for premise in step.premises):
                proof = self._build(self._goal, step, {self._goal})
                if proof is not None:
                    found.append(proof)
        found.sort(key=lambda proof: (proof.size, proof.step.rule if proof.step else ""))
        return found[:count]

    def _expand(self, triple: Triple) -> Iterator[Triple]:
        steps = self._steps[triple] = self._prover.steps(triple)
        for step in steps:
            for premise in set(step.premises):
                self._users[premise].append((triple, step))
                if premise not in self._steps and premise not in self._cost:
                    if self._prover.states(premise):
                        self._cost[premise] = 0
                    else:
                        yield premise
            self._settle(triple, step)

    def _settle(self, triple: Triple, step: Step) -> None:
        """Take the step as the best one if it is, and tell whoever uses the triple."""
        changed = [(triple, step)]
        while changed:
            triple, step = changed.pop()
            if not all(premise in self._cost for premise in step.premises):
                continue
            cost = 1 + sum(self._cost[premise] for premise in set(step.premises))
            if cost < self._cost.get(triple, cost + 1):
                self._cost[triple] = cost
                self._best[triple] = step
                changed.extend(self._users[triple])

    def _build(self, triple: Triple, step: Step | None, above: set[Triple]) -> Proof | None:
        """The proof with this last step; None if it would rest on what it is to prove."""
        if step is None:
            return Proof(triple, None, (), 0)
        premises = []
        for premise in step.premises:
            if premise in above:
                return None
            inner = self._build(premise, self._best.get(premise), {*above, premise})
            if inner is None:
                return None
            premises.append(inner)
        sizes = {proof.triple: proof.size for proof in premises}
        return Proof(triple, step, tuple(premises), 1 + sum(sizes.values()))


def _axioms(world: World) -> Iterator[tuple[Node, Node, Node]]:
    """The triples that rules over lists are made from, as ``assembly_kg.rules`` reads them."""
    for p in _LISTS:
        for s, _, o in world.match(None, ox.NamedNode(str(p)), None):
            yield to_rdflib(s), p, to_rdflib(o)


def _turn(rule: Rule) -> _Backward:
    """The rule with its atoms in the order in which a search from its head should match them."""
    numbers: dict[str, int] = {}

    def pattern(atom: tuple[Node | Variable, ...]) -> _Pattern:
        s, p, o = (
            numbers.setdefault(term, len(numbers))
            if isinstance(term, Variable)
            else from_rdflib(term)
            for term in atom
        )
        return s, p, o

    if rule.head is None:
        raise ValueError(rule.name)
    head = pattern(rule.head)
    atoms = [pattern(atom) for atom in rule.body]
    bound = {term for term in head if isinstance(term, int)}
    places: list[int] = []
    while len(places) < len(atoms):
        left = [place for place in range(len(atoms)) if place not in places]
        chosen = min(left, key=lambda place: _effort(atoms[place], bound))
        places.append(chosen)
        bound |= {term for term in atoms[chosen] if isinstance(term, int)}
    grounds = tuple((from_rdflib(s), from_rdflib(p), from_rdflib(o)) for s, p, o in rule.grounds)
    ordered = tuple(atoms[place] for place in places)
    return _Backward(rule.name, head, ordered, tuple(places), grounds)  # type: ignore[arg-type]


def _effort(atom: _Pattern, bound: set[int]) -> tuple[int, bool, bool]:
    """How much an atom would match: by unbound positions, then axioms before facts."""
    unbound = sum(isinstance(term, int) and term not in bound for term in atom)
    p = atom[1]
    axiom = isinstance(p, ox.NamedNode) and p.value.startswith(_SCHEMA)
    return unbound, not axiom, p == RDF_TYPE


def _possible(atom: _Pattern, store: ox.Store) -> bool:
    """Whether anything on any day can match the atom; what is not published may always do."""
    s, p, o = (None if isinstance(term, int) else term for term in atom)
    if p is None or isinstance(o, ox.BlankNode) or p in _WEAKER or (p == RDF_TYPE and o is None):
        return True
    return any(True for _ in store.quads_for_pattern(s, p, o, None))  # type: ignore[arg-type]


def _unify(head: _Pattern, triple: Triple) -> _Binding | None:
    return _extend(head, triple, {})


def _extend(atom: _Pattern, triple: Triple, binding: _Binding) -> _Binding | None:
    """The binding under which the atom is the triple; None if there is none."""
    extended = dict(binding)
    for pattern, term in zip(atom, triple, strict=True):
        if not isinstance(pattern, int):
            if pattern != term:
                return None
        elif extended.setdefault(pattern, term) != term:
            return None
    return extended


def _unpublished(triple: Triple) -> bool:
    """Whether a conclusion is of a kind that is not in the graph even if it follows."""
    s, p, o = triple
    return (
        not isinstance(s, ox.NamedNode) or isinstance(o, ox.BlankNode) or p in _WEAKER
    ) and isinstance(p, ox.NamedNode)

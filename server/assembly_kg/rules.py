"""OWL 2 RL as rules, and an engine that runs them and remembers why.

Owns the rule table of OWL 2 Profiles, section 4.3 "Reasoning in OWL 2 RL and RDF Graphs using
Rules" (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules), by
the names that the recommendation gives to the rules, and ``Closure``, which applies them
semi-naively: each triple is joined once with what was there before it. What counts as worth
publishing is left to ``assembly_kg.build.reason``.

Left out are the rules whose conclusions nobody would ask for: the axiomatic ones without premises
(cls-thing, cls-nothing1, prp-ap, dt-type1, dt-type2), the reflexive ones (eq-ref, scm-cls, scm-op,
scm-dp) and dt-eq. Lists (chains, keys, unions ...) are read from what is asserted.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from rdflib import Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rdflib.term import Node

__all__ = [
    "INTEGER_BOUNDS",
    "Closure",
    "Derivation",
    "Rule",
    "Triple",
    "Variable",
    "list_rules",
    "rules",
]

Triple = tuple["Node", "Node", "Node"]


class Variable(str):
    """A variable of a rule."""

    __slots__ = ()


Atom = tuple["Node | Variable", "Node | Variable", "Node | Variable"]


@dataclass(frozen=True)
class Rule:
    """One rule: when every triple of ``body`` is there, so is ``head``.

    ``head`` is None where the recommendation concludes *false*. ``grounds`` are the triples of the
    axiom that a rule over a list was made from; they are premises like the matches of the body.
    """

    name: str
    body: tuple[Atom, ...]
    head: Atom | None
    grounds: tuple[Triple, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """One step of a proof: the rule and the triples that it was applied to."""

    rule: str
    premises: tuple[Triple, ...]


# Tables 4 to 9 of the recommendation, without the rules over lists (see ``_LIST_RULES``). The last
# group are rules of table 9 whose premise is reflexive, by scm-cls, scm-op, scm-dp or cls-thing.
_TABLE: Final = """
eq-sym      ?x sameAs ?y => ?y sameAs ?x
eq-trans    ?x sameAs ?y, ?y sameAs ?z => ?x sameAs ?z
eq-rep-s    ?s sameAs ?t, ?s ?p ?o => ?t ?p ?o
eq-rep-p    ?p sameAs ?q, ?s ?p ?o => ?s ?q ?o
eq-rep-o    ?o sameAs ?t, ?s ?p ?o => ?s ?p ?t
eq-diff1    ?x sameAs ?y, ?x differentFrom ?y => false
eq-diff1    ?x differentFrom ?x => false

prp-dom     ?p domain ?c, ?x ?p ?y => ?x type ?c
prp-rng     ?p range ?c, ?x ?p ?y => ?y type ?c
prp-fp      ?p type FunctionalProperty, ?x ?p ?y, ?x ?p ?z => ?y sameAs ?z
prp-ifp     ?p type InverseFunctionalProperty, ?x ?p ?z, ?y ?p ?z => ?x sameAs ?y
prp-irp     ?p type IrreflexiveProperty, ?x ?p ?x => false
prp-symp    ?p type SymmetricProperty, ?x ?p ?y => ?y ?p ?x
prp-asyp    ?p type AsymmetricProperty, ?x ?p ?y, ?y ?p ?x => false
prp-trp     ?p type TransitiveProperty, ?x ?p ?y, ?y ?p ?z => ?x ?p ?z
prp-spo1    ?p subPropertyOf ?q, ?x ?p ?y => ?x ?q ?y
prp-eqp1    ?p equivalentProperty ?q, ?x ?p ?y => ?x ?q ?y
prp-eqp2    ?p equivalentProperty ?q, ?x ?q ?y => ?x ?p ?y
prp-pdw     ?p propertyDisjointWith ?q, ?x ?p ?y, ?x ?q ?y => false
prp-inv1    ?p inverseOf ?q, ?x ?p ?y => ?y ?q ?x
prp-inv2    ?p inverseOf ?q, ?x ?q ?y => ?y ?p ?x
prp-npa1    ?n sourceIndividual ?x, ?n assertionProperty ?p, ?n targetIndividual ?y, ?x ?p ?y => false
prp-npa2    ?n sourceIndividual ?x, ?n assertionProperty ?p, ?n targetValue ?y, ?x ?p ?y => false

cls-nothing2 ?x type Nothing => false
cls-com     ?c complementOf ?d, ?x type ?c, ?x type ?d => false
cls-svf1    ?c someValuesFrom ?d, ?c onProperty ?p, ?x ?p ?y, ?y type ?d => ?x type ?c
cls-svf2    ?c someValuesFrom Thing, ?c onProperty ?p, ?x ?p ?y => ?x type ?c
cls-avf     ?c allValuesFrom ?d, ?c onProperty ?p, ?x type ?c, ?x ?p ?y => ?y type ?d
cls-hv1     ?c hasValue ?y, ?c onProperty ?p, ?x type ?c => ?x ?p ?y
cls-hv2     ?c hasValue ?y, ?c onProperty ?p, ?x ?p ?y => ?x type ?c
cls-maxc1   ?c maxCardinality 0, ?c onProperty ?p, ?x type ?c, ?x ?p ?y => false
cls-maxc2   ?c maxCardinality 1, ?c onProperty ?p, ?x type ?c, ?x ?p ?y, ?x ?p ?z => ?y sameAs ?z
cls-maxqc1  ?c maxQualifiedCardinality 0, ?c onProperty ?p, ?c onClass ?d, ?x type ?c, ?x ?p ?y, ?y type ?d => false
cls-maxqc2  ?c maxQualifiedCardinality 0, ?c onProperty ?p, ?c onClass Thing, ?x type ?c, ?x ?p ?y => false
cls-maxqc3  ?c maxQualifiedCardinality 1, ?c onProperty ?p, ?c onClass ?d, ?x type ?c, ?x ?p ?y, ?y type ?d, ?x ?p ?z, ?z type ?d => ?y sameAs ?z
cls-maxqc4  ?c maxQualifiedCardinality 1, ?c onProperty ?p, ?c onClass Thing, ?x type ?c, ?x ?p ?y, ?x ?p ?z => ?y sameAs ?z

cax-sco     ?c subClassOf ?d, ?x type ?c => ?x type ?d
cax-eqc1    ?c equivalentClass ?d, ?x type ?c => ?x type ?d
cax-eqc2    ?c equivalentClass ?d, ?x type ?d => ?x type ?c
cax-dw      ?c disjointWith ?d, ?x type ?c, ?x type ?d => false

scm-sco     ?c subClassOf ?d, ?d subClassOf ?e => ?c subClassOf ?e
scm-eqc1    ?c equivalentClass ?d => ?c subClassOf ?d
scm-eqc1    ?c equivalentClass ?d => ?d subClassOf ?c
scm-eqc2    ?c subClassOf ?d, ?d subClassOf ?c => ?c equivalentClass ?d
scm-spo     ?p subPropertyOf ?q, ?q subPropertyOf ?r => ?p subPropertyOf ?r
scm-eqp1    ?p equivalentProperty ?q => ?p subPropertyOf ?q
scm-eqp1    ?p equivalentProperty ?q => ?q subPropertyOf ?p
scm-eqp2    ?p subPropertyOf ?q, ?q subPropertyOf ?p => ?p equivalentProperty ?q
scm-dom1    ?p domain ?c, ?c subClassOf ?d => ?p domain ?d
scm-dom2    ?p domain ?c, ?q subPropertyOf ?p => ?q domain ?c
scm-rng1    ?p range ?c, ?c subClassOf ?d => ?p range ?d
scm-rng2    ?p range ?c, ?q subPropertyOf ?p => ?q range ?c
scm-hv      ?c hasValue ?i, ?c onProperty ?p, ?d hasValue ?i, ?d onProperty ?q, ?p subPropertyOf ?q => ?c subClassOf ?d
scm-svf1    ?c someValuesFrom ?x, ?c onProperty ?p, ?d onProperty ?p, ?d someValuesFrom ?y, ?x subClassOf ?y => ?c subClassOf ?d
scm-svf2    ?c someValuesFrom ?x, ?c onProperty ?p, ?d someValuesFrom ?x, ?d onProperty ?q, ?p subPropertyOf ?q => ?c subClassOf ?d
scm-avf1    ?c allValuesFrom ?x, ?c onProperty ?p, ?d onProperty ?p, ?d allValuesFrom ?y, ?x subClassOf ?y => ?c subClassOf ?d
scm-avf2    ?c allValuesFrom ?x, ?c onProperty ?p, ?d allValuesFrom ?x, ?d onProperty ?q, ?p subPropertyOf ?q => ?d subClassOf ?c

scm-svf1    ?c someValuesFrom ?x, ?c onProperty ?p, ?d someValuesFrom ?x, ?d onProperty ?p, ?x type Class => ?c subClassOf ?d
scm-svf1    ?c someValuesFrom Thing, ?c onProperty ?p, ?d someValuesFrom Thing, ?d onProperty ?p => ?c subClassOf ?d
scm-avf1    ?c allValuesFrom ?x, ?c onProperty ?p, ?d allValuesFrom ?x, ?d onProperty ?p, ?x type Class => ?c subClassOf ?d
scm-avf1    ?c allValuesFrom Thing, ?c onProperty ?p, ?d allValuesFrom Thing, ?d onProperty ?p => ?c subClassOf ?d
scm-hv      ?c hasValue ?x, ?c onProperty ?p, ?d hasValue ?x, ?d onProperty ?p, ?p type ObjectProperty => ?c subClassOf ?d
scm-hv      ?c hasValue ?x, ?c onProperty ?p, ?d hasValue ?x, ?d onProperty ?p, ?p type DatatypeProperty => ?c subClassOf ?d
scm-svf2    ?c someValuesFrom ?x, ?c onProperty ?p, ?d someValuesFrom ?x, ?d onProperty ?p, ?p type ObjectProperty => ?c subClassOf ?d
scm-svf2    ?c someValuesFrom ?x, ?c onProperty ?p, ?d someValuesFrom ?x, ?d onProperty ?p, ?p type DatatypeProperty => ?c subClassOf ?d
scm-avf2    ?c allValuesFrom ?x, ?c onProperty ?p, ?d allValuesFrom ?x, ?d onProperty ?p, ?p type ObjectProperty => ?c subClassOf ?d
scm-avf2    ?c allValuesFrom ?x, ?c onProperty ?p, ?d allValuesFrom ?x, ?d onProperty ?p, ?p type DatatypeProperty => ?c subClassOf ?d
"""  # noqa: E501 -- a rule is a line
_RDFS_NAMES: Final = frozenset({"domain", "range", "subClassOf", "subPropertyOf"})
_REFLEXIVE: Final = frozenset(
    {OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty}
)


@cache
def rules() -> tuple[Rule, ...]:
    """The rules without lists, in the order of the recommendation's tables."""
    return tuple(_parse(line) for line in _TABLE.splitlines() if line)


def _parse(line: str) -> Rule:
    name, text = line.split(maxsplit=1)
    body, head = text.split(" => ")
    return Rule(
        name,
        tuple(_atom(part) for part in body.split(", ")),
        None if head == "false" else _atom(head),
    )


def _atom(text: str) -> Atom:
    s, p, o = (_term(word) for word in text.split())
    return s, p, o


def _term(word: str) -> Node | Variable:
    if word.startswith("?"):
        return Variable(word)
    if word.isdigit():
        return Literal(word, datatype=XSD.nonNegativeInteger)
    if word == "type":
        return RDF.type
    return RDFS[word] if word in _RDFS_NAMES else OWL[word]


class Closure:
    """What follows from some triples by the rules, with one derivation of each inferred triple.

    Args:
        triples: what is asserted.
        parent: a closure to build on; its triples count as there, and it stays as it is. So one
            closure of an ontology serves many sets of data.
    """

    def __init__(self, triples: Iterable[Triple] = (), parent: Closure | None = None) -> None:
        self.facts: _Facts = _Facts(parent.facts if parent else None)
        self._parent = parent
        self._queue: list[_Ids] = []
        self._clashes: dict[tuple[str, frozenset[Triple]], Derivation] = {}
        if parent is None:
            for rule in rules():
                self.facts.triggers.add(_compile(rule, self._terms), self._index)
        self._reflexive = frozenset(self._terms.id(p) for p in _REFLEXIVE)
        self._type = self._terms.id(RDF.type)
        self._same = self._terms.id(OWL.sameAs)
        self.add(triples)

    def add(self, triples: Iterable[Triple]) -> None:
        """Assert more triples and infer what follows from them."""
        asserted = list(triples)
        self._queue = []
        for s, p, o in asserted:
            self._insert((self._terms.id(s), self._terms.id(p), self._terms.id(o)), None)
        for rule in list_rules(asserted):
            compiled = _compile(rule, self._terms)
            self.facts.triggers.add(compiled, self._index)
            self._run_all(compiled)
        position = 0
        while position < len(self._queue):
            triple = self._queue[position]
            position += 1
            for trigger in self.facts.triggers.of(triple):
                self._fire(trigger, triple)
        self._queue = []

    def __contains__(self, triple: object) -> bool:
        """Whether the triple is asserted or inferred, here or in the parent."""
        if not isinstance(triple, tuple):
            return False
        s, p, o = (self._terms.known(term) for term in triple)
        return (s, p, o) in self._index

    def inferred(self) -> Iterator[Triple]:
        """The triples that were inferred here, not those of the parent."""
        return (self._decode(ids) for ids, why in self.facts.why.items() if why is not None)

    def why(self, triple: Triple) -> Derivation | None:
        """The last step of a proof of the triple; None if it is asserted.

        Raises:
            KeyError: the triple is neither asserted nor inferred.
        """
        s, p, o = (self._terms.known(term) for term in triple)
        facts: _Facts | None = self.facts
        while facts is not None:
            if (s, p, o) in facts.why:
                why = facts.why[s, p, o]
                return why and self._derivation(*why)
            facts = facts.parent
        raise KeyError(triple)

    def leaves(self, triple: Triple) -> list[Triple]:
        """The asserted triples that the proof of the triple rests on, in the proof's order."""
        found: dict[Triple, None] = {}
        seen: set[Triple] = set()
        stack = [triple]
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            step = self.why(current)
            if step is None:
                found[current] = None
            else:
                stack.extend(reversed(step.premises))
        return list(found)

    @property
    def clashes(self) -> list[Derivation]:
        """Why the triples are inconsistent: rules that concluded *false*; empty if they are not."""
        return [*(self._parent.clashes if self._parent else ()), *self._clashes.values()]

    @property
    def _terms(self) -> _Terms:
        return self.facts.terms

    @property
    def _index(self) -> _Index:
        return self.facts.index

    def _insert(self, triple: _Ids, why: _Why | None) -> None:
        if triple in self._index:
            if why is None and self.facts.why.get(triple) is not None:
                self.facts.why[triple] = None
            return
        self._index.add(triple)
        self.facts.triggers.activate(triple)
        self.facts.why[triple] = why
        self._queue.append(triple)
        if triple[1] in (self._type, self._same):
            self._check_literal(triple)

    def _check_literal(self, triple: _Ids) -> None:
        s, p, o = self._decode(triple)
        if not isinstance(s, Literal):
            return
        if p == RDF.type and isinstance(o, URIRef) and not _in_value_space(s, o):
            self._clash(Derivation("dt-not-type", ((s, p, o),)))
        elif p == OWL.sameAs and isinstance(o, Literal) and _differ(s, o):
            self._clash(Derivation("dt-diff", ((s, p, o),)))

    def _clash(self, clash: Derivation) -> None:
        self._clashes.setdefault((clash.rule, frozenset(clash.premises)), clash)

    def _run_all(self, triggers: list[_Trigger]) -> None:
        """Apply a rule that has just come to everything that is already there."""
        if not triggers:
            return
        first = triggers[0]
        if not first.rule.body:
            self._conclude(first, [], [])
            return
        s, p, o = (term if term >= 0 else None for term in first.atom)
        for triple in list(self._index.match(s, p, o)):
            self._fire(first, triple)

    def _fire(self, trigger: _Trigger, triple: _Ids) -> None:
        binding: list[int | None] = [None] * trigger.variables
        for pattern, term in zip(trigger.atom, triple, strict=True):
            if pattern >= 0:
                if pattern != term:
                    return
            elif binding[~pattern] is None:
                binding[~pattern] = term
            elif binding[~pattern] != term:
                return
        self._join(trigger, 0, binding, [triple])

    def _join(
        self, trigger: _Trigger, step: int, binding: list[int | None], premises: list[_Ids]
    ) -> None:
        """Match the atoms from ``step`` on, with what is bound so far, and conclude."""
        if step == len(trigger.steps):
            self._conclude(trigger, binding, premises)
            return
        atom = trigger.steps[step]
        s, p, o = (term if term >= 0 else binding[~term] for term in atom)
        for triple in self._index.match(s, p, o):
            extended = binding.copy()
            for pattern, term in zip(atom, triple, strict=True):
                if pattern < 0:
                    if extended[~pattern] is None:
                        extended[~pattern] = term
                    elif extended[~pattern] != term:
                        break
            else:
                self._join(trigger, step + 1, extended, [*premises, triple])

    def _conclude(self, trigger: _Trigger, binding: list[int | None], matched: list[_Ids]) -> None:
        rule = trigger.rule
        if trigger.head is None:
            self._clash(self._derivation(rule, trigger.in_order(matched)))
            return
        s, p, o = (term if term >= 0 else binding[~term] for term in trigger.head)
        if s is None or p is None or o is None:
            raise ValueError(f"{rule.name}: the head has a variable that the body does not bind")
        if not (s == o and p in self._reflexive) and (s, p, o) not in self._index:
            self._insert((s, p, o), (rule, trigger.in_order(matched)))

    def _decode(self, triple: _Ids) -> Triple:
        s, p, o = triple
        return self._terms.term(s), self._terms.term(p), self._terms.term(o)

    def _derivation(self, rule: Rule, premises: Iterable[_Ids]) -> Derivation:
        return Derivation(rule.name, (*rule.grounds, *(self._decode(ids) for ids in premises)))


_Ids = tuple[int, int, int]
_Pattern = tuple[int, int, int]


_Why = tuple[Rule, tuple[_Ids, ...]]


class _Facts:
    """What a closure knows, on top of what its parent knows."""

    def __init__(self, parent: _Facts | None) -> None:
        self.parent = parent
        self.terms: _Terms = parent.terms if parent else _Terms()
        self.index: _Index = _Index(parent.index if parent else None)
        self.triggers: _Triggers = _Triggers(parent.triggers if parent else None)
        self.why: dict[_Ids, _Why | None] = {}


class _Terms:
    """Terms as numbers, so that joins compare and hash integers."""

    def __init__(self) -> None:
        self._ids: dict[Node, int] = {}
        self._terms: list[Node] = []

    def id(self, term: Node) -> int:
        found = self._ids.get(term)
        if found is None:
            found = self._ids[term] = len(self._terms)
            self._terms.append(term)
        return found

    def known(self, term: Node) -> int:
        """The number of a term, or -1 if it has none."""
        return self._ids.get(term, -1)

    def term(self, number: int) -> Node:
        return self._terms[number]


class _Index:
    """Triples by each combination of positions that the rules look up."""

    def __init__(self, parent: _Index | None) -> None:
        self.parent = parent
        self._triples: set[_Ids] = set()
        self._by: dict[str, defaultdict[int | tuple[int, int], list[_Ids]]] = {
            key: defaultdict(list) for key in ("sp", "po", "s", "p", "o")
        }

    def __contains__(self, triple: object) -> bool:
        return triple in self._triples or (self.parent is not None and triple in self.parent)

    def add(self, triple: _Ids) -> None:
        s, p, o = triple
        self._triples.add(triple)
        self._by["sp"][s, p].append(triple)
        self._by["po"][p, o].append(triple)
        self._by["s"][s].append(triple)
        self._by["p"][p].append(triple)
        self._by["o"][o].append(triple)

    def match(self, s: int | None, p: int | None, o: int | None) -> Iterable[_Ids]:
        """The triples with these terms; None matches any."""
        if s is not None and p is not None and o is not None:
            return [(s, p, o)] if (s, p, o) in self else []
        key: int | tuple[int, int] | None
        if p is not None:
            name, key = (
                ("sp", (s, p)) if s is not None else ("po", (p, o)) if o is not None else ("p", p)
            )
        else:
            name, key = ("s", s) if s is not None else ("o", o)
        if key is None:
            raise ValueError("no rule asks for every triple")
        return self.lookup(name, key)

    def lookup(self, name: str, key: int | tuple[int, int]) -> Iterable[_Ids]:
        own = self._by[name].get(key, ())
        above = self.parent.lookup(name, key) if self.parent else ()
        return itertools.chain(above, own) if above and own else above or own


@dataclass(frozen=True)
class _Guard:
    """An atom that shares the term at ``shared`` with ``position`` of the atom that it guards."""

    atom: _Pattern
    position: int
    shared: int


@dataclass(frozen=True, eq=False)
class _Trigger:
    """A rule, ready to run when a triple matches ``atom``, one of its body's.

    ``steps`` are the other atoms in the order to match them; ``places`` says where ``atom`` and
    they stand in the body.
    """

    rule: Rule
    atom: _Pattern
    guard: _Guard | None
    steps: tuple[_Pattern, ...]
    places: tuple[int, ...]
    head: _Pattern | None
    variables: int

    def in_order(self, matched: list[_Ids]) -> tuple[_Ids, ...]:
        """Premises in the order of the rule's body, whatever order they were found in."""
        return tuple(triple for _, triple in sorted(zip(self.places, matched, strict=True)))


class _Triggers:
    """The compiled rules by what can set them off.

    An atom like ``?x ?p ?y`` matches every triple, but its rule is worth trying only for properties
    with, say, a domain. So each such atom has a guard, an atom of the same rule with a constant
    predicate, and its trigger wakes up for a term once a triple has matched the guard.
    """

    def __init__(self, parent: _Triggers | None) -> None:
        self.unguarded: Mapping[_Key, list[_Trigger]] = parent.unguarded if parent else {}
        self.asleep: Mapping[_Key, list[_Trigger]] = parent.asleep if parent else {}
        self.awake: defaultdict[tuple[int, int], list[_Trigger]] = defaultdict(list)
        self.woken: tuple[Mapping[tuple[int, int], list[_Trigger]], ...] = (
            self.awake,
            *(parent.woken if parent else ()),
        )

    def add(self, compiled: Iterable[_Trigger], there: _Index) -> None:
        """Take a rule's triggers; those whose guard is already matched wake up at once."""
        for trigger in compiled:
            if trigger.guard is None:
                self.unguarded = _with(self.unguarded, _key(trigger.atom), trigger)
                continue
            self.asleep = _with(self.asleep, _key(trigger.guard.atom), trigger)
            s, p, o = (term if term >= 0 else None for term in trigger.guard.atom)
            for triple in there.match(s, p, o):
                self._wake(trigger, trigger.guard, triple)

    def activate(self, triple: _Ids) -> None:
        """Wake the triggers whose guard the new triple matches."""
        _, p, o = triple
        for key in ((p, None), (p, o)):
            for trigger in self.asleep.get(key, ()):
                if trigger.guard is not None:
                    self._wake(trigger, trigger.guard, triple)

    def of(self, triple: _Ids) -> Iterator[_Trigger]:
        """The triggers that the triple may set off."""
        s, p, o = triple
        for awake in self.woken:
            if awake:
                yield from awake.get((0, s), ())
                yield from awake.get((1, p), ())
                yield from awake.get((2, o), ())
        yield from self.unguarded.get((p, None), ())
        yield from self.unguarded.get((p, o), ())

    def _wake(self, trigger: _Trigger, guard: _Guard, triple: _Ids) -> None:
        woken = self.awake[guard.position, triple[guard.shared]]
        if trigger not in woken:
            woken.append(trigger)


_Key = tuple[int, "int | None"]


def _with(
    triggers: Mapping[_Key, list[_Trigger]], key: _Key, trigger: _Trigger
) -> Mapping[_Key, list[_Trigger]]:
    """The triggers and one more, without changing what a parent may share."""
    return {**triggers, key: [*triggers.get(key, ()), trigger]}


def _key(atom: _Pattern) -> _Key:
    """Predicate and, if it is constant, object of an atom."""
    return atom[1], atom[2] if atom[2] >= 0 else None


def _compile(rule: Rule, terms: _Terms) -> list[_Trigger]:
    """One trigger for each atom of the body; a single one where there is no body."""
    slots: dict[Node | Variable, int] = {}

    def pattern(atom: Atom) -> _Pattern:
        s, p, o = (
            ~slots.setdefault(term, len(slots)) if isinstance(term, Variable) else terms.id(term)
            for term in atom
        )
        return s, p, o

    body = [pattern(atom) for atom in rule.body]
    head = None if rule.head is None else pattern(rule.head)
    if not body:
        nothing = (-1, -1, -1)
        return [_Trigger(rule, nothing, None, (), (), head, len(slots))]
    compiled = []
    for position, atom in enumerate(body):
        order = _order(body, position)
        steps = tuple(body[place] for place in order)
        guard = _guard(atom, steps, terms.id(RDF.type))
        compiled.append(_Trigger(rule, atom, guard, steps, (position, *order), head, len(slots)))
    return compiled


def _guard(atom: _Pattern, others: tuple[_Pattern, ...], type_: int) -> _Guard | None:
    """The first other atom that says when it is worth matching ``atom``; None if it needs none."""
    if atom[1] >= 0 and (atom[1] != type_ or atom[2] >= 0):
        return None
    for other in others:
        if other[1] < 0 or (other[1] == type_ and other[2] < 0):
            continue
        for position, term in enumerate(atom):
            if term < 0 and term in other:
                return _Guard(other, position, other.index(term))
    return None


def _order(body: list[_Pattern], first: int) -> list[int]:
    """The other atoms, each next one the one with the fewest unbound positions."""
    bound = {term for term in body[first] if term < 0}
    rest = [place for place in range(len(body)) if place != first]
    order = []
    while rest:
        chosen = min(rest, key=lambda place: sum(t < 0 and t not in bound for t in body[place]))
        rest.remove(chosen)
        order.append(chosen)
        bound |= {term for term in body[chosen] if term < 0}
    return order


_X: Final = Variable("?x")
_Y: Final = Variable("?y")


def list_rules(triples: list[Triple]) -> Iterator[Rule]:
    """The rules over lists, one set for each axiom with a list."""
    nodes: dict[Node, tuple[Triple | None, Triple | None]] = {}
    kinds: defaultdict[Node, dict[Node, Triple]] = defaultdict(dict)
    axioms = [triple for triple in triples if triple[1] in _LISTED]
    for triple in axioms:
        s, p, o = triple
        first, rest = nodes.get(s, (None, None))
        if p == RDF.first:
            nodes[s] = (triple, rest)
        elif p == RDF.rest:
            nodes[s] = (first, triple)
        elif o in _COLLECTIONS:
            kinds[s][o] = triple
    for triple in axioms:
        s, p, o = triple
        if p in _LIST_RULES:
            members, grounds = _members(o, nodes)
            yield from _LIST_RULES[p](s, members, (triple, *grounds))
        elif p in (OWL.members, OWL.distinctMembers):
            members, grounds = _members(o, nodes)
            for kind, typed in kinds[s].items():
                yield from _disjoint(kind, p, members, (typed, triple, *grounds))


def _members(
    head: Node, nodes: Mapping[Node, tuple[Triple | None, Triple | None]]
) -> tuple[list[Node], list[Triple]]:
    members: list[Node] = []
    grounds: list[Triple] = []
    while head in nodes:
        first, rest = nodes[head]
        if first is None or rest is None or rest in grounds:
            break
        members.append(first[2])
        grounds += [first, rest]
        head = rest[2]
    return members, grounds


def _chain(p: Node, steps: list[Node], grounds: tuple[Triple, ...]) -> Iterator[Rule]:
    places = [Variable(f"?u{number}") for number in range(len(steps) + 1)]
    if steps:
        body = tuple((places[i], step, places[i + 1]) for i, step in enumerate(steps))
        yield Rule("prp-spo2", body, (places[0], p, places[-1]), grounds)


def _keyed(c: Node, properties: list[Node], grounds: tuple[Triple, ...]) -> Iterator[Rule]:
    values = [(p, Variable(f"?z{number}")) for number, p in enumerate(properties)]
    shared: list[Atom] = [(who, p, z) for p, z in values for who in (_X, _Y)]
    if properties:
        body: tuple[Atom, ...] = ((_X, RDF.type, c), (_Y, RDF.type, c), *shared)
        yield Rule("prp-key", body, (_X, OWL.sameAs, _Y), grounds)


def _intersection(c: Node, members: list[Node], grounds: tuple[Triple, ...]) -> Iterator[Rule]:
    yield Rule("cls-int1", tuple((_Y, RDF.type, m) for m in members), (_Y, RDF.type, c), grounds)
    for member in members:
        yield Rule("cls-int2", ((_Y, RDF.type, c),), (_Y, RDF.type, member), grounds)
        yield Rule("scm-int", (), (c, RDFS.subClassOf, member), grounds)


def _union(c: Node, members: list[Node], grounds: tuple[Triple, ...]) -> Iterator[Rule]:
    for member in members:
        yield Rule("cls-uni", ((_Y, RDF.type, member),), (_Y, RDF.type, c), grounds)
        yield Rule("scm-uni", (), (member, RDFS.subClassOf, c), grounds)


def _one_of(c: Node, members: list[Node], grounds: tuple[Triple, ...]) -> Iterator[Rule]:
    for member in members:
        yield Rule("cls-oo", (), (member, RDF.type, c), grounds)


_LIST_RULES: Final[dict[Node, Callable[..., Iterator[Rule]]]] = {
    OWL.propertyChainAxiom: _chain,
    OWL.hasKey: _keyed,
    OWL.intersectionOf: _intersection,
    OWL.unionOf: _union,
    OWL.oneOf: _one_of,
}
_COLLECTIONS: Final = frozenset(
    {OWL.AllDifferent, OWL.AllDisjointProperties, OWL.AllDisjointClasses}
)

_LISTED: Final = frozenset(
    {*_LIST_RULES, OWL.members, OWL.distinctMembers, RDF.first, RDF.rest, RDF.type}
)


def _disjoint(
    kind: Node, link: Node, members: list[Node], grounds: tuple[Triple, ...]
) -> Iterator[Rule]:
    for one, other in itertools.combinations(members, 2):
        if kind == OWL.AllDisjointClasses:
            body: tuple[Atom, ...] = ((_X, RDF.type, one), (_X, RDF.type, other))
            yield Rule("cax-adc", body, None, grounds)
        elif kind == OWL.AllDisjointProperties:
            yield Rule("prp-adp", ((_X, one, _Y), (_X, other, _Y)), None, grounds)
        else:
            name = "eq-diff2" if link == OWL.members else "eq-diff3"
            yield Rule(name, ((one, OWL.sameAs, other),), None, grounds)


# XML Schema's derived datatypes, each with the one it restricts
# (https://www.w3.org/TR/xmlschema11-2/#built-in-datatypes), and the integers' bounds.
_RESTRICTS: Final = {
    "integer": "decimal",
    "nonPositiveInteger": "integer",
    "negativeInteger": "nonPositiveInteger",
    "nonNegativeInteger": "integer",
    "positiveInteger": "nonNegativeInteger",
    "long": "integer",
    "int": "long",
    "short": "int",
    "byte": "short",
    "unsignedLong": "nonNegativeInteger",
    "unsignedInt": "unsignedLong",
    "unsignedShort": "unsignedInt",
    "unsignedByte": "unsignedShort",
    "normalizedString": "string",
    "token": "normalizedString",
    "language": "token",
    "Name": "token",
    "NMTOKEN": "token",
    "NCName": "Name",
    "dateTimeStamp": "dateTime",
}
INTEGER_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "integer": (float("-inf"), float("inf")),
    "nonPositiveInteger": (float("-inf"), 0),
    "negativeInteger": (float("-inf"), -1),
    "nonNegativeInteger": (0, float("inf")),
    "positiveInteger": (1, float("inf")),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")


def _in_value_space(literal: Literal, datatype: URIRef) -> bool:
    """Whether a well-formed literal's value is one of the datatype's; True where unknown."""
    own = literal.datatype or (RDF.langString if literal.language else XSD.string)
    if datatype in (own, RDFS.Literal) or not str(datatype).startswith((str(XSD), str(RDF))):
        return True
    if datatype == RDF.PlainLiteral:
        return own in (RDF.langString, XSD.string)
    name, wanted = str(own).removeprefix(str(XSD)), str(datatype).removeprefix(str(XSD))
    if name in INTEGER_BOUNDS and wanted in INTEGER_BOUNDS and _INTEGER.fullmatch(str(literal)):
        low, high = INTEGER_BOUNDS[wanted]
        return low <= int(literal) <= high
    while name in _RESTRICTS:
        name = _RESTRICTS[name]
        if name == wanted:
            return True
    return False


def _differ(one: Literal, other: Literal) -> bool:
    """Whether two literals surely have different values."""
    if one == other:
        return False
    if one.language or other.language or one.value is None or other.value is None:
        return bool(one.language or other.language)
    return bool(one.value != other.value)

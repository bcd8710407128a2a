"""Projection rules run backward: which situations give a relation on a day.

Owns the reading of the rules that a release carries (CONSTRUCT queries; what they mean and when
they are applied is ``assembly_kg.build.project``'s) and the search for the solutions that give one
triple. A solution counts only if all its situations hold on the day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.term import Variable

from assembly_kg.engine import scan
from assembly_kg.engine.step import Step
from assembly_kg.engine.terms import from_rdflib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assembly_kg.engine.world import Term, Triple, World

__all__ = ["Projections"]

_DATE: Final = "http://www.w3.org/2001/XMLSchema#date"
_BEGINS: Final = ("validFrom", "beginsNotAfter")
_BOUNDS: Final = (*_BEGINS, "validUntil", "endsNotBefore")
_DAY: Final = re.compile(r"[?$]day")


@dataclass(frozen=True)
class _Rule:
    """One rule: what it constructs, the patterns that it matches, and the text to run it by.

    Attributes:
        template: the triples of the CONSTRUCT template; strings are variables.
        patterns: the triple patterns of the body that must match.
        prologue: BASE and PREFIX lines.
        body: the WHERE clause with its braces.
    """

    name: str
    template: tuple[tuple[Term | str, Term | str, Term | str], ...]
    patterns: tuple[tuple[Term | str, Term | str, Term | str], ...]
    prologue: str
    body: str


class Projections:
    """The projection rules of a release.

    Args:
        rules: name to CONSTRUCT query.
        prefixes: those that the rules may use without declaring them.
        namespace: of the record vocabulary.
    """

    def __init__(
        self, rules: Mapping[str, str], prefixes: Mapping[str, str], namespace: str
    ) -> None:
        self._texts = dict(sorted(rules.items()))
        self._prefixes = dict(prefixes)
        self._begins = [ox.NamedNode(namespace + name) for name in _BEGINS] if namespace else []
        self._bounds = [ox.NamedNode(namespace + name) for name in _BOUNDS] if namespace else []
        self._situation = ox.NamedNode(f"{namespace}Situation") if namespace else None

    def read(self) -> None:
        """Read the rules now rather than when they are first needed."""
        _ = self._rules

    def conclusions(self) -> set[tuple[Term | None, Term | None]]:
        """Predicate and object of what the rules construct; None where the rule leaves it open."""
        return {
            (None if isinstance(p, str) else p, None if isinstance(o, str) else o)
            for rule in self._rules
            for _, p, o in rule.template
        }

    @cached_property
    def _rules(self) -> list[_Rule]:
        return [_read(name, text, self._prefixes) for name, text in self._texts.items()]

    def steps(self, triple: Triple, world: World) -> Iterator[Step]:
        """The applications of a rule that give the triple on the world's day."""
        if world.projected_on is None or self._situation is None:
            return
        for rule in self._rules:
            for template in rule.template:
                binding = _match(template, triple)
                if binding is not None:
                    yield from self._apply(rule, binding, world)

    def _apply(self, rule: _Rule, binding: Mapping[str, Term], world: World) -> Iterator[Step]:
        day = f'"{world.projected_on}"^^<{_DATE}>'
        solutions = world.store.query(
            f"{rule.prologue} SELECT * WHERE {_replace(rule.body, day)}",
            prefixes=self._prefixes,
            substitutions={ox.Variable(name): term for name, term in binding.items()},
        )
        if not isinstance(solutions, ox.QuerySolutions):
            raise TypeError(rule.name)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            bound = {name: solution[name] for name in names if solution[name] is not None}
            premises = tuple(_instances(rule.patterns, {**bound, **binding}))
            situations = self._situations(premises, world)
            if situations and all(world.holds(s, self._begins) for s in situations):
                since = tuple(self._since(situations, world))
                yield Step(rule.name, (*premises, *since), world.projected_on, situations)

    def _situations(self, premises: tuple[Triple, ...], world: World) -> tuple[Term, ...]:
        """The terms of the premises that are situations, in their order."""
        terms = dict.fromkeys(term for s, _, o in premises for term in (s, o))
        return tuple(term for term in terms if self._is_situation(term, world))

    def _is_situation(self, term: Term, world: World) -> bool:
        if self._situation is None or isinstance(term, ox.Literal):
            return False
        kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        default = ox.DefaultGraph()
        return any(
            True for _ in world.store.quads_for_pattern(term, kind, self._situation, default)
        )

    def _since(self, situations: tuple[Term, ...], world: World) -> Iterator[Triple]:
        """What says that the situations hold: their first and last days."""
        for situation in situations:
            for p in self._bounds:
                for triple in world.match(situation, p, None):
                    if world.states(triple):
                        yield triple


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    return translateQuery(parseQuery(text))


def _read(name: str, text: str, prefixes: Mapping[str, str]) -> _Rule:
    declared = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes.items())
    query = _parsed(declared + text)
    prologue, body = _parts(text)
    return _Rule(
        name=name,
        template=tuple(_pattern(triple) for triple in query.algebra.template),
        patterns=tuple(_pattern(triple) for triple in _positive(query.algebra.p)),
        prologue=prologue,
        body=body,
    )


def _parts(text: str) -> tuple[str, str]:
    """The prologue of a CONSTRUCT query, and its WHERE clause."""
    start = next(t.start for t in scan.tokens(text) if t.word == "CONSTRUCT")
    depth = 0
    groups: list[int] = []
    for token in scan.tokens(text):
        if token.text == "{" and token.kind == "mark":
            if depth == 0:
                groups.append(token.start)
            depth += 1
        elif token.text == "}" and token.kind == "mark":
            depth -= 1
    return text[:start], text[groups[-1] :]


def _replace(body: str, day: str) -> str:
    """The body with the day in place of ``?day``."""
    parts, position = [], 0
    for token in scan.tokens(body):
        if token.kind == "variable" and _DAY.fullmatch(token.text):
            parts += [body[position : token.start], day]
            position = token.start + len(token.text)
    return "".join([*parts, body[position:]])


def _positive(part: Any) -> Iterator[tuple[Any, Any, Any]]:
    """The triple patterns that a solution rests on; not those that must be absent."""
    name = getattr(part, "name", "")
    if name == "BGP":
        yield from part.triples
    elif name == "Minus":
        yield from _positive(part.p1)
    elif name:
        for inner in ("p", "p1", "p2"):
            if inner in part:
                yield from _positive(part[inner])


def _pattern(triple: tuple[Any, Any, Any]) -> tuple[Term | str, Term | str, Term | str]:
    s, p, o = (str(term) if isinstance(term, Variable) else from_rdflib(term) for term in triple)
    return s, p, o


def _match(
    template: tuple[Term | str, Term | str, Term | str], triple: Triple
) -> dict[str, Term] | None:
    binding: dict[str, Term] = {}
    for pattern, term in zip(template, triple, strict=True):
        if not isinstance(pattern, str):
            if pattern != term:
                return None
        elif binding.setdefault(pattern, term) != term:
            return None
    return binding


def _instances(
    patterns: tuple[tuple[Term | str, Term | str, Term | str], ...], bound: Mapping[str, Term]
) -> Iterator[Triple]:
    """The patterns with their variables replaced; those with a variable left over are left out."""
    for pattern in patterns:
        s, p, o = (bound.get(term) if isinstance(term, str) else term for term in pattern)
        if s is not None and isinstance(p, ox.NamedNode) and o is not None:
            yield s, p, o

"""The triples that a solution rests on: a query's patterns, matched again for one solution.

Owns the walk over the algebra of SPARQL 1.1, section 18.2
(https://www.w3.org/TR/sparql11-query/#sparqlQuery), as rdflib parses it: basic graph patterns,
property paths (section 9), FILTER, OPTIONAL, UNION, BIND and VALUES. A form whose solutions rest on
what is *absent*, or on many triples at once, has no such triples and is refused: MINUS, EXISTS,
aggregates, subqueries, GRAPH.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from rdflib import BNode, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath

from assembly_kg.engine.terms import from_rdflib
from assembly_kg.errors import UnsupportedQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from assembly_kg.engine.world import Term, Triple

    Match = Callable[[Term | None, Term | None, Term | None], Iterable[Triple]]

__all__ = ["check", "witnesses"]

_SUPPORTED: Final = frozenset(
    {"SelectQuery", "Project", "Distinct", "Reduced", "OrderBy", "Slice", "BGP", "Join", "LeftJoin",
     "Filter", "Union", "Extend", "ToMultiSet", "values"}
)  # fmt: skip
_TOLD: Final = {
    "Minus": "MINUS",
    "Graph": "GRAPH",
    "ServiceGraphPattern": "SERVICE",
    "Group": "GROUP BY and aggregates",
    "AggregateJoin": "aggregates",
    "Builtin_EXISTS": "EXISTS",
    "Builtin_NOTEXISTS": "NOT EXISTS",
    "ConstructQuery": "CONSTRUCT",
    "DescribeQuery": "DESCRIBE",
    "AskQuery": "ASK",
}

Binding = dict[Any, "Term"]
Found = tuple[Binding, tuple["Triple", ...]]


def check(algebra: Any) -> None:
    """Make sure that every solution of a query rests on triples that can be shown.

    Raises:
        UnsupportedQuery: a part of it does not; the message names it.
    """
    projections = 0
    stack = [algebra]
    while stack:
        part = stack.pop()
        name = getattr(part, "name", "")
        if name in _TOLD:
            raise _refusal(_TOLD[name])
        if isinstance(part, dict) and name not in _SUPPORTED and "p" in part:
            raise _refusal(name or "a part of it")
        if isinstance(part, NegatedPath) and not all(isinstance(p, URIRef) for p in part.args):
            # rdflib loses what an inverse stands before.
            raise _refusal("^ inside a negated property set")
        projections += name == "Project"
        if projections > 1:
            raise _refusal("a subquery")
        stack.extend(_parts(part))


def _parts(part: Any) -> list[Any]:
    """What a part of the algebra is made of."""
    if isinstance(part, dict):
        return [value for key, value in part.items() if key != "_vars"]
    if isinstance(part, list | tuple):
        return list(part)
    if isinstance(part, Path):
        return [inner for name in ("args", "arg", "path") for inner in _inner(part, name)]
    return []


def _inner(path: Path, name: str) -> list[Any]:
    value = getattr(path, name, [])
    return list(value) if isinstance(value, list | tuple) else [value]


def witnesses(part: Any, binding: Mapping[Any, Term], match: Match) -> Iterator[Found]:
    """Ways in which a part of a query matches under a binding, with the triples of each.

    Filters are not looked at: whoever asks has to check what comes out.
    """
    name = part.name
    if name == "BGP":
        yield from _patterns(list(part.triples), dict(binding), (), match)
    elif name == "Join":
        for bound, first in witnesses(part.p1, binding, match):
            for more, second in witnesses(part.p2, bound, match):
                yield more, (*first, *second)
    elif name == "LeftJoin":
        for bound, first in witnesses(part.p1, binding, match):
            for more, second in witnesses(part.p2, bound, match):
                yield more, (*first, *second)
            yield bound, first
    elif name == "Union":
        yield from witnesses(part.p1, binding, match)
        yield from witnesses(part.p2, binding, match)
    elif name == "ToMultiSet":
        yield dict(binding), ()
    else:
        yield from witnesses(part.p, binding, match)


def _refusal(what: str) -> UnsupportedQuery:
    return UnsupportedQuery(
        f"explain=true does not explain {what}; it explains SELECT over basic graph patterns and "
        "paths with FILTER, OPTIONAL, UNION, BIND and VALUES. Ask without explain, or leave this "
        "part out"
    )


def _patterns(
    left: list[Any], binding: Binding, found: tuple[Triple, ...], match: Match
) -> Iterator[Found]:
    if not left:
        yield binding, found
        return
    chosen = min(left, key=lambda pattern: _open(pattern, binding))
    rest = [pattern for pattern in left if pattern is not chosen]
    for bound, triples in _pattern(chosen, binding, match):
        yield from _patterns(rest, bound, (*found, *triples), match)


def _open(pattern: Any, binding: Binding) -> tuple[int, bool]:
    unbound = sum(_is_variable(term) and term not in binding for term in pattern)
    return unbound, isinstance(pattern[1], Path)


def _pattern(pattern: Any, binding: Binding, match: Match) -> Iterator[Found]:
    s, p, o = pattern
    bound: Binding | None
    if isinstance(p, Path):
        for start, end, triples in _path(p, _value(s, binding), _value(o, binding), match):
            bound = _bind(_bind(binding, s, start), o, end)
            if bound is not None:
                yield bound, triples
        return
    for triple in match(_value(s, binding), _value(p, binding), _value(o, binding)):
        bound = binding
        for term, value in zip(pattern, triple, strict=True):
            bound = _bind(bound, term, value)
        if bound is not None:
            yield bound, (triple,)


def _is_variable(term: Any) -> bool:
    return isinstance(term, Variable | BNode)


def _value(term: Any, binding: Binding) -> Term | None:
    return binding.get(term) if _is_variable(term) else from_rdflib(term)


def _bind(binding: Binding | None, term: Any, value: Term) -> Binding | None:
    """The binding with one more term; None if it clashes, and if there was none."""
    if binding is None:
        return None
    known = binding.get(term) if _is_variable(term) else from_rdflib(term)
    if known is None:
        return {**binding, term: value}
    return binding if known == value else None


_Hop = tuple["Term", "Term", tuple["Triple", ...]]


def _path(path: Any, s: Term | None, o: Term | None, match: Match) -> Iterator[_Hop]:
    """Start, end and triples of ways along a path, shortest first where it repeats."""
    if isinstance(path, InvPath):
        for start, end, triples in _path(path.arg, o, s, match):
            yield end, start, triples
    elif isinstance(path, SequencePath):
        yield from _sequence(list(path.args), s, o, match)
    elif isinstance(path, AlternativePath):
        for one in path.args:
            yield from _path(one, s, o, match)
    elif isinstance(path, NegatedPath):
        yield from _negated(path, s, o, match)
    elif isinstance(path, MulPath):
        yield from _repeated(path, s, o, match)
    else:
        for triple in match(s, from_rdflib(path), o):
            yield triple[0], triple[2], (triple,)


def _sequence(steps: list[Any], s: Term | None, o: Term | None, match: Match) -> Iterator[_Hop]:
    if len(steps) == 1:
        yield from _path(steps[0], s, o, match)
    elif s is None and o is not None:
        for middle, end, last in _path(steps[-1], None, o, match):
            for start, _, first in _sequence(steps[:-1], None, middle, match):
                yield start, end, (*first, *last)
    else:
        for start, middle, first in _path(steps[0], s, None, match):
            for _, end, last in _sequence(steps[1:], middle, o, match):
                yield start, end, (*first, *last)


def _negated(path: NegatedPath, s: Term | None, o: Term | None, match: Match) -> Iterator[_Hop]:
    excluded = {from_rdflib(one) for one in path.args if isinstance(one, URIRef)}
    for triple in match(s, None, o):
        if triple[1] not in excluded:
            yield triple[0], triple[2], (triple,)


def _repeated(path: MulPath, s: Term | None, o: Term | None, match: Match) -> Iterator[_Hop]:
    """Ways along a path that repeats, from whichever end is known."""
    if s is not None:
        for reached, way in _walk(path, s, match, backward=False):
            if o is None or reached == o:
                yield s, reached, way
    elif o is not None:
        for reached, way in _walk(path, o, match, backward=True):
            yield reached, o, way
    else:
        nodes = {term for triple in match(None, None, None) for term in (triple[0], triple[2])}
        for node in sorted(nodes, key=str):
            yield from _repeated(path, node, None, match)


def _walk(
    path: MulPath, origin: Term, match: Match, *, backward: bool
) -> Iterator[tuple[Term, tuple[Triple, ...]]]:
    """What can be reached from a node, nearest first, each with the triples on the way."""
    if path.zero:
        yield origin, ()
    seen = {origin} if path.zero else set()
    queue: deque[tuple[Term, tuple[Triple, ...]]] = deque([(origin, ())])
    while queue:
        node, triples = queue.popleft()
        s, o = (None, node) if backward else (node, None)
        for start, end, more in _path(path.path, s, o, match):
            reached = start if backward else end
            if reached in seen:
                continue
            seen.add(reached)
            way = (*more, *triples) if backward else (*triples, *more)
            yield reached, way
            if path.more:
                queue.append((reached, way))


def is_ground(term: object) -> bool:
    """Whether a term can be written into a query: a blank node of the store cannot."""
    return not isinstance(term, ox.BlankNode)

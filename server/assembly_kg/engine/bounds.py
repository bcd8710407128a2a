"""How much a query can read, at most, told before it is run.

Owns three things. A *template* is a query's text without the constants in which queries of one
client differ, so that what is found out about one holds for all. A *plan* is what can be told from
the template's algebra (SPARQL 1.1, section 18.2, https://www.w3.org/TR/sparql11-query/#sparqlAlgebra):
the patterns in the order in which the engine joins them, each with what limits its matches. The
*statistics* are those limits, counted in a graph. Together they give an upper bound of the triples
that are read; where one of them says nothing, there is no bound, and that is the answer.

The order of joins is the engine's: it begins with the pattern that by its form, not by its data,
seems the smallest, then joins what shares a variable, by look-ups (sparopt's ``reorder_joins``).
A plan holds for each beginning among equals and for every order after it.
"""

from __future__ import annotations

import itertools
import json
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from rdflib import BNode, URIRef, Variable
from rdflib.paths import InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from assembly_kg.engine.algebra import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.plugins.sparql.parserutils import CompValue

__all__ = ["Plan", "Statistics", "Template", "plan", "template"]

_LONGEST: Final = 4096
_PROLOGUE: Final = re.compile(
    r'(?:\s++|\#[^\r\n]*+|PREFIX\s++(?:[A-Za-z][\w-]*+)?:\s*+<[^<>"{}|^`\\\x00-\x20]*+>)*+',
    re.IGNORECASE,
)
# An IRI of few enough characters to be nothing else, wherever it stands; a short string; the rest.
_CONSTANT: Final = re.compile(
    r"(<[A-Za-z][A-Za-z0-9+.-]*+:[\w/.~%#:@+-]*+>"
    r'|"[^"\\\r\n]*+"|\#[^\r\n]*+|\b(?:LIMIT|OFFSET)\s++[0-9]++)',
    re.IGNORECASE,
)
_MARK: Final = "constant:"
# What of "<" is left besides constants: comparisons, with a space after them.
_OTHER: Final = re.compile(rf"<(?!{_MARK}[0-9]+>|=?\s)|\b(?:PREFIX|BASE)\b", re.IGNORECASE)
# The type of a string that is no longer there, which would be no text of that type.
_TYPE: Final = re.compile(r"(?<=\"\")\^\^(?:<[^<>]*+>|[\w-]*+:[\w-]*+)")

_COMMON: Final = 8  # of pairs and objects that are met more often the exact number is kept


# Templates


@dataclass(frozen=True, slots=True)
class Template:
    """A query without constants.

    Attributes:
        text: a query in which ``<constant:N>`` stands for the IRI of that number, and every string,
            limit and comment is the same.
        constants: the IRIs.
    """

    text: str
    constants: tuple[str, ...]


def template(text: str) -> Template | None:
    """The template of a query; None for a text that is long or says something unusual."""
    if len(text) > _LONGEST or "\\" in text or "'" in text or '"""' in text or _MARK in text:
        return None
    start = _prologue(text)
    parts = _CONSTANT.split(text[start:])
    constants: list[str] = []
    for place in range(1, len(parts), 2):
        token = parts[place]
        match token[0]:
            case "<":
                parts[place] = f"<{_MARK}{len(constants)}>"
                constants.append(token[1:-1])
            case '"':
                parts[place] = '""'
            case "#":
                parts[place] = "#"
            case _:
                parts[place] = f"{token.split()[0]} 1"
    return Template(text[:start] + "".join(parts), tuple(constants))


def _prologue(text: str) -> int:
    """Where the declarations of prefixes end."""
    match = _PROLOGUE.match(text)
    return match.end() if match else 0


# Plans

_Term = str | int  # an IRI, or the number of a constant
_Step = tuple[str, _Term, _Term]  # kind, predicate, object; unused ones are empty


@dataclass(frozen=True, slots=True)
class Plan:
    """What limits the matches of each pattern, for every order in which they may be joined.

    Attributes:
        orders: for each part of a union, and each beginning among equals, the steps. The kinds:
            ``one`` triple at most; ``subject`` of a property, ``object`` of a property: how many
            triples one can be in; ``pair``: triples with a property and an object; ``property``:
            all of its triples; ``closure``: the same and one more; ``out`` and ``in``: triples with
            one subject or one object; ``all``; and ``rows``, whose number is given.
        weight: what is done with each match, in units of reading a triple.
    """

    orders: tuple[tuple[tuple[_Step, ...], ...], ...]
    weight: int

    def most(self, constants: tuple[str, ...], statistics: Statistics) -> int:
        """Triples that a query of this template reads, at most."""
        total = 0
        for part in self.orders:
            total += max(
                _reads([max(1, statistics.most(step, constants)) for step in steps])
                for steps in part
            )
        return total * self.weight

    def to_json(self) -> str:
        """As text, for another process."""
        return json.dumps([self.orders, self.weight])

    @classmethod
    def from_json(cls, text: bytes | str) -> Plan | None:
        """The reverse of ``to_json``; None of ``null``."""
        values = json.loads(text)
        if values is None:
            return None
        orders, weight = values
        return cls(
            tuple(tuple(tuple(tuple(step) for step in o) for o in part) for part in orders),
            weight,
        )


_TOP: Final = frozenset(
    {
        *("SelectQuery", "AskQuery", "ConstructQuery", "Project", "Distinct", "Reduced", "Slice"),
        *("OrderBy", "OrderCondition", "Extend", "AggregateJoin", "Group"),
    }
)
_PATTERNS: Final = frozenset({"BGP", "Join", "LeftJoin", "Union", "Filter", "ToMultiSet", "values"})
# What costs little however large its arguments are.
_EXPRESSIONS: Final = frozenset(
    {
        *("RelationalExpression", "ConditionalAndExpression", "ConditionalOrExpression"),
        *("UnaryNot", "AdditiveExpression", "MultiplicativeExpression", "TrueFilter"),
        *("Builtin_LANG", "Builtin_LANGMATCHES", "Builtin_STR", "Builtin_BOUND"),
        *("Builtin_DATATYPE", "Builtin_isIRI", "Builtin_isURI", "Builtin_isBLANK"),
        *("Builtin_isLITERAL", "Builtin_isNUMERIC", "Builtin_YEAR", "Builtin_MONTH"),
        *("Builtin_sameTerm", "Builtin_COALESCE", "Builtin_IF"),
        *("Aggregate_Count", "Aggregate_Sum", "Aggregate_Min", "Aggregate_Max", "Aggregate_Avg"),
        *("Aggregate_Sample",),
    }
)
_COMPUTED: Final = frozenset({"Extend", "OrderCondition"})
_ONE_MORE_WEIGHT: Final = 8
_ONE_MORE_LENGTH: Final = 512  # characters: lists of constants are no nodes


def _reads(matches: list[int]) -> int:
    """Triples read in the worst order after the first step: that with most matches first."""
    first, *rest = matches
    return sum(itertools.accumulate([first, *sorted(rest, reverse=True)], operator.mul))


class _Unbounded(Exception):
    """Nothing can be told of this query."""


def plan(text: str) -> Plan | None:
    """The plan of a template's text; None where nothing can be told.

    What is not understood here, word by word, is not planned.
    """
    start = _prologue(text)
    if _OTHER.search(text, start):
        return None
    try:
        query = translateQuery(parseQuery(_TYPE.sub("", text)))
        return _plan(query.algebra, len(text) - start)
    except Exception:  # noqa: BLE001 -- rdflib's parser raises what it likes; all mean the same
        return None


def _plan(algebra: CompValue, length: int) -> Plan:
    everything = list(nodes(algebra))
    names = {node.name for node in everything}
    if not names <= _TOP | _PATTERNS | _EXPRESSIONS or algebra["datasetClause"]:
        raise _Unbounded
    inner = algebra["p"]
    while inner.name in _TOP:
        inner = inner["p"]
    if any(node.name in _TOP for node in nodes(inner)):
        raise _Unbounded
    worked = sum(node.name in _EXPRESSIONS | _COMPUTED for node in everything)
    written = 3 * len(algebra["template"] or ()) if "template" in algebra else len(algebra["PV"])
    weight = 1 + (worked + written) // _ONE_MORE_WEIGHT + length // _ONE_MORE_LENGTH
    orders = tuple(tuple(_orders(part)) for part in _union(inner))
    return Plan(orders, weight)


def _union(node: CompValue) -> Iterator[CompValue]:
    if node.name == "Union":
        yield from _union(node["p1"])
        yield from _union(node["p2"])
    else:
        yield node


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A triple pattern; or, with ``rows``, so many rows for a variable, which is its subject."""

    subject: Any
    predicate: Any
    object: Any
    closure: bool = False
    rows: int = 0

    @property
    def variables(self) -> frozenset[Any]:
        return frozenset(
            term for term in (self.subject, self.predicate, self.object) if not _given(term)
        )

    def size(self) -> int:
        """What the engine takes for its size (sparopt's ``estimate_graph_pattern_size``)."""
        if self.rows:
            return self.rows
        known = _given(self.subject), _given(self.predicate), _given(self.object)
        if self.closure:
            return 1 if known[0] and known[2] else _SIZES[known] * 1000
        return _SIZES[known]


def _given(term: Any) -> bool:
    """Whether a term of a pattern is a constant; of ``rows`` what is not there is none."""
    return not isinstance(term, Variable | BNode)


_SIZES: Final = {
    (True, True, True): 1,
    (True, False, True): 2,
    (True, True, False): 10,
    (True, False, False): 100,
    (False, True, True): 10_000,
    (False, False, True): 100_000,
    (False, True, False): 1_000_000,
    (False, False, False): 1_000_000_000,
}


def _orders(node: CompValue) -> Iterator[tuple[_Step, ...]]:
    """The steps of a group without unions, for each pattern that the engine may begin with."""
    patterns: list[_Pattern] = []
    optional: list[_Pattern] = []
    _collect(node, patterns, optional, top=True)
    if not patterns:
        raise _Unbounded
    bound = frozenset().union(*(pattern.variables for pattern in patterns))
    for pattern in optional:
        if not pattern.variables & bound:
            raise _Unbounded
    smallest = min(pattern.size() for pattern in patterns)
    for first in [pattern for pattern in patterns if pattern.size() == smallest]:
        rest = list(patterns)
        rest.remove(first)
        steps = [_first_step(first)]
        steps += [_step(pattern, known) for pattern, known in _reached(first, rest)]
        steps += [_step(pattern, bound & pattern.variables) for pattern in optional]
        yield tuple(steps)


def _reached(first: _Pattern, rest: list[_Pattern]) -> Iterator[tuple[_Pattern, frozenset[Any]]]:
    """Each pattern with those of its variables of which one is known when it is joined.

    Where the patterns hang together as a tree, one that is reached is reached by the same variable
    in every order. Where they do not, any of the variables that it shares may be the one.

    Raises:
        _Unbounded: a pattern shares no variable with those before it.
    """
    known, left = set(first.variables), list(rest)
    found: list[tuple[_Pattern, frozenset[Any]]] = []
    while left:
        next_ = next((pattern for pattern in left if pattern.variables & known), None)
        if next_ is None:
            raise _Unbounded
        left.remove(next_)
        found.append((next_, next_.variables & known))
        known |= next_.variables
    if all(len(variables) == 1 for _, variables in found):
        yield from found
        return
    everything = [first, *rest]
    for place, pattern in enumerate(rest, 1):
        others = everything[:place] + everything[place + 1 :]
        shared = frozenset().union(*(other.variables for other in others))
        yield pattern, pattern.variables & shared


def _collect(
    node: CompValue, patterns: list[_Pattern], optional: list[_Pattern], *, top: bool
) -> None:
    match node.name:
        case "BGP":
            patterns += [p for triple in node["triples"] for p in _of_triple(*triple)]
        case "Filter" if top:
            _collect(node["p"], patterns, optional, top=True)
        case "LeftJoin" if top and node["expr"].name == "TrueFilter":
            _collect(node["p1"], patterns, optional, top=True)
            inside: list[_Pattern] = []
            _collect(node["p2"], inside, [], top=False)
            if len(inside) != 1 or inside[0].rows:
                raise _Unbounded
            optional += inside
        case "Join":
            for side in (node["p1"], node["p2"]):
                _collect(side, patterns, optional, top=False)
        case "ToMultiSet" if node["p"].name == "values":
            rows = node["p"]["res"]
            variables = {name for row in rows for name in row}
            if len(variables) != 1 or any("UNDEF" in map(str, row.values()) for row in rows):
                raise _Unbounded
            patterns.append(_Pattern(variables.pop(), None, None, rows=len(rows)))
        case _:
            raise _Unbounded


def _of_triple(subject: Any, path: Any, object_: Any) -> Iterator[_Pattern]:
    """The patterns that a path stands for, as the engine's parser takes it apart."""
    if isinstance(path, InvPath):
        yield from _of_triple(object_, path.arg, subject)
    elif isinstance(path, SequencePath):
        begin = subject
        for place, part in enumerate(path.args):
            end = object_ if place == len(path.args) - 1 else BNode()
            yield from _of_triple(begin, part, end)
            begin = end
    elif isinstance(path, MulPath) and path.mod in {"+", "*"} and isinstance(path.path, URIRef):
        yield _Pattern(subject, path.path, object_, closure=True)
    elif isinstance(path, URIRef | Variable):
        yield _Pattern(subject, path, object_)
    else:
        raise _Unbounded


def _first_step(pattern: _Pattern) -> _Step:
    """What limits the matches of a pattern of which nothing is known but its constants."""
    if pattern.rows:
        return ("rows", pattern.rows, "")
    begins, ends = _given(pattern.subject), _given(pattern.object)
    if isinstance(pattern.predicate, Variable):
        return _unnamed(pattern, by_subject=begins, by_object=ends)
    predicate = _term(pattern.predicate)
    if pattern.closure:
        if not (begins or ends):
            raise _Unbounded
        return ("closure", predicate, "")
    if ends and not begins and isinstance(pattern.object, URIRef):
        return ("pair", predicate, _term(pattern.object))
    return (_BY_ENDS[begins, ends], predicate, "")


_BY_ENDS: Final = {
    (True, True): "one",
    (True, False): "subject",
    (False, True): "object",
    (False, False): "property",
}


def _step(pattern: _Pattern, known: frozenset[Any]) -> _Step:
    """What limits the matches of a pattern of which one of these variables at least is known."""
    if pattern.rows:
        return ("rows", pattern.rows, "")
    begins, ends = pattern.subject in known, pattern.object in known
    if not (begins or ends):
        raise _Unbounded
    if isinstance(pattern.predicate, Variable):
        if begins and ends:
            raise _Unbounded
        return _unnamed(pattern, by_subject=begins, by_object=ends)
    predicate = _term(pattern.predicate)
    if pattern.closure:
        return ("closure", predicate, "")
    if _given(pattern.subject) or _given(pattern.object):
        return ("one", "", "")
    if begins and ends:
        return ("either", predicate, "")
    return ("subject" if begins else "object", predicate, "")


def _unnamed(pattern: _Pattern, *, by_subject: bool, by_object: bool) -> _Step:
    """A pattern whose predicate is a variable."""
    if by_subject:
        return ("out", "", "")
    if by_object:
        known = isinstance(pattern.object, URIRef)
        return ("in", "", _term(pattern.object) if known else "")
    return ("all", "", "")


def _term(iri: Any) -> _Term:
    text = str(iri)
    return int(text.removeprefix(_MARK)) if text.startswith(_MARK) else text


# Statistics

_PROPERTIES: Final = """SELECT ?p (SUM(?n) AS ?all) (MAX(?n) AS ?most) {{
  SELECT ?p {by} (COUNT(*) AS ?n) {{ ?s ?p ?o }} GROUP BY ?p {by} }} GROUP BY ?p"""
_PAIRS: Final = """SELECT ?p ?o (COUNT(*) AS ?n) { ?s ?p ?o FILTER(isIRI(?o)) }
GROUP BY ?p ?o HAVING (COUNT(*) > %d)"""
_OBJECTS: Final = """SELECT ?o (COUNT(*) AS ?n) { ?s ?p ?o FILTER(isIRI(?o)) }
GROUP BY ?o HAVING (COUNT(*) > %d)"""
_ENDS: Final = """SELECT (COALESCE(MAX(?n), 0) AS ?most) {{
  SELECT {by} (COUNT(*) AS ?n) {{ ?s ?p ?o }} GROUP BY {by} }}"""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How often things are met in a graph.

    Attributes:
        properties: of each property its triples, the most with one subject, the most with one
            object.
        pairs: property → object → triples, where there are more than a few.
        objects: object → triples, where there are more than a few.
        out: triples of one subject, at most.
        into: triples of one object, at most.
        size: triples.
    """

    properties: dict[str, tuple[int, int, int]]
    pairs: dict[str, dict[str, int]]
    objects: dict[str, int]
    out: int
    into: int
    size: int

    def most(self, step: _Step, constants: tuple[str, ...]) -> int:
        """Triples that match a step of a plan for each row before it, at most."""
        kind, predicate, object_ = step
        if isinstance(object_, int):
            object_ = constants[object_]
        match kind:
            case "rows":
                return int(predicate)
            case "one":
                return 1
            case "out":
                return self.out
            case "in":
                return self.objects.get(object_, _COMMON) if object_ else self.into
            case "all":
                return self.size
        name = constants[predicate] if isinstance(predicate, int) else predicate
        return self._of_property(kind, name, object_)

    def _of_property(self, kind: str, name: str, object_: str) -> int:
        whole, of_subject, of_object = self.properties.get(name, (0, 0, 0))
        match kind:
            case "subject":
                return of_subject
            case "object":
                return of_object
            case "either":
                return max(of_subject, of_object)
            case "pair":
                return min(of_object, self.pairs.get(name, {}).get(object_, _COMMON))
            case "closure":
                return whole + 1
        return whole

    def to_json(self) -> str:
        """As text, for another process."""
        return json.dumps(
            [self.properties, self.pairs, self.objects, self.out, self.into, self.size],
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: bytes | str) -> Statistics:
        """The reverse of ``to_json``."""
        properties, *rest = json.loads(text)
        return cls({name: tuple(counts) for name, counts in properties.items()}, *rest)

    @classmethod
    def of_store(cls, store: ox.Store) -> Statistics:
        """The statistics of a store's default graph."""
        by_subject, by_object = (_rows(store, _PROPERTIES.format(by=by)) for by in ("?s", "?o"))
        objects = {row[0]: int(row[2]) for row in by_object}
        pairs: dict[str, dict[str, int]] = {}
        for predicate, object_, number in _rows(store, _PAIRS % _COMMON):
            pairs.setdefault(predicate, {})[object_] = int(number)
        properties = {
            name: (int(whole), int(most), objects[name]) for name, whole, most in by_subject
        }
        out, into = (int(_rows(store, _ENDS.format(by=by))[0][0]) for by in ("?s", "?o"))
        return cls(
            properties,
            pairs,
            {name: int(number) for name, number in _rows(store, _OBJECTS % _COMMON)},
            out,
            into,
            sum(whole for whole, _, _ in properties.values()),
        )


def _rows(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(query)
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError(type(found))
    return [
        tuple(term.value for term in row if not isinstance(term, ox.Triple | None)) for row in found
    ]

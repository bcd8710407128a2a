"""What the columns of an answer are: the property whose values a variable takes, or its class.

Owns the reading of a query's algebra (SPARQL 1.1, section 18.2.1,
https://www.w3.org/TR/sparql11-query/#sparqlAlgebra) for that one purpose. The words are ``web``'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from rdflib import URIRef, Variable
from rdflib.paths import AlternativePath, MulPath, SequencePath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from assembly_kg.engine.algebra import nodes
from assembly_kg.engine.repository import NAMING
from assembly_kg.namespaces import RDF

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Column", "columns"]

_TYPE: Final = str(RDF.type)
_SUMMARIES: Final = {
    "Aggregate_Count": "count",
    "Aggregate_Sum": "sum",
    "Aggregate_Min": "min",
    "Aggregate_Max": "max",
}


@dataclass(frozen=True, slots=True)
class Column:
    """What a variable stands for.

    Attributes:
        kind: ``value`` of a property, ``thing`` of a class, ``subject`` of a property, ``graph`` or
            ``property`` (their names), ``language`` of a text; ``any``, where the property is a
            variable too.
        terms: the properties or classes; more than one where the first that has a value is taken.
        summary: ``count``, ``sum``, ``min`` or ``max`` of such; empty for each one by itself.
    """

    kind: str
    terms: tuple[str, ...] = ()
    summary: str = ""


def columns(query: str) -> dict[str, Column]:
    """Variable → what it stands for; a variable of which the query says nothing is left out.

    Empty where the query is beyond rdflib's parser, which knows less than the engines do.
    """
    try:
        algebra = prepareQuery(query).algebra
    except Exception:  # noqa: BLE001 -- rdflib's parser raises what it likes
        return {}
    reader = _Reader(algebra)
    found = {str(name): reader.column(name) for name in algebra["PV"]}
    return {name: column for name, column in found.items() if column is not None}


class _Reader:
    """The triples and expressions of one query."""

    def __init__(self, algebra: CompValue) -> None:
        found = list(nodes(algebra))
        self._shown = frozenset(algebra["PV"])
        self._triples = [t for node in found if node.name == "BGP" for t in node["triples"]]
        self._bound = {
            node["var"]: _inlined(node["expr"], _aggregates(node))
            for node in found
            if node.name == "Extend"
        }
        self._graphs = {n["term"] for n in found if n.name == "Graph"}

    def column(self, name: Variable, seen: frozenset[Variable] = frozenset()) -> Column | None:
        """What a variable stands for: first as a value, then as a thing, then as a graph."""
        if name not in seen and name in self._bound:
            return self._expression(self._bound[name], seen | {name})
        return (
            self._value(name, seen | {name})
            or self._thing(name)
            or (Column("graph") if name in self._graphs else None)
            or (Column("property") if any(p == name for _, p, _ in self._triples) else None)
            or self._subject(name)
        )

    def _value(self, name: Variable, seen: frozenset[Variable]) -> Column | None:
        for subject, path, value in self._triples:
            if value != name or not (term := _last(path)):
                continue
            if term in NAMING and isinstance(subject, Variable) and subject not in self._shown:
                return self.column(subject, seen) or Column("value", (term,))
            return Column("value", (term,))
        return None

    def _thing(self, name: Variable) -> Column | None:
        for subject, path, value in self._triples:
            if subject == name and str(path) == _TYPE and isinstance(value, URIRef):
                return Column("thing", (str(value),))
        return None

    def _subject(self, name: Variable) -> Column | None:
        for subject, path, _ in self._triples:
            if subject == name and isinstance(path, URIRef) and str(path) not in NAMING:
                return Column("subject", (str(path),))
        among = any(name in (s, o) and isinstance(p, Variable) for s, p, o in self._triples)
        return Column("any") if among else None

    def _aggregate(self, node: CompValue, seen: frozenset[Variable]) -> Column | None:
        inner = self._expression(node["vars"], seen)
        summary = _SUMMARIES.get(node.name, "")
        if inner is None:
            return Column("any", summary=summary) if summary == "count" else None
        return replace(inner, summary=summary or inner.summary)

    def _expression(self, node: Any, seen: frozenset[Variable]) -> Column | None:
        if isinstance(node, Variable):
            return self.column(node, seen)
        name = getattr(node, "name", "")
        if name.startswith("Aggregate_"):
            return self._aggregate(node, seen)
        inner = [found for v in _variables(node) if (found := self.column(v, seen))]
        if name == "Builtin_LANG":
            return Column("language")
        if name == "Builtin_COALESCE" and inner:
            terms = dict.fromkeys(term for column in inner for term in column.terms)
            return replace(inner[0], terms=tuple(terms))
        return inner[0] if inner else None


def _last(path: Any) -> str:
    """The property by which a path arrives at its value; empty where it arrives against one."""
    if isinstance(path, URIRef):
        return str(path)
    if isinstance(path, SequencePath | AlternativePath):
        return _last(path.args[-1 if isinstance(path, SequencePath) else 0])
    return _last(path.path) if isinstance(path, MulPath) else ""


def _aggregates(node: CompValue) -> dict[Variable, CompValue]:
    """The aggregates of the SELECT that a node belongs to; another SELECT uses the same names."""
    inner = node["p"]
    while isinstance(inner, CompValue) and inner.name in {"Extend", "Filter"}:
        inner = inner["p"]
    given = inner["A"] if getattr(inner, "name", "") == "AggregateJoin" else ()
    return {one["res"]: one for one in given}


def _inlined(node: Any, aggregates: dict[Variable, CompValue]) -> Any:
    """An expression with aggregates in the place of the names that the algebra gives them."""
    if isinstance(node, Variable):
        return aggregates.get(node, node)
    if isinstance(node, CompValue):
        parts = {k: _inlined(v, aggregates) for k, v in node.items() if k != "_vars"}
        return CompValue(node.name, **parts)
    if isinstance(node, list | tuple):
        return [_inlined(value, aggregates) for value in node]
    return node


def _variables(node: Any) -> Iterator[Variable]:
    if isinstance(node, Variable):
        yield node
    elif isinstance(node, CompValue):
        for key, value in node.items():
            if key != "_vars":
                yield from _variables(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _variables(value)

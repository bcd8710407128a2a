"""Answers with reasons: each solution of a SELECT query with the triples that it rests on.

Owns the extension of SPARQL 1.1 Query Results JSON
(https://www.w3.org/TR/sparql11-results-json/) by the member ``reasons``::

    {"head": …, "results": {"bindings": […]},
     "reasons": {"solutions": [[0, 2], …],      one list for each binding, of places in "triples"
                 "triples": [{"triple": …, "verdict": …, "statements": […], "proof": …}],
                 "labels": {…}}}

A triple that follows comes with its shortest proof, so every list ends in segments. Before it is
given away each list is checked: the query's pattern over these triples alone must give the same
solution. What cannot be explained is refused; it is never explained wrongly.
"""

from __future__ import annotations

import json
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from rdflib import Variable
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from assembly_kg.engine import scan
from assembly_kg.engine.explain_json import explanation_document, term
from assembly_kg.engine.explain_syntax import syntax_error
from assembly_kg.engine.witness import check, is_ground, witnesses
from assembly_kg.errors import ResultTooLarge, UnsupportedQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.explain import Explainer
    from assembly_kg.engine.world import Term, Triple

__all__ = ["MOST", "Reasoner"]

# Solutions that one answer may explain, and ways that are tried for each.
MOST: Final = 1000
_TRIES: Final = 200
_Solution = dict[str, "Term | None"]


class Reasoner:
    """Answers SELECT queries with reasons over one store."""

    def __init__(self, store: ox.Store, catalogue: Catalogue, explainer: Explainer) -> None:
        self._store = store
        self._catalogue = catalogue
        self._explainer = explainer

    def answer(self, text: str, graphs: Sequence[str] | None) -> bytes:
        """The solutions with their reasons, as JSON.

        Args:
            text: the query, its dataset clause already read.
            graphs: the stored graphs that make its default graph; None for the store's own.

        Raises:
            QuerySyntaxError: it is not SPARQL.
            UnsupportedQuery: it has a form, or an answer, that cannot be explained.
            ResultTooLarge: it has more solutions than are explained at once.
        """
        if graphs is not None and len(graphs) != 1:
            raise UnsupportedQuery("explain=true explains a default graph of one graph")
        query = _Query(text)
        names = None if graphs is None else [ox.NamedNode(name) for name in graphs]
        solutions = self._solutions(query, names)
        places: dict[Triple, int] = {}
        lists = []
        for solution in solutions:
            triples = self._reasons(query, solution, names)
            lists.append([places.setdefault(triple, len(places)) for triple in triples])
        told, labels = self._told(places, graphs)
        return json.dumps(
            {
                "head": {"vars": solutions.names},
                "results": {"bindings": [_binding(solution) for solution in solutions]},
                "reasons": {"solutions": lists, "triples": told, "labels": labels},
            },
            ensure_ascii=False,
        ).encode()

    def _solutions(self, query: _Query, names: list[ox.NamedNode] | None) -> _Rows:
        found = _ask(self._store, query.text, names)
        if len(found) > MOST:
            raise ResultTooLarge(
                "explain", MOST, f"at most {MOST} solutions are explained at once; add a LIMIT"
            )
        return found

    def _reasons(
        self, query: _Query, solution: _Solution, names: list[ox.NamedNode] | None
    ) -> tuple[Triple, ...]:
        """The triples of the first way to the solution that gives it again by itself."""
        for full in _ask(self._store, query.narrowed(solution), names):
            if not _agrees(solution, full):
                continue
            binding = {Variable(name): value for name, value in full.items() if value is not None}
            ways = witnesses(query.pattern, binding, self._match(names))
            for _, triples in islice(ways, _TRIES):
                distinct = tuple(dict.fromkeys(triples))
                if _gives(query, solution, distinct):
                    return distinct
        raise UnsupportedQuery(
            "explain=true cannot show the triples that this solution rests on: "
            + json.dumps(_binding(solution), ensure_ascii=False)[:500]
        )

    def _match(self, names: list[ox.NamedNode] | None) -> Any:
        graphs: Iterable[ox.NamedNode | ox.DefaultGraph] = (
            [ox.DefaultGraph()] if names is None else names
        )

        def match(s: Term | None, p: Term | None, o: Term | None) -> Iterator[Triple]:
            if isinstance(s, ox.Literal) or isinstance(p, ox.Literal | ox.BlankNode):
                return
            for graph in graphs:
                for quad in self._store.quads_for_pattern(s, p, o, graph):  # type: ignore[arg-type]
                    yield quad.subject, quad.predicate, quad.object

        return match

    def _told(
        self, triples: Iterable[Triple], graphs: Sequence[str] | None
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        day = self._day(graphs)
        told, labels = [], {}
        for triple in triples:
            document = explanation_document(self._explainer.explain(triple, day))
            labels.update(document["labels"])
            [proof] = document["proofs"] or [None]
            told.append(
                {
                    "triple": document["triple"],
                    "verdict": document["verdict"],
                    "statements": document["statements"],
                    "proof": proof,
                }
            )
        return told, dict(sorted(labels.items()))

    def _day(self, graphs: Sequence[str] | None) -> str | None:
        """The day whose slice is asked, if one is."""
        as_of = self._catalogue.as_of
        days = [g.removeprefix(as_of) for g in graphs or () if as_of and g.startswith(as_of)]
        return days[0] if len(days) == 1 else None


class _Rows(list[_Solution]):
    """Solutions, with the names of their variables."""

    names: list[str]


class _Query:
    """A query that can be explained: its algebra, and its text in parts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._prologue, group, values, computed = _parts(text)
        self._body = " ".join([f"{{ {group} {values} }}", *computed])
        try:
            ox.Store().query(text)
        except SyntaxError as error:
            raise syntax_error(text, str(error)) from error
        try:
            algebra = translateQuery(parseQuery(text)).algebra
        except Exception as error:
            raise UnsupportedQuery(
                "explain=true cannot read this query; ask without explain"
            ) from error
        check(algebra)
        self.pattern = algebra.p

    def narrowed(self, solution: _Solution) -> str:
        """The query for every variable of the solutions of the pattern that agree with one."""
        known = {name: value for name, value in solution.items() if is_ground(value)}
        bound = {name: value for name, value in known.items() if value is not None}
        names = " ".join(f"?{name}" for name in bound if name in self._in_scope)
        values = " ".join(str(v) for name, v in bound.items() if name in self._in_scope)
        table = f"VALUES ({names}) {{ ({values}) }}" if names else ""
        return f"{self._prologue} SELECT * WHERE {{ {{ {self._body} }} {table} }} LIMIT {_TRIES}"

    @cached_property
    def _in_scope(self) -> set[str]:
        found = ox.Store().query(f"{self._prologue} SELECT * WHERE {{ {self._body} }}")
        return {v.value for v in found.variables} if isinstance(found, ox.QuerySolutions) else set()


def _parts(text: str) -> tuple[str, str, str, list[str]]:
    """The prologue, the WHERE group, VALUES after it, and what SELECT computes, as BIND."""
    tokens = list(scan.tokens(text))
    if not any(token.word == "SELECT" for token in tokens):
        raise UnsupportedQuery("explain=true explains SELECT queries only")
    select = next(token.start for token in tokens if token.word == "SELECT")
    depth, begin, end, values = 0, -1, -1, -1
    for token in tokens:
        if token.kind == "mark" and token.text in "{}":
            depth += 1 if token.text == "{" else -1
            if token.text == "{" and depth == 1 and begin < 0:
                begin = token.start
            elif token.text == "}" and depth == 0 and end < 0:
                end = token.start + 1
        elif token.word == "VALUES" and depth == 0 and end > 0:
            values = token.start
    computed = _computed(text, [t for t in tokens if select < t.start < begin])
    return text[:select], text[begin:end], text[values:] if values >= 0 else "", computed


def _computed(text: str, clause: list[scan.Token]) -> list[str]:
    """The expressions of a SELECT clause: ``(… AS ?x)`` becomes ``BIND (… AS ?x)``."""
    depth, begin, found = 0, 0, []
    for token in clause:
        if token.text == "(" and token.kind == "mark":
            begin = token.start if depth == 0 else begin
            depth += 1
        elif token.text == ")" and token.kind == "mark":
            depth -= 1
            if depth == 0:
                found.append(f"BIND {text[begin : token.start + 1]}")
    return found


def _ask(store: ox.Store, text: str, names: list[ox.NamedNode] | None) -> _Rows:
    arguments: dict[str, Any] = {} if names is None else {"default_graph": names}
    found = store.query(text, **arguments)
    if not isinstance(found, ox.QuerySolutions):
        raise UnsupportedQuery("explain=true explains SELECT queries only")
    rows = _Rows()
    rows.names = [variable.value for variable in found.variables]
    for solution in found:
        rows.append({name: solution[name] for name in rows.names})
        if len(rows) > MOST:
            break
    return rows


def _agrees(solution: _Solution, full: Mapping[str, Term | None]) -> bool:
    return all(full[name] == value for name, value in solution.items() if name in full)


def _gives(query: _Query, solution: _Solution, triples: Iterable[Triple]) -> bool:
    """Whether the pattern over these triples alone has the solution."""
    store = ox.Store()
    store.extend(ox.Quad(s, p, o) for s, p, o in triples)  # type: ignore[arg-type]
    return any(_agrees(solution, full) for full in _ask(store, query.narrowed(solution), None))


def _binding(solution: _Solution) -> dict[str, Any]:
    return {name: term(value) for name, value in solution.items() if value is not None}

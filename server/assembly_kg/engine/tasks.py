"""What a worker can do besides answering a query: explain a triple, plan a query, count.

Owns the names of the tasks, their arguments and their results. A task runs where queries run, so
that it is stopped at the same deadline and within the same memory; its arguments travel as a JSON
object in ``Question.text``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from assembly_kg.engine import bounds
from assembly_kg.engine.difference import Days
from assembly_kg.engine.difference_data import days_document, quads
from assembly_kg.engine.explain import Explainer
from assembly_kg.engine.explain_json import explanation_document
from assembly_kg.engine.explain_prov import explanation_graph
from assembly_kg.engine.formats import graph_format
from assembly_kg.engine.names import read_term, read_triple
from assembly_kg.engine.question import Head, Question
from assembly_kg.engine.reasons import Reasoner
from assembly_kg.errors import NotFoundError, QuerySyntaxError, UnsupportedQuery
from assembly_kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from assembly_kg.engine.catalogue import Catalogue

__all__ = [
    "DIFFERENCE",
    "EXPLAIN",
    "HISTORY",
    "PLAN",
    "REASONS",
    "STATISTICS",
    "Explain",
    "Tasks",
    "difference",
    "history",
    "plan",
    "statistics",
    "written_graph",
]

EXPLAIN: Final = "explain"
DIFFERENCE: Final = "difference"
HISTORY: Final = "history"
REASONS: Final = "reasons"
PLAN: Final = "plan"
STATISTICS: Final = "statistics"
_MOST_VALUES: Final = 20


@dataclass(frozen=True)
class Explain:
    """The arguments of ``explain``.

    Attributes:
        s, p, o: terms as people write them; without ``o`` every value of the property is explained.
        day: as it stood on this day; None for the graph as it stands.
        count: how many proofs are wanted.
        form: ``json``, or the short name of a format for RDF.
    """

    s: str
    p: str
    o: str = ""
    day: str | None = None
    count: int = 1
    form: str = "json"

    def question(self) -> Question:
        """The question that asks for this."""
        text = json.dumps(vars(self), ensure_ascii=False)
        return Question(text, solutions="json", triples=self.form, task=EXPLAIN)


def difference(begin: str, end: str, form: str = "json") -> Question:
    """The question what differs between two days; ``form``: ``json`` or a format with graphs."""
    text = json.dumps({"begin": begin, "end": end, "form": form})
    return Question(text, solutions="json", triples=form, task=DIFFERENCE)


def history() -> Question:
    """The question what changed on each day of change."""
    return Question("{}", task=HISTORY)


def plan(template: str) -> Question:
    """The question how much queries of a template read (``bounds.Plan``, or null)."""
    return Question(json.dumps({"template": template}, ensure_ascii=False), task=PLAN)


def statistics() -> Question:
    """The question how often things are met in the default graph (``bounds.Statistics``)."""
    return Question("{}", task=STATISTICS)


class Tasks:
    """Does tasks over one store."""

    def __init__(self, store: ox.Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._explainer = Explainer(store, catalogue)
        self._days = Days(store, catalogue)
        self._reasoner = Reasoner(store, catalogue, self._explainer)

    def warm(self) -> None:
        """Read the rules and what reads queries now; processes forked later cannot open a file."""
        self._explainer.warm()
        bounds.plan("SELECT ?s { ?s ?p true }")

    def perform(self, question: Question) -> tuple[Head, bytes]:
        """Do the task that the question names.

        Raises:
            UnsupportedQuery: there is no such task, or a day that it names is not covered.
            QuerySyntaxError: a term cannot be read.
        """
        arguments: dict[str, Any] = json.loads(question.text)
        try:
            if question.task == EXPLAIN:
                return self._explain(Explain(**arguments))
            if question.task == DIFFERENCE:
                return self._difference(**arguments)
            if question.task == PLAN:
                return _plan(**arguments)
            if question.task == STATISTICS:
                return _written(bounds.Statistics.of_store(self._store).to_json())
            if question.task == HISTORY:
                return _json([days_document(one) for one in self._days.history()])
            raise UnsupportedQuery(f'there is no task "{question.task}"')
        except NotFoundError as error:
            raise UnsupportedQuery(str(error)) from error

    def reasons(self, text: str, graphs: tuple[str, ...] | None) -> tuple[Head, bytes]:
        """Answer a query with reasons; see ``Reasoner.answer``."""
        written = self._reasoner.answer(text, graphs)
        return Head("json", makes_graph=False, volatile=False), written

    def _explain(self, asked: Explain) -> tuple[Head, bytes]:
        prefixes = self._catalogue.prefixes
        if asked.o:
            triples = [read_triple(asked.s, asked.p, asked.o, prefixes)]
        else:
            subject, predicate = (read_term(text, prefixes) for text in (asked.s, asked.p))
            if not isinstance(predicate, ox.NamedNode):
                raise QuerySyntaxError(f"{asked.p} is not a property")
            values = self._explainer.values(subject, predicate, asked.day)[:_MOST_VALUES]
            triples = [(subject, predicate, value) for value in values]
        found = [self._explainer.explain(t, asked.day, asked.count) for t in triples]
        if asked.form == "json":
            documents = [explanation_document(one) for one in found]
            content = documents[0] if asked.o else {"explanations": documents}
            return _json(content)
        rules = f"{self._catalogue.base}release/{self._catalogue.version}/projections/"
        graph = [triple for one in found for triple in explanation_graph(one, rules)]
        written = written_graph(graph, asked.form, prefixes)
        return Head(asked.form, makes_graph=True, volatile=False), written

    def _difference(self, begin: str, end: str, form: str) -> tuple[Head, bytes]:
        found = self._days.between(begin, end)
        if form == "json":
            return _json(days_document(found))
        catalogue = self._catalogue
        slices = [catalogue.as_of + day for day in found.since]
        name = f"{catalogue.base}diff/{begin}/{end}"
        graph = list(quads(found.changes, found.turns, name, slices))
        written = written_graph(graph, form, catalogue.prefixes)
        return Head(form, makes_graph=True, volatile=False), written


def _plan(template: str) -> tuple[Head, bytes]:
    found = bounds.plan(template)
    return _written("null" if found is None else found.to_json())


def _json(content: object) -> tuple[Head, bytes]:
    return _written(json.dumps(content, ensure_ascii=False, indent=2))


def _written(text: str) -> tuple[Head, bytes]:
    return Head("json", makes_graph=False, volatile=False), text.encode()


def written_graph(
    graph: list[ox.Triple] | list[ox.Quad], form: str, prefixes: dict[str, str]
) -> bytes:
    """Triples or quads in the RDF format of this short name."""
    known = {**PREFIXES, **prefixes} if form in {"ttl", "trig", "rdf"} else None
    return ox.serialize(graph, format=graph_format(form).writer, prefixes=known) or b""  # type: ignore[arg-type]

"""What pages ask of the graph, whichever engine answers: one seam for all of them.

Owns the step from an ``Engine`` (text in, bytes out) to rows of terms, the labels of things, and
what is kept for as long as one generation of the data is served. Reads SPARQL 1.1 Query Results
JSON (https://www.w3.org/TR/sparql11-results-json/).
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pyoxigraph as ox

from assembly_kg.engine.formats import graph_format
from assembly_kg.engine.question import Question
from assembly_kg.errors import EngineError, NotFoundError
from assembly_kg.namespaces import DCTERMS, FOAF, RDFS, SDO, SKOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.question import Engine

__all__ = ["NAMING", "Repository", "Row", "Term", "brackets", "solutions_of"]

# The properties that name a thing, best first.
NAMING: Final = tuple(
    map(str, (SKOS.prefLabel, RDFS.label, DCTERMS.title, FOAF.name, SDO.name, SKOS.notation))
)
_BATCH: Final = 400
_LABELS_KEPT: Final = 200_000
_NO_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Term:
    """A node of the graph.

    Attributes:
        value: the IRI, the blank node's label or the lexical form.
        kind: ``uri``, ``bnode``, ``literal`` or ``triple``, as in the JSON results.
        language: of a literal; empty if none.
        datatype: of a literal; empty for plain and language-tagged strings.
    """

    value: str
    kind: str = "uri"
    language: str = ""
    datatype: str = ""

    @property
    def is_iri(self) -> bool:
        """Whether it can be looked up."""
        return self.kind == "uri"

    @property
    def is_literal(self) -> bool:
        """Whether it is a value that is not a thing."""
        return self.kind == "literal"


Row = dict[str, Term]


def brackets(iri: str) -> str:
    """An IRI as SPARQL writes it.

    Raises:
        NotFoundError: it cannot be one, so nothing has this name.
    """
    if _NO_IRI.search(iri):
        raise NotFoundError(f'"{iri[:200]}" is not an IRI')
    return f"<{iri}>"


class Repository:
    """The graph behind the pages. Safe to use from many threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._generation = ""
        self._kept: dict[str, Any] = {}
        self._making: dict[str, threading.RLock] = {}
        self._labels: dict[str, Mapping[str, str]] = {}
        self._lock = threading.RLock()

    @property
    def catalogue(self) -> Catalogue:
        """What is served."""
        return self._engine.catalogue()

    @property
    def generation(self) -> str:
        """Changes whenever what is served does."""
        return self._engine.generation()

    def select(self, query: str) -> list[Row]:
        """The solutions of a SELECT query, in order.

        Raises:
            EngineError: it cannot be answered.
        """
        return _rows(self._document(query))

    def solutions(self, query: str) -> tuple[list[str], list[Row]]:
        """The variables and the solutions of a SELECT query."""
        return solutions_of(self._document(query))

    def ask(self, query: str) -> bool:
        """The answer of an ASK query."""
        return bool(self._document(query)["boolean"])

    def construct(self, query: str, form: str) -> bytes:
        """The graph of a CONSTRUCT query, written in the format of this short name."""
        return self._bytes(Question(query, triples=form))

    def quads(self, query: str, form: str) -> bytes:
        """The solutions ?g ?s ?p ?o of a SELECT query as quads; without ?g: of the default graph.

        SPARQL has no query form that answers with quads, so the rows are read again and written.
        """
        written = ox.serialize(
            (_quad(row) for row in self.select(query)),
            format=graph_format(form).writer,  # type: ignore[arg-type]
            prefixes=self.catalogue.prefixes,
        )
        if written is None:
            raise TypeError(form)
        return written

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What ``make`` gives, made once for each generation of the data.

        While one thing is made, others are answered: the index of the search takes seconds.
        """
        with self._lock:
            self._follow()
            generation, making = self._generation, self._making.setdefault(name, threading.RLock())
        with making:
            with self._lock:
                if name in self._kept:
                    found: Kept = self._kept[name]
                    return found
            value = make()
            with self._lock:
                if generation == self._generation:
                    self._kept[name] = value
            return value

    def labels(self, iris: Iterable[str]) -> dict[str, Mapping[str, str]]:
        """The names of things: IRI → language → text; an empty language is no language."""
        with self._lock:
            self._follow()
            known = self._labels
        wanted = {iri for iri in iris if iri and not _NO_IRI.search(iri)}
        missing = sorted(wanted - known.keys())
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            known.update(self._ask_labels(batch))
        found = {iri: known[iri] for iri in wanted}
        if len(known) > _LABELS_KEPT:
            known.clear()
        return found

    def label(self, iri: str) -> Mapping[str, str]:
        """The names of one thing."""
        return self.labels((iri,)).get(iri, {})

    def _follow(self) -> None:
        generation = self._engine.generation()
        if generation != self._generation:
            self._generation, self._kept, self._labels = generation, {}, {}

    def _ask_labels(self, iris: list[str]) -> dict[str, Mapping[str, str]]:
        names = ", ".join(f"<{iri}>" for iri in NAMING)
        things = " ".join(f"<{iri}>" for iri in iris)
        # A second VALUES would be joined with the first before the graph is looked at.
        rows = self.select(
            f"SELECT ?s ?p ?o {{ VALUES ?s {{ {things} }} ?s ?p ?o FILTER (?p IN ({names})) }}"
        )
        rows.sort(key=lambda row: (NAMING.index(row["p"].value), row["o"].value))
        found: dict[str, dict[str, str]] = {iri: {} for iri in iris}
        for row in rows:
            if row["o"].is_literal:
                found[row["s"].value].setdefault(row["o"].language, row["o"].value)
        return dict(found)

    def _document(self, query: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._bytes(Question(query, solutions="json")))
        return document

    def _bytes(self, question: Question) -> bytes:
        body = self._engine.answer(question).body
        if isinstance(body, bytes):
            return body
        with body:
            return body.read()


def solutions_of(document: Mapping[str, Any]) -> tuple[list[str], list[Row]]:
    """The variables and the solutions of a results document; none where it answers ASK."""
    variables = list(document.get("head", {}).get("vars", ()))
    return variables, [] if "boolean" in document else _rows(document)


def _rows(document: Mapping[str, Any]) -> list[Row]:
    if "results" not in document:
        raise EngineError("the engine did not answer with solutions")
    # The same terms come again and again, and a frozen one is slow to make.
    known: dict[tuple[str | None, ...], Term] = {}

    def term(value: Mapping[str, Any]) -> Term:
        key = value["type"], str(value["value"]), value.get("xml:lang"), value.get("datatype")
        return known.get(key) or known.setdefault(key, _term(value))

    return [
        {name: term(value) for name, value in binding.items()}
        for binding in document["results"]["bindings"]
    ]


def _term(value: Mapping[str, Any]) -> Term:
    if value["type"] == "triple":
        return Term(json.dumps(value["value"], sort_keys=True), "triple")
    return Term(
        value["value"], value["type"], value.get("xml:lang", ""), str(value.get("datatype", ""))
    )


def _quad(row: Row) -> ox.Quad:
    graph = ox.NamedNode(row["g"].value) if "g" in row else ox.DefaultGraph()
    return ox.Quad(
        _node(row["s"]),  # type: ignore[arg-type]
        ox.NamedNode(row["p"].value),
        _node(row["o"]),
        graph,
    )


def _node(term: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    match term.kind:
        case "uri":
            return ox.NamedNode(term.value)
        case "bnode":
            return ox.BlankNode(term.value)
    if term.language:
        return ox.Literal(term.value, language=term.language)
    if term.datatype:
        return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))
    return ox.Literal(term.value)


def chunks(items: list[str], size: int = _BATCH) -> Iterator[list[str]]:
    """A long list in parts that one VALUES block takes."""
    for start in range(0, len(items), size):
        yield items[start : start + size]

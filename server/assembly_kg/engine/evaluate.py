"""One question over one store: the outline's checks, the engine, the writer.

Owns everything between a query's text and the bytes of its answer, in the calling process; where
that process runs and who stops it is left to ``pool`` and ``worker``. The engine is Oxigraph
(pyoxigraph); its known faults are guarded here, each named at its guard and held by a test:

- several default graphs are concatenated, not merged, so solutions repeat: ``_merged``;
- RDF/XML is written ill-formed for a predicate without an XML name, and drops control
  characters: ``_in_xml``;
- SPARQL results in XML are written with characters that XML does not allow, and with carriage
  returns that every XML parser turns into line feeds: ``XmlSink``;
- deep nesting overflows the stack: refused by ``max_nesting``, and a worker dies alone;
- SERVICE reaches any address, loopback included: refused, and a worker cannot open a socket.
"""

from __future__ import annotations

import itertools
import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyoxigraph as ox

from assembly_kg.engine import days, formats, scan
from assembly_kg.engine.explain_syntax import syntax_error
from assembly_kg.engine.question import Head
from assembly_kg.engine.tasks import REASONS, Tasks
from assembly_kg.errors import (
    LimitExceeded,
    NotAcceptable,
    NotFoundError,
    QuerySyntaxError,
    ResultTooLarge,
    UnsupportedQuery,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.question import Limits, Question

__all__ = ["ROW_MARKS", "Bounded", "Evaluator", "Sink", "choose_format"]


class Sink(Protocol):
    """Where an answer is written: its head first, then its bytes."""

    def begin(self, head: Head) -> None:
        """Learn what is coming."""

    def write(self, data: bytes) -> int:
        """Take some bytes."""

    def flush(self) -> None:
        """Nothing: a sink sends when it wants to."""


class Evaluator:
    """Answers questions over one store.

    Args:
        store: the graph; it is only read.
        catalogue: what it holds.
        limits: what one answer may take. Time and memory are for the owner of the process.
    """

    def __init__(self, store: ox.Store, catalogue: Catalogue, limits: Limits) -> None:
        self._store = store
        self._catalogue = catalogue
        self._limits = limits
        self._merges: OrderedDict[_Dataset, ox.Store] = OrderedDict()
        self._tasks = Tasks(store, catalogue)

    def warm(self) -> None:
        """Do once what processes forked from this one would each do when first asked."""
        self._tasks.warm()

    def answer(
        self, question: Question, sink: Sink, outline: scan.Outline | None = None
    ) -> int | None:
        """Write the answer to the sink.

        Args:
            question: what is asked.
            sink: where to.
            outline: of the query, where it is known already, with nothing in it to be refused.

        Raises:
            QuerySyntaxError, UnsupportedQuery, NotAcceptable, LimitExceeded: before anything is
                written.
            ResultTooLarge: possibly after.

        Returns:
            The number of its solutions or triples; None where it has neither.
        """
        if question.task and question.task != REASONS:
            self._give(*self._tasks.perform(question), sink)
            return None
        text = days.resolved(question.text, self._catalogue)
        outline = outline or self._outline(text)
        if question.task:
            self._give(*self._with_reasons(question, text, outline), sink)
            return None
        head = Head(
            format=choose_format(question, makes_graph=outline.makes_graph),
            makes_graph=outline.makes_graph,
            volatile=outline.volatile,
        )
        results = self._run(text, self._dataset(question, outline))
        sink.begin(head)
        if isinstance(results, ox.QueryTriples):
            return self._write_graph(results, head, sink, self._prefixes(outline.prefixes))
        return self._write_solutions(results, head, sink)

    def _prefixes(self, declared: dict[str, str]) -> dict[str, str]:
        """The institution's prefixes; where the query has its own, those."""
        namespaces = set(declared.values())
        known = self._catalogue.prefixes.items()
        return {prefix: iri for prefix, iri in known if iri not in namespaces} | declared

    def _with_reasons(
        self, question: Question, text: str, outline: scan.Outline
    ) -> tuple[Head, bytes]:
        if question.solutions != "json":
            raise NotAcceptable(
                "explain=true is an extension of SPARQL results in JSON; ask for "
                "application/sparql-results+json, or without explain"
            )
        if outline.volatile:
            raise UnsupportedQuery("explain=true does not explain what differs from run to run")
        dataset = self._dataset(question, outline)
        if dataset is not None and dataset[1]:
            raise UnsupportedQuery("explain=true explains the default graph, not named graphs")
        return self._tasks.reasons(text, None if dataset is None else dataset[0])

    def _give(self, head: Head, body: bytes, sink: Sink) -> None:
        if len(body) > self._limits.max_bytes:
            raise ResultTooLarge("max_bytes", self._limits.max_bytes)
        sink.begin(head)
        sink.write(body)

    def _outline(self, text: str) -> scan.Outline:
        size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        if size > self._limits.max_query_bytes:
            raise LimitExceeded(
                "max_query_bytes", self._limits.max_query_bytes, "the query's text is too long"
            )
        outline = scan.outline(text)
        if outline.is_update:
            raise UnsupportedQuery(
                f"{outline.form} is SPARQL Update; this endpoint only answers queries"
            )
        if outline.services:
            line, column = scan.place(text, outline.services[0])
            raise UnsupportedQuery(
                f"line {line}, column {column}: SERVICE calls another server, which this endpoint "
                "does not do; ask that server yourself and join with VALUES"
            )
        if outline.depth > self._limits.max_nesting:
            raise LimitExceeded(
                "max_nesting",
                self._limits.max_nesting,
                f"the query nests its brackets more than {self._limits.max_nesting} deep",
            )
        return outline

    def _dataset(self, question: Question, outline: scan.Outline) -> _Dataset | None:
        """The protocol's dataset, else the query's, else none: the store as it is.

        SPARQL 1.1 Protocol, section 2.1.4.
        """
        resolve = self._resolve
        if question.default_graphs is not None or question.named_graphs is not None:
            default, named = question.default_graphs or (), question.named_graphs or ()
        elif outline.default_graphs or outline.named_graphs:
            default, named = outline.default_graphs, outline.named_graphs
        else:
            return None
        return (
            tuple(dict.fromkeys(map(resolve, default))),
            tuple(dict.fromkeys(map(resolve, named))),
        )

    def _resolve(self, graph: str) -> str:
        try:
            return self._catalogue.resolve(graph)
        except NotFoundError as error:
            raise UnsupportedQuery(f"<{graph}>: {error}") from error

    def _run(self, text: str, dataset: _Dataset | None) -> _Results:
        store = self._store
        arguments: dict[str, Any] = {}
        if dataset is not None:
            default, named = dataset
            if len(default) > 1:
                store = self._merged(dataset)
                arguments["default_graph"] = [ox.DefaultGraph()]
            else:
                arguments["default_graph"] = _nodes(default)
            arguments["named_graphs"] = _nodes(named)
        try:
            return store.query(text, **arguments)
        except SyntaxError as error:
            raise syntax_error(text, str(error)) from error
        except (RuntimeError, OSError) as error:
            raise _refusal(error) from error

    def _merged(self, dataset: _Dataset) -> ox.Store:
        """A store whose default graph is the merge of several (RDF 1.1 Semantics, section 4.1)."""
        if dataset not in self._merges:
            merged = ox.Store()
            for graph in _nodes(dataset[0]):
                merged.bulk_extend(
                    ox.Quad(quad.subject, quad.predicate, quad.object)
                    for quad in self._store.quads_for_pattern(None, None, None, graph)
                )
            for graph in _nodes(dataset[1]):
                merged.bulk_extend(self._store.quads_for_pattern(None, None, None, graph))
            self._merges[dataset] = merged
            while len(self._merges) > _MERGES_KEPT:
                self._merges.popitem(last=False)
        return self._merges[dataset]

    def _write_solutions(
        self, results: ox.QuerySolutions | ox.QueryBoolean, head: Head, sink: Sink
    ) -> int | None:
        writer = head.written_as.writer
        checked = Bounded(sink, self._limits, ROW_MARKS[head.format])
        output = XmlSink(checked) if head.format == "xml" else checked
        try:
            results.serialize(output, writer)  # type: ignore[arg-type]
        except (RuntimeError, OSError) as error:
            raise _refusal(error) from error
        return None if isinstance(results, ox.QueryBoolean) else checked.rows

    def _write_graph(
        self, results: ox.QueryTriples, head: Head, sink: Sink, prefixes: dict[str, str]
    ) -> int:
        checked = Bounded(sink, self._limits, None)
        number = itertools.count()
        triples: Iterable[ox.Triple] = self._counted(results, number)
        output: Sink = checked
        if head.format == "rdf":
            triples, output = map(_in_xml, triples), XmlSink(checked)
        elif head.format == "jsonld":
            triples = map(_in_json_ld, triples)
        try:
            ox.serialize(
                triples,
                output,  # type: ignore[arg-type]
                head.written_as.writer,  # type: ignore[arg-type]
                prefixes=_usable(prefixes) if head.format in _WITH_PREFIXES else None,
            )
        except (RuntimeError, OSError) as error:
            raise _refusal(error) from error
        return next(number)

    def _counted(self, triples: Iterable[ox.Triple], number: Iterator[int]) -> Iterator[ox.Triple]:
        limit = self._limits.max_rows
        for triple in triples:
            if next(number) >= limit:
                raise ResultTooLarge("max_rows", limit)
            yield triple


_Dataset = tuple[tuple[str, ...], tuple[str, ...]]
_Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
_MERGES_KEPT: Final = 4
_WITH_PREFIXES: Final = frozenset({"ttl", "trig", "rdf"})
# What the engine writes once for each solution and never inside one.
# With it, how many more of these than solutions there are.
ROW_MARKS: Final = {
    "json": (b'},{"', -1),
    "xml": (b"<result>", 0),
    "csv": (b"\r\n", 1),
    "tsv": (b"\n", 1),
}


def choose_format(question: Question, *, makes_graph: bool) -> str:
    """Short name of the format for an answer.

    Raises:
        NotAcceptable: the asker reads none that it could have.
    """
    chosen = question.triples if makes_graph else question.solutions
    if chosen is None:
        offered = formats.GRAPH_FORMATS if makes_graph else formats.SOLUTION_FORMATS
        kind = "a graph" if makes_graph else "solutions"
        raise NotAcceptable(
            f"the answer is {kind}, which is written as "
            + ", ".join(format_.media_type for format_ in offered)
        )
    return chosen


def _nodes(names: Iterable[str]) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(name) for name in names]
    except ValueError as error:
        raise QuerySyntaxError(f"a graph's name is not an absolute IRI: {error}") from error


def _refusal(error: RuntimeError | OSError) -> UnsupportedQuery:
    """What the engine could not do, without the words of its system calls."""
    if isinstance(error, OSError):
        return UnsupportedQuery("the query reaches outside this graph (SERVICE), which is not done")
    return UnsupportedQuery(str(error)[:500])


class Bounded:
    """Passes an answer on while it stays within the limits of rows and bytes.

    Args:
        sink: where to.
        limits: max_rows and max_bytes.
        mark: what stands once for each row, and how many more of it than rows there are.
    """

    def __init__(self, sink: Sink, limits: Limits, mark: tuple[bytes, int] | None) -> None:
        self._sink = sink
        self._limits = limits
        self._mark, more = mark or (b"", 0)
        self._carry = b""
        self._end = b""
        self._rows = -more
        self._bytes = 0

    def write(self, data: bytes) -> int:
        """Count some bytes and pass them on."""
        self._bytes += len(data)
        if self._bytes > self._limits.max_bytes:
            raise ResultTooLarge("max_bytes", self._limits.max_bytes)
        if self._mark:
            seen = self._carry + data
            self._rows += seen.count(self._mark)
            self._carry = seen[-(len(self._mark) - 1) :] if len(self._mark) > 1 else b""
            if self._rows > self._limits.max_rows:
                raise ResultTooLarge("max_rows", self._limits.max_rows)
            self._end = seen[-len(_NO_ROWS) :]
        return self._sink.write(data)

    @property
    def rows(self) -> int:
        """Rows so far; of JSON, where marks stand between rows, in a complete answer."""
        return 0 if self._end.endswith(_NO_ROWS) else max(self._rows, 0)

    def begin(self, head: Head) -> None:
        """Pass the head on."""
        self._sink.begin(head)

    def flush(self) -> None:
        """Pass the wish on."""
        self._sink.flush()


_NO_ROWS: Final = b"[]}}"
_NOT_XML: Final = re.compile(rb"[\x00-\x08\x0b-\x1f]|\xef\xbf[\xbe\xbf]")
_REPLACEMENT: Final = "\ufffd".encode()


def _xml_character(match: re.Match[bytes]) -> bytes:
    return b"&#13;" if match.group() == b"\r" else _REPLACEMENT


class XmlSink:
    """Passes XML on with characters that XML 1.0 cannot carry replaced by U+FFFD.

    A carriage return, which XML can only carry as a reference, is written as one (XML 1.0,
    sections 2.2 and 2.11, https://www.w3.org/TR/xml/#charsets).
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._carry = b""

    def begin(self, head: Head) -> None:
        self._sink.begin(head)

    def write(self, data: bytes) -> int:
        text = self._carry + data
        # A character of three bytes may be cut by the end of a piece; keep its beginning.
        keep = 2 if text.endswith(b"\xef\xbf") else 1 if text.endswith(b"\xef") else 0
        self._carry = text[len(text) - keep :]
        self._sink.write(_NOT_XML.sub(_xml_character, text[: len(text) - keep]))
        return len(data)

    def flush(self) -> None:
        self._sink.flush()


_LOCAL_NAME: Final = re.compile(r"[^\W\d][\w.\-·]*\Z")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _in_json_ld(triple: ox.Triple) -> ox.Triple:
    """The triple, if JSON-LD 1.1 can carry it.

    Raises:
        NotAcceptable: its object is a triple term.
    """
    if isinstance(triple.object, ox.Triple):
        raise NotAcceptable(
            "JSON-LD has no way to write a triple term; ask for Turtle or N-Triples"
        )
    return triple


def _in_xml(triple: ox.Triple) -> ox.Triple:
    """The triple as RDF/XML can carry it (RDF 1.1 XML Syntax, section 2.2.1).

    Raises:
        NotAcceptable: the predicate has no part at its end that is an XML name.
    """
    predicate = triple.predicate.value
    if not _LOCAL_NAME.search(predicate):
        raise NotAcceptable(
            f"RDF/XML has no way to write the predicate <{predicate}>; ask for Turtle or N-Triples"
        )
    value = triple.object
    if isinstance(value, ox.Literal) and _CONTROL.search(value.value):
        return ox.Triple(triple.subject, triple.predicate, _clean(value))
    if isinstance(value, ox.Triple):
        return ox.Triple(triple.subject, triple.predicate, _in_xml(value))
    return triple


def _clean(literal: ox.Literal) -> ox.Literal:
    text = _CONTROL.sub("\ufffd", literal.value)
    if literal.language:
        return ox.Literal(text, language=literal.language, direction=literal.direction)
    return ox.Literal(text, datatype=literal.datatype)


def _usable(prefixes: dict[str, str]) -> dict[str, str]:
    return {prefix: iri for prefix, iri in prefixes.items() if "\\" not in prefix + iri}

"""Data against shapes: the SHACL report as our own, readable by people and machines.

Owns the call of pySHACL (https://www.w3.org/TR/shacl/#validation), what it is shown, and the
report. SHACL sees one graph; which named graphs of facts there are is said in it beforehand:
``<graph> a sd:NamedGraph``, and for a disputed one also ``<graph> dcterms:isPartOf <segment>``.
What the shapes demand is theirs.

As in SHACL, a report conforms if it has no result at all; it *passes* if none is a violation.
"""

from __future__ import annotations

import json
import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
import pyshacl
from pyshacl.errors import ReportableRuntimeError
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, SH

from assembly_kg.build.asked import Asked
from assembly_kg.build.clash import check
from assembly_kg.build.focus import aimed, spread
from assembly_kg.build.lexical import fault
from assembly_kg.build.load import DISPUTED, parse_file
from assembly_kg.build.terms import from_oxigraph, to_oxigraph
from assembly_kg.errors import BuildError, InputError, ValidationFailure
from assembly_kg.namespaces import PREFIXES, SD
from assembly_kg.rules import Closure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from rdflib.term import Node

    from assembly_kg.build.load import Sources
    from assembly_kg.rules import Triple

__all__ = [
    "Rejected",
    "Report",
    "Result",
    "fact_graphs",
    "seen",
    "shorten",
    "shorten_path",
    "validate",
    "validate_files",
]

_SEVERITIES: Final = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}
_UNIVERSAL: Final = "en"
_IRI: Final = re.compile("<([^<>]*)>")


@dataclass(frozen=True)
class Result:
    """One validation result (https://www.w3.org/TR/shacl/#results-validation-result).

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        focus: the node that was looked at.
        path: the property path, as SPARQL writes it; None for a constraint on the node itself.
        value: the value at fault, if one is.
        shape: the shape that was broken, if it has a name.
        component: which kind of constraint.
        messages: by language; the key is empty for a text without language.
        sources: names of the graphs that state the value at fault or, where there are too many
            values or none is named, any of them; A to Z.
    """

    severity: str
    focus: Node
    path: str | None
    value: Node | None
    shape: Node | None
    component: URIRef
    messages: Mapping[str, str]
    sources: tuple[URIRef, ...] = ()

    def message(self, language: str = _UNIVERSAL) -> str:
        """The message in the language, else in English, else in any."""
        for wanted in (language, _UNIVERSAL, ""):
            if wanted in self.messages:
                return self.messages[wanted]
        return next(iter(self.messages.values()), str(self.component))


@dataclass(frozen=True)
class Report:
    """What validation found, worst first."""

    results: tuple[Result, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is no result at all, as SHACL defines it."""
        return not self.results

    @property
    def passes(self) -> bool:
        """Whether no result is a violation."""
        return self.count("violation") == 0

    def count(self, severity: str) -> int:
        """The number of results of a severity."""
        return sum(result.severity == severity for result in self.results)

    def to_json(self) -> str:
        """The report as JSON: counts and results, terms as in SPARQL's JSON results."""
        return json.dumps(
            {
                "conforms": self.conforms,
                "counts": {name: self.count(name) for name in _SEVERITIES.values()},
                "results": [_as_json(result) for result in self.results],
            },
            ensure_ascii=False,
            indent=2,
        )

    def to_turtle(self, prefixes: Mapping[str, str] | None = None) -> str:
        """The report in SHACL's own vocabulary, with ``dcterms:source`` for the stating graphs."""
        written = ox.serialize(
            self._triples(),
            format=ox.RdfFormat.TURTLE,
            prefixes={**PREFIXES, **(prefixes or {})},
        )
        return (written or b"").decode()

    def _triples(self) -> Iterator[ox.Triple]:
        report = ox.BlankNode("report")
        conforms = ox.Literal(self.conforms)
        yield _triple(report, RDF.type, ox.NamedNode(str(SH.ValidationReport)))
        yield _triple(report, SH.conforms, conforms)
        nodes = [ox.BlankNode(f"result{number}") for number in range(len(self.results))]
        for node in nodes:
            yield _triple(report, SH.result, node)
        for node, result in zip(nodes, self.results, strict=True):
            yield from _result_triples(node, result)


class Rejected(ValidationFailure):
    """The data break a shape; ``report`` says where."""

    def __init__(self, report: Report, message: str) -> None:
        self.report = report
        super().__init__(message)


def validate(
    data: Graph, shapes: Graph, saying: Callable[[Triple], Iterable[URIRef]] | None = None
) -> Report:
    """Check data against shapes.

    Args:
        data: all that the shapes may look at, ontology and inferences included.
        shapes: the shapes.
        saying: gives the names of the graphs that state a triple, for ``Result.sources``.

    Raises:
        BuildError: the shapes themselves are at fault.
    """
    return _validate(data, shapes, saying, None)


def validate_files(sources: Sources, paths: Sequence[Path]) -> Report:
    """Check somebody's own files against an institution's shapes.

    The institution is background: the files may refer to all that it states, and only results about
    what the files state something of are reported.

    Raises:
        InputError: a file is unreadable.
        InconsistencyError: the files contradict the ontology or themselves.
    """
    with _silence("rdflib.term"):
        return _validate_files(sources, _told(paths))


def _validate_files(sources: Sources, told: _Told) -> Report:
    data = sources.merged()
    for name, triples in told.stated.items():
        if name is None or not name.endswith(DISPUTED):
            for triple in triples:
                data.add(triple)
    closure = Closure(sorted(data))
    check(closure, lambda triple: (*sources.saying(triple), *told.saying(triple)))
    names = {name for name in told.stated if name is not None}
    for triple in (*seen(data, closure.inferred()), *fact_graphs({*sources.fact_graphs(), *names})):
        data.add(triple)
    focus = {s for triples in told.stated.values() for s, _, _ in triples} | names
    shapes = aimed(sources.graph("shapes"), data, focus)
    found = _validate(data, shapes, told.saying, focus)
    return Report(tuple(sorted((*found.results, *told.ill_typed()), key=_order)))


@contextmanager
def _silence(name: str) -> Iterator[None]:
    """Log nothing: rdflib tells of an ill-typed literal with a traceback, the report in words."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def seen(stated: Graph, inferred: Iterable[Triple]) -> list[Triple]:
    """The inferences that the shapes are shown: no class of a thing that nobody describes.

    By the range of a link a misspelt IRI would be of just the class that the link's shape asks for.
    """
    return [
        (s, p, o)
        for s, p, o in inferred
        if not isinstance(s, Literal)
        and isinstance(p, URIRef)
        and (p != RDF.type or (s, None, None) in stated)
    ]


@dataclass(frozen=True)
class _Told:
    """What somebody's files state, by graph; None is the default graph."""

    stated: Mapping[URIRef | None, set[Triple]]

    def saying(self, triple: Triple) -> list[URIRef]:
        return sorted(
            n for n, triples in self.stated.items() if n is not None and triple in triples
        )

    def ill_typed(self) -> Iterator[Result]:
        """Literals outside the lexical space of their datatype, whatever the shapes say."""
        for triple in {t for triples in self.stated.values() for t in triples}:
            s, p, o = triple
            wrong = (
                fault(str(o), str(o.datatype)) if isinstance(o, Literal) and o.datatype else None
            )
            if wrong:
                yield Result(
                    severity="violation",
                    focus=s,
                    path=f"<{p}>",
                    value=o,
                    shape=None,
                    component=SH.DatatypeConstraintComponent,
                    messages=MappingProxyType({_UNIVERSAL: wrong}),
                    sources=tuple(self.saying(triple)),
                )


def _told(paths: Sequence[Path]) -> _Told:
    stated: dict[URIRef | None, set[Triple]] = {}
    for path in paths:
        for quad in parse_file(path):
            name = (
                None
                if isinstance(quad.graph_name, ox.DefaultGraph)
                else URIRef(str(from_oxigraph(quad.graph_name)))
            )
            try:
                triple = (
                    from_oxigraph(quad.subject),
                    from_oxigraph(quad.predicate),
                    from_oxigraph(quad.object),
                )
            except TypeError as error:
                raise InputError(
                    path, None, f"{error}; RDF 1.1 has none, write a statement"
                ) from error
            stated.setdefault(name, set()).add(triple)
    return _Told(stated)


def fact_graphs(names: Iterable[URIRef]) -> Iterator[Triple]:
    """What the shapes are told of the named graphs of facts."""
    for name in names:
        yield name, RDF.type, SD.NamedGraph
        if name.endswith(DISPUTED):
            yield name, DCTERMS.isPartOf, URIRef(str(name).removesuffix(DISPUTED))


def shorten(term: Node | None, prefixes: Mapping[str, str]) -> str:
    """A term for people: a prefixed name where one fits, a literal's text, else as in N-Triples."""
    if term is None:
        return ""
    if isinstance(term, Literal):
        return str(term)
    if isinstance(term, URIRef):
        for prefix, namespace in prefixes.items():
            if term.startswith(namespace) and len(term) > len(namespace):
                return f"{prefix}:{term[len(namespace) :]}"
        return f"<{term}>"
    return "a blank node"


def shorten_path(path: str, prefixes: Mapping[str, str]) -> str:
    """A property path (``Result.path``) for people: prefixed names where they fit."""
    return _IRI.sub(lambda match: shorten(URIRef(match[1]), prefixes), path)


def _validate(
    data: Graph,
    shapes: Graph,
    saying: Callable[[Triple], Iterable[URIRef]] | None,
    focus: set[Node] | None,
) -> Report:
    logger = logging.getLogger(__name__)
    try:
        _, report, text = pyshacl.validate(
            Asked(data), shacl_graph=spread(shapes), inplace=True, logger=logger
        )
    except (ReportableRuntimeError, SyntaxError) as error:
        raise BuildError(f"shapes/: {error}") from error
    if not isinstance(report, Graph):
        raise BuildError(f"shapes/: the shapes cannot be used: {text}")
    results = [
        _result(report, shapes, data, node, saying) for node in report.objects(None, SH.result)
    ]
    # A shape with a target node may ask something of the whole graph; the value says of what.
    whole = set(shapes.objects(None, SH.targetNode))
    chosen = [
        r
        for r in results
        if focus is None or r.focus in focus or (r.focus in whole and r.value in focus)
    ]
    return Report(tuple(sorted(chosen, key=_order)))


def _result(
    report: Graph,
    shapes: Graph,
    data: Graph,
    node: Node,
    saying: Callable[[Triple], Iterable[URIRef]] | None,
) -> Result:
    focus, value = report.value(node, SH.focusNode), report.value(node, SH.value)
    path = report.value(node, SH.resultPath)
    component = report.value(node, SH.sourceConstraintComponent)
    severity = URIRef(str(report.value(node, SH.resultSeverity)))
    at_fault: Iterable[Triple] = ()
    if focus is not None and isinstance(path, URIRef):
        at_fault = data.triples((focus, path, value))
    sources = {name for fact in at_fault for name in saying(fact)} if saying else set()
    return Result(
        severity=_SEVERITIES.get(severity, "violation"),
        focus=BNode() if focus is None else focus,
        path=None if path is None else _path(report, shapes, path),
        value=value,
        shape=report.value(node, SH.sourceShape),
        component=URIRef(str(component)),
        messages=MappingProxyType(_messages(report, shapes, node)),
        sources=tuple(sorted(sources)),
    )


def _messages(report: Graph, shapes: Graph, node: Node) -> dict[str, str]:
    """The messages of a result by language.

    pySHACL drops the language of a message of a SPARQL constraint
    (https://www.w3.org/TR/shacl/#sparql-constraints-example-messages); the shape's message, into
    which the values were put, still has it.
    """
    holders = (report.value(node, SH.sourceConstraint), report.value(node, SH.sourceShape))
    written = [m for h in holders if h is not None for m in shapes.objects(h, SH.message)]
    found: dict[str, str] = {}
    for message in sorted(report.objects(node, SH.resultMessage), key=str):
        language = message.language if isinstance(message, Literal) else None
        origins = (m for m in written if isinstance(m, Literal) and _made_from(message, m))
        found[language or next((m.language for m in origins if m.language), "")] = str(message)
    return found


def _made_from(message: Node, template: Literal) -> bool:
    """Whether the message is the template with values in place of ``{?variable}``."""
    fixed = re.split(r"\{[?$]\w+\}", str(template))
    return re.fullmatch(".*".join(map(re.escape, fixed)), str(message), re.DOTALL) is not None


def _path(report: Graph, shapes: Graph, path: Node) -> str:
    """A property path in SPARQL's syntax (https://www.w3.org/TR/shacl/#property-paths)."""
    if isinstance(path, URIRef):
        return f"<{path}>"
    graph = report if (path, None, None) in report else shapes
    for prop, pattern in _PATHS.items():
        inner = graph.value(path, prop)
        if inner is not None:
            return pattern.format(_path(report, shapes, inner))
    members = graph.value(path, SH.alternativePath)
    joined = "|" if members is not None else "/"
    steps = graph.items(path if members is None else members)
    return "(" + joined.join(_path(report, shapes, step) for step in steps) + ")"


_PATHS: Final = {
    SH.inversePath: "^{}",
    SH.zeroOrMorePath: "{}*",
    SH.oneOrMorePath: "{}+",
    SH.zeroOrOnePath: "{}?",
}


def _order(result: Result) -> tuple[int, str, str, str, str, str]:
    rank = list(_SEVERITIES.values()).index(result.severity)
    terms = (result.focus, result.path or "", result.value or "", result.shape or "")
    focus, path, value, shape = (str(term) for term in terms)
    return rank, focus, path, shape, str(result.component), value


def _as_json(result: Result) -> dict[str, object]:
    return {
        "severity": result.severity,
        "focus": _term(result.focus),
        "path": result.path,
        "value": None if result.value is None else _term(result.value),
        "shape": result.shape if isinstance(result.shape, URIRef) else None,
        "component": result.component,
        "messages": dict(sorted(result.messages.items())),
        "sources": list(result.sources),
    }


def _term(term: Node) -> dict[str, str]:
    """A term as in https://www.w3.org/TR/sparql11-results-json/#select-encode-terms."""
    if isinstance(term, Literal):
        extra = {"xml:lang": term.language} if term.language else {}
        datatype = {"datatype": str(term.datatype)} if term.datatype else {}
        return {"type": "literal", "value": str(term), **extra, **datatype}
    return {"type": "bnode" if isinstance(term, BNode) else "uri", "value": str(term)}


def _triple(s: ox.BlankNode, p: URIRef, o: ox.NamedNode | ox.BlankNode | ox.Literal) -> ox.Triple:
    return ox.Triple(s, ox.NamedNode(str(p)), o)


def _result_triples(node: ox.BlankNode, result: Result) -> Iterator[ox.Triple]:
    severity = next(iri for iri, name in _SEVERITIES.items() if name == result.severity)
    yield _triple(node, RDF.type, ox.NamedNode(str(SH.ValidationResult)))
    yield _triple(node, SH.resultSeverity, ox.NamedNode(str(severity)))
    yield _triple(node, SH.focusNode, to_oxigraph(result.focus))
    predicate = _IRI.fullmatch(result.path or "")
    if predicate:
        yield _triple(node, SH.resultPath, ox.NamedNode(predicate[1]))
    if result.value is not None:
        yield _triple(node, SH.value, to_oxigraph(result.value))
    if isinstance(result.shape, URIRef):
        yield _triple(node, SH.sourceShape, to_oxigraph(result.shape))
    yield _triple(node, SH.sourceConstraintComponent, to_oxigraph(result.component))
    for language, text in sorted(result.messages.items()):
        message = ox.Literal(text, language=language) if language else ox.Literal(text)
        yield _triple(node, SH.resultMessage, message)
    for name in result.sources:
        yield _triple(node, DCTERMS.source, to_oxigraph(name))

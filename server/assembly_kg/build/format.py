"""The one layout of a data file, and its proof.

Owns how Turtle and TriG in ``data/`` are written: prefixes A to Z, one block a subject, one
statement a line, the full stop alone on the last line, so that a new fact adds lines and changes
none. What a file says is never touched: the result is read again and must hold the same quads and
the same comments before it replaces anything. ``comments`` finds the comments; what the data mean
is for ``load`` and ``validate``.

The syntax is RDF 1.1 Turtle (https://www.w3.org/TR/turtle/) and TriG
(https://www.w3.org/TR/trig/); a prefixed name is used where the local part is a ``PN_LOCAL``
without escapes.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pyoxigraph as ox
from rdflib import Graph

from assembly_kg.build.comments import HEAD, TAIL, Place, comments
from assembly_kg.build.places import line_of_blank_node
from assembly_kg.errors import BuildError, InputError
from assembly_kg.namespaces import (
    DCTERMS,
    OA,
    PREFIXES,
    RDF,
    RDFS,
    SH,
    SKOS,
    VANN,
    XSD,
    declared_prefixes,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Layout", "data_files", "format_file", "format_text", "replace"]

_SYNTAXES: Final = {".ttl": ox.RdfFormat.TURTLE, ".trig": ox.RdfFormat.TRIG}
_SEGMENT_PREFIX: Final = "seg"
_LANGUAGES: Final = ("", "kk", "ru", "en")
_LABELS: Final = tuple(
    map(str, (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, RDFS.label, DCTERMS.title))
)
_ORDER: Final = re.compile("[+-]?[0-9]+")
_LAST: Final = sys.maxsize
_INDENT: Final = "    "

_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_CHARS: Final = f"{_BASE}_\\-0-9\u00b7\u0300-\u036f\u203f-\u2040"
_LOCAL: Final = re.compile(f"[{_BASE}_:0-9](?:[{_CHARS}.:]*[{_CHARS}:])?")
_BARE: Final = {
    str(XSD.integer): re.compile("[+-]?[0-9]+"),
    str(XSD.decimal): re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    str(XSD.boolean): re.compile("true|false"),
}
# What would end a line, in Turtle or in an editor, or show nothing at all.
_ESCAPED: Final = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]')
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class _Fact(NamedTuple):
    """A quad without blank nodes, by its IRIs; the graph is None for the default graph."""

    graph: str | None
    subject: str
    predicate: str
    object: ox.NamedNode | ox.Literal


@dataclass(frozen=True)
class Layout:
    """What the layout takes from the institution: its prefixes and the record vocabulary.

    Attributes:
        prefixes: prefix to namespace, the standards' and the institution's own.
        record: namespace of the record vocabulary (``Segment``, ``order`` …), if it is known.
    """

    prefixes: Mapping[str, str] = field(default_factory=lambda: dict(PREFIXES))
    record: str | None = None

    @classmethod
    def read(cls, root: Path) -> Layout:
        """The layout of the institution in a folder, from the header in its ``ontology/``.

        Raises:
            InputError: a file of the ontology is not Turtle.
            BuildError: two declarations of a prefix contradict each other.
        """
        wanted = {str(p) for p in (SH.declare, SH.prefix, SH.namespace, VANN.preferredNamespaceUri)}
        found = [
            f"{triple} ."
            for path in sorted((root / "ontology").glob("*.ttl"))
            for triple in _parse(path, _read(path))
            if triple.predicate.value in wanted
        ]
        header = Graph().parse(data="\n".join(found), format="nt")
        namespaces = sorted(
            str(value) for value in header.objects(None, VANN.preferredNamespaceUri)
        )
        return cls(
            prefixes={**PREFIXES, **declared_prefixes(header)},
            record=namespaces[0] if namespaces else None,
        )


def data_files(root: Path) -> list[Path]:
    """The files that the layout rules: every Turtle and TriG file in ``data/``."""
    return sorted(p for p in (root / "data").rglob("*") if p.suffix in _SYNTAXES and p.is_file())


def format_file(path: Path, layout: Layout) -> tuple[str, str]:
    """A file's text as it is and as it should be; nothing is written.

    Raises:
        InputError: as ``format_text``, or the file cannot be read.
    """
    text = _read(path)
    return text, format_text(path, text, layout)


def format_text(path: Path, text: str, layout: Layout) -> str:
    """The same quads and comments in the one layout.

    Args:
        path: names the file in messages; its suffix (``.ttl``, ``.trig``) tells the syntax.
        text: what the file says.
        layout: the institution's prefixes and record vocabulary.

    Raises:
        InputError: the text is not Turtle or TriG, or has blank nodes; with line and column.
        BuildError: the result would not say the same (a fault of ours); nothing is lost.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    facts = _facts(path, text)
    notes = comments(text)
    result = _Writer(layout, facts, notes).text()
    _prove(path, facts, notes, result)
    return result


def replace(path: Path, text: str) -> None:
    """Put the text in the file's place whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(path, None, f"cannot be read: {error.strerror}") from error
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(path, line, "is not UTF-8; save the file in UTF-8") from error


def _parse(path: Path, text: str) -> list[ox.Quad]:
    syntax = _SYNTAXES.get(path.suffix)
    if syntax is None:
        raise InputError(path, None, "is neither .ttl nor .trig, the two that have a layout")
    try:
        return list(ox.parse(text, format=syntax))
    except SyntaxError as error:
        fault = re.sub(r"^Parser error at line .*?: ", "", str(error.msg))
        raise InputError(path, error.lineno, fault, column=error.offset) from error


def _facts(path: Path, text: str) -> set[_Fact]:
    facts = set()
    for subject, predicate, value, graph in _parse(path, text):
        if any(isinstance(term, ox.BlankNode) for term in (subject, value, graph)):
            raise InputError(
                path,
                line_of_blank_node(text),
                "a blank node has no name to refer to and no place in data; give it an IRI",
            )
        if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            raise InputError(path, None, "triple terms are RDF 1.2; name a situation instead")
        name = graph.value if isinstance(graph, ox.NamedNode) else None
        facts.add(_Fact(name, subject.value, predicate.value, value))
    return facts


def _prove(
    path: Path, facts: set[_Fact], notes: Mapping[Place, tuple[str, ...]], result: str
) -> None:
    lost = facts ^ _facts(path, result)
    if lost or _texts(notes) != _texts(comments(result)):
        raise BuildError(
            f"{path}: the new layout would lose or add {lost or 'comments'}; "
            "the file is left as it was, please report this"
        )


def _texts(notes: Mapping[Place, tuple[str, ...]]) -> Counter[str]:
    return Counter(line for lines in notes.values() for line in lines if line)


class _Outline:
    """The order of a source file: the document, its segments, what is said of each.

    Without a described document everything stands A to Z.
    """

    def __init__(self, record: str | None, subjects: Mapping[str, list[_Fact]]) -> None:
        """Read what the default graph says of its subjects."""
        documents = _of_kind(subjects, f"{record}SourceDocument")
        self.document = documents[0] if len(documents) == 1 else None
        self.segments = {
            iri: _order(subjects[iri], f"{record}order")
            for iri in _of_kind(subjects, f"{record}Segment")
        }
        self.selectors = {
            fact.object.value: segment
            for segment in reversed(self.segments)
            for fact in subjects[segment]
            if fact.predicate == str(OA.hasSelector)
        }

    def subject(self, iri: str) -> tuple[int, int, str, int]:
        """Where a subject stands in the default graph; ties are broken by name."""
        if iri == self.document:
            return (0, 0, "", 0)
        if iri in self.segments:
            return (1, self.segments[iri], iri, 0)
        if (segment := self.selectors.get(iri)) is not None:
            return (1, self.segments[segment], segment, 1)
        return (2, 0, "", 0)

    def graph(self, iri: str) -> tuple[int, str, int]:
        """Where a named graph stands: with its segment, a graph below it right after."""
        if iri in self.segments:
            return (self.segments[iri], iri, 0)
        above = iri.rpartition("/")[0]
        if above in self.segments:
            return (self.segments[above], above, 1)
        return (_LAST, "", 0)


def _of_kind(subjects: Mapping[str, list[_Fact]], kind: str) -> list[str]:
    return sorted(
        {
            fact.subject
            for facts in subjects.values()
            for fact in facts
            if fact.predicate == str(RDF.type) and fact.object.value == kind
        }
    )


def _order(facts: Iterable[_Fact], predicate: str) -> int:
    orders = [fact.object.value for fact in facts if fact.predicate == predicate]
    return min((int(order) for order in orders if _ORDER.fullmatch(order)), default=_LAST)


class _Writer:
    """One file's quads as lines."""

    def __init__(
        self, layout: Layout, facts: Iterable[_Fact], notes: Mapping[Place, tuple[str, ...]]
    ) -> None:
        self.notes = notes
        self.graphs: dict[str | None, dict[str, list[_Fact]]] = defaultdict(dict)
        for fact in facts:
            self.graphs[fact.graph].setdefault(fact.subject, []).append(fact)
        self.outline = _Outline(layout.record, self.graphs.get(None, {}))
        self.prefixes = dict(layout.prefixes)
        if self.outline.document:
            self.prefixes[_SEGMENT_PREFIX] = f"{self.outline.document}/"
        self.namespaces = sorted(
            ((namespace, prefix) for prefix, namespace in self.prefixes.items()),
            key=lambda pair: (-len(pair[0]), pair[1]),
        )
        self.used: set[str] = set()

    def text(self) -> str:
        body = [self._blocks(None, "")]
        named = sorted(
            (graph for graph in self.graphs if graph is not None),
            key=lambda iri: (self.outline.graph(iri), iri),
        )
        body += [self._graph(graph) for graph in named]
        prefixes = [f"@prefix {p}: <{self.prefixes[p]}> ." for p in sorted(self.used)]
        parts = [self._notes(HEAD), prefixes, *body, self._tail()]
        return "\n".join(_spaced(parts))

    def _graph(self, graph: str) -> list[str]:
        end = self._notes(Place(graph, None, end=True), _INDENT)
        blocks = self._blocks(graph, _INDENT)
        inner = [*blocks, *([""] if end else []), *end]
        return [*self._notes(Place(graph, None)), f"GRAPH {self._iri(graph)} {{", *inner, "}"]

    def _blocks(self, graph: str | None, indent: str) -> list[str]:
        subjects = self.graphs.get(graph, {})
        place = self.outline.subject if graph is None else lambda _: (0, 0, "", 0)
        ordered = sorted(subjects, key=lambda iri: (place(iri), self._iri(iri)))
        return [
            line
            for at, subject in enumerate(ordered)
            for line in [*([""] if at else []), *self._block(graph, subject, indent)]
        ]

    def _block(self, graph: str | None, subject: str, indent: str) -> Iterator[str]:
        yield from self._notes(Place(graph, subject), indent)
        yield f"{indent}{self._iri(subject)}"
        for line in sorted(map(self._statement, self.graphs[graph][subject])):
            yield f"{indent}{_INDENT}{line[-1]} ;"
        yield f"{indent}{_INDENT}."

    def _statement(self, fact: _Fact) -> tuple[int, str, int, int, str, str]:
        """One statement's sort key; its last part is the line."""
        predicate = "a" if fact.predicate == str(RDF.type) else self._iri(fact.predicate)
        rank = 0 if predicate == "a" else 1 + _position(_LABELS, fact.predicate)
        language = _language(fact.object)
        return (
            rank,
            predicate,
            isinstance(fact.object, ox.Literal),
            _position(_LANGUAGES, language),
            language,
            f"{predicate} {self._value(fact.object)}",
        )

    def _value(self, term: ox.NamedNode | ox.Literal) -> str:
        if isinstance(term, ox.NamedNode):
            return self._iri(term.value)
        bare = _BARE.get(term.datatype.value)
        if bare and bare.fullmatch(term.value):
            return term.value
        quoted = f'"{_ESCAPED.sub(_escape, term.value)}"'
        if term.language:
            return f"{quoted}@{term.language}"
        if term.datatype.value == str(XSD.string):
            return quoted
        return f"{quoted}^^{self._iri(term.datatype.value)}"

    def _iri(self, iri: str) -> str:
        for namespace, prefix in self.namespaces:
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
                self.used.add(prefix)
                return f"{prefix}:{iri[len(namespace) :]}"
        return f"<{iri}>"

    def _notes(self, place: Place, indent: str = "") -> list[str]:
        return [f"{indent}{line}" if line else "" for line in self.notes.get(place, ())]

    def _tail(self) -> list[str]:
        """The file's last comments, after those of graphs that hold nothing."""
        places = [p for p in self.notes if p.graph not in self.graphs and p.graph and not p.subject]
        lines = [line for place in [*places, TAIL] for line in ["", *self._notes(place)]]
        return lines[1:]


def _position(ranking: tuple[str, ...], item: str) -> int:
    return ranking.index(item) if item in ranking else len(ranking)


def _language(term: ox.NamedNode | ox.Literal) -> str:
    return (isinstance(term, ox.Literal) and term.language) or ""


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def _spaced(parts: Iterable[list[str]]) -> Iterator[str]:
    """The parts that hold something, with an empty line between and a line end after the last."""
    for at, part in enumerate(part for part in parts if part):
        if at:
            yield ""
        yield from part
    yield ""

"""The files of an institution, read into named graphs; every fault with its file and line.

Owns which file holds what (``ontology/``, ``shapes/``, ``data/entities/``, ``data/dataset.ttl``,
``data/sources/<document>.trig``) and the rules that hold before any reasoning: the syntax, literals
in the lexical space of their datatype, no blank nodes in ``data/``, facts only in the graphs of
their own document's segments. What the statements must look like beyond that is for the shapes.

Parsing is Oxigraph's (https://www.w3.org/TR/turtle/, https://www.w3.org/TR/trig/); terms become
rdflib's with their lexical forms as written.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import Dataset, Graph, Literal, URIRef

from assembly_kg.build.canonical import canonical_blank_nodes
from assembly_kg.build.lexical import fault
from assembly_kg.build.places import line_of_blank_node, line_of_graph, line_of_iri, line_of_literal
from assembly_kg.build.terms import OxTerm, from_oxigraph
from assembly_kg.errors import InputError
from assembly_kg.namespaces import DCAT, DCTERMS, OWL, RDF, RDFS, SH, VANN, VOID, declared_prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from rdflib.term import Node

    from assembly_kg.rules import Triple

__all__ = ["DISPUTED", "File", "Rule", "Sources", "Terms", "load", "parse_file", "subclasses"]

DISPUTED: Final = "/disputed"
_FOLDERS: Final = ("ontology", "shapes", "data")
_PROJECTIONS: Final = "ontology/projections"
_SYNTAX: Final = re.compile(r"Parser error at line \d+ (?:between columns|column) [\d and]+: ")
_QUERY_PLACE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


@dataclass(frozen=True)
class File:
    """One file of the institution: its path below the root, with slashes, and its SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Rule:
    """A projection rule: its name and the text of its CONSTRUCT query."""

    name: str
    path: Path
    query: str


@dataclass(frozen=True)
class Terms:
    """The record vocabulary: the institution's namespace with the local names that we know."""

    namespace: str

    def __getitem__(self, name: str) -> URIRef:
        return URIRef(self.namespace + name)


@dataclass(frozen=True)
class Sources:
    """An institution as its files state it.

    Attributes:
        root: the folder.
        base: what the IRIs of graphs, documents and releases begin with (``void:uriSpace``).
        namespace: of the institution's ontology.
        prefixes: those that the ontology header declares.
        ontology: IRI of the ontology header.
        entry: IRI of the catalogue entry, the one ``dcat:Dataset``.
        version: of the release (``owl:versionInfo``).
        issued: the release date (``dcterms:issued``).
        dataset: the named graphs ``<base>ontology``, ``<base>shapes``, ``<base>entities``,
            ``<base>source/<document>``, one for each segment, and ``<segment>/disputed``.
        rules: the projection rules, A to Z.
        files: all files that were read, A to Z.
    """

    root: Path
    base: str
    namespace: str
    prefixes: Mapping[str, str]
    ontology: URIRef
    entry: URIRef
    version: str
    issued: date
    dataset: Dataset
    rules: tuple[Rule, ...]
    files: tuple[File, ...]

    @property
    def terms(self) -> Terms:
        """The record vocabulary of this institution."""
        return Terms(self.namespace)

    def graph(self, name: str) -> Graph:
        """One of the graphs named in the class's description, by what follows the base."""
        return self.dataset.graph(URIRef(self.base + name))

    def names(self) -> list[URIRef]:
        """The names of all graphs, A to Z."""
        default = self.dataset.default_graph.identifier
        return sorted(
            URIRef(str(graph.identifier))
            for graph in self.dataset.graphs()
            if graph.identifier != default and len(graph)
        )

    def fact_graphs(self) -> list[URIRef]:
        """The names of the graphs that hold a segment's facts or disputed claims, A to Z."""
        below = f"{self.base}source/"
        return [
            n for n in self.names() if "/" in str(n).removeprefix(below) and n.startswith(below)
        ]

    def accepted(self) -> Iterator[tuple[URIRef, Graph]]:
        """The graphs that are merged into the default graph: all but the disputed ones."""
        for name in self.names():
            if not name.endswith(DISPUTED):
                yield name, self.dataset.graph(name)

    @cached_property
    def stated(self) -> Graph:
        """The accepted statements about the world and the words they use, without the shapes.

        One graph for all who read it; ``merged`` gives a copy to add to.
        """
        stated = Graph()
        for name, graph in self.accepted():
            if str(name) != f"{self.base}shapes":
                for triple in graph:
                    stated.add(triple)
        return stated

    def merged(self) -> Graph:
        """A new graph of all that is ``stated``."""
        return Graph() + self.stated

    def saying(self, triple: Triple) -> list[URIRef]:
        """The names of the graphs that state the triple, A to Z."""
        return [name for name, graph in self.accepted() if triple in graph]


def load(root: Path) -> Sources:
    """Read an institution's folder.

    Raises:
        InputError: a file is missing, unreadable or breaks a rule of this module.
    """
    reader = _Reader(root)
    return reader.read()


def subclasses(schema: Graph, top: URIRef) -> frozenset[URIRef]:
    """A class and all its named subclasses."""
    found = schema.transitive_subjects(RDFS.subClassOf, top)
    return frozenset(c for c in found if isinstance(c, URIRef))


def parse_file(
    path: Path, shown: Path | str | None = None, *, data: bytes | None = None
) -> list[ox.Quad]:
    """The quads of a file in any RDF format that its extension names.

    Blank nodes get labels that no other file has.

    Args:
        path: the file.
        shown: the name for messages, by default the path.
        data: the content, if it has been read already.

    Raises:
        InputError: the file cannot be read, its extension names no format, or its syntax is wrong.
    """
    shown = path if shown is None else shown
    kind = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
    if kind is None:
        raise InputError(
            shown,
            None,
            f'"{path.suffix}" names no RDF format; use .ttl, .trig, .nt, .nq, .rdf, .jsonld',
        )
    content = read(path, shown) if data is None else data
    try:
        return list(ox.parse(content, kind, base_iri=None, rename_blank_nodes=True))
    except SyntaxError as error:
        raise InputError(shown, error.lineno, _said(error)) from error


def read(path: Path, shown: Path | str) -> bytes:
    """The bytes of a file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(shown, None, f"cannot be read: {error.strerror}") from error


def _said(error: SyntaxError) -> str:
    """The parser's message, with the column and advice for what people get wrong most."""
    message = _SYNTAX.sub("", error.msg)
    if "has not been declared" in message:
        prefix = message.split()[2].removesuffix(":")
        message = f'the prefix "{prefix}" is not declared; add a PREFIX line for it'
    elif "No scheme found" in message:
        message = "a relative IRI; write the whole IRI or a prefixed name"
    column = f" (column {error.offset})" if error.offset else ""
    return message + column


class _Reader:
    """One pass over the files of an institution."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.dataset = Dataset()
        self.files: list[File] = []
        self.convert = _Converter()

    def read(self) -> Sources:
        for folder in _FOLDERS:
            if not (self.root / folder).is_dir():
                raise InputError(
                    self.root / folder,
                    None,
                    "no such folder; an institution has ontology/, data/, shapes/",
                )
        ontology = self._graph(self._files("ontology", "*.ttl"), blank_nodes=True)
        header, namespace = self._header(ontology)
        entities = self._graph(
            [self.root / "data/dataset.ttl", *self._files("data/entities", "*.ttl")],
            blank_nodes=False,
        )
        entry, base, version, issued = self._entry(entities)
        shapes = self._graph(self._files("shapes", "*.ttl"), blank_nodes=True)
        self._reject_strays()
        for name, triples in (("ontology", ontology), ("entities", entities), ("shapes", shapes)):
            self._add(URIRef(base + name), triples)
        for path in self._files("data/sources", "*.trig"):
            self._document(path, base, namespace)
        rules = tuple(self._rule(path) for path in self._files(_PROJECTIONS, "*.rq"))
        return Sources(
            root=self.root,
            base=base,
            namespace=namespace,
            prefixes=declared_prefixes(ontology),
            ontology=header,
            entry=entry,
            version=version,
            issued=issued,
            dataset=self.dataset,
            rules=rules,
            files=tuple(sorted(self.files, key=lambda file: file.path)),
        )

    def _files(self, folder: str, pattern: str) -> list[Path]:
        return sorted(
            path
            for path in (self.root / folder).rglob(pattern)
            if path.is_file() and not path.name.startswith(".")
        )

    def _reject_strays(self) -> None:
        """A file that looks like data but is not where data are read would be lost silently."""
        known = {self.root / "data/dataset.ttl", *self._files("data/entities", "*.ttl")}
        known |= set(self._files("data/sources", "*.trig"))
        for path in self._files("data", "*"):
            if path.suffix.lower() not in {"", ".txt", ".md"} and path not in known:
                raise InputError(
                    path,
                    None,
                    "is not read here; entities stand in data/entities/*.ttl, "
                    "documents in data/sources/<document>.trig",
                )

    def _parse(self, path: Path, *, blank_nodes: bool) -> tuple[str, list[ox.Quad]]:
        data = read(path, path)
        self._note(path, data)
        quads = parse_file(path, data=data)
        text = data.decode("utf-8")
        for quad in quads:
            if isinstance(quad.object, ox.Literal):
                wrong = fault(quad.object.value, quad.object.datatype.value)
                if wrong:
                    raise InputError(path, line_of_literal(text, quad.object), wrong)
            if not blank_nodes and ox.BlankNode in (type(quad.subject), type(quad.object)):
                raise InputError(
                    path,
                    line_of_blank_node(text),
                    "a blank node; data name everything: give it an IRI",
                )
        return text, quads

    def _note(self, path: Path, data: bytes) -> None:
        name = path.relative_to(self.root).as_posix()
        self.files.append(File(name, hashlib.sha256(data).hexdigest()))

    def _graph(self, paths: Iterable[Path], *, blank_nodes: bool) -> Graph:
        quads = [q for path in paths for q in self._parse(path, blank_nodes=blank_nodes)[1]]
        graph = Graph()
        for quad in canonical_blank_nodes(quads):
            graph.add(self.convert.triple(quad))
        return graph

    def _add(self, name: URIRef, triples: Iterable[Triple]) -> None:
        graph = self.dataset.graph(name)
        for triple in triples:
            graph.add(triple)

    def _header(self, ontology: Graph) -> tuple[URIRef, str]:
        headers = [
            (subject, str(namespace))
            for subject, namespace in ontology.subject_objects(VANN.preferredNamespaceUri)
            if (subject, SH.declare, None) in ontology and isinstance(subject, URIRef)
        ]
        if len(headers) != 1:
            raise InputError(
                self.root / "ontology",
                None,
                f"{len(headers)} ontology headers with vann:preferredNamespaceUri and sh:declare; "
                "write one owl:Ontology that has both",
            )
        return headers[0]

    def _entry(self, entities: Graph) -> tuple[URIRef, str, str, date]:
        path = self.root / "data/dataset.ttl"
        entries = [s for s in entities.subjects(RDF.type, DCAT.Dataset) if isinstance(s, URIRef)]
        if len(entries) != 1:
            raise InputError(path, None, f"{len(entries)} dcat:Dataset; describe exactly one")
        (entry,) = entries

        def one(prop: URIRef, name: str) -> Literal:
            values = list(entities.objects(entry, prop))
            if len(values) != 1 or not isinstance(values[0], Literal):
                raise InputError(path, None, f"<{entry}> needs exactly one literal {name}")
            return values[0]

        base = str(one(VOID.uriSpace, "void:uriSpace"))
        version = str(one(OWL.versionInfo, "owl:versionInfo"))
        if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.+_-]*", version):
            raise InputError(path, None, f'owl:versionInfo "{version}"; write one like 1.2.0')
        issued = one(DCTERMS.issued, "dcterms:issued (the release date)").value
        if type(issued) is not date:
            raise InputError(
                path, None, "dcterms:issued is not an xsd:date; write the release date"
            )
        return entry, base, version, issued

    def _document(self, path: Path, base: str, namespace: str) -> None:
        text, quads = self._parse(path, blank_nodes=False)
        document = f"{base}source/{path.stem}"
        terms = Terms(namespace)
        described = {
            quad.subject.value
            for quad in quads
            if isinstance(quad.subject, ox.NamedNode)
            and quad.predicate.value == str(RDF.type)
            and isinstance(quad.graph_name, ox.DefaultGraph)
            and quad.object == ox.NamedNode(terms["Segment"])
        }
        for quad in quads:
            if isinstance(quad.graph_name, ox.DefaultGraph):
                self._check_description(path, text, document, quad)
                self._add_quad(URIRef(document), quad)
                continue
            name = quad.graph_name.value
            if name.removesuffix(DISPUTED) not in described or not name.startswith(f"{document}/"):
                raise InputError(
                    path,
                    line_of_graph(text, name),
                    f"the graph <{name}> is not of this document; facts stand in a graph named as "
                    f"a segment <{document}/...> described here, or in <segment>{DISPUTED}",
                )
            self._add_quad(URIRef(name), quad)

    def _check_description(self, path: Path, text: str, document: str, quad: ox.Quad) -> None:
        subject = str(self.convert.triple(quad)[0])
        if subject != document and not subject.startswith(f"{document}/"):
            raise InputError(
                path,
                line_of_iri(text, subject),
                f"a statement about <{subject}> stands outside of any segment; "
                "put it in the graph of the segment that says it",
            )

    def _add_quad(self, name: URIRef, quad: ox.Quad) -> None:
        self.dataset.graph(name).add(self.convert.triple(quad))

    def _rule(self, path: Path) -> Rule:
        data = read(path, path)
        self._note(path, data)
        try:
            query = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(path, None, "is not UTF-8") from error
        try:
            ox.Store().query(query)
        except SyntaxError as error:
            place = _QUERY_PLACE.match(error.msg)
            line, said = (int(place[1]), place[3]) if place else (None, error.msg)
            raise InputError(path, line, f"is not SPARQL: {said}") from error
        return Rule(path.stem, path, query)


class _Converter:
    """Oxigraph's terms as rdflib's, each made once."""

    def __init__(self) -> None:
        self._made: dict[OxTerm, Node] = {}

    def triple(self, quad: ox.Quad) -> Triple:
        return self._term(quad.subject), self._term(quad.predicate), self._term(quad.object)

    def _term(self, term: OxTerm) -> Node:
        made = self._made.get(term)
        if made is None:
            made = self._made[term] = from_oxigraph(term)
        return made

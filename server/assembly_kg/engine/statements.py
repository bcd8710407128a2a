"""What the graph made of a document: its sentences in order, each with its statements.

Owns the reading of documents and of the graphs that are named like their sentences, the rejected
ones included. One thing's own description is ``description``'s.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assembly_kg.engine.description import Note, notes
from assembly_kg.engine.repository import Term, brackets, chunks
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import DCTERMS, OA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assembly_kg.engine.repository import Repository

__all__ = ["Document", "Sentence", "Statement", "documents", "sentence", "sentences"]

_DISPUTED: Final = "/disputed"


@dataclass(frozen=True, slots=True)
class Statement:
    """A triple of a sentence's graph; ``rejected``: the record does not accept it."""

    subject: str
    property: str
    value: Term
    rejected: bool = False


@dataclass(frozen=True)
class Sentence:
    """A sentence or article, and the statements that it supports, by subject."""

    note: Note
    statements: tuple[Statement, ...]

    def iris(self) -> Iterator[str]:
        """Everything that it names."""
        yield from (self.note.document, self.note.certainty)
        for said in self.statements:
            yield from (said.subject, said.property)
            if said.value.is_iri:
                yield said.value.value

    @property
    def by_subject(self) -> list[tuple[str, list[Statement]]]:
        """The statements, each subject's together."""
        grouped: dict[str, list[Statement]] = {}
        for said in self.statements:
            grouped.setdefault(said.subject, []).append(said)
        return list(grouped.items())


@dataclass(frozen=True, slots=True)
class Document:
    """A source: how many sentences of it are read, and what is known of its making."""

    iri: str
    issued: str
    languages: tuple[str, ...]
    publishers: tuple[Term, ...]
    sentences: int


def documents(repository: Repository) -> list[Document]:
    """All source documents, A to Z."""
    record = vocabulary(repository).record
    rows = repository.select(f"""
SELECT ?d ?issued ?language ?publisher {{ ?d a {record.ref("SourceDocument")}
  OPTIONAL {{ ?d <{DCTERMS.issued}> ?issued }}
  OPTIONAL {{ ?d <{DCTERMS.language}> ?language }}
  OPTIONAL {{ ?d <{DCTERMS.publisher}> ?publisher }} }} ORDER BY ?d""")
    counts = {
        row["d"].value: int(row["n"].value)
        for row in repository.select(
            f"SELECT ?d (COUNT(*) AS ?n) {{ ?s a {record.ref('Segment')} ; "
            f"<{OA.hasSource}> ?d }} GROUP BY ?d"
        )
        if "d" in row
    }
    found: dict[str, dict[str, list[Term]]] = {}
    for row in rows:
        told = found.setdefault(row["d"].value, defaultdict(list))
        for name in ("issued", "language", "publisher"):
            if name in row and row[name] not in told[name]:
                told[name].append(row[name])
    return [
        Document(
            iri=iri,
            issued=told["issued"][0].value if told["issued"] else "",
            languages=tuple(term.value for term in told["language"]),
            publishers=tuple(told["publisher"]),
            sentences=counts.get(iri, 0),
        )
        for iri, told in found.items()
    ]


def sentences(repository: Repository, document: str) -> list[Sentence]:
    """The sentences of a document that the graph uses, in the document's order."""
    rows = repository.select(f"SELECT DISTINCT ?s {{ ?s <{OA.hasSource}> {brackets(document)} }}")
    found = notes(repository, (row["s"].value for row in rows))
    said = _statements(repository, found)
    return [
        Sentence(note, tuple(said[note.segment]))
        for note in sorted(found.values(), key=lambda n: (n.order, n.segment))
    ]


def sentence(repository: Repository, segment: str) -> Sentence | None:
    """One sentence; None if there is none of this name."""
    found = notes(repository, [segment])
    if segment not in found:
        return None
    return Sentence(found[segment], tuple(_statements(repository, found)[segment]))


def _statements(
    repository: Repository, segments: Iterable[str]
) -> defaultdict[str, list[Statement]]:
    graphs = repository.catalogue.graphs
    names = [
        name for segment in segments for name in (segment, segment + _DISPUTED) if name in graphs
    ]
    said: defaultdict[str, list[Statement]] = defaultdict(list)
    for batch in chunks(sorted(names)):
        values = " ".join(map(brackets, batch))
        rows = repository.select(
            f"SELECT ?g ?s ?p ?o {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }} "
            "ORDER BY ?g ?s ?p ?o"
        )
        for row in rows:
            graph = row["g"].value
            rejected = graph.endswith(_DISPUTED)
            segment = graph.removesuffix(_DISPUTED)
            said[segment].append(Statement(row["s"].value, row["p"].value, row["o"], rejected))
    known = vocabulary(repository)
    for some in said.values():
        some.sort(key=lambda one: (one.subject, known.place(one.property), one.property))
    return said

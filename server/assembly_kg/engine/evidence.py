"""Who says so: the segment behind a named graph, with its exact words, and the disputes about it.

Owns the reading of segments (Web Annotation selectors,
https://www.w3.org/TR/annotation-model/#selectors, and the record vocabulary) and of disputes from a
store. Which graphs state a triple is ``world``'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine.world import DISPUTED
from assembly_kg.namespaces import OA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assembly_kg.engine.world import Term, Triple, World

__all__ = ["Dispute", "Evidence", "Statement"]

_DEFAULT: Final = ox.DefaultGraph()


@dataclass(frozen=True)
class Statement:
    """One graph that states a triple.

    Attributes:
        graph: its name.
        kind: ``segment``, ``source`` (the description of a document), ``entities``, ``ontology``,
            ``description`` (of the dataset, its graphs and shapes) or ``graph``.
        rejected: it is a disputed graph, so the record does not accept what it says.
        segment, document: IRIs; empty where it is no segment.
        exact, language: the words, and the language that they are in.
        translations: working translations, by language.
        start, end: where the words stand in the document's text, in Unicode characters, the end
            exclusive; None where the text is not in the repository.
        locator: how people cite the place.
        certainty: IRI of the concept; empty where it is not said.
    """

    graph: str
    kind: str
    rejected: bool = False
    segment: str = ""
    document: str = ""
    exact: str = ""
    language: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)
    start: int | None = None
    end: int | None = None
    locator: str = ""
    certainty: str = ""


@dataclass(frozen=True)
class Dispute:
    """A disagreement of sources about one property of one thing.

    Attributes:
        iri: of the dispute.
        accepted, rejected: values.
        accepted_by, rejected_by: segments on either side.
        judgement: IRI of the concept; empty where none is given.
        reasons: by language.
    """

    iri: str
    accepted: tuple[Term, ...] = ()
    rejected: tuple[Term, ...] = ()
    accepted_by: tuple[str, ...] = ()
    rejected_by: tuple[str, ...] = ()
    judgement: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


class Evidence:
    """Reads segments and disputes from a world's store."""

    def __init__(self, world: World) -> None:
        self._store = world.store
        self._catalogue = world.catalogue
        self._known: dict[str, Statement] = {}

    def of_graph(self, graph: str) -> Statement:
        """What is known of a graph as a source."""
        if graph not in self._known:
            self._known[graph] = self._read(graph)
        return self._known[graph]

    def disputes(self, triple: Triple) -> list[Dispute]:
        """The disputes about this property of this subject, A to Z."""
        s, p, _ = triple
        about = self._subjects("disputedSubject", s)
        return [
            self._dispute(dispute)
            for dispute in about
            if p in self._values(dispute, self._term("disputedProperty"))
        ]

    def _term(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(f"{self._catalogue.namespace}{name}")

    def _values(self, subject: ox.NamedNode, p: ox.NamedNode) -> list[Term]:
        found = self._store.quads_for_pattern(subject, p, None, _DEFAULT)
        return sorted((quad.object for quad in found), key=str)

    def _subjects(self, name: str, o: Term) -> list[ox.NamedNode]:
        if not self._catalogue.namespace:
            return []
        found = self._store.quads_for_pattern(None, self._term(name), o, _DEFAULT)
        return sorted((q.subject for q in found if isinstance(q.subject, ox.NamedNode)), key=str)

    def _dispute(self, dispute: ox.NamedNode) -> Dispute:
        def values(name: str) -> tuple[Term, ...]:
            return tuple(self._values(dispute, self._term(name)))

        def iris(name: str) -> tuple[str, ...]:
            return tuple(v.value for v in values(name) if isinstance(v, ox.NamedNode))

        reasons = [v for v in values("reason") if isinstance(v, ox.Literal)]
        return Dispute(
            iri=dispute.value,
            accepted=values("acceptedValue"),
            rejected=values("rejectedValue"),
            accepted_by=iris("acceptedSegment"),
            rejected_by=iris("rejectedSegment"),
            judgement=next(iter(iris("judgement")), ""),
            reasons={reason.language or "": reason.value for reason in reasons},
        )

    def _read(self, graph: str) -> Statement:
        base = self._catalogue.base
        if not base or not graph.startswith(base):
            return Statement(graph, "graph")
        below = graph.removeprefix(base)
        if below in {"entities", "ontology"}:
            return Statement(graph, below)
        if not below.startswith("source/"):
            return Statement(graph, "description")
        if below.count("/") == 1:
            return Statement(graph, "source", document=graph)
        return self._segment(graph)

    def _segment(self, graph: str) -> Statement:
        segment = ox.NamedNode(graph.removesuffix(DISPUTED))
        exact = language = ""
        start = end = None
        for selector in self._values(segment, ox.NamedNode(str(OA.hasSelector))):
            if not isinstance(selector, ox.NamedNode):
                continue
            for words in self._values(selector, ox.NamedNode(str(OA.exact))):
                if isinstance(words, ox.Literal):
                    exact, language = words.value, words.language or ""
            start = _number(self._values(selector, ox.NamedNode(str(OA.start))), start)
            end = _number(self._values(selector, ox.NamedNode(str(OA.end))), end)
        translations = self._values(segment, self._term("workingTranslation"))
        document = self._values(segment, ox.NamedNode(str(OA.hasSource)))
        return Statement(
            graph,
            "segment",
            rejected=graph.endswith(DISPUTED),
            segment=segment.value,
            document=_first(document),
            exact=exact,
            language=language,
            translations={
                text.language or "": text.value
                for text in translations
                if isinstance(text, ox.Literal)
            },
            start=start,
            end=end,
            locator=_first(self._values(segment, self._term("locator"))),
            certainty=_first(self._values(segment, self._term("certainty"))),
        )


def _first(terms: list[Term]) -> str:
    return next((t.value for t in terms if isinstance(t, ox.NamedNode | ox.Literal)), "")


def _number(terms: list[Term], known: int | None) -> int | None:
    return next((int(term.value) for term in terms if isinstance(term, ox.Literal)), known)

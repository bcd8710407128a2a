"""Everything the graph says about one thing, sorted by where it comes from.

Owns the reading: which facts are stated in a sentence, which only recorded, computed for a day or
inferred, which are disputed, and the situations that the thing is in. How it is shown is ``web``'s.
The record vocabulary is found through the ontology header (``vocabulary``); names of segments and
their exact words follow Web Annotation (https://www.w3.org/TR/annotation-model/#selectors).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from assembly_kg.engine.repository import Row, Term, brackets, chunks
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import ELI, OA, RDF, RDFS, SD, SKOS, VOID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assembly_kg.engine.repository import Repository
    from assembly_kg.engine.vocabulary import Vocabulary

__all__ = [
    "Description",
    "Dispute",
    "Fact",
    "Incoming",
    "Note",
    "Period",
    "Situation",
    "describe",
    "notes",
    "period_of",
    "situations",
]

STATED: Final = "stated"
RECORDED: Final = "recorded"
COMPUTED: Final = "computed"
INFERRED: Final = "inferred"
_TYPE: Final = str(RDF.type)
_NAMES: Final = frozenset(map(str, (RDF.type, SKOS.prefLabel, RDFS.label)))
_DAYS: Final = (
    "validFrom",
    "validUntil",
    "beginsNotBefore",
    "beginsNotAfter",
    "endsNotBefore",
    "endsNotAfter",
    "occurredOn",
    "occurredUntil",
    "occurredNotBefore",
    "occurredNotAfter",
)
_INCOMING: Final = 2000
# What a dataset says of its own graphs is told after what is said of the things in them.
_TECHNICAL: Final = (str(VOID), str(SD))
_DISPUTED: Final = "/disputed"


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one property.

    Attributes:
        basis: ``stated`` in sentences, ``recorded`` with the thing itself, ``computed`` from
            situations for a day, ``inferred`` by the ontology.
        segments: the sentences that say so, A to Z.
    """

    property: str
    value: Term
    basis: str
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """A time in days, as exactly as it is known; an empty day is not known.

    ``until`` is the first day on which it no longer holds. For an event ``begin`` is its day and
    ``until`` its last day.
    """

    begin: str = ""
    until: str = ""
    begin_earliest: str = ""
    begin_latest: str = ""
    end_earliest: str = ""
    end_latest: str = ""
    event: bool = False

    @property
    def first(self) -> str:
        """The earliest day that it may have begun on, for sorting and drawing."""
        return self.begin or self.begin_earliest or self.begin_latest

    @property
    def known(self) -> bool:
        """Whether any day is."""
        return bool(self.first or self.until or self.end_earliest or self.end_latest)


@dataclass(frozen=True)
class Situation:
    """Something that can end: its kind, its time, and what it says besides."""

    iri: str
    types: tuple[str, ...]
    period: Period
    facts: tuple[Fact, ...]
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A thing whose property has this one as its value."""

    property: str
    subject: str
    basis: str
    segments: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """A sentence or article: where it stands and its exact words.

    Attributes:
        translations: working translations, language → text.
        position: code points from and to, in the document's text; None where it is not held.
    """

    segment: str
    document: str
    locator: str
    exact: str
    language: str
    translations: Mapping[str, str]
    certainty: str
    order: int
    position: tuple[int, int] | None = None


@dataclass(frozen=True)
class Dispute:
    """Sources that contradict each other, and how that was judged."""

    iri: str
    subject: str
    property: str
    accepted: tuple[Term, ...]
    rejected: tuple[Term, ...]
    accepted_segments: tuple[str, ...]
    rejected_segments: tuple[str, ...]
    judgement: str
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Description:
    """What is known about one thing; ``implied`` facts follow from more telling ones."""

    iri: str
    types: tuple[str, ...]
    classes: frozenset[str]
    facts: tuple[Fact, ...]
    implied: tuple[Fact, ...]
    situations: tuple[Situation, ...]
    incoming: tuple[Incoming, ...]
    incoming_cut: bool
    disputes: tuple[Dispute, ...]
    period: Period
    notes: Mapping[str, Note] = field(default_factory=dict)

    def iris(self) -> Iterator[str]:
        """Everything that a page about it names."""
        yield self.iri
        yield from self.classes
        for fact in (*self.facts, *self.implied):
            yield from _iris(fact)
        for situation in self.situations:
            yield situation.iri
            yield from situation.types
            for fact in situation.facts:
                yield from _iris(fact)
        for link in self.incoming:
            yield from (link.property, link.subject)
        for note in self.notes.values():
            yield from (note.document, note.certainty)
        for dispute in self.disputes:
            yield from (dispute.iri, dispute.property, dispute.judgement, dispute.subject)
            yield from (t.value for t in (*dispute.accepted, *dispute.rejected) if t.is_iri)


def _iris(fact: Fact) -> Iterator[str]:
    yield fact.property
    if fact.value.is_iri:
        yield fact.value.value


def describe(repository: Repository, iri: str, slice_: str = "") -> Description | None:
    """What the graph says about a thing; None if it says nothing.

    Args:
        repository: the graph.
        iri: the thing.
        slice_: the graph of a day; only what holds on that day is told. Empty: the default graph.
    """
    known = vocabulary(repository)
    rows = repository.select(_everything(repository, iri, slice_))
    if not rows:
        return None
    facts = list(_facts(repository, rows, slice_))
    classes = frozenset(f.value.value for f in facts if f.property == _TYPE)
    told, implied = _divide(known, [f for f in facts if f.property not in _NAMES], classes)
    about = situations(repository, iri, slice_)
    incoming, cut = _incoming(repository, iri, slice_, {s.iri for s in about})
    quarrels = disputes(repository, iri)
    cited: set[str] = set()
    for part in (told, implied, incoming, about):
        cited.update(segment for one in part for segment in one.segments)
    for quarrel in quarrels:
        cited.update(quarrel.accepted_segments, quarrel.rejected_segments)
    return Description(
        iri=iri,
        types=tuple(known.narrowest(classes)),
        classes=classes,
        facts=tuple(told),
        implied=tuple(implied),
        situations=tuple(about),
        incoming=tuple(incoming),
        incoming_cut=cut,
        disputes=tuple(quarrels),
        period=period_of(known, facts),
        notes=notes(repository, cited),
    )


def situations(repository: Repository, iri: str, slice_: str = "") -> list[Situation]:
    """The situations that are about a thing, by the day they began."""
    known = vocabulary(repository)
    record = known.record
    where = f"?s {record.ref('about')} {brackets(iri)} ; a {record.ref('Situation')}"
    if slice_:
        where = f"GRAPH {brackets(slice_)} {{ {where} }}"
    names = [row["s"].value for row in repository.select(f"SELECT DISTINCT ?s {{ {where} }}")]
    return read_situations(repository, names, but=iri)


def read_situations(
    repository: Repository, names: Sequence[str], *, but: str = ""
) -> list[Situation]:
    """Situations (or events) by their names; ``but`` is the thing whose page tells of them."""
    known = vocabulary(repository)
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for batch in chunks(sorted(names)):
        for row in repository.select(_of_many(repository, batch)):
            rows[row["s"].value].append(row)
    found = []
    days = {known.record.namespace + day for day in _DAYS}
    for name, own in rows.items():
        facts = list(_facts(repository, own, ""))
        classes = {f.value.value for f in facts if f.property == _TYPE}
        told, _ = _divide(known, facts, classes)
        found.append(
            Situation(
                iri=name,
                types=tuple(known.narrowest(classes)),
                period=period_of(known, facts),
                facts=tuple(
                    f
                    for f in told
                    if f.property not in days | _NAMES
                    and f.value.value != but
                    and f.basis in {STATED, RECORDED}
                ),
                segments=tuple(sorted({s for f in told for s in f.segments})),
            )
        )
    return sorted(found, key=lambda s: (s.period.first or "9999", s.iri))


def period_of(known: Vocabulary, facts: Iterable[Fact]) -> Period:
    """The time of a situation, an event or an act."""
    days: dict[str, str] = {}
    adopted = ""
    for fact in facts:
        name = fact.property.removeprefix(known.record.namespace)
        if name in _DAYS:
            days[name] = fact.value.value
        elif fact.property == str(ELI.date_document):
            adopted = fact.value.value
    event = adopted or any(name.startswith("occurred") for name in days)
    if event:
        return Period(
            begin=days.get("occurredOn", adopted),
            until=days.get("occurredUntil", ""),
            begin_earliest=days.get("occurredNotBefore", ""),
            begin_latest=days.get("occurredNotAfter", ""),
            event=True,
        )
    return Period(
        begin=days.get("validFrom", ""),
        until=days.get("validUntil", ""),
        begin_earliest=days.get("beginsNotBefore", ""),
        begin_latest=days.get("beginsNotAfter", ""),
        end_earliest=days.get("endsNotBefore", ""),
        end_latest=days.get("endsNotAfter", ""),
    )


def notes(repository: Repository, segments: Iterable[str]) -> dict[str, Note]:
    """What sentences say, word for word."""
    record = vocabulary(repository).record
    found: dict[str, Note] = {}
    for batch in chunks(sorted(segments)):
        names = " ".join(map(brackets, batch))
        rows = repository.select(f"""
SELECT ?s ?document ?locator ?exact ?translation ?certainty ?order ?start ?end {{
  VALUES ?s {{ {names} }}
  ?s <{OA.hasSource}> ?document .
  OPTIONAL {{ ?s {record.ref("locator")} ?locator }}
  OPTIONAL {{ ?s {record.ref("order")} ?order }}
  OPTIONAL {{ ?s {record.ref("certainty")} ?certainty }}
  OPTIONAL {{ ?s {record.ref("workingTranslation")} ?translation }}
  OPTIONAL {{ ?s <{OA.hasSelector}> ?quote . ?quote <{OA.exact}> ?exact }}
  OPTIONAL {{ ?s <{OA.hasSelector}> ?place . ?place <{OA.start}> ?start ; <{OA.end}> ?end }}
}}""")
        found |= _read_notes(rows)
    return found


def _read_notes(rows: list[Row]) -> dict[str, Note]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["s"].value].append(row)
    found = {}
    for segment, own in grouped.items():
        first = own[0]
        exact = first.get("exact", Term("", "literal"))
        translations = {
            r["translation"].language: r["translation"].value for r in own if "translation" in r
        }
        found[segment] = Note(
            segment=segment,
            document=first["document"].value,
            locator=first["locator"].value if "locator" in first else "",
            exact=exact.value,
            language=exact.language,
            translations=translations,
            certainty=first["certainty"].value if "certainty" in first else "",
            order=int(first["order"].value) if "order" in first else 0,
            position=(int(first["start"].value), int(first["end"].value))
            if "start" in first
            else None,
        )
    return found


def disputes(repository: Repository, subject: str = "") -> list[Dispute]:
    """Disputes about a thing, or all."""
    record = vocabulary(repository).record
    about = f"?d {record.ref('disputedSubject')} {brackets(subject)} ." if subject else ""
    rows = repository.select(f"""
SELECT DISTINCT ?d ?p ?o {{ ?d a {record.ref("Dispute")} . {about} ?d ?p ?o }}""")
    grouped: defaultdict[str, defaultdict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        name = row["p"].value.removeprefix(record.namespace)
        grouped[row["d"].value][name].append(row["o"])
    return [_dispute(iri, told) for iri, told in sorted(grouped.items())]


def _dispute(iri: str, told: Mapping[str, list[Term]]) -> Dispute:
    def values(name: str) -> tuple[str, ...]:
        return tuple(sorted(term.value for term in told.get(name, ())))

    def one(name: str) -> str:
        return next(iter(values(name)), "")

    return Dispute(
        iri=iri,
        subject=one("disputedSubject"),
        property=one("disputedProperty"),
        accepted=tuple(told.get("acceptedValue", ())),
        rejected=tuple(told.get("rejectedValue", ())),
        accepted_segments=values("acceptedSegment"),
        rejected_segments=values("rejectedSegment"),
        judgement=one("judgement"),
        reasons={term.language: term.value for term in told.get("reason", ())},
    )


def _everything(repository: Repository, iri: str, slice_: str) -> str:
    name = brackets(iri)
    outside = _but_days(repository)
    default = (
        f"BIND ({brackets(slice_)} AS ?g) GRAPH {brackets(slice_)} {{ {name} ?p ?o }}"
        if slice_
        else f"{name} ?p ?o"
    )
    return f"""SELECT ?g ?p ?o {{
  {{ {default} }} UNION {{ GRAPH ?g {{ {name} ?p ?o }} {outside} }} }}"""


def _of_many(repository: Repository, names: Iterable[str]) -> str:
    values = "VALUES ?s { " + " ".join(map(brackets, names)) + " }"
    return f"""SELECT ?s ?g ?p ?o {{
  {{ {values} ?s ?p ?o }} UNION {{ {values} GRAPH ?g {{ ?s ?p ?o }} {_but_days(repository)} }} }}"""


def _but_days(repository: Repository) -> str:
    prefix = repository.catalogue.as_of
    return f'FILTER (!STRSTARTS(STR(?g), "{prefix}"))' if prefix else ""


def _facts(repository: Repository, rows: Iterable[Row], slice_: str) -> Iterator[Fact]:
    """Facts from rows ?g ?p ?o; on a day only those of the day's graph, and what has no time."""
    inferred = repository.catalogue.base + "inferred"
    graphs: defaultdict[tuple[str, Term], set[str]] = defaultdict(set)
    for row in rows:
        graphs[row["p"].value, row["o"]].add(row["g"].value if "g" in row else "")
    here = _fact_graphs(repository)
    for (name, value), where in sorted(graphs.items(), key=_key):
        if slice_ and slice_ not in where:
            continue
        segments = tuple(sorted(where & here))
        rejected = {graph for graph in where if graph.endswith(_DISPUTED)}
        others = where - rejected - here - {"", inferred, slice_}
        if segments:
            yield Fact(name, value, STATED, segments)
        elif others:
            yield Fact(name, value, RECORDED)
        elif inferred in where:
            yield Fact(name, value, INFERRED)
        elif where - rejected:
            yield Fact(name, value, COMPUTED)


def _key(item: tuple[tuple[str, Term], set[str]]) -> tuple[str, str, str]:
    (name, value), _ = item
    return name, value.language, value.value


def _fact_graphs(repository: Repository) -> frozenset[str]:
    """The graphs that are sentences."""
    record = vocabulary(repository).record
    return repository.kept(
        "fact graphs",
        lambda: (
            frozenset(
                row["g"].value
                for row in repository.select(
                    f"SELECT DISTINCT ?g {{ ?g a {record.ref('Segment')} }}"
                )
            )
            & repository.catalogue.graphs.keys()
        ),
    )


def _divide(
    known: Vocabulary, facts: Iterable[Fact], classes: Iterable[str]
) -> tuple[list[Fact], list[Fact]]:
    """Facts worth telling, in the order of the shapes of the classes, and those that they imply."""
    closed = known.closed(classes)
    facts = list(facts)
    above: defaultdict[Term, set[str]] = defaultdict(set)
    for fact in facts:
        above[fact.value] |= known.implied.get(fact.property, frozenset()) - {fact.property}
    told: list[Fact] = []
    implied: list[Fact] = []
    for fact in facts:
        computed = fact.basis in {INFERRED, COMPUTED}
        wide = computed and fact.property in above[fact.value]
        foreign = (
            computed
            and not fact.property.startswith(known.record.namespace)
            and any(other.value == fact.value and other is not fact for other in facts)
        )
        technical = fact.property.startswith(_TECHNICAL)
        (implied if wide or foreign or technical else told).append(fact)
    place = {STATED: 0, RECORDED: 1, COMPUTED: 2, INFERRED: 3}
    told.sort(key=lambda f: (place[f.basis] > 1, known.place(f.property, closed), f.property))
    return told, implied


def _incoming(
    repository: Repository, iri: str, slice_: str, known_situations: set[str]
) -> tuple[list[Incoming], bool]:
    """Links to a thing that its own facts do not tell in the other direction."""
    known = vocabulary(repository)
    name = brackets(iri)
    default = f"GRAPH {brackets(slice_)} {{ ?s ?p {name} }} BIND ({brackets(slice_)} AS ?g)"
    rows = repository.select(f"""SELECT ?g ?s ?p {{
  {{ {default if slice_ else f"?s ?p {name}"} }}
  UNION {{ GRAPH ?g {{ ?s ?p {name} }} {_but_days(repository)} }} }} LIMIT {_INCOMING}""")
    graphs: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if row["s"].is_iri:
            graphs[row["p"].value, row["s"].value].add(row["g"].value if "g" in row else "")
    here = _fact_graphs(repository)
    inferred = repository.catalogue.base + "inferred"
    found = []
    for (term, subject), where in sorted(graphs.items()):
        only_inferred = not (where - {inferred, "", slice_})
        if (
            subject in known_situations
            or only_inferred
            or term in known.inverse
            or all(graph.endswith(_DISPUTED) for graph in where)
            or (slice_ and slice_ not in where)
        ):
            continue
        segments = tuple(sorted(where & here))
        found.append(Incoming(term, subject, STATED if segments else RECORDED, segments))
    found.sort(key=lambda link: (known.place(link.property), link.property, link.subject))
    return found, len(rows) == _INCOMING

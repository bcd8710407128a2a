"""The data as a whole: every sentence read, every fact sourced, everything named and quoted right.

What one statement must look like is for the shapes; these tests look across files.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "data"
SOURCES = sorted((DATA / "sources").glob("*.trig"))
ENTITIES = [DATA / "dataset.ttl", *sorted((DATA / "entities").glob("*.ttl"))]

BASE: Final = "https://w3id.org/assembly-kz/"
AKZ: Final = f"{BASE}ontology#"
OA: Final = "http://www.w3.org/ns/oa#"
RDF_TYPE: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL: Final = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
ALT_LABEL: Final = NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
WORD: Final = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
MOST_WORDS: Final = 25
SENTENCES: Final = 36

# What may be said of an entity outside any source: that it is, and how it is called.
IDENTITY: Final = {RDF_TYPE, LABEL, ALT_LABEL}
# Where a map draws a place: how the data are shown, not what is so.
DRAWING: Final = {NamedNode(AKZ + "tileColumn"), NamedNode(AKZ + "tileRow")}
# Our own judgements about the record: they say which source says what, nothing about the world.
JUDGEMENTS: Final = {
    NamedNode(AKZ + name)
    for name in (
        "about",
        "acceptedSegment",
        "acceptedValue",
        "disputedProperty",
        "disputedSubject",
        "judgement",
        "reason",
        "rejectedSegment",
        "rejectedValue",
    )
}


def read(path: Path) -> list[Quad]:
    kind = RdfFormat.TRIG if path.suffix == ".trig" else RdfFormat.TURTLE
    return list(parse(path.read_bytes(), kind))


QUADS = {path: read(path) for path in (*SOURCES, *ENTITIES)}
EVERYTHING = [quad for quads in QUADS.values() for quad in quads]


def value(quads: Iterable[Quad], subject: NamedNode, predicate: NamedNode) -> str:
    (found,) = {
        quad.object.value
        for quad in quads
        if (quad.subject, quad.predicate) == (subject, predicate)
        and isinstance(quad.object, Literal | NamedNode)
    }
    return found


def instances(path: Path, of: str) -> list[NamedNode]:
    """What the document's description says to be of a class, A to Z."""
    return sorted(
        (
            quad.subject
            for quad in QUADS[path]
            if quad.predicate == RDF_TYPE
            and quad.object == NamedNode(of)
            and isinstance(quad.subject, NamedNode)
            and isinstance(quad.graph_name, DefaultGraph)
        ),
        key=lambda node: node.value,
    )


def segments(path: Path) -> list[NamedNode]:
    return instances(path, AKZ + "Segment")


def graphs(path: Path) -> set[str]:
    return {q.graph_name.value for q in QUADS[path] if isinstance(q.graph_name, NamedNode)}


def iris() -> Iterator[NamedNode]:
    for quad in EVERYTHING:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, NamedNode):
                yield term


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_segment_is_without_a_statement(path: Path) -> None:
    stated = {graph.removesuffix("/disputed") for graph in graphs(path)}
    assert [node.value for node in segments(path) if node.value not in stated] == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_graph_of_facts_is_a_described_segment_of_its_document(path: Path) -> None:
    described = {node.value for node in segments(path)}
    assert {graph.removesuffix("/disputed") for graph in graphs(path)} <= described


def test_the_list_of_sentences_without_a_statement_is_empty() -> None:
    path = DATA / "sources" / "overview.trig"
    stated = {graph for graph in graphs(path) if not graph.endswith("/disputed")}
    assert len(segments(path)) == SENTENCES
    assert {node.value for node in segments(path)} - stated == set()


@pytest.mark.parametrize("text", sorted((DATA / "sources").glob("*.txt")), ids=name)
def test_the_sentences_cover_the_text_in_order_and_without_overlap(text: Path) -> None:
    path = text.with_suffix(".trig")
    quads = QUADS[path]
    content = text.read_bytes().decode("utf-8")
    orders = {node: int(value(quads, node, NamedNode(AKZ + "order"))) for node in segments(path)}
    ordered = sorted(orders, key=orders.__getitem__)
    assert sorted(orders.values()) == list(range(1, len(orders) + 1))
    end = 0
    for node in ordered:
        position = NamedNode(f"{node.value}-position")
        start = int(value(quads, position, NamedNode(OA + "start")))
        quote = value(quads, NamedNode(f"{node.value}-quote"), NamedNode(OA + "exact"))
        assert content[end:start].strip() == "", f"text before {node.value} is in no segment"
        end = int(value(quads, position, NamedNode(OA + "end")))
        assert content[start:end] == quote, node.value
    assert content[end:].strip() == "", "text after the last segment is in no segment"


def test_the_overview_names_the_place_of_each_sentence_as_its_iri_does() -> None:
    path = DATA / "sources" / "overview.trig"
    for node in segments(path):
        locator = value(QUADS[path], node, NamedNode(AKZ + "locator"))
        assert node.value.endswith("/" + locator.lower().replace(".", "-"))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_text_that_is_not_kept_here_is_quoted_with_at_most_twenty_five_words(path: Path) -> None:
    if path.with_suffix(".txt").exists():
        return
    long = {
        quad.subject.value: len(WORD.findall(quad.object.value))
        for quad in QUADS[path]
        if quad.predicate == NamedNode(OA + "exact")
        and isinstance(quad.object, Literal)
        and isinstance(quad.subject, NamedNode)
        and len(WORD.findall(quad.object.value)) > MOST_WORDS
    }
    assert long == {}


def test_nothing_about_the_world_is_said_outside_a_segment() -> None:
    outside = [
        quad
        for path, quads in QUADS.items()
        for quad in quads
        if isinstance(quad.graph_name, DefaultGraph)
        and isinstance(quad.subject, NamedNode)
        and quad.subject.value.startswith(f"{BASE}id/")
        and quad.predicate not in IDENTITY | DRAWING
        and not (path.name == "record.ttl" and quad.predicate in JUDGEMENTS)
    ]
    assert outside == []


def test_a_source_file_describes_only_its_own_document_and_segments() -> None:
    for path in SOURCES:
        document = f"{BASE}source/{path.stem}"
        for quad in QUADS[path]:
            if isinstance(quad.graph_name, DefaultGraph):
                assert isinstance(quad.subject, NamedNode)
                subject = quad.subject.value
                assert subject == document or subject.startswith(f"{document}/"), subject


def test_there_are_no_blank_nodes() -> None:
    assert [
        quad for quad in EVERYTHING if BlankNode in {type(quad.subject), type(quad.object)}
    ] == []


def test_every_iri_of_ours_but_a_term_is_lower_case_ascii() -> None:
    ours = {node.value for node in iris() if node.value.startswith(BASE)}
    things = {iri for iri in ours if not iri.startswith(AKZ)}
    shape = re.compile(re.escape(BASE) + r"[a-z0-9]+(?:[-/][a-z0-9]+)*")
    assert sorted(iri for iri in things if not shape.fullmatch(iri)) == []
    assert sorted(iri for iri in ours - things if not iri.isascii()) == []


def test_every_entity_is_identified_once_with_a_class_and_one_name_in_each_language() -> None:
    names: dict[NamedNode, list[str | None]] = {}
    classes: dict[NamedNode, set[str]] = {}
    for path in ENTITIES:
        for quad in QUADS[path]:
            if not isinstance(quad.subject, NamedNode):
                continue
            if quad.predicate == LABEL and isinstance(quad.object, Literal):
                names.setdefault(quad.subject, []).append(quad.object.language)
            if quad.predicate == RDF_TYPE and isinstance(quad.object, NamedNode):
                classes.setdefault(quad.subject, set()).add(quad.object.value)
    assert {
        node.value: languages
        for node, languages in names.items()
        if sorted(filter(None, languages)) != ["en", "kk", "ru"]
    } == {}
    assert names.keys() == classes.keys()


def test_every_entity_stands_in_the_file_of_its_subject() -> None:
    for path in ENTITIES[1:]:
        start = f"{BASE}id/{path.stem}/"
        assert {q.subject.value for q in QUADS[path] if isinstance(q.subject, NamedNode)} == {
            q.subject.value
            for q in QUADS[path]
            if isinstance(q.subject, NamedNode) and q.subject.value.startswith(start)
        }


def test_every_entity_that_is_mentioned_is_identified() -> None:
    identified = {quad.subject for path in ENTITIES for quad in QUADS[path]}
    vocabularies = (ROOT / "ontology" / "vocabularies").glob("*.ttl")
    identified |= {quad.subject for path in vocabularies for quad in read(path)}
    mentioned = {node for node in iris() if node.value.startswith(f"{BASE}id/")}
    assert sorted(node.value for node in mentioned - identified) == []


def test_every_segment_that_a_dispute_names_is_described() -> None:
    described = {node for path in SOURCES for node in segments(path)}
    named = {
        quad.object
        for quad in EVERYTHING
        if quad.predicate
        in {NamedNode(AKZ + "acceptedSegment"), NamedNode(AKZ + "rejectedSegment")}
    }
    assert named
    assert named <= described


def test_every_graph_of_rejected_claims_belongs_to_a_dispute() -> None:
    rejected = {
        quad.object.value
        for quad in EVERYTHING
        if quad.predicate == NamedNode(AKZ + "rejectedSegment")
        and isinstance(quad.object, NamedNode)
    }
    disputed = {graph for path in SOURCES for graph in graphs(path) if graph.endswith("/disputed")}
    assert disputed
    assert {graph.removesuffix("/disputed") for graph in disputed} <= rejected

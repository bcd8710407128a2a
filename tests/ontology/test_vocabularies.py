"""Every concept scheme is whole: three languages, one scheme a concept, a top, no orphan."""

import re
from collections import Counter
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, RdfFormat
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SKOS

CONCEPTS = "https://w3id.org/assembly-kz/id/concepts/"
LANGUAGES = ["en", "kk", "ru"]


@pytest.fixture(scope="module")
def files(root: Path) -> list[Path]:
    return sorted((root / "ontology" / "vocabularies").glob("*.ttl"))


@pytest.fixture(scope="module")
def vocabularies(files: list[Path]) -> Graph:
    graph = Graph()
    for path in files:
        graph.parse(path)
    return graph


def without_three_texts(graph: Graph) -> set[str]:
    """Concepts and schemes that lack one label and one definition in a language, or have two."""
    described = {*graph.subjects(RDF.type, SKOS.Concept)}
    described |= {*graph.subjects(RDF.type, SKOS.ConceptScheme)}
    return {
        str(node)
        for node in described
        for predicate in (SKOS.prefLabel, SKOS.definition)
        if sorted(str(o.language) for o in texts(graph, node, predicate)) != LANGUAGES
    }


def texts(graph: Graph, node: object, predicate: URIRef) -> list[Literal]:
    assert isinstance(node, URIRef)
    return [o for o in graph.objects(node, predicate) if isinstance(o, Literal) and str(o).strip()]


def not_in_one_scheme(graph: Graph) -> set[str]:
    schemes = set(graph.subjects(RDF.type, SKOS.ConceptScheme))
    return {
        str(concept)
        for concept in graph.subjects(RDF.type, SKOS.Concept)
        if len(found := set(graph.objects(concept, SKOS.inScheme))) != 1 or not found <= schemes
    }


def topless(graph: Graph) -> set[str]:
    topped = set(graph.objects(None, SKOS.topConceptOf))
    return {str(scheme) for scheme in graph.subjects(RDF.type, SKOS.ConceptScheme)} - set(
        map(str, topped)
    )


def orphans(graph: Graph) -> set[str]:
    """Concepts from which no top concept of their own scheme is reached by skos:broader."""
    found = set()
    for concept in graph.subjects(RDF.type, SKOS.Concept):
        scheme = graph.value(concept, SKOS.inScheme)
        above = set(graph.transitive_objects(concept, SKOS.broader))
        if not any((node, SKOS.topConceptOf, scheme) in graph for node in above):
            found.add(str(concept))
    return found


def shared_labels(graph: Graph) -> list[tuple[str, str]]:
    """Labels that two concepts of one scheme share in one language, whatever the case."""
    counted = Counter(
        (str(scheme), f"{str(label).casefold()}@{label.language}")
        for concept, scheme in graph.subject_objects(SKOS.inScheme)
        for label in texts(graph, concept, SKOS.prefLabel)
    )
    return [key for key, number in counted.items() if number > 1]


def test_every_concept_and_scheme_has_a_label_and_a_definition_in_three_languages(
    vocabularies: Graph,
) -> None:
    assert without_three_texts(vocabularies) == set()


def test_every_concept_is_in_exactly_one_scheme(vocabularies: Graph) -> None:
    assert not_in_one_scheme(vocabularies) == set()


def test_every_scheme_has_a_top_concept(vocabularies: Graph) -> None:
    assert topless(vocabularies) == set()


def test_every_concept_is_a_top_concept_or_stands_below_one(vocabularies: Graph) -> None:
    assert orphans(vocabularies) == set()


def test_a_concept_is_either_at_the_top_or_below_another(vocabularies: Graph) -> None:
    tops = set(vocabularies.subjects(SKOS.topConceptOf))
    assert tops & set(vocabularies.subjects(SKOS.broader)) == set()


def test_no_two_concepts_of_a_scheme_share_a_label(vocabularies: Graph) -> None:
    assert shared_labels(vocabularies) == []


def test_a_file_holds_the_one_scheme_that_it_is_named_after(files: list[Path]) -> None:
    assert len(files) > 1
    for path in files:
        graph = Graph().parse(path)
        schemes = list(graph.subjects(RDF.type, SKOS.ConceptScheme))
        assert schemes == [URIRef(f"{CONCEPTS}scheme-{path.stem}")]
        assert set(graph.objects(None, SKOS.inScheme)) == set(schemes)


def test_every_concept_is_written_once(files: list[Path]) -> None:
    blocks = Counter(
        block
        for path in files
        for block in re.findall(r"^(concepts:\S+)$", path.read_text("utf-8"), re.MULTILINE)
    )
    assert [block for block, number in blocks.items() if number > 1] == []


def test_concepts_stand_in_alphabetical_order_below_their_scheme(files: list[Path]) -> None:
    for path in files:
        scheme, *rest = re.findall(r"^(concepts:\S+)$", path.read_text("utf-8"), re.MULTILINE)
        assert (scheme, rest) == (f"concepts:scheme-{path.stem}", sorted(rest))


def test_each_text_is_written_in_the_letters_of_its_language(vocabularies: Graph) -> None:
    only_kazakh = re.compile("[әғқңөұүһі]", re.IGNORECASE)
    cyrillic = re.compile("[а-яё]", re.IGNORECASE)
    defects = [
        str(text)
        for predicate in (SKOS.prefLabel, SKOS.definition)
        for text in vocabularies.objects(None, predicate)
        if isinstance(text, Literal)
        and (
            (text.language == "ru" and (only_kazakh.search(text) or not cyrillic.search(text)))
            or (text.language == "kk" and not cyrillic.search(text))
            or (text.language == "en" and cyrillic.search(text))
        )
    ]
    assert defects == []


def test_every_concept_that_is_used_anywhere_is_defined(root: Path, vocabularies: Graph) -> None:
    defined = {str(node) for node in vocabularies.subjects(RDF.type)}
    missing = {
        iri: str(path.relative_to(root))
        for folder in ("ontology", "data", "shapes")
        for path in sorted((root / folder).rglob("*"))
        for iri in _concepts_in(path)
        if iri not in defined
    }
    assert missing == {}


def _concepts_in(path: Path) -> set[str]:
    if path.suffix in {".ttl", ".trig"}:
        quads = pyoxigraph.parse(path=path, format=RdfFormat.TRIG)
        nodes = {node for q in quads for node in (q.subject, q.predicate, q.object)}
        iris = {node.value for node in nodes if isinstance(node, NamedNode)}
        return {iri for iri in iris if iri.startswith(CONCEPTS)}
    if path.suffix == ".rq":
        names = re.findall(r"\bconcepts:([\w-]+)", path.read_text("utf-8"))
        return {CONCEPTS + name for name in names}
    return set()


SMALL = """
@prefix : <urn:x:> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:s a skos:ConceptScheme .
:t a skos:ConceptScheme .
:a a skos:Concept ; skos:inScheme :s ; skos:topConceptOf :s ; skos:prefLabel "One"@en .
:b a skos:Concept ; skos:inScheme :s ; skos:broader :a ; skos:prefLabel "one"@en .
:c a skos:Concept ; skos:inScheme :s , :t ; skos:broader :c ; skos:prefLabel "two"@en .
"""


def test_the_checks_notice_what_they_are_for() -> None:
    small = Graph().parse(data=SMALL)
    assert without_three_texts(small) == {f"urn:x:{name}" for name in "stabc"}
    assert not_in_one_scheme(small) == {"urn:x:c"}
    assert topless(small) == {"urn:x:t"}
    assert orphans(small) == {"urn:x:c"}
    assert shared_labels(small) == [("urn:x:s", "one@en")]

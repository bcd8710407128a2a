"""Every borrowed term that is used is pinned in ontology/imports/, and nothing else is."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, RdfFormat
from rdflib import Graph, URIRef
from rdflib.namespace import OWL, RDF, RDFS

from assembly_kg.namespaces import PREFIXES

KINDS = {
    OWL.AnnotationProperty, OWL.Class, OWL.DatatypeProperty, OWL.NamedIndividual,
    OWL.ObjectProperty,
}  # fmt: skip
# The languages that the files are written in, and lists of values: not vocabularies of terms.
NOT_BORROWED = {"rdf", "rdfs", "owl", "xsd", "lang", "formats"}
DATATYPES = PREFIXES["xsd"]
BORROWED = {p: iri for p, iri in PREFIXES.items() if p not in NOT_BORROWED}


@pytest.fixture(scope="module")
def files(root: Path) -> list[Path]:
    return sorted((root / "ontology" / "imports").glob("*.ttl"))


@pytest.fixture(scope="module")
def pinned(files: list[Path]) -> Graph:
    graph = Graph()
    for path in files:
        graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def used(root: Path) -> dict[str, set[str]]:
    """Borrowed terms and the files that use them: the ontology, the data, the shapes, the rules."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in ("ontology", "data", "shapes"):
        for path in sorted((root / folder).rglob("*")):
            if path.parent.name != "imports":
                for term in terms_in(path):
                    found[term].add(str(path.relative_to(root)))
    return found


def terms_in(path: Path) -> set[str]:
    if path.suffix in {".ttl", ".trig"}:
        quads = pyoxigraph.parse(path=path, format=RdfFormat.TRIG)
        nodes = {node for q in quads for node in (q.subject, q.predicate, q.object)}
        found = {node.value for node in nodes if isinstance(node, NamedNode)}
    elif path.suffix == ".rq":
        found = _names_in_query(path.read_text("utf-8"))
    else:
        return set()
    # Shapes are written in SHACL; only in the ontology is it borrowed.
    namespaces = [iri for p, iri in BORROWED.items() if p != "sh" or "shapes" not in path.parts]
    return {iri for iri in found if iri.startswith(tuple(namespaces)) and iri not in namespaces}


def _names_in_query(text: str) -> set[str]:
    prefixes = dict(re.findall(r"(?i)\bPREFIX\s+(\w+):\s*<([^>]*)>", text))
    text = re.sub(r'#.*$|"(?:[^"\\]|\\.)*"', "", text, flags=re.MULTILINE)
    names = re.findall(r"\b(\w+):([\w-]+)", text)
    return {prefixes[prefix] + name for prefix, name in names if prefix in prefixes}


def not_pinned(used: set[str], pinned: Graph) -> set[str]:
    return used - {str(subject) for subject in pinned.subjects(RDF.type)}


def needless(used: set[str], pinned: Graph) -> set[str]:
    """Pinned terms that are neither used nor stand in an axiom of one that is."""
    needed = {URIRef(term) for term in used}
    fresh = needed
    while fresh:
        fresh = {
            o
            for term in fresh
            for p, o in pinned.predicate_objects(term)
            if p != RDFS.isDefinedBy and isinstance(o, URIRef)
        } - needed
        needed |= fresh
    return {str(term) for term in set(pinned.subjects(RDF.type)) - needed}


def test_every_borrowed_term_that_is_used_is_pinned(
    used: dict[str, set[str]], pinned: Graph
) -> None:
    missing = not_pinned(set(used), pinned)
    assert {term: sorted(used[term]) for term in missing} == {}


def test_no_term_is_pinned_that_nothing_uses(used: dict[str, set[str]], pinned: Graph) -> None:
    assert needless(set(used), pinned) == set()


def test_a_pinned_term_stands_once_in_the_file_of_its_vocabulary(files: list[Path]) -> None:
    defects = []
    for path in files:
        namespace = BORROWED[path.stem]
        blocks = re.findall(r"^(\S+)$", path.read_text("utf-8"), re.MULTILINE)
        defects += [f"{path.name}: {b} twice" for b, n in Counter(blocks).items() if n > 1]
        defects += [
            f"{path.name}: {subject}"
            for subject in Graph().parse(path).subjects(unique=True)
            if not str(subject).startswith(namespace)
        ]
    assert defects == []


def test_a_pinned_term_has_one_kind_a_label_and_says_what_defines_it(pinned: Graph) -> None:
    defects = [
        str(term)
        for term in set(pinned.subjects())
        if len(KINDS & set(pinned.objects(term, RDF.type))) != 1
        or len(list(pinned.objects(term, RDFS.label))) != 1
        or len(list(pinned.objects(term, RDFS.isDefinedBy))) != 1
    ]
    assert defects == []


def test_axioms_of_pinned_terms_speak_only_of_pinned_terms(pinned: Graph) -> None:
    about = {RDFS.isDefinedBy, RDF.type, RDFS.label}
    mentioned = {
        o
        for p, o in pinned.predicate_objects()
        if p not in about and not str(o).startswith(DATATYPES)
    }
    assert mentioned - set(pinned.subjects()) == set()


def test_every_import_names_its_source_and_version(files: list[Path]) -> None:
    defects = []
    for path in files:
        title, source, *_ = path.read_text("utf-8").splitlines()
        dated = re.search(r"(version \d|[12]\d{3})", title)
        if not (dated and re.fullmatch(r"# Source: https?://\S+", source)):
            defects.append(path.name)
    assert defects == []


def test_alignments_relate_our_terms_to_borrowed_ones_and_declare_none(
    root: Path, own: Graph, pinned: Graph
) -> None:
    bridges = Graph().parse(root / "ontology" / "alignments.ttl")
    assert set(bridges.subjects()) <= set(own.subjects(RDF.type))
    assert set(bridges.objects()) <= set(pinned.subjects(RDF.type))
    assert not set(own) & set(bridges)


SMALL = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:x:Cat> a owl:Class ; rdfs:subClassOf <urn:x:Animal> .
<urn:x:Animal> a owl:Class .
<urn:x:Stone> a owl:Class .
"""


def test_the_check_notices_a_term_that_is_not_pinned_and_one_that_is_needless() -> None:
    small = Graph().parse(data=SMALL)
    assert not_pinned({"urn:x:Cat", "urn:x:Dog"}, small) == {"urn:x:Dog"}
    assert needless({"urn:x:Cat"}, small) == {"urn:x:Stone"}


def test_terms_are_found_in_queries_but_not_in_their_comments_and_texts() -> None:
    query = """
    PREFIX org: <http://www.w3.org/ns/org#>  # org:Nothing
    SELECT ?post WHERE { ?post org:postIn ?body FILTER (?x != "org:Post") }
    """
    assert _names_in_query(query) == {"http://www.w3.org/ns/org#postIn"}

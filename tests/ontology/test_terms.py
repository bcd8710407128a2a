"""Every term is fully described, declared once, and written in the one layout."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, RdfFormat
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SH, SKOS, VANN, XSD

NAMESPACE = "https://w3id.org/assembly-kz/ontology#"
HEADER = URIRef("https://w3id.org/assembly-kz/ontology")
LANGUAGES = ["en", "kk", "ru"]
SECTIONS = {
    "owl:Class": "Classes",
    "owl:ObjectProperty": "Object properties",
    "owl:DatatypeProperty": "Datatype properties",
    "owl:AnnotationProperty": "Annotation properties",
}
PREDICATES = [
    "a",
    "rdfs:label",
    "skos:prefLabel",
    "skos:definition",
    "skos:example",
    "skos:scopeNote",
    "skos:editorialNote",
    "rdfs:isDefinedBy",
    "dcterms:source",
    "dcterms:bibliographicCitation",
    "owl:deprecated",
    "dcterms:isReplacedBy",
    "akz:addressTemplate",
    "rdfs:subClassOf",
    "rdfs:subPropertyOf",
    "owl:inverseOf",
    "owl:propertyChainAxiom",
    "rdfs:domain",
    "rdfs:range",
    "owl:hasKey",
    "owl:disjointWith",
    "owl:propertyDisjointWith",
    "skos:closeMatch",
    "skos:relatedMatch",
]
# Standard vocabularies that are the language of the modules and are not pinned as borrowed terms.
BUILT_IN = tuple(str(namespace) for namespace in (OWL, RDF, RDFS, XSD))


@dataclass
class Block:
    """One subject's lines in a module, and the section that it stands in."""

    path: Path
    line: int
    subject: str
    section: str
    rows: list[tuple[str, str]] = field(default_factory=list)

    @property
    def at(self) -> str:
        return f"{self.path.name}:{self.line}: {self.subject}"

    @property
    def kind(self) -> str:
        return next((o for p, o in self.rows if p == "a" and o in SECTIONS), "")


def blocks(path: Path) -> tuple[list[Block], list[str]]:
    """Read the subject blocks of a module by its layout, and every line that breaks the layout."""
    found: list[Block] = []
    faults: list[str] = []
    section, inside = "", False
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if heading := re.fullmatch(r"# -{20,} (.+)", line):
            section = heading[1]
        elif line.startswith(("#", "@prefix")) or not line:
            if inside:
                faults.append(f"{path.name}:{number}: a blank or comment line inside a block")
        elif re.fullmatch(r"(akz:\w+|<\S+>|\[\])", line):
            found.append(Block(path, number, line, section))
            inside = True
        elif line == "  .":
            inside = False
        elif inside and (row := re.fullmatch(r"  (\S+) (.+) ;", line)):
            found[-1].rows.append((row[1], row[2]))
        elif not (inside and re.fullmatch(r"  (owl:members \(|  \S+|\) ;)", line)):
            faults.append(f"{path.name}:{number}: not of the layout: {line}")
    return found, faults


@pytest.fixture(scope="session")
def written(modules: list[Path]) -> list[Block]:
    return [block for path in modules for block in blocks(path)[0]]


@pytest.fixture(scope="session")
def described(written: list[Block]) -> list[Block]:
    """The blocks that declare a term; alignments.ttl only adds to them."""
    return [
        block
        for block in written
        if block.subject.startswith("akz:") and block.path.stem != "alignments"
    ]


def iri(block: Block) -> URIRef:
    return URIRef(NAMESPACE + block.subject.removeprefix("akz:"))


def languages(graph: Graph, subject: URIRef, predicate: URIRef) -> list[str]:
    return sorted(str(o.language) for o in graph.objects(subject, predicate) if _is_text(o))


def _is_text(node: object) -> bool:
    return isinstance(node, Literal) and bool(str(node).strip())


def test_there_are_terms_of_every_kind_in_every_subject(described: list[Block]) -> None:
    assert {block.kind for block in described} == set(SECTIONS)
    assert {block.path.stem for block in described} == {
        "acts", "bodies", "events", "mandates", "people", "places", "populations", "record",
    }  # fmt: skip


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.prefLabel, SKOS.definition])
def test_every_term_has_one_text_in_each_of_three_languages(
    own: Graph, described: list[Block], predicate: URIRef
) -> None:
    defects = [b.at for b in described if languages(own, iri(b), predicate) != LANGUAGES]
    assert defects == []


def test_a_scope_note_is_in_all_three_languages(own: Graph, described: list[Block]) -> None:
    defects = [
        b.at for b in described if languages(own, iri(b), SKOS.scopeNote) not in ([], LANGUAGES)
    ]
    assert defects == []


def test_label_and_preferred_label_are_the_same(own: Graph, described: list[Block]) -> None:
    defects = [
        b.at
        for b in described
        if set(own.objects(iri(b), RDFS.label)) != set(own.objects(iri(b), SKOS.prefLabel))
    ]
    assert defects == []


def test_every_term_has_an_example_and_says_what_defines_it(
    own: Graph, described: list[Block]
) -> None:
    defects = [
        b.at
        for b in described
        if not list(own.objects(iri(b), SKOS.example))
        or list(own.objects(iri(b), RDFS.isDefinedBy)) != [HEADER]
    ]
    assert defects == []


def _defines(text: str, labels: set[str]) -> bool:
    """A genus and a difference take two words at least."""
    words = text.removesuffix(".")
    return text != words and len(words.split()) > 1 and words.casefold() not in labels


def test_a_definition_is_a_sentence_and_not_the_label_again(
    own: Graph, described: list[Block]
) -> None:
    defects = []
    for block in described:
        labels = {str(o).casefold() for o in own.objects(iri(block), SKOS.prefLabel)}
        texts = map(str, own.objects(iri(block), SKOS.definition))
        defects += [f"{block.at}: {text}" for text in texts if not _defines(text, labels)]
    assert defects == []


@pytest.mark.parametrize("predicate", [SKOS.prefLabel, SKOS.definition])
def test_each_text_is_written_in_the_letters_of_its_language(
    own: Graph, described: list[Block], predicate: URIRef
) -> None:
    only_kazakh = re.compile("[әғқңөұүһі]", re.IGNORECASE)
    cyrillic = re.compile("[а-яё]", re.IGNORECASE)
    wrong = {
        "ru": lambda text: only_kazakh.search(text) or not cyrillic.search(text),
        "kk": lambda text: not cyrillic.search(text),
        "en": cyrillic.search,
    }
    defects = [
        f"{block.at}: {text}"
        for block in described
        for text in own.objects(iri(block), predicate)
        if isinstance(text, Literal)
        and wrong[str(text.language)](re.sub("«.+?»", "", text))  # a name keeps its letters
    ]
    assert defects == []


def test_no_two_terms_share_a_definition(own: Graph, described: list[Block]) -> None:
    counted = Counter(text for b in described for text in own.objects(iri(b), SKOS.definition))
    assert [text for text, number in counted.items() if number > 1] == []


def test_every_term_is_declared_once(described: list[Block]) -> None:
    places = defaultdict(list)
    for block in described:
        places[block.subject].append(block.at)
    assert [where for where in places.values() if len(where) > 1] == []


def test_every_term_is_of_one_kind(described: list[Block]) -> None:
    defects = [b.at for b in described if sum(o in SECTIONS for p, o in b.rows if p == "a") != 1]
    assert defects == []


def test_modules_are_written_one_predicate_and_object_a_line(modules: list[Path]) -> None:
    assert [fault for path in modules for fault in blocks(path)[1]] == []


def test_the_lines_of_a_block_are_in_the_fixed_order(written: list[Block]) -> None:
    defects = []
    for block in written:
        if not block.subject.startswith("akz:"):
            continue
        predicates = [p for p, _ in block.rows]
        unknown = [p for p in predicates if p not in PREDICATES]
        if unknown or predicates != sorted(predicates, key=PREDICATES.index):
            defects.append(f"{block.at}: {unknown or predicates}")
    assert defects == []


def test_labels_and_definitions_stand_in_the_order_kazakh_russian_english(
    described: list[Block],
) -> None:
    defects = []
    for block in described:
        for predicate in ("rdfs:label", "skos:prefLabel", "skos:definition", "skos:scopeNote"):
            tags = [o.rpartition("@")[2] for p, o in block.rows if p == predicate]
            if tags not in ([], ["kk", "ru", "en"]):
                defects.append(f"{block.at}: {predicate} {tags}")
    assert defects == []


def test_terms_stand_in_their_section_in_alphabetical_order(written: list[Block]) -> None:
    order = [*SECTIONS.values(), "Disjoint classes", "Disjoint properties"]
    defects = []
    for path in {block.path for block in written}:
        here = [block for block in written if block.path == path and block.section]
        keys = [(order.index(b.section), b.subject) for b in here if b.subject.startswith("akz:")]
        if keys != sorted(keys):
            defects.append(path.name)
        defects += [b.at for b in here if b.kind and SECTIONS[b.kind] != b.section]
    assert defects == []


def test_prefixes_are_declared_in_alphabetical_order_and_all_used(modules: list[Path]) -> None:
    defects = []
    for path in modules:
        text = path.read_text("utf-8")
        prefixes = re.findall(r"^@prefix (\w*):", text, re.MULTILINE)
        body = re.sub(r'"(?:[^"\\]|\\.)*"|^[#@].*$', "", text, flags=re.MULTILINE)
        bare = re.sub(r"<[^>]*>", "", body) + " ".join(re.findall(r"\^\^(\S+)", text))
        unused = [p for p in prefixes if not re.search(rf"\b{p}:", bare)]
        if prefixes != sorted(prefixes) or unused:
            defects.append(f"{path.name}: {unused or prefixes}")
    assert defects == []


def test_every_term_that_is_used_anywhere_is_declared(root: Path, terms: frozenset[str]) -> None:
    used: dict[str, set[str]] = defaultdict(set)
    for folder in ("ontology", "data", "shapes"):
        for path in sorted((root / folder).rglob("*")):
            for name in _used_in(path):
                used[name].add(str(path.relative_to(root)))
    assert {name: where for name, where in used.items() if name not in terms} == {}


def _used_in(path: Path) -> set[str]:
    if path.suffix in {".ttl", ".trig"}:
        quads = pyoxigraph.parse(path=path, format=RdfFormat.TRIG)
        nodes = {node for q in quads for node in (q.subject, q.predicate, q.object)}
        iris = {n.value for n in nodes if isinstance(n, NamedNode) and NAMESPACE in n.value}
        return {iri.removeprefix(NAMESPACE) for iri in iris}
    if path.suffix == ".rq":
        return set(re.findall(r"\bakz:(\w+)", path.read_text("utf-8")))
    return set()


def test_every_borrowed_term_that_a_module_uses_is_pinned(
    own: Graph, ontology: Graph, root: Path
) -> None:
    pinned = set()
    for path in sorted((root / "ontology" / "imports").glob("*.ttl")):
        pinned |= set(Graph().parse(path).subjects(RDF.type))
    things = "https://w3id.org/assembly-kz/"
    logical = {RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.inverseOf}
    used = set(own.predicates()) | {o for p in logical for o in own.objects(None, p)}
    used |= {o for p in logical for o in ontology.objects(None, p) if isinstance(o, URIRef)}
    borrowed = {
        str(node)
        for node in used
        if isinstance(node, URIRef) and not str(node).startswith((*BUILT_IN, things))
    }
    assert sorted(borrowed - {str(node) for node in pinned}) == []


def test_the_header_says_what_the_ontology_is_and_whose(own: Graph) -> None:
    assert list(own.subjects(RDF.type, OWL.Ontology)) == [HEADER]
    for predicate in (RDFS.label, SKOS.prefLabel, DCTERMS.title, DCTERMS.description):
        assert languages(own, HEADER, predicate) == LANGUAGES
    for predicate in (DCTERMS.creator, DCTERMS.publisher, DCTERMS.license, DCTERMS.modified):
        assert len(list(own.objects(HEADER, predicate))) == 1, predicate
    version = own.value(HEADER, OWL.versionInfo)
    assert own.value(HEADER, OWL.versionIRI) == URIRef(f"{HEADER}/{version}")


def test_the_header_declares_the_prefixes_of_the_institution(own: Graph) -> None:
    declared = {
        str(own.value(node, SH.prefix)): own.value(node, SH.namespace)
        for node in own.objects(HEADER, SH.declare)
    }
    assert str(own.value(HEADER, VANN.preferredNamespacePrefix)) == "akz"
    assert str(own.value(HEADER, VANN.preferredNamespaceUri)) == NAMESPACE
    assert declared.pop("akz") == Literal(NAMESPACE, datatype=XSD.anyURI)
    shapes = Literal("https://w3id.org/assembly-kz/shapes#", datatype=XSD.anyURI)
    assert declared.pop("shapes") == shapes
    assert declared == {
        name: Literal(f"https://w3id.org/assembly-kz/id/{name}/", datatype=XSD.anyURI)
        for name in (
            "acts", "bodies", "concepts", "events", "mandates",
            "people", "places", "populations", "record",
        )
    }  # fmt: skip


def test_the_record_vocabulary_names_no_institution(root: Path) -> None:
    text = (root / "ontology" / "record.ttl").read_text("utf-8")
    body = re.sub(r"^@prefix.*$|<\S+>", "", text, flags=re.MULTILINE)
    assert not re.search("Kazakh|Казах|Қаза[қғ]|Assembl|Ассамбле", body)

"""The shapes, tried on files that keep them and on files that break them.

Each folder here is a file of ``shapes/``. A ``valid-*`` file gives no result. An ``invalid-*`` or
``warning-*`` file says on its first line which shape and which constraint component it breaks,
``# breaks: shapes:Status-statusOf sh:MinCountConstraintComponent``, and gives exactly that result.
Every file may refer to the things in ``neighbours.ttl`` and to the terms of ``ontology/``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph
import pyshacl
import pytest
from rdflib import DCTERMS, RDF, RDFS, SH, Graph, URIRef

from assembly_kg.build.load import parse_file
from assembly_kg.build.terms import from_oxigraph
from assembly_kg.build.validate import fact_graphs, validate, validate_files

if TYPE_CHECKING:
    from rdflib.term import Node

    from assembly_kg.build.load import Sources

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
COMMON = "assembly"  # the shapes that the files of every folder build on
ALONE = ("terms",)  # these files are tried without the ontology, which they play the part of
LANGUAGES = {"en", "kk", "ru"}
TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)

Result = tuple[str, str, str]
"""Shape and constraint component without their namespaces, and the severity."""

FILES = sorted(path for path in HERE.glob("*/*") if path.suffix in {".ttl", ".trig"})


@cache
def shapes_graph(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(ROOT / "shapes" / f"{name}.ttl")
    return graph


@cache
def all_shapes() -> Graph:
    return shapes_graph(*sorted(path.stem for path in (ROOT / "shapes").glob("*.ttl")))


@cache
def ontology() -> Graph:
    graph = Graph()
    for path in sorted((ROOT / "ontology").rglob("*.ttl")):
        graph.parse(path)
    return graph


@cache
def background() -> Graph:
    return Graph() + ontology() + Graph().parse(HERE / "neighbours.ttl")


def one_graph(path: Path) -> Graph:
    """The file as SHACL sees it: one graph, which says what its named graphs of facts are."""
    quads = parse_file(path)
    merged = Graph()
    for quad in quads:
        terms = (quad.subject, quad.predicate, quad.object)
        subject, predicate, obj = (from_oxigraph(term) for term in terms)
        merged.add((subject, predicate, obj))
    names = {q.graph_name.value for q in quads if isinstance(q.graph_name, pyoxigraph.NamedNode)}
    for triple in fact_graphs(map(URIRef, names)):
        merged.add(triple)
    return merged


def local(node: Node | None) -> str:
    return re.split("[#/]", str(node))[-1]


def results(data: Graph, shapes: Graph) -> list[Result]:
    found = validate(data, shapes).results
    for result in found:
        assert set(result.messages) == LANGUAGES, result.shape
    return sorted((local(r.shape), local(r.component), r.severity) for r in found)


def results_of(path: Path) -> list[Result]:
    folder, own = path.parent.name, one_graph(path)
    if folder in ALONE:
        return results(own, shapes_graph(COMMON, folder))
    data = background()
    mentioned = Graph() + own
    for node in own.all_nodes():
        for cls in data.objects(node, RDF.type):
            mentioned.add((node, RDF.type, cls))
    idle = frozenset(shape for shape in targeted() if not looks_at(shape, mentioned))
    added = own - data
    for triple in added:
        data.add(triple)
    try:
        return results(data, shapes_at_work(folder, idle))
    finally:
        for triple in added:
            data.remove(triple)


@cache
def shapes_at_work(folder: str, idle: frozenset[URIRef]) -> Graph:
    """The shapes for a folder's files, with no targets where a file has nothing to look at.

    What the file does not mention is the neighbours' own, and they keep every shape.
    """
    shapes = Graph() + shapes_graph(COMMON, folder)
    for shape in idle:
        for target in TARGETS:
            shapes.remove((shape, target, None))
    return shapes


def expected_of(path: Path) -> list[Result]:
    kind = path.name.split("-")[0]
    if kind == "valid":
        return []
    severity = {"invalid": "violation", "warning": "warning"}[kind]
    first = path.read_text(encoding="utf-8").splitlines()[0]
    keyword, _, named = first.removeprefix("# ").partition(": ")
    assert keyword == "breaks", f"{path}: the first line says what the file breaks"
    pairs = [pair.split() for pair in named.split(", ")]
    return sorted(
        (shape.removeprefix("shapes:"), component.removeprefix("sh:"), severity)
        for shape, component in pairs
    )


@cache
def targeted() -> frozenset[URIRef]:
    """Node shapes that choose their own focus nodes."""
    shapes = (shape for target in TARGETS for shape in all_shapes().subjects(target))
    return frozenset(shape for shape in shapes if isinstance(shape, URIRef))


def reporting() -> set[URIRef]:
    """Shapes whose results reach the report: targeted ones and, from them, along sh:property.

    A shape that only sh:or, sh:node or a qualified count asks for decides that constraint's result
    and gives none of its own.
    """
    found: set[URIRef] = set()
    queue = list(targeted())
    while queue:
        shape = queue.pop()
        if shape not in found:
            found.add(shape)
            queue += [s for s in all_shapes().objects(shape, SH.property) if isinstance(s, URIRef)]
    return found


COMPONENTS = {
    SH["class"]: "Class",
    SH.datatype: "Datatype",
    SH.disjoint: "Disjoint",
    SH.equals: "Equals",
    SH.hasValue: "HasValue",
    SH["in"]: "In",
    SH.languageIn: "LanguageIn",
    SH.lessThan: "LessThan",
    SH.lessThanOrEquals: "LessThanOrEquals",
    SH.maxCount: "MaxCount",
    SH.maxInclusive: "MaxInclusive",
    SH.minCount: "MinCount",
    SH.minInclusive: "MinInclusive",
    SH.node: "Node",
    SH.nodeKind: "NodeKind",
    SH["not"]: "Not",
    SH["or"]: "Or",
    SH.pattern: "Pattern",
    SH.qualifiedMaxCount: "QualifiedMaxCount",
    SH.qualifiedMinCount: "QualifiedMinCount",
    SH.sparql: "SPARQL",
    SH.uniqueLang: "UniqueLang",
}


def constraints_of(shape: URIRef) -> set[str]:
    return {
        f"{component}ConstraintComponent"
        for parameter, component in COMPONENTS.items()
        if (shape, parameter, None) in all_shapes()
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_breaks_what_it_says_and_nothing_else(path: Path) -> None:
    assert results_of(path) == expected_of(path)


def test_every_folder_is_a_file_of_shapes() -> None:
    assert {path.parent.name for path in FILES} <= {p.stem for p in (ROOT / "shapes").glob("*.ttl")}


def test_every_node_shape_has_a_valid_file_that_it_looks_at() -> None:
    valid = [one_graph(path) for path in FILES if path.name.startswith("valid-")]
    unseen = [
        local(shape) for shape in targeted() if not any(looks_at(shape, data) for data in valid)
    ]
    assert sorted(unseen) == []


@cache
def classes_of(shape: URIRef) -> frozenset[URIRef]:
    """Classes that the shape targets, or of which it asks something as a whole, and those below."""
    tops = (top for t in (SH.targetClass, SH.targetNode) for top in all_shapes().objects(shape, t))
    below = (cls for top in tops for cls in ontology().transitive_subjects(RDFS.subClassOf, top))
    return frozenset(cls for cls in below if isinstance(cls, URIRef))


def looks_at(shape: URIRef, data: Graph) -> bool:
    """The shape has a focus node in the data (SHACL, section 2.1.3)."""
    shapes = all_shapes()
    classes = classes_of(shape)
    return (
        any((None, RDF.type, cls) in data for cls in classes)
        or any((node, None, None) in data for node in shapes.objects(shape, SH.targetNode))
        or any((None, p, None) in data for p in shapes.objects(shape, SH.targetSubjectsOf))
        or any((None, p, None) in data for p in shapes.objects(shape, SH.targetObjectsOf))
    )


def test_every_constraint_has_a_file_that_breaks_it() -> None:
    broken = {(shape, component) for path in FILES for shape, component, _ in expected_of(path)}
    wanted = {
        (local(shape), component) for shape in reporting() for component in constraints_of(shape)
    }
    assert sorted(wanted - broken) == []


def test_every_shape_belongs_to_a_constraint_or_a_target() -> None:
    used = targeted() | {o for _, _, o in all_shapes() if isinstance(o, URIRef)}
    declared = set(all_shapes().subjects(RDF.type, SH.NodeShape))
    declared |= set(all_shapes().subjects(RDF.type, SH.PropertyShape))
    assert sorted(local(shape) for shape in declared - used) == []


def test_every_class_of_the_data_has_a_shape(record: Sources) -> None:
    names = ("http://rdfs.org/ns/void#Dataset",)  # the one data set is also a dcat:Dataset
    covered = {
        cls
        for target in all_shapes().objects(None, SH.targetClass)
        for cls in ontology().transitive_subjects(RDFS.subClassOf, target)
    }
    used = {
        cls
        for name, graph in record.accepted()
        if str(name) not in {f"{record.base}ontology", f"{record.base}shapes"}
        for cls in graph.objects(None, RDF.type)
    }
    assert sorted(str(cls) for cls in used - covered if str(cls) not in names) == []


def test_the_valid_files_together_keep_every_shape() -> None:
    data = Graph() + background()
    for path in FILES:
        if path.name.startswith("valid-") and path.parent.name not in ALONE:
            data += one_graph(path)
    shapes = [path.stem for path in (ROOT / "shapes").glob("*.ttl") if path.stem not in ALONE]
    assert results(data, shapes_graph(*sorted(shapes))) == []


def test_the_data_break_no_shape(release: Path) -> None:
    report = json.loads((release / "validation.json").read_text(encoding="utf-8"))
    assert [one for one in report["results"] if one["severity"] == "violation"] == []


def test_a_rule_about_all_segments_is_asked_of_somebodys_own_file(
    tmp_path: Path, record: Sources
) -> None:
    segment = (HERE / "record/valid-segment.ttl").read_text(encoding="utf-8")
    twin = segment.replace("source/example/s3", "source/example/s4")
    own = tmp_path / "own.ttl"
    own.write_text(segment + twin, encoding="utf-8")
    found = validate_files(record, [own]).results
    (result,) = (r for r in found if local(r.shape) == "Segments")
    assert local(result.value) == "s4"


def test_every_message_is_in_three_languages() -> None:
    faults = []
    for subject in set(all_shapes().subjects(SH.message)):
        counted = Counter(
            getattr(m, "language", None) for m in all_shapes().objects(subject, SH.message)
        )
        if counted != dict.fromkeys(LANGUAGES, 1):
            faults.append(local(subject))
    assert sorted(faults) == []


def test_every_reporting_shape_with_a_constraint_has_a_message() -> None:
    silent = []
    for shape in reporting():
        holders: list[Node] = [shape]
        if constraints_of(shape) == {"SPARQLConstraintComponent"}:
            holders = list(all_shapes().objects(shape, SH.sparql))
        if constraints_of(shape) and any(
            (h, SH.message, None) not in all_shapes() for h in holders
        ):
            silent.append(local(shape))
    assert sorted(silent) == []


def test_the_shapes_are_shapes_by_the_standard() -> None:
    """The shapes graph keeps SHACL's own syntax rules (SHACL, appendix C)."""
    assert pyshacl.validate(Graph(), shacl_graph=all_shapes(), meta_shacl=True)[0]


def named_in_queries(prefix: str) -> set[str]:
    """Local names with the prefix in the SPARQL constraints."""
    texts = all_shapes().objects(None, SH.select)
    return {name for text in texts for name in re.findall(rf"\b{prefix}:([\w-]+)", str(text))}


def test_every_term_that_a_shape_names_is_declared() -> None:
    known = set(ontology().subjects()) | set(all_shapes().subjects())
    akz, concepts = (
        f"https://w3id.org/assembly-kz/{part}" for part in ("ontology#", "id/concepts/")
    )
    named = {node for triple in all_shapes() for node in triple if isinstance(node, URIRef)}
    named = {node for node in named if str(node).startswith((akz, concepts))}
    named |= {URIRef(akz + name) for name in named_in_queries("akz")}
    assert sorted(map(str, named - known)) == []


def test_every_thing_that_a_rule_of_law_is_about_is_in_the_data(record: Sources) -> None:
    entities = record.graph("entities")
    base = "https://w3id.org/assembly-kz/id/"
    rules = shapes_graph("rules-of-law")
    named = {str(node) for node in rules.objects(None, SH.targetNode)}
    named |= {f"{base}{p}/{name}" for p in ("bodies", "people") for name in named_in_queries(p)}
    things = {name for name in named if name.startswith(base)}
    assert sorted(thing for thing in things if (URIRef(thing), None, None) not in entities) == []


def test_every_rule_of_law_cites_its_article() -> None:
    rules = shapes_graph("rules-of-law")
    for shape in targeted() & set(rules.subjects(RDF.type, SH.NodeShape)):
        assert (shape, DCTERMS.source, None) in rules, shape
        for text in (RDFS.label, DCTERMS.bibliographicCitation):
            languages = [getattr(value, "language", None) for value in rules.objects(shape, text)]
            assert sorted(map(str, languages)) == sorted(LANGUAGES), shape


def test_a_warning_tells_what_the_record_says_of_the_lack() -> None:
    explained = one_graph(HERE / "rules-of-law" / "warning-annual-session-sparql-explained.ttl")
    (warning,) = validate(background() + explained, shapes_graph(COMMON, "rules-of-law")).results
    reasons = {
        "kk": "2012 жылғы сессия табылмады.",
        "ru": "Сессия 2012 года не найдена.",
        "en": "The session of 2012 was not found.",
    }
    assert [k for k, reason in reasons.items() if not warning.messages[k].endswith(reason)] == []

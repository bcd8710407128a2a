"""What a release says about itself is true."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, VOID
from tests.build.conftest import INSTITUTION

from assembly_kg.build.canonical import digest
from assembly_kg.build.release import build
from assembly_kg.namespaces import SD, SPDX
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://library.example/"
ENTRY = URIRef(f"{BASE}dataset")


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the library council."""
    return build(Settings(root=INSTITUTION, out=tmp_path_factory.mktemp("releases"))).path


@pytest.fixture(scope="module")
def store(council: Path) -> Store:
    store = Store()
    store.bulk_load(path=str(council / "dataset.nq"), format=RdfFormat.N_QUADS)
    return store


@pytest.fixture(scope="module")
def void(council: Path) -> Graph:
    return Graph().parse(council / "void.ttl")


def number(graph: Graph, subject: URIRef, prop: URIRef) -> int:
    value = graph.value(subject, prop)
    assert isinstance(value, Literal)
    return int(value)


def test_the_totals_are_those_of_the_default_graph(store: Store, void: Graph) -> None:
    default = [quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())]
    subjects = {triple.subject for triple in default}
    rdf_type = NamedNode(str(RDF.type))
    assert number(void, ENTRY, VOID.triples) == len(default)
    assert number(void, ENTRY, VOID.distinctSubjects) == len(subjects)
    assert number(void, ENTRY, VOID.properties) == len({t.predicate for t in default})
    assert number(void, ENTRY, VOID.classes) == len(
        {t.object for t in default if t.predicate == rdf_type}
    )
    assert number(void, ENTRY, VOID.entities) == sum(
        isinstance(s, NamedNode) and s.value.startswith(BASE) for s in subjects
    )


def test_the_parts_by_property_and_class_add_up(store: Store, void: Graph) -> None:
    default = [quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())]
    properties = Counter(triple.predicate.value for triple in default)
    assert properties == {
        str(void.value(part, VOID.property)): number(void, URIRef(str(part)), VOID.triples)
        for part in void.objects(ENTRY, VOID.propertyPartition)
    }
    classes = Counter(
        t.object.value
        for t in default
        if t.predicate.value == str(RDF.type) and isinstance(t.object, NamedNode)
    )
    assert classes == {
        str(void.value(part, VOID["class"])): number(void, URIRef(str(part)), VOID.entities)
        for part in void.objects(ENTRY, VOID.classPartition)
    }


def test_every_named_graph_is_listed_with_its_size(store: Store, void: Graph) -> None:
    sizes = {
        str(name): sum(1 for _ in store.quads_for_pattern(None, None, None, NamedNode(str(name))))
        for name in void.objects(ENTRY, SD.namedGraph)
    }
    assert set(sizes) == {name.value for name in store.named_graphs()}
    assert sizes == {name: number(void, URIRef(name), VOID.triples) for name in sizes}


def test_every_file_is_a_distribution_with_size_checksum_and_titles(
    council: Path, void: Graph
) -> None:
    for iri in void.objects(ENTRY, DCAT.distribution):
        data = (council / str(iri).removeprefix(f"{BASE}release/1.0/")).read_bytes()
        assert number(void, URIRef(str(iri)), DCAT.byteSize) == len(data)
        checksum = void.value(iri, SPDX.checksum)
        assert str(void.value(checksum, SPDX.checksumValue)) == digest(data)
        titles = {t.language for t in void.objects(iri, DCTERMS.title) if isinstance(t, Literal)}
        assert titles == {"kk", "ru", "en"}
    files = {f.relative_to(council).as_posix() for f in council.rglob("*.gz")} | {"dataset.nq"}
    assert files == {
        str(iri).removeprefix(f"{BASE}release/1.0/")
        for iri in void.objects(ENTRY, DCAT.distribution)
    }


def test_the_graph_in_the_dataset_is_the_file_without_sizes_and_checksums(
    store: Store, void: Graph
) -> None:
    graph = Graph()
    for quad in store.quads_for_pattern(None, None, None, NamedNode(f"{BASE}void")):
        graph.parse(data=f"{quad.triple} .", format="nt")
    only_in_file = void - graph
    assert len(graph - void) == 0
    assert {p for s, p, _ in only_in_file if not str(s).endswith("#sha256")} == {
        DCAT.byteSize,
        SPDX.checksum,
    }


def test_the_release_is_a_version_of_the_dataset(void: Graph) -> None:
    release = URIRef(f"{BASE}release/1.0")
    assert (ENTRY, URIRef(f"{DCAT}hasVersion"), release) in void
    assert void.value(release, DCTERMS.issued).toPython().isoformat() == "2020-06-01"

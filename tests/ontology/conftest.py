"""The ontology as graphs, read once for all tests of this folder."""

from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat
from rdflib import Graph
from rdflib.namespace import RDF

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = "https://w3id.org/assembly-kz/ontology#"


def _merge(paths: list[Path]) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path)
    return graph


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def modules() -> list[Path]:
    """The files that declare the project's own terms, and its header; alignments declare none."""
    found = (ROOT / "ontology").glob("*.ttl")
    return sorted(path for path in found if path.name != "alignments.ttl")


@pytest.fixture(scope="session")
def own(modules: list[Path]) -> Graph:
    """The project's own modules, without alignments, imports and vocabularies."""
    return _merge(modules)


@pytest.fixture(scope="session")
def ontology() -> Graph:
    """All of ontology/: modules, alignments, imports, vocabularies."""
    return _merge(sorted((ROOT / "ontology").rglob("*.ttl")))


@pytest.fixture(scope="session")
def data() -> Graph:
    """All accepted statements of data/, merged as the default graph merges them."""
    lines = [
        f"{quad.triple} ."
        for path in sorted((ROOT / "data").rglob("*"))
        if path.suffix in {".ttl", ".trig"}
        for quad in pyoxigraph.parse(path=path, format=RdfFormat.TRIG)
        if not str(quad.graph_name).endswith("/disputed>")
    ]
    return Graph().parse(data="\n".join(lines), format="nt")


@pytest.fixture(scope="session")
def terms(own: Graph) -> frozenset[str]:
    """The local names of all terms that the modules declare."""
    return frozenset(
        str(term).removeprefix(NAMESPACE)
        for term in own.subjects(RDF.type)
        if str(term).startswith(NAMESPACE)
    )

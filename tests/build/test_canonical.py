"""Equal datasets, equal bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys

import pyoxigraph as ox
import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, XSD

from assembly_kg.build.canonical import (
    Lines,
    canonical_blank_nodes,
    digest,
    serialize,
    write_gzip,
)
from assembly_kg.namespaces import PREFIXES

A, B, G = (URIRef(f"https://x.example/{name}") for name in "abg")
TURTLE = """
@prefix : <https://x.example/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
:p owl:propertyChainAxiom ( :q [ owl:inverseOf :r ] ) .
:C owl:equivalentClass [ owl:unionOf ( :D :E ) ] , [ owl:unionOf ( :E :D ) ] .
:a :p "қазақша"@kk , "x\\ty\\u0001\\u007F\\"\\\\" , 007 .
"""


def lines_of(graph: Graph, name: URIRef | None = None) -> list[str]:
    lines = Lines()
    lines.add(graph, name)
    return lines.canonical().lines


def test_blank_nodes_get_the_same_names_however_they_were_called() -> None:
    graph = Graph().parse(data=TURTLE, format="turtle")
    renamed = Graph()
    names: dict[BNode, BNode] = {}
    for triple in sorted(graph, reverse=True):
        s, p, o = (names.setdefault(t, BNode()) if isinstance(t, BNode) else t for t in triple)
        renamed.add((s, p, o))
    assert lines_of(graph) == lines_of(renamed)
    assert "_:c14n0" in "".join(lines_of(graph))


def test_the_lines_are_those_of_the_algorithm_over_the_whole_dataset() -> None:
    quads = list(ox.parse(TURTLE, ox.RdfFormat.TURTLE))
    whole = ox.Dataset(quads)
    whole.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    graph = Graph().parse(data=TURTLE, format="turtle")
    kept = Graph()
    for s, p, o in graph:
        lexical = isinstance(o, Literal) and o.datatype == XSD.integer
        kept.add((s, p, Literal("007", datatype=XSD.integer, normalize=False) if lexical else o))
    assert lines_of(kept) == sorted(str(whole).splitlines(keepends=True))


def test_characters_are_escaped_as_canonical_n_quads_does() -> None:
    (line,) = lines_of(Graph().add((A, B, Literal('x\ty\n\u0001\u007f"\\қ'))))
    assert line == (
        '<https://x.example/a> <https://x.example/b> "x\\ty\\n\\u0001\\u007F\\"\\\\қ" .\n'
    )


def test_a_named_graph_is_the_fourth_term() -> None:
    (line,) = lines_of(Graph().add((A, RDF.type, B)), G)
    assert line == f"<{A}> <{RDF.type}> <{B}> <{G}> .\n"


def test_a_graph_has_its_lines_in_order() -> None:
    graph = Graph().parse(data=TURTLE, format="turtle")
    lines = Lines()
    lines.add(graph, G)
    lines.add([(A, RDF.type, B)], None)
    lines.add([(A, RDF.type, B)], G)
    written = lines.canonical()
    assert list(written.graphs) == ["", f"<{G}>"]
    assert written.graphs[""] == [f"<{A}> <{RDF.type}> <{B}> .\n"]
    assert sorted(line for group in written.graphs.values() for line in group) == written.lines
    assert all(group == sorted(group) for group in written.graphs.values())


def test_reading_names_blank_nodes_alike_each_time() -> None:
    first = list(canonical_blank_nodes(ox.parse(TURTLE, ox.RdfFormat.TURTLE)))
    again = list(canonical_blank_nodes(ox.parse(TURTLE, ox.RdfFormat.TURTLE)))
    assert set(first) == set(again)
    as_read = Graph().parse(data=TURTLE, format="turtle")
    assert isomorphic(Graph().parse(data="".join(f"{q} .\n" for q in first)), as_read)


@pytest.mark.parametrize(
    "form", [ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML, ox.RdfFormat.TRIG], ids=str
)
def test_the_prefixes_of_a_serialisation_are_in_order(form: ox.RdfFormat) -> None:
    quads = list(ox.parse("<x:a> <http://www.w3.org/ns/org#b> 1 .", ox.RdfFormat.TURTLE))
    written = {serialize((q.triple for q in quads), form, PREFIXES) for _ in range(5)}
    assert len(written) == 1
    text = written.pop().decode()
    found = [p for p in PREFIXES if f"prefix {p}:" in text or f"xmlns:{p}=" in text]
    places = [max(text.find(f"prefix {p}:"), text.find(f"xmlns:{p}=")) for p in sorted(found)]
    assert "org" in found
    assert places == sorted(places)
    assert list(ox.parse(text, form)) == quads


def test_bytes_do_not_depend_on_how_python_hashes() -> None:
    program = (
        "from rdflib import Graph\n"
        "from assembly_kg.build.canonical import Lines, digest\n"
        "from tests.build.test_canonical import TURTLE\n"
        "lines = Lines()\n"
        "lines.add(Graph().parse(data=TURTLE, format='turtle'), None)\n"
        "print(digest(''.join(lines.canonical().lines).encode()))\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_compression_leaves_out_name_and_time() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_gzip(b"data", first)
    write_gzip(b"data", second)
    assert first.getvalue() == second.getvalue()
    assert gzip.decompress(first.getvalue()) == b"data"
    assert first.getvalue()[4:8] == b"\0\0\0\0"


def test_the_digest_is_sha_256() -> None:
    assert digest(b"data") == hashlib.sha256(b"data").hexdigest()


def test_blank_nodes_of_graphs_that_are_read_apart_stay_apart() -> None:
    one, other = (
        list(canonical_blank_nodes(ox.parse(text, ox.RdfFormat.TURTLE)))
        for text in ("<a:s> <a:p> [ <a:q> 1 ] .", "<a:s> <a:p> [ <a:q> 2 ] .")
    )
    merged = {quad.object for quad in (*one, *other) if isinstance(quad.object, ox.BlankNode)}
    assert len(merged) == 2

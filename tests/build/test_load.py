"""Reading an institution's files: what comes out, and every fault with its place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import RDF, XSD

from assembly_kg.build.load import Sources, load, parse_file, subclasses
from assembly_kg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://library.example/"
RDF_XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="x:">
  <rdf:Description rdf:about="x:a"><x:b rdf:resource="x:c"/></rdf:Description>
</rdf:RDF>"""


def edit(path: Path, old: str, new: str) -> int:
    """Change a text that stands once in the file; returns its line."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def fault(root: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load(root)
    return caught.value


def test_the_graphs_are_the_subjects_documents_segments_and_disputed_claims(
    sources: Sources,
) -> None:
    assert [name.removeprefix(BASE) for name in sources.names()] == [
        "entities",
        "ontology",
        "shapes",
        "source/minutes",
        "source/minutes/s1",
        "source/minutes/s2",
        "source/minutes/s2/disputed",
        "source/minutes/s3",
    ]


def test_the_header_and_the_catalogue_entry_say_what_is_published(sources: Sources) -> None:
    assert (sources.base, sources.version, sources.issued) == (BASE, "1.0", date(2020, 6, 1))
    assert sources.namespace == f"{BASE}ontology#"
    assert sources.prefixes == {"item": f"{BASE}id/", "lib": f"{BASE}ontology#"}
    assert sources.entry == URIRef(f"{BASE}dataset")
    assert sources.ontology == URIRef(f"{BASE}ontology")


def test_disputed_claims_are_kept_and_not_merged(sources: Sources) -> None:
    claim = (
        URIRef(f"{BASE}id/holding-boris-chair"),
        sources.terms["validFrom"],
        Literal("2009-09-01", datatype=XSD.date),
    )
    assert claim in sources.graph("source/minutes/s2/disputed")
    assert claim not in sources.stated
    assert sources.saying(claim) == []


def test_a_statement_knows_the_graphs_that_say_it(sources: Sources) -> None:
    holder = (
        URIRef(f"{BASE}id/holding-ada-chair"),
        sources.terms["holder"],
        URIRef(f"{BASE}id/ada"),
    )
    assert sources.saying(holder) == [URIRef(f"{BASE}source/minutes/s1")]


def test_fact_graphs_are_the_segments_and_their_disputed_claims(sources: Sources) -> None:
    assert [name.removeprefix(f"{BASE}source/") for name in sources.fact_graphs()] == [
        "minutes/s1",
        "minutes/s2",
        "minutes/s2/disputed",
        "minutes/s3",
    ]


def test_every_file_that_is_read_is_listed_with_its_hash(sources: Sources) -> None:
    assert [file.path for file in sources.files] == [
        "data/dataset.ttl",
        "data/entities/things.ttl",
        "data/sources/minutes.trig",
        "ontology/library.ttl",
        "ontology/projections/holds-post.rq",
        "ontology/projections/part.rq",
        "ontology/vocabularies/kinds.ttl",
        "shapes/council.ttl",
    ]
    assert all(len(file.sha256) == 64 for file in sources.files)


def test_blank_nodes_are_named_alike_each_time(sources: Sources) -> None:
    again = load(sources.root)
    assert set(again.graph("ontology")) == set(sources.graph("ontology"))


def test_lexical_forms_stay_as_written(institution: Path) -> None:
    edit(
        institution / "data/sources/minutes.trig", 'lib:charterNumber "2"', "lib:charterNumber 007"
    )
    numbers = load(institution).stated.objects(None, URIRef(f"{BASE}ontology#charterNumber"))
    assert "007" in {str(number) for number in numbers}


def test_subclasses_are_found_at_any_depth(sources: Sources) -> None:
    ontology = sources.graph("ontology")
    assert subclasses(ontology, sources.terms["Situation"]) == {
        sources.terms[name] for name in ("Situation", "OfficeHolding", "Structure")
    }
    assert (URIRef(f"{BASE}id/council"), RDF.type, sources.terms["Council"]) in sources.stated


def test_a_syntax_error_has_its_line_and_column(institution: Path) -> None:
    path = institution / "data/sources/minutes.trig"
    line = edit(
        path, "seg:s3 a lib:Segment ; lib:order 3", "seg:s3 a lib:Segment ; ; lib:order = 3"
    )
    error = fault(institution)
    assert (error.path, error.line) == (path, line)
    assert "(column " in error.message


def test_an_undeclared_prefix_is_named(institution: Path) -> None:
    path = institution / "data/entities/things.ttl"
    line = edit(path, "item:ada a lib:Person", "item:ada a foaf:Person")
    error = fault(institution)
    assert (error.path, error.line) == (path, line)
    assert error.message.startswith('the prefix "foaf" is not declared; add a PREFIX line')


def test_a_relative_iri_is_refused(institution: Path) -> None:
    line = edit(institution / "shapes/council.ttl", "sh:path lib:validFrom", "sh:path <validFrom>")
    error = fault(institution)
    assert error.line == line
    assert error.message.startswith("a relative IRI; write the whole IRI")


def test_a_literal_that_is_not_valid_for_its_datatype_is_refused(institution: Path) -> None:
    path = institution / "data/sources/minutes.trig"
    line = edit(path, '"2012-01-01"^^xsd:date', '"05/10/2016"^^xsd:date')
    assert str(fault(institution)) == (
        f'{path}:{line}: "05/10/2016" is not an xsd:date; write YYYY-MM-DD'
    )


@pytest.mark.parametrize("blank", ["[]", "_:someone", '[ lib:name "Ada" ]'])
def test_a_blank_node_in_the_data_is_refused(institution: Path, blank: str) -> None:
    path = institution / "data/sources/minutes.trig"
    line = edit(path, "lib:holder item:boris", f"lib:holder {blank}")
    error = fault(institution)
    assert (error.path, error.line) == (path, line)
    assert error.message == "a blank node; data name everything: give it an IRI"


def test_a_graph_of_another_document_is_refused(institution: Path) -> None:
    path = institution / "data/sources/minutes.trig"
    line = edit(path, "GRAPH seg:s3 {", "GRAPH <https://library.example/source/letter/s1> {")
    error = fault(institution)
    assert (error.path, error.line) == (path, line)
    assert "<https://library.example/source/letter/s1> is not of this document" in error.message


def test_a_graph_of_a_segment_that_is_not_described_is_refused(institution: Path) -> None:
    line = edit(institution / "data/sources/minutes.trig", "GRAPH seg:s3 {", "GRAPH seg:s4 {")
    error = fault(institution)
    assert error.line == line
    assert "facts stand in a graph named as a segment" in error.message


def test_a_file_whose_name_is_not_its_documents_is_refused(institution: Path) -> None:
    path = institution / "data/sources/minutes.trig"
    renamed = path.rename(path.with_name("letter.trig"))
    error = fault(institution)
    assert error.path == renamed
    assert error.line is not None


def test_a_fact_outside_of_any_segment_is_refused(institution: Path) -> None:
    path = institution / "data/sources/minutes.trig"
    line = edit(path, "GRAPH seg:s1 {", "item:ada lib:headPost item:chair .\nGRAPH seg:s1 {")
    error = fault(institution)
    assert (error.path, error.line) == (path, line)
    assert "stands outside of any segment; put it in the graph" in error.message


def test_data_in_a_place_that_nobody_reads_is_refused(institution: Path) -> None:
    path = institution / "data/sources/letter.ttl"
    path.write_text("<https://a.example/a> <https://a.example/b> 1 .", encoding="utf-8")
    error = fault(institution)
    assert error.path == path
    assert "is not read here" in error.message


@pytest.mark.parametrize("folder", ["ontology", "data", "shapes"])
def test_a_missing_folder_is_named(institution: Path, folder: str) -> None:
    (institution / folder).rename(institution / "elsewhere")
    error = fault(institution)
    assert error.path == institution / folder
    assert "no such folder" in error.message


def test_a_missing_catalogue_entry_is_named(institution: Path) -> None:
    (institution / "data/dataset.ttl").unlink()
    error = fault(institution)
    assert error.path == institution / "data/dataset.ttl"
    assert "cannot be read" in error.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('  owl:versionInfo "1.0" ;\n', "", "exactly one literal owl:versionInfo"),
        ('owl:versionInfo "1.0"', 'owl:versionInfo "1/0"', "write one like 1.2.0"),
        ('"2020-06-01"^^xsd:date', '"2020-06-01"', "write the release date"),
        ("a dcat:Dataset", "a dcat:Catalog", "0 dcat:Dataset; describe exactly one"),
    ],
)
def test_a_catalogue_entry_without_what_a_release_needs_is_refused(
    institution: Path, old: str, new: str, said: str
) -> None:
    edit(institution / "data/dataset.ttl", old, new)
    assert said in fault(institution).message


def test_an_ontology_without_a_header_is_refused(institution: Path) -> None:
    edit(institution / "ontology/library.ttl", "vann:preferredNamespaceUri", "vann:other")
    assert "0 ontology headers" in fault(institution).message


def test_a_projection_rule_that_is_not_sparql_has_its_line(institution: Path) -> None:
    path = institution / "ontology/projections/part.rq"
    line = edit(path, "WHERE {", "WHERE [")
    error = fault(institution)
    assert (error.path, error.line) == (path, line)
    assert error.message.startswith("is not SPARQL: expected")


def test_a_text_that_is_not_utf_8_is_refused(institution: Path) -> None:
    path = institution / "data/entities/things.ttl"
    path.write_bytes(path.read_bytes().replace("төраға".encode(), "председатель".encode("cp1251")))
    error = fault(institution)
    assert error.path == path
    assert error.line is not None


def test_a_file_of_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no RDF format"):
        parse_file(tmp_path / "table.xlsx")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", "<x:a> <x:b> <x:c> ."),
        ("a.nt", "<x:a> <x:b> <x:c> ."),
        ("a.trig", "<x:g> { <x:a> <x:b> <x:c> }"),
        ("a.nq", "<x:a> <x:b> <x:c> <x:g> ."),
        ("a.jsonld", '{"@id": "x:a", "x:b": {"@id": "x:c"}}'),
        (
            "a.rdf",
            RDF_XML,
        ),
    ],
)
def test_every_rdf_format_is_read(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (quad,) = parse_file(path)
    assert [str(term) for term in quad.triple] == ["<x:a>", "<x:b>", "<x:c>"]

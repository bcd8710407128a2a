"""Reports of validation, of an institution and of somebody's own files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH, XSD

from assembly_kg.build.pipeline import validated
from assembly_kg.build.validate import fact_graphs, shorten, validate, validate_files
from assembly_kg.errors import BuildError, InconsistencyError, InputError
from assembly_kg.namespaces import SD

if TYPE_CHECKING:
    from pathlib import Path

    from assembly_kg.build.load import Sources
    from assembly_kg.build.validate import Report

BASE = "https://library.example/"
PREFIXES = """
PREFIX lib: <https://library.example/ontology#>
PREFIX item: <https://library.example/id/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""


def own(tmp_path: Path, sources: Sources, text: str, name: str = "own.trig") -> Report:
    path = tmp_path / name
    path.write_text(PREFIXES + text, encoding="utf-8")
    return validate_files(sources, [path])


def shown(report: Report) -> list[tuple[str, str, str]]:
    return [
        (r.severity, str(r.focus).removeprefix(f"{BASE}id/"), str(r.shape).partition("#")[2])
        for r in report.results
    ]


def test_the_council_passes_with_a_warning(sources: Sources) -> None:
    report = validated(sources)
    assert report.passes
    assert not report.conforms
    assert shown(report) == [("warning", "holding-ada-honorary", "OfficeHoldingShape-validFrom")]


def test_a_result_has_its_messages_in_three_languages(sources: Sources) -> None:
    (result,) = validated(sources).results
    assert result.message("kk") == "Басталған күні белгісіз."
    assert result.message("ru") == "День начала неизвестен."
    assert result.message("en") == result.message("fr") == "The first day is not known."


def test_a_file_that_keeps_the_shapes_conforms(tmp_path: Path, sources: Sources) -> None:
    report = own(tmp_path, sources, 'item:attic a lib:Body ; skos:prefLabel "attic"@en .')
    assert report.conforms


def test_only_what_the_file_speaks_of_is_reported(tmp_path: Path, sources: Sources) -> None:
    """The council's own warning is not the author's."""
    report = own(tmp_path, sources, "item:attic a lib:Body .")
    assert shown(report) == [("violation", "attic", "BodyShape-prefLabel")]


def test_a_statement_about_a_known_thing_is_checked_with_what_is_known(
    tmp_path: Path, sources: Sources
) -> None:
    report = own(tmp_path, sources, 'item:council skos:prefLabel "second name"@en .')
    assert shown(report) == [("violation", "council", "BodyShape-prefLabel")]


def test_what_follows_from_the_file_is_checked_too(tmp_path: Path, sources: Sources) -> None:
    """The domain of lib:holder makes the subject an office holding, of exactly one person."""
    report = own(tmp_path, sources, "item:h lib:hasHolding item:x .")
    assert ("violation", "x", "OfficeHoldingShape-holder") not in shown(report)
    report = own(tmp_path, sources, "item:h lib:holder item:ada .")
    assert shown(report) == [("warning", "h", "OfficeHoldingShape-validFrom")]


def test_a_misspelt_name_is_not_what_the_range_of_its_link_makes_it(
    tmp_path: Path, sources: Sources
) -> None:
    report = own(tmp_path, sources, "item:h lib:holder item:adda .")
    assert ("violation", "h", "OfficeHoldingShape-holder") in shown(report)


def test_the_graphs_that_state_a_wrong_value_are_named(tmp_path: Path, sources: Sources) -> None:
    report = own(
        tmp_path,
        sources,
        """<https://library.example/source/x/s1> a lib:Segment .
        GRAPH <https://library.example/source/x/s1> {
          item:h a lib:OfficeHolding ; lib:holder item:ada ; lib:validFrom "in spring" }""",
    )
    (result,) = [r for r in report.results if r.value is not None]
    assert result.severity == "warning"
    assert result.value == Literal("in spring")
    assert result.path == "<https://library.example/ontology#validFrom>"
    assert result.sources == (URIRef(f"{BASE}source/x/s1"),)


def test_a_graph_that_no_segment_names_is_reported(tmp_path: Path, sources: Sources) -> None:
    report = own(tmp_path, sources, "GRAPH item:loose { item:council lib:neighbourOf item:ada }")
    assert ("violation", "loose", "FactGraphShape") in shown(report)


def test_a_disputed_graph_belongs_to_its_segment() -> None:
    name = URIRef(f"{BASE}source/x/s1/disputed")
    triples = list(fact_graphs([name]))
    assert (name, RDF.type, SD.NamedGraph) in triples
    assert {o for _, _, o in triples} == {SD.NamedGraph, URIRef(f"{BASE}source/x/s1")}


def test_an_ill_typed_literal_is_a_violation_whether_a_shape_asks_or_not(
    tmp_path: Path, sources: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once, in words: rdflib's own warning comes with a traceback."""
    report = own(tmp_path, sources, 'item:ada lib:born "05/10/2016"^^xsd:date .')
    assert not caplog.records
    (result,) = report.results
    assert result.severity == "violation"
    assert result.message() == '"05/10/2016" is not an xsd:date; write YYYY-MM-DD'


def test_several_files_are_checked_together(tmp_path: Path, sources: Sources) -> None:
    first, second = tmp_path / "a.ttl", tmp_path / "b.nt"
    first.write_text(f"{PREFIXES} item:attic a lib:Body .", encoding="utf-8")
    second.write_text(
        f'<{BASE}id/attic> <http://www.w3.org/2004/02/skos/core#prefLabel> "attic"@en .\n',
        encoding="utf-8",
    )
    assert not validate_files(sources, [first]).passes
    assert validate_files(sources, [first, second]).passes


def test_blank_nodes_of_a_file_are_checked(tmp_path: Path, sources: Sources) -> None:
    report = own(tmp_path, sources, "[] a lib:Body .")
    (result,) = report.results
    assert str(result.shape).endswith("BodyShape-prefLabel")


def test_a_file_that_contradicts_the_ontology_is_told_why(tmp_path: Path, sources: Sources) -> None:
    with pytest.raises(InconsistencyError, match="rule cax-adc:"):
        own(tmp_path, sources, "item:ada a lib:Post .")


def test_an_unreadable_file_has_its_line(tmp_path: Path, sources: Sources) -> None:
    with pytest.raises(InputError) as caught:
        own(tmp_path, sources, "item:attic a lib:Body ; .\nitem:attic a nothing .")
    assert caught.value.line == PREFIXES.count("\n") + 2


def test_a_triple_term_is_refused(tmp_path: Path, sources: Sources) -> None:
    with pytest.raises(InputError, match=r"RDF 1\.1 has none"):
        own(tmp_path, sources, "item:a lib:b <<( item:a lib:b item:c )>> .")


def test_json_and_turtle_say_the_same(tmp_path: Path, sources: Sources) -> None:
    report = own(tmp_path, sources, 'item:attic a lib:Body . item:ada lib:born "x"^^xsd:date .')
    told = json.loads(report.to_json())
    graph = Graph().parse(data=report.to_turtle(), format="turtle")
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert told["counts"] == {"violation": 2, "warning": 0, "info": 0}
    assert told["conforms"] is False
    assert (node, SH.conforms, Literal("false", datatype=XSD.boolean)) in graph
    assert {result["focus"]["value"] for result in told["results"]} == {
        str(graph.value(result, SH.focusNode)) for result in graph.objects(node, SH.result)
    }
    languages = {
        message.language
        for result in graph.objects(node, SH.result)
        for message in graph.objects(result, SH.resultMessage)
        if isinstance(message, Literal)
    }
    assert languages == {"kk", "ru", "en"}


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("lib:p", "<{}p>"),
        ("[ sh:inversePath lib:p ]", "^<{}p>"),
        ("( lib:p lib:q )", "(<{}p>/<{}q>)"),
        ("[ sh:alternativePath ( lib:p lib:q ) ]", "(<{}p>|<{}q>)"),
        ("( lib:p [ sh:zeroOrMorePath lib:q ] )", "(<{}p>/<{}q>*)"),
    ],
)
def test_a_path_is_shown_as_sparql_writes_it(path: str, written: str) -> None:
    shapes = Graph().parse(
        data=f"{PREFIXES} lib:S a sh:NodeShape ; sh:targetNode item:a ;"
        f"sh:property [ sh:path {path} ; sh:minCount 1 ] .",
        format="turtle",
    )
    data = Graph().parse(data=f"{PREFIXES} item:a a lib:Thing .", format="turtle")
    (result,) = validate(data, shapes).results
    assert result.path == written.replace("{}", f"{BASE}ontology#")


def test_shapes_that_are_wrong_themselves_are_a_fault_of_the_build() -> None:
    shapes = Graph().parse(
        data=f"{PREFIXES} lib:S a sh:PropertyShape ; sh:targetNode item:a ; sh:minCount 1 .",
        format="turtle",
    )
    with pytest.raises(BuildError, match="shapes/"):
        validate(Graph(), shapes)


def test_terms_are_shortened_for_people() -> None:
    prefixes = {"item": f"{BASE}id/"}
    assert shorten(URIRef(f"{BASE}id/ada"), prefixes) == "item:ada"
    assert shorten(URIRef("https://x.example/"), prefixes) == "<https://x.example/>"
    assert shorten(Literal("text", lang="en"), prefixes) == "text"
    assert shorten(None, prefixes) == ""


def test_validation_leaves_the_shapes_as_they_are(sources: Sources) -> None:
    """Left to itself, pySHACL adds RDFS axioms of its own, which would be published."""
    shapes = Graph() + sources.graph("shapes")
    before = set(shapes)
    validate(sources.merged(), shapes)
    assert set(shapes) == before

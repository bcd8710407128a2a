"""The ontology is OWL 2 DL and OWL 2 RL, and a complete reasoner finds no contradiction in it.

Profiles are judged by the OWL API, consistency by HermiT, a complete reasoner for OWL 2 DL.
"""

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDFS, XSD
from tests.ontology.hermit import Findings, check, dates_as_datetimes


@pytest.fixture(scope="module")
def of_the_ontology(ontology: Graph) -> Findings:
    return check(ontology)


@pytest.fixture(scope="module")
def of_ontology_and_data(ontology: Graph, data: Graph) -> Findings:
    return check(ontology + data)


def test_the_ontology_is_in_owl_2_dl(of_the_ontology: Findings) -> None:
    assert of_the_ontology.dl_violations == []


def test_the_ontology_is_in_the_rl_profile(of_the_ontology: Findings) -> None:
    assert of_the_ontology.rl_violations == []


def test_the_ontology_is_consistent_and_every_class_can_have_members(
    of_the_ontology: Findings,
) -> None:
    assert of_the_ontology.consistent
    assert of_the_ontology.unsatisfiable == []
    assert of_the_ontology.logical_axioms > 500


def test_the_ontology_with_the_data_is_consistent(of_ontology_and_data: Findings) -> None:
    assert of_ontology_and_data.consistent
    assert of_ontology_and_data.unsatisfiable == []


def test_the_ontology_with_the_data_is_in_owl_2_dl_and_rl(
    of_ontology_and_data: Findings,
) -> None:
    assert of_ontology_and_data.dl_violations == []
    assert of_ontology_and_data.rl_violations == []


def test_no_axiom_of_the_modules_speaks_of_a_datatype_outside_owl_2(own: Graph) -> None:
    assert XSD.date not in set(own.objects(None, RDFS.range))
    assert {getattr(o, "datatype", None) for o in own.objects()} <= {
        None, XSD.anyURI, XSD.dateTime, XSD.integer, XSD.string,
    }  # fmt: skip


SMALL = """
<urn:x:o> a owl:Ontology .
<urn:x:A> a owl:Class ; owl:disjointWith <urn:x:B> .
<urn:x:B> a owl:Class .
<urn:x:part> a owl:ObjectProperty , owl:TransitiveProperty .
<urn:x:a> a <urn:x:A> ; <urn:x:part> <urn:x:b> .
<urn:x:b> a <urn:x:B> .
"""


def small(addition: str) -> Findings:
    return check(
        Graph().parse(data=f"@prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> . {SMALL} {addition}")
    )


def test_the_check_finds_no_fault_with_a_sound_ontology() -> None:
    findings = small("")
    assert findings == Findings([], [], consistent=True, unsatisfiable=[], logical_axioms=5)


def test_the_check_notices_an_axiom_outside_the_rl_profile() -> None:
    findings = small(
        """<urn:x:A> rdfs:subClassOf [ a owl:Restriction ;
          owl:onProperty <urn:x:part> ; owl:someValuesFrom <urn:x:B> ] ."""
    )
    assert findings.dl_violations == []
    assert len(findings.rl_violations) == 1


def test_the_check_notices_a_transitive_property_that_is_functional() -> None:
    findings = small("<urn:x:part> a owl:FunctionalProperty .")
    assert len(findings.dl_violations) == 1
    assert findings.consistent is None


def test_the_check_notices_a_term_that_is_used_and_not_declared() -> None:
    assert small("<urn:x:a> <urn:x:p> <urn:x:b> .").dl_violations


def test_the_check_notices_a_class_that_can_have_no_member() -> None:
    findings = small("<urn:x:C> a owl:Class ; rdfs:subClassOf <urn:x:A> , <urn:x:B> .")
    assert findings.consistent
    assert findings.unsatisfiable == ["<urn:x:C>"]


def test_the_check_notices_a_contradiction() -> None:
    assert small("<urn:x:a> a <urn:x:B> .").consistent is False


@pytest.mark.parametrize(
    ("value", "datatype", "instant"),
    [
        ("2008-10-20", XSD.date, "2008-10-20T00:00:00Z"),
        ("2008-10", XSD.gYearMonth, "2008-10-01T00:00:00Z"),
        ("2008", XSD.gYear, "2008-01-01T00:00:00Z"),
    ],
)
def test_a_date_is_given_to_the_reasoner_as_its_first_instant(
    value: str, datatype: URIRef, instant: str
) -> None:
    graph = Graph().parse(data=f'<urn:x:s> <urn:x:p> "{value}"^^<{datatype}> .', format="nt")
    (given,) = dates_as_datetimes(graph).objects()
    assert given == Literal(instant, datatype=XSD.dateTime)

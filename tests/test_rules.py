"""The rules of OWL 2 RL, one by one and together.

Each line of ``EXAMPLES`` states something in Turtle and the one statement, or *false*, to which its
rule must lead; a rule without an example fails the test that counts them.
"""

from __future__ import annotations

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS

from assembly_kg.rules import Closure, Triple, rules

PREFIXES = """
@prefix : <https://x.example/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
FALSE = "false"

# One rule a line: its name, what is stated, what must follow.
EXAMPLES = """
eq-sym       | :a owl:sameAs :b . | :b owl:sameAs :a
eq-trans     | :a owl:sameAs :b . :b owl:sameAs :c . | :a owl:sameAs :c
eq-rep-s     | :a owl:sameAs :b ; :p :c . | :b :p :c
eq-rep-p     | :p owl:sameAs :q . :a :p :c . | :a :q :c
eq-rep-o     | :b owl:sameAs :c . :a :p :b . | :a :p :c
eq-diff1     | :a owl:sameAs :b ; owl:differentFrom :b . | false
eq-diff1     | :a owl:differentFrom :a . | false
eq-diff2     | [] a owl:AllDifferent ; owl:members ( :a :c :b ) . :a owl:sameAs :b . | false
eq-diff3     | [] a owl:AllDifferent ; owl:distinctMembers ( :a :b ) . :b owl:sameAs :a . | false
prp-dom      | :p rdfs:domain :C . :a :p :b . | :a a :C
prp-rng      | :p rdfs:range :C . :a :p :b . | :b a :C
prp-fp       | :p a owl:FunctionalProperty . :a :p :b , :c . | :b owl:sameAs :c
prp-ifp      | :p a owl:InverseFunctionalProperty . :a :p :c . :b :p :c . | :a owl:sameAs :b
prp-irp      | :p a owl:IrreflexiveProperty . :a :p :a . | false
prp-symp     | :p a owl:SymmetricProperty . :a :p :b . | :b :p :a
prp-asyp     | :p a owl:AsymmetricProperty . :a :p :b . :b :p :a . | false
prp-trp      | :p a owl:TransitiveProperty . :a :p :b . :b :p :c . | :a :p :c
prp-spo1     | :p rdfs:subPropertyOf :q . :a :p :b . | :a :q :b
prp-spo2     | :q owl:propertyChainAxiom ( :p :p :r ) . :a :p :b . :b :p :c . :c :r :d . | :a :q :d
prp-eqp1     | :p owl:equivalentProperty :q . :a :p :b . | :a :q :b
prp-eqp2     | :p owl:equivalentProperty :q . :a :q :b . | :a :p :b
prp-pdw      | :p owl:propertyDisjointWith :q . :a :p :b ; :q :b . | false
prp-adp      | [] a owl:AllDisjointProperties ; owl:members ( :p :r :q ) . :a :p :b ; :q :b . | false
prp-inv1     | :p owl:inverseOf :q . :a :p :b . | :b :q :a
prp-inv2     | :p owl:inverseOf :q . :a :q :b . | :b :p :a
prp-key      | :C owl:hasKey ( :p :q ) . :a a :C ; :p 1 ; :q 2 . :b a :C ; :p 1 , 3 ; :q 2 . | :a owl:sameAs :b
prp-npa1     | [] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetIndividual :b . :a :p :b . | false
prp-npa2     | [] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetValue 1 . :a :p 1 . | false
cls-nothing2 | :a a owl:Nothing . | false
cls-int1     | :C owl:intersectionOf ( :D :E ) . :a a :D , :E . | :a a :C
cls-int2     | :C owl:intersectionOf ( :D :E ) . :a a :C . | :a a :E
cls-uni      | :C owl:unionOf ( :D :E ) . :a a :E . | :a a :C
cls-com      | :C owl:complementOf :D . :a a :C , :D . | false
cls-svf1     | :C owl:onProperty :p ; owl:someValuesFrom :D . :a :p :b . :b a :D . | :a a :C
cls-svf2     | :C owl:onProperty :p ; owl:someValuesFrom owl:Thing . :a :p :b . | :a a :C
cls-avf      | :C owl:onProperty :p ; owl:allValuesFrom :D . :a a :C ; :p :b . | :b a :D
cls-hv1      | :C owl:onProperty :p ; owl:hasValue :b . :a a :C . | :a :p :b
cls-hv2      | :C owl:onProperty :p ; owl:hasValue :b . :a :p :b . | :a a :C
cls-maxc1    | :C owl:onProperty :p ; owl:maxCardinality "0"^^xsd:nonNegativeInteger . :a a :C ; :p :b . | false
cls-maxc2    | :C owl:onProperty :p ; owl:maxCardinality "1"^^xsd:nonNegativeInteger . :a a :C ; :p :b , :c . | :b owl:sameAs :c
cls-maxqc1   | :C owl:onProperty :p ; owl:onClass :D ; owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger .:a a :C ; :p :b . :b a :D . | false
cls-maxqc2   | :C owl:onProperty :p ; owl:onClass owl:Thing ; owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger .:a a :C ; :p :b . | false
cls-maxqc3   | :C owl:onProperty :p ; owl:onClass :D ; owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger .:a a :C ; :p :b , :c . :b a :D . :c a :D . | :b owl:sameAs :c
cls-maxqc4   | :C owl:onProperty :p ; owl:onClass owl:Thing ; owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger .:a a :C ; :p :b , :c . | :b owl:sameAs :c
cls-oo       | :C owl:oneOf ( :a :b ) . | :b a :C
cax-sco      | :C rdfs:subClassOf :D . :a a :C . | :a a :D
cax-eqc1     | :C owl:equivalentClass :D . :a a :C . | :a a :D
cax-eqc2     | :C owl:equivalentClass :D . :a a :D . | :a a :C
cax-dw       | :C owl:disjointWith :D . :a a :C , :D . | false
cax-adc      | [] a owl:AllDisjointClasses ; owl:members ( :C :E :D ) . :a a :C , :D . | false
scm-sco      | :C rdfs:subClassOf :D . :D rdfs:subClassOf :E . | :C rdfs:subClassOf :E
scm-eqc1     | :C owl:equivalentClass :D . | :D rdfs:subClassOf :C
scm-eqc2     | :C rdfs:subClassOf :D . :D rdfs:subClassOf :C . | :C owl:equivalentClass :D
scm-spo      | :p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r . | :p rdfs:subPropertyOf :r
scm-eqp1     | :p owl:equivalentProperty :q . | :q rdfs:subPropertyOf :p
scm-eqp2     | :p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p . | :p owl:equivalentProperty :q
scm-dom1     | :p rdfs:domain :C . :C rdfs:subClassOf :D . | :p rdfs:domain :D
scm-dom2     | :p rdfs:domain :C . :q rdfs:subPropertyOf :p . | :q rdfs:domain :C
scm-rng1     | :p rdfs:range :C . :C rdfs:subClassOf :D . | :p rdfs:range :D
scm-rng2     | :p rdfs:range :C . :q rdfs:subPropertyOf :p . | :q rdfs:range :C
scm-hv       | :C owl:hasValue :a ; owl:onProperty :p . :D owl:hasValue :a ; owl:onProperty :q .:p rdfs:subPropertyOf :q . | :C rdfs:subClassOf :D
scm-svf1     | :C owl:someValuesFrom :X ; owl:onProperty :p . :D owl:someValuesFrom :Y ; owl:onProperty :p .:X rdfs:subClassOf :Y . | :C rdfs:subClassOf :D
scm-svf2     | :C owl:someValuesFrom :X ; owl:onProperty :p . :D owl:someValuesFrom :X ; owl:onProperty :q .:p rdfs:subPropertyOf :q . | :C rdfs:subClassOf :D
scm-avf1     | :C owl:allValuesFrom :X ; owl:onProperty :p . :D owl:allValuesFrom :Y ; owl:onProperty :p .:X rdfs:subClassOf :Y . | :C rdfs:subClassOf :D
scm-avf2     | :C owl:allValuesFrom :X ; owl:onProperty :p . :D owl:allValuesFrom :X ; owl:onProperty :q .:p rdfs:subPropertyOf :q . | :D rdfs:subClassOf :C
scm-int      | :C owl:intersectionOf ( :D :E ) . | :C rdfs:subClassOf :E
scm-uni      | :C owl:unionOf ( :D :E ) . | :E rdfs:subClassOf :C
dt-not-type  | :p rdfs:range xsd:integer . :a :p 'one' . | false
dt-not-type  | :p rdfs:range xsd:nonNegativeInteger . :a :p -1 . | false
dt-diff      | :p a owl:FunctionalProperty . :a :p '2008-10-20'^^xsd:date , '2008-01-20'^^xsd:date . | false
"""  # noqa: E501 -- an example is a line
CASES = [
    tuple(cell.strip() for cell in line.split(" | ")) for line in EXAMPLES.strip().splitlines()
]
OVER_LISTS = {
    *("eq-diff2", "eq-diff3", "prp-spo2", "prp-adp", "prp-key", "cls-int1", "cls-int2", "cls-uni"),
    *("cls-oo", "cax-adc", "scm-int", "scm-uni"),
}

# Clashes of values need a rule that brings the values together.
HELPERS = {"dt-diff": {"prp-fp"}, "dt-not-type": {"prp-rng"}, "eq-diff3": {"eq-sym"}}


def graph(text: str) -> Graph:
    return Graph().parse(data=PREFIXES + text, format="turtle")


def triple(text: str) -> Triple:
    return next(iter(graph(f"{text} .")))


@pytest.mark.parametrize(("name", "text", "expected"), CASES, ids=lambda value: value[:24])
def test_a_rule_alone_concludes_what_the_recommendation_says(
    name: str, text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {name, *HELPERS.get(name, ())}
    chosen = tuple(rule for rule in rules() if rule.name in wanted)
    monkeypatch.setattr("assembly_kg.rules.rules", lambda: chosen)
    closure = Closure(sorted(graph(text)))
    if expected == FALSE:
        assert {clash.rule for clash in closure.clashes} == {name}
    else:
        assert closure.clashes == []
        why = closure.why(triple(expected))
        assert why is not None
        assert why.rule == name


@pytest.mark.parametrize(("name", "text", "expected"), CASES, ids=lambda value: value[:24])
def test_a_rule_concludes_it_in_whatever_order_the_premises_come(
    name: str, text: str, expected: str
) -> None:
    """Lists apart, which are an axiom's own and come with it."""
    stated = sorted(graph(text))
    listed = [t for t in stated if t[1] in (RDF.first, RDF.rest) or name in OVER_LISTS]
    single = [t for t in stated if t not in listed]
    for order in (single, single[::-1]):
        closure = Closure(listed)
        for one in order:
            closure.add([one])
        if expected == FALSE:
            assert name in {clash.rule for clash in closure.clashes}
        else:
            assert triple(expected) in closure


def test_every_rule_has_an_example() -> None:
    assert {rule.name for rule in rules()} | OVER_LISTS == {
        name for name, _, _ in CASES if name not in {"dt-not-type", "dt-diff"}
    }


def test_a_key_needs_all_its_properties() -> None:
    closure = Closure(
        graph(":C owl:hasKey ( :p :q ) . :a a :C ; :p 1 ; :q 2 . :b a :C ; :p 1 ; :q 3 .")
    )
    assert list(closure.inferred()) == []


def test_nothing_reflexive_is_concluded() -> None:
    closure = Closure(
        graph(
            ":C owl:equivalentClass :D . :p a owl:FunctionalProperty . :a :p :b ; owl:sameAs :c ."
        )
    )
    for s, p, o in closure.inferred():
        assert s != o or p not in {OWL.sameAs, RDFS.subClassOf, OWL.equivalentClass}


def test_what_is_stated_is_not_inferred_even_if_it_follows() -> None:
    closure = Closure(graph(":C rdfs:subClassOf :D . :a a :C ."))
    assert closure.why(triple(":a a :D")) is not None
    closure.add([triple(":a a :D")])
    assert closure.why(triple(":a a :D")) is None
    assert list(closure.inferred()) == []


def test_the_leaves_of_a_proof_are_stated() -> None:
    closure = Closure(
        graph(
            ":partOf a owl:TransitiveProperty ; owl:inverseOf :hasPart ."
            ":a :hasPart :b . :b :hasPart :c . :unrelated :hasPart :d ."
        )
    )
    leaves = closure.leaves(triple(":c :partOf :a"))
    assert set(leaves) == {
        triple(":partOf a owl:TransitiveProperty"),
        triple(":partOf owl:inverseOf :hasPart"),
        triple(":a :hasPart :b"),
        triple(":b :hasPart :c"),
    }
    assert all(closure.why(leaf) is None for leaf in leaves)


def test_the_premises_of_a_step_over_a_list_include_the_list() -> None:
    closure = Closure(graph(":C owl:unionOf ( :D ) . :a a :D ."))
    why = closure.why(triple(":a a :C"))
    assert why is not None
    assert {p for _, p, _ in why.premises} == {OWL.unionOf, RDF.first, RDF.rest, RDF.type}


def test_asking_why_of_what_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Closure(graph(":a :p :b .")).why(triple(":b :p :a"))


def test_a_closure_built_on_another_infers_the_same_as_one_made_at_once() -> None:
    schema = graph(
        ":C rdfs:subClassOf :D . :q owl:propertyChainAxiom ( :p :r ) . :p rdfs:domain :C ."
        ":r owl:inverseOf :s . [] a owl:AllDisjointClasses ; owl:members ( :D :E ) ."
    )
    data = graph(":a :p :b . :c :s :b . :c a :E , :C .")
    base = Closure(schema)
    before = set(base.inferred())
    built = Closure(data, parent=base)
    at_once = Closure(schema + data)
    assert set(built.inferred()) | before == set(at_once.inferred())
    assert {clash.rule for clash in built.clashes} == {clash.rule for clash in at_once.clashes}
    assert set(base.inferred()) == before
    assert base.clashes == []
    assert triple(":a a :D") not in base


def test_a_literal_of_a_narrower_datatype_is_in_the_wider_one() -> None:
    assert Closure(graph(":p rdfs:range xsd:decimal . :a :p 1 .")).clashes == []
    assert Closure(graph(":p rdfs:range rdfs:Literal . :a :p 'text'@kk .")).clashes == []


def test_equal_numbers_in_other_words_do_not_clash() -> None:
    closure = Closure(graph(":p a owl:FunctionalProperty . :a :p 1 , 01 ."))
    assert closure.clashes == []


def test_terms_that_are_not_triples_are_not_in_a_closure() -> None:
    closure = Closure(graph(":a :p :b ."))
    assert "text" not in closure
    assert (URIRef("https://x.example/a"), RDF.type, Literal("unknown")) not in closure

"""What each kind of axiom adds, shown by the smallest facts that it works on.

Each case takes its axioms out of the ontology (so they must be there), adds a few facts, and
requires that the build's OWL 2 RL reasoning, owlrl checked by a second engine, adds exactly what is
expected, or stops at the contradiction.

Rules: https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
"""

import pytest
from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS

from assembly_kg.build.reason import reason
from assembly_kg.errors import InconsistencyError

PREFIXES = {
    "": "urn:x:",
    "akz": "https://w3id.org/assembly-kz/ontology#",
    "org": "http://www.w3.org/ns/org#",
    "owl": str(OWL),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
TURTLE = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())
PROLOGUE = "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in PREFIXES.items())


def read(turtle: str) -> Graph:
    return Graph().parse(data=TURTLE + turtle)


def axioms(ontology: Graph, turtle: str) -> Graph:
    """The axioms written in `turtle`, after making sure that the ontology states each of them."""
    assert ontology.query(f"{PROLOGUE} ASK {{ {turtle} }}").askAnswer, turtle
    return read(turtle)


def disjoint(ontology: Graph, one: str, two: str) -> Graph:
    """That two classes are disjoint, after finding them in one list of disjoint classes."""
    members = "owl:members/rdf:rest*/rdf:first"
    pattern = f"?d a owl:AllDisjointClasses ; {members} {one} , {two} ."
    assert ontology.query(f"{PROLOGUE} ASK {{ {pattern} }}").askAnswer, (one, two)
    return read(f"[] a owl:AllDisjointClasses ; owl:members ( {one} {two} ) .")


ADDS = {
    "an inverse turns the link from a situation to its act around": (
        "akz:begins owl:inverseOf akz:begunBy .",
        ":status akz:begunBy :decree .",
        ":decree akz:begins :status .",
    ),
    "an inverse works the other way round too": (
        "akz:hasDirectPart owl:inverseOf akz:isDirectPartOf .",
        ":assembly akz:hasDirectPart :council .",
        ":council akz:isDirectPartOf :assembly .",
    ),
    "transitivity makes the part of a part a part": (
        "akz:partOf a owl:TransitiveProperty .",
        ":committee akz:partOf :council . :council akz:partOf :assembly .",
        ":committee akz:partOf :assembly .",
    ),
    "transitivity follows a succession to its end": (
        "akz:succeededBy a owl:TransitiveProperty .",
        ":first akz:succeededBy :second . :second akz:succeededBy :third .",
        ":first akz:succeededBy :third .",
    ),
    "a place lies in whatever its surrounding place lies in": (
        "akz:locatedIn a owl:TransitiveProperty .",
        ":palace akz:locatedIn :city . :city akz:locatedIn :country .",
        ":palace akz:locatedIn :country .",
    ),
    "a sub-property makes what confers a status begin it": (
        "akz:confers rdfs:subPropertyOf akz:begins .",
        ":law akz:confers :right .",
        ":law akz:begins :right .",
    ),
    "a sub-property speaks in a borrowed vocabulary too": (
        "akz:postIn rdfs:subPropertyOf org:postIn .",
        ":chair akz:postIn :assembly .",
        ":chair org:postIn :assembly .",
    ),
    "a sub-property makes every situation be about its bearer": (
        "akz:statusOf rdfs:subPropertyOf akz:about .",
        ":status akz:statusOf :assembly .",
        ":status akz:about :assembly .",
    ),
    "a chain goes from a person over an office holding to the post": (
        "akz:hasHeldPost owl:propertyChainAxiom ( akz:hasOfficeHolding akz:heldPost ) .",
        ":person akz:hasOfficeHolding :holding . :holding akz:heldPost :post .",
        ":person akz:hasHeldPost :post .",
    ),
    "a chain goes on from the post to the body": (
        "akz:hasServedIn owl:propertyChainAxiom ( akz:hasHeldPost akz:postIn ) .",
        ":person akz:hasHeldPost :post . :post akz:postIn :body .",
        ":person akz:hasServedIn :body .",
    ),
    "a chain finds the head of a body": (
        "akz:hasHead owl:propertyChainAxiom ( akz:headedBy akz:heldBy ) .",
        ":body akz:headedBy :post . :post akz:heldBy :person .",
        ":body akz:hasHead :person .",
    ),
    "a chain gives the holder of one post the post that goes with it": (
        "akz:holdsPost owl:propertyChainAxiom ( akz:holdsPost akz:isExOfficio ) .",
        ":person akz:holdsPost :head . :head akz:isExOfficio :deputy .",
        ":person akz:holdsPost :deputy .",
    ),
    "a chain makes what amends an article amend its act": (
        "akz:amends owl:propertyChainAxiom ( akz:amends akz:articleOf ) .",
        ":law akz:amends :article . :article akz:articleOf :constitution .",
        ":law akz:amends :constitution .",
    ),
    "a domain says what bears a date of validity": (
        "akz:validFrom rdfs:domain akz:Situation .",
        ':s akz:validFrom "1995-03-01"^^xsd:date .',
        ":s a akz:Situation .",
    ),
    "a range says where seats are": (
        "akz:quotaIn rdfs:range akz:LegislativeBody .",
        ":quota akz:quotaIn :chamber .",
        ":chamber a akz:LegislativeBody .",
    ),
    "a sub-class makes a seat quota a right": (
        "akz:SeatQuota rdfs:subClassOf akz:Right .",
        ":quota a akz:SeatQuota .",
        ":quota a akz:Right .",
    ),
    "a key makes two acts with one register code the same act": (
        "akz:LegalAct owl:hasKey ( akz:zanCode ) .",
        ':a a akz:LegalAct ; akz:zanCode "41901" . :b a akz:LegalAct ; akz:zanCode "41901" .',
        ":a owl:sameAs :b . :b owl:sameAs :a .",
    ),
    "a key of two properties needs both to agree": (
        "akz:Article owl:hasKey ( akz:articleOf akz:articleNumber ) .",
        """:a a akz:Article ; akz:articleOf :law ; akz:articleNumber "8" .
        :b a akz:Article ; akz:articleOf :law ; akz:articleNumber "9" .
        :c a akz:Article ; akz:articleOf :other ; akz:articleNumber "8" .""",
        "",
    ),
}  # fmt: skip

CONTRADICTS = {
    "a body is not a place": (
        "akz:Body akz:Place",
        ":x a akz:Body , akz:Place .",
        ":x a akz:Body .",
    ),
    "a council is not a secretariat": (
        "akz:Council owl:disjointWith akz:Secretariat .",
        ":x a akz:Council , akz:Secretariat .",
        ":x a akz:Council .",
    ),
    "a part is not its own whole in one situation": (
        "akz:part owl:propertyDisjointWith akz:whole .",
        ":s akz:part :x ; akz:whole :x .",
        ":s akz:part :x ; akz:whole :y .",
    ),
    "one segment is not on both sides of a dispute": (
        "akz:acceptedSegment owl:propertyDisjointWith akz:rejectedSegment .",
        ":d akz:acceptedSegment :s ; akz:rejectedSegment :s .",
        ":d akz:acceptedSegment :s ; akz:rejectedSegment :t .",
    ),
    "of two bodies only one is the direct part of the other": (
        "akz:hasDirectPart a owl:AsymmetricProperty .",
        ":a akz:hasDirectPart :b . :b akz:hasDirectPart :a .",
        ":a akz:hasDirectPart :b . :b akz:hasDirectPart :c .",
    ),
    "no body leads itself": (
        "akz:leads a owl:IrreflexiveProperty .",
        ":a akz:leads :a .",
        ":a akz:leads :b .",
    ),
    "a status has one bearer": (
        "akz:statusOf a owl:FunctionalProperty .",
        ":s akz:statusOf :a , :b . :a owl:differentFrom :b .",
        ":s akz:statusOf :a . :a owl:differentFrom :b .",
    ),
    "a naming names one thing, and two with names of their own are not silently one": (
        "akz:nameOf a owl:FunctionalProperty .",
        ":naming akz:nameOf :one , :other .",
        ":naming akz:nameOf :one , :other . :one owl:sameAs :other . :other owl:sameAs :one .",
    ),
    "a situation has one first day": (
        "akz:validFrom a owl:FunctionalProperty .",
        ':s akz:validFrom "2008-01-20"^^xsd:date , "2008-10-20"^^xsd:date .',
        ':s akz:validFrom "2008-10-20"^^xsd:date .',
    ),
    "a quota has one number of seats": (
        "akz:seats a owl:FunctionalProperty .",
        ":q akz:seats 9 , 5 .",
        ":q akz:seats 9 .",
    ),
    "seats are counted in whole numbers": (
        "akz:seats rdfs:range xsd:integer .",
        ':q akz:seats "nine" .',
        ":q akz:seats 9 .",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ADDS)
def test_what_follows(case: str, ontology: Graph) -> None:
    axiom, facts, expected = ADDS[case]
    assert set(reason(axioms(ontology, axiom) + read(facts))) == set(read(expected))


@pytest.mark.parametrize("case", ADDS)
def test_nothing_follows_without_the_axiom(case: str) -> None:
    assert set(reason(read(ADDS[case][1]))) == set()


@pytest.mark.parametrize("case", CONTRADICTS)
def test_what_contradicts(case: str, ontology: Graph) -> None:
    axiom, clash, harmless = CONTRADICTS[case]
    names = axiom.split()
    known = disjoint(ontology, *names) if len(names) == 2 else axioms(ontology, axiom)
    reason(known + read(harmless))
    with pytest.raises(InconsistencyError):
        reason(known + read(clash))


def test_the_axioms_work_together_from_a_holding_to_the_head_of_a_body(ontology: Graph) -> None:
    facts = read(
        """
        :holding a akz:OfficeHolding ; akz:holder :person ; akz:heldPost :head .
        :head akz:postIn :secretariat .
        :person akz:holdsPost :head .
        :secretariat akz:headedBy :head .
        :assembly akz:hasDirectPart :secretariat .
        :assembly akz:succeededBy :council .
        """
    )
    expected = read(
        """
        :person a akz:Person ; akz:hasOfficeHolding :holding ; akz:hasHeldPost :head ;
          akz:hasServedIn :secretariat ; akz:headOf :secretariat .
        :head a akz:Post ; akz:heldBy :person ; akz:heads :secretariat .
        :secretariat a akz:Body ; akz:hasHead :person ; akz:hasPost :head ;
          akz:isDirectPartOf :assembly ; akz:partOf :assembly .
        :assembly a akz:Body ; akz:hasPart :secretariat .
        :council a akz:Body ; akz:succeeds :assembly .
        :holding a akz:Situation ; akz:about :person .
        """
    )
    own = {
        (s, p, o)
        for s, p, o in reason(ontology + facts)
        if str(s).startswith("urn:x:")
        and str(o if p == RDF.type else p).startswith(PREFIXES["akz"])
    }
    assert own == set(expected)

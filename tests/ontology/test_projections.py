"""Each projection rule makes its one direct relation from one situation, and from nothing less.

The build runs a rule on a graph in which only the situations that hold on a day are present; so a
rule here sees one situation, and dropping any of that situation's statements stops it.
"""

import re
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, RDFS, SKOS

PREFIXES = {
    "": "urn:x:",
    "akz": "https://w3id.org/assembly-kz/ontology#",
    "concepts": "https://w3id.org/assembly-kz/id/concepts/",
    "eli": "http://data.europa.eu/eli/ontology#",
}
TURTLE = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())

RULES = {
    "accountability": (
        ":s akz:accountableBody :x ; akz:accountableTo :y .",
        ":x akz:isAccountableTo :y .",
    ),
    "active-body": (":s akz:existenceOf :x .", ":x a akz:ActiveBody ."),
    "applicable-redaction": (
        ":s akz:redactionOf :x .",
        ":x akz:hasApplicableRedaction :s .",
    ),
    "appointed-by": (
        ":s akz:appointmentTo :x ; akz:appointingPost :y .",
        ":x akz:isAppointedBy :y .",
    ),
    "assists": (
        ":s akz:taskOf :x ; akz:manner concepts:manner-assists ; akz:beneficiary :y .",
        ":x akz:assists :y .",
    ),
    "convened-by": (
        ":s akz:convenedBody :x ; akz:conveningPost :y .",
        ":x akz:isConvenedBy :y .",
    ),
    "decision-rule": (":s akz:decidingBody :x .", ":x akz:decidesBy :s ."),
    "direct-part": (":s akz:part :x ; akz:whole :y .", ":y akz:hasDirectPart :x ."),
    "direction": (":s akz:directionOf :x ; akz:pursues :o .", ":x akz:hasDirection :o ."),
    "ex-officio": (
        ":s akz:exOfficioHolder :x ; akz:exOfficioPost :y .",
        ":x akz:isExOfficio :y .",
    ),
    "formed-by": (":s akz:formedBody :x ; akz:formingPost :y .", ":x akz:isFormedBy :y ."),
    "guiding-principle": (":s akz:guides :x ; akz:pursues :o .", ":x akz:isGuidedBy :o ."),
    "headed-by": (":s akz:headedBody :x ; akz:headPost :y .", ":x akz:headedBy :y ."),
    "holds-post": (":s akz:holder :x ; akz:heldPost :y .", ":x akz:holdsPost :y ."),
    "in-force": (":s akz:inForceOf :x .", ":x eli:in_force eli:InForce-inForce ."),
    "leads": (
        """:s akz:roleOf :x ; akz:roleIn :y ;
          akz:roleKind concepts:role-leads-between-sessions .""",
        ":x akz:leads :y .",
    ),
    "legal-status": (
        ":s a akz:LegalStatus ; akz:statusOf :x ; akz:statusKind :k .",
        ":x akz:hasLegalStatus :k .",
    ),
    "main-task": (
        ":s a akz:MainTask ; akz:taskOf :x ; akz:pursues :o .",
        ":x akz:hasMainTask :o .",
    ),
    "member-count": (
        ":s akz:countOf :x ; akz:countKind concepts:count-members ; akz:count 394 .",
        ":x akz:memberCount 394 .",
    ),
    "member-kind": (":s akz:membershipOf :x ; akz:memberKind :k .", ":x akz:hasMemberKind :k ."),
    "official-name": (
        ':s akz:nameOf :x ; akz:nameText "Ассамблея"@kk .',
        ':x akz:officialName "Ассамблея"@kk .',
    ),
    "power": (":s akz:powerOf :x .", ":x akz:hasPower :s ."),
    "purpose": (":s akz:purposeOf :x ; akz:pursues :o .", ":x akz:hasPurpose :o ."),
    "represents": (
        ":s akz:representative :x ; akz:represented :y .",
        ":x akz:represents :y .",
    ),
    "right": (":s akz:rightOf :x ; akz:rightKind :k .", ":x akz:hasRight :k ."),
    "role": (":s akz:roleOf :x ; akz:roleKind :k .", ":x akz:hasRole :k ."),
    "seats": (":s akz:rightOf :x ; akz:quotaIn :y .", ":x akz:hasSeatsIn :y ."),
    "status": (":s akz:statusOf :x ; akz:statusKind :k .", ":x akz:hasStatus :k ."),
    "succession": (
        ":s akz:predecessor :x ; akz:successor :y .",
        ":x akz:succeededBy :y .",
    ),
    "task": (":s akz:taskOf :x ; akz:pursues :o .", ":x akz:hasTask :o ."),
}
MAKES_NOTHING = {
    "a role that does not lead": (
        "leads",
        ":s akz:roleOf :x ; akz:roleIn :y ; akz:roleKind concepts:role-working-body .",
    ),
    "a task that is not one of assisting": (
        "assists",
        ":s akz:taskOf :x ; akz:manner concepts:manner-ensures ; akz:beneficiary :y .",
    ),
    "a count that is only a lower bound": (
        "member-count",
        """:s akz:countOf :x ; akz:countKind concepts:count-members ; akz:count 300 ;
          akz:countQualifier concepts:qualifier-more-than .""",
    ),
    "a count of something else": (
        "member-count",
        ":s akz:countOf :x ; akz:countKind concepts:count-ethnic-groups ; akz:count 124 .",
    ),
}


def rule(root: Path, name: str) -> str:
    return (root / "ontology" / "projections" / f"{name}.rq").read_text("utf-8")


def read(turtle: str) -> set[str]:
    store = Store()
    store.load(TURTLE + turtle, format=RdfFormat.TURTLE)
    return {str(quad.triple) for quad in store}


def made(query: str, lines: set[str]) -> set[str]:
    store = Store()
    store.load(" .\n".join([*lines, ""]), format=RdfFormat.N_TRIPLES)
    return {str(triple) for triple in store.query(query)}


def test_every_rule_has_an_example_here(root: Path) -> None:
    rules = {path.stem for path in (root / "ontology" / "projections").glob("*")}
    assert rules == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_makes_one_relation_from_one_situation(name: str, root: Path) -> None:
    situation, relation = RULES[name]
    assert made(rule(root, name), read(situation)) == read(relation)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_needs_every_statement_of_its_example(name: str, root: Path) -> None:
    situation = read(RULES[name][0])
    for statement in situation:
        assert made(rule(root, name), situation - {statement}) == set(), statement


@pytest.mark.parametrize("case", MAKES_NOTHING)
def test_nothing_is_made_from(case: str, root: Path) -> None:
    name, situation = MAKES_NOTHING[case]
    assert made(rule(root, name), read(situation)) == set()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_first_what_it_makes(name: str, root: Path) -> None:
    assert re.match(r"# [A-Z].+\.\nPREFIX ", rule(root, name))


@pytest.mark.parametrize("name", RULES)
def test_a_relation_that_a_rule_makes_names_the_rule(name: str, own: Graph) -> None:
    (made_by_rule,) = Graph().parse(data=TURTLE + RULES[name][1])
    term = made_by_rule[2] if made_by_rule[1] == RDF.type else made_by_rule[1]
    if str(term).startswith(PREFIXES["akz"]):
        notes = list(own.objects(URIRef(str(term)), SKOS.scopeNote))
        assert len(notes) == 3
        assert all(f"ontology/projections/{name}.rq" in note for note in notes)


def test_no_projected_relation_is_stated_in_the_data(data: Graph) -> None:
    projected = {
        p for _, relation in RULES.values() for _, p, _ in Graph().parse(data=TURTLE + relation)
    }
    stated = set(data.predicates()) & (projected - {RDF.type})
    assert stated == set()
    assert not list(data.subjects(RDF.type, URIRef(f"{PREFIXES['akz']}ActiveBody")))


def test_every_situation_in_the_data_has_its_class_stated(own: Graph, data: Graph) -> None:
    """Untyped, it would be taken for something timeless, and its rule would apply on every day."""
    situation = URIRef(f"{PREFIXES['akz']}Situation")
    classes = set(own.transitive_subjects(RDFS.subClassOf, situation))
    of_situations = {p for c in classes for p in own.subjects(RDFS.domain, c)}
    used = {s for p in of_situations for s in data.subjects(p)}
    typed = {s for c in classes for s in data.subjects(RDF.type, c)}
    assert sorted(str(s) for s in used - typed) == []

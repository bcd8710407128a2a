"""What follows, and that both reasoners agree on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from owlrl import OWLRL_Semantics
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, XSD

from assembly_kg.build.cache import Cache
from assembly_kg.build.load import Sources, load
from assembly_kg.build.project import Projector, days_of_change, project
from assembly_kg.build.reason import infer_each, reason, reference, worth_saying
from assembly_kg.errors import BuildError, InconsistencyError
from assembly_kg.rules import Closure, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

ROOT = Path(__file__).parents[2]
ITEM = "https://library.example/id/"
LIB = "https://library.example/ontology#"


def stated(sources: Sources) -> Graph:
    return sources.stated + project(sources, sources.issued)


def local(triples: Any) -> set[tuple[str, ...]]:
    return {tuple(str(term).removeprefix(ITEM).removeprefix(LIB) for term in t) for t in triples}


@pytest.fixture(scope="module")
def inferred(sources: Sources) -> Graph:
    return reason(stated(sources))


@pytest.mark.parametrize(
    "expected",
    [
        ("council", str(RDF.type), "Body"),
        ("ada", "hasHolding", "holding-ada-chair"),
        ("ada", "hasHeldPost", "chair"),
        ("boris", "hasHeldPost", "chair"),
        ("chair", "heldBy", "boris"),
        ("council", "headedBy", "boris"),
        ("council", str(RDF.type), "Headed"),
        ("holding-boris-chair", "about", "boris"),
        ("children-corner", "partOf", "reading-room"),
        ("reading-room", "neighbourOf", "council"),
        ("charter-1", str(OWL.sameAs), "charter-1-copy"),
        ("holding-ada-chair", str(RDF.type), "Situation"),
    ],
)
def test_an_inverse_a_chain_a_key_and_a_subclass_give_what_a_reader_expects(
    inferred: Graph, expected: tuple[str, str, str]
) -> None:
    assert expected in local(inferred)


def test_things_with_different_keys_stay_different(inferred: Graph) -> None:
    """owlrl's own prp-key makes all things of a class with a key of one property the same."""
    assert not any("charter-2" in triple[0] + triple[2] for triple in local(inferred))


def test_nothing_trivial_is_published(sources: Sources, inferred: Graph) -> None:
    graph = stated(sources)
    for triple in inferred:
        assert worth_saying(triple)
        assert triple not in graph


@pytest.mark.parametrize(
    "triple",
    [
        (URIRef(ITEM), OWL.sameAs, URIRef(ITEM)),
        (URIRef(ITEM), RDF.type, OWL.Thing),
        (URIRef(ITEM), RDF.type, RDFS.Resource),
        (URIRef(LIB), RDFS.subClassOf, OWL.Thing),
        (OWL.Nothing, RDFS.subClassOf, URIRef(LIB)),
        (URIRef(LIB), RDFS.subClassOf, URIRef(LIB)),
        (URIRef(LIB), OWL.equivalentClass, URIRef(LIB)),
        (URIRef(LIB), RDFS.domain, URIRef(ITEM)),
        (Literal("a"), RDF.type, XSD.string),
        (URIRef(ITEM), RDF.type, BNode()),
        (BNode(), RDFS.subClassOf, URIRef(LIB)),
        (URIRef(ITEM), BNode(), URIRef(LIB)),
        (XSD.integer, RDFS.subClassOf, XSD.decimal),
    ],
    ids=str,
)
def test_what_says_nothing_new_is_not_worth_saying(triple: Triple) -> None:
    assert not worth_saying(triple)


def test_owlrl_as_it_comes_concludes_the_same(sources: Sources) -> None:
    """The shortcuts of the reference lose nothing; without the key, which owlrl gets wrong."""
    graph = stated(sources)
    graph.remove((None, OWL.hasKey, None))
    closed = Graph() + graph
    OWLRL_Semantics(closed, axioms=True, daxioms=True).closure()
    plain = {t for t in closed if t not in graph and worth_saying(t)}
    assert reference(graph)[0] == plain


def test_owlrl_as_it_comes_concludes_the_same_from_our_own_ontology(record: Sources) -> None:
    """As above, on the real axioms; labels are left out, for owlrl is slow."""
    graph = Graph()
    for triple in record.graph("ontology"):
        if not isinstance(triple[2], Literal):
            graph.add(triple)
    graph.remove((None, OWL.hasKey, None))
    closed = Graph() + graph
    OWLRL_Semantics(closed, axioms=False, daxioms=False).closure()
    plain = {t for t in closed if t not in graph and worth_saying(t)}
    assert reference(graph)[0] == plain


def test_both_reasoners_agree_on_the_slices_of_the_council(sources: Sources) -> None:
    days = days_of_change(sources)
    assert_slices_agree(sources, days, range(len(days)))


def test_both_reasoners_agree_on_a_day_of_our_own_record(record: Sources) -> None:
    days = days_of_change(record)
    assert_slices_agree(record, days[-9:], [4])


def assert_slices_agree(sources: Sources, days: list[date], sampled: Iterable[int]) -> None:
    ontology = sources.graph("ontology")
    from_ontology = reference(ontology)[0]
    projector = Projector(sources)
    stated_on = [projector.slice(day) for day in days]
    inferred_on = infer_each(stated_on, Closure(ontology))
    for at in sampled:
        graph = Graph() + ontology
        for triple in stated_on[at]:
            graph.add(triple)
        by_owlrl, errors = reference(graph)
        assert errors == []
        assert inferred_on[at] == by_owlrl - from_ontology


def test_layers_conclude_the_same_as_each_day_alone(record: Sources) -> None:
    """Some days of our own record: what they share is reasoned about once."""
    schema = Closure(record.graph("ontology"))
    projector = Projector(record)
    stated_on = [projector.slice(day) for day in days_of_change(record)[::8]]
    alone = [
        {t for t in Closure(triples, parent=schema).inferred() if worth_saying(t)}
        for triples in stated_on
    ]
    assert infer_each(stated_on, schema) == alone
    assert infer_each([], schema) == []


def test_a_contradiction_on_one_day_stops_the_build(institution: Path) -> None:
    """Two chairs at once would be fine on the release date, when there is one."""
    path = institution / "ontology/library.ttl"
    text = path.read_text(encoding="utf-8")
    different = (
        "lib:holdsPost a owl:InverseFunctionalProperty .\n"
        "<https://library.example/id/ada> owl:differentFrom <https://library.example/id/boris> ."
    )
    path.write_text(f"{text}\n{different}\n", encoding="utf-8")
    minutes = institution / "data/sources/minutes.trig"
    text = minutes.read_text(encoding="utf-8")
    minutes.write_text(text.replace('From "2010-09-01"', 'From "2011-09-01"'), "utf-8")
    sources = load(institution)
    reason(stated(sources))
    projector = Projector(sources)
    fine = [projector.slice(day) for day in days_of_change(sources)]
    infer_each(fine, Closure(sources.graph("ontology")))
    minutes.write_text(text.replace('From "2010-09-01"', 'From "2009-09-01"'), "utf-8")
    sources = load(institution)
    reason(stated(sources))
    projector = Projector(sources)
    both = [projector.slice(day) for day in days_of_change(sources)]
    with pytest.raises(InconsistencyError, match="rule eq-diff1:"):
        infer_each(both, Closure(sources.graph("ontology")))


def contradict(institution: Path, statement: str) -> Sources:
    path = institution / "data/sources/minutes.trig"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("GRAPH seg:s3 {", f"GRAPH seg:s3 {{ {statement}"), encoding="utf-8"
    )
    return load(institution)


def test_a_contradiction_is_told_with_the_rule_the_facts_and_who_states_them(
    institution: Path,
) -> None:
    sources = contradict(institution, "item:reading-room lib:headPost item:ada .")
    with pytest.raises(InconsistencyError) as caught:
        reason(stated(sources), sources.saying)
    said = str(caught.value)
    assert "rule cax-adc:" in said
    fact = f"  <{ITEM}reading-room> <{LIB}headPost> <{ITEM}ada>"
    assert f"{fact}\n    stated in <https://library.example/source/minutes/s3>" in said
    assert "    stated in <https://library.example/entities>" in said


def test_two_days_for_a_functional_property_are_a_contradiction(institution: Path) -> None:
    sources = contradict(
        institution, 'item:holding-boris-chair lib:validFrom "2009-09-01"^^xsd:date .'
    )
    with pytest.raises(InconsistencyError) as caught:
        reason(stated(sources), sources.saying)
    said = str(caught.value)
    assert "rule dt-diff:" in said
    assert '"2009-09-01"' in said
    assert '"2010-09-01"' in said
    assert "stated in <https://library.example/source/minutes/s2>" in said
    assert "stated in <https://library.example/source/minutes/s3>" in said


def test_two_things_for_a_functional_property_are_a_contradiction_unless_stated_the_same(
    institution: Path,
) -> None:
    sources = contradict(institution, "item:holding-boris-chair lib:holder item:ada .")
    with pytest.raises(InconsistencyError) as caught:
        reason(stated(sources), sources.saying)
    said = str(caught.value)
    assert "rule prp-fp:" in said
    assert f"<{ITEM}ada> and <{ITEM}boris> would be one thing" in said
    path = institution / "data/entities/things.ttl"
    with path.open("a", encoding="utf-8") as file:
        file.write("\nitem:ada <http://www.w3.org/2002/07/owl#sameAs> item:boris .\n")
    assert len(reason(stated(load(institution))))


def test_equal_graphs_are_reasoned_about_once(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    first = reason(stated(sources), cache=cache)

    def never(*_: object) -> None:
        pytest.fail("owlrl was asked again")

    monkeypatch.setattr("assembly_kg.build.reason.reference", never)
    assert set(reason(stated(sources), cache=cache)) == set(first)


def test_nothing_is_published_when_the_reasoners_disagree(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assembly_kg.build.reason.reference", lambda _: (set(), []))
    with pytest.raises(BuildError, match=r"disagree.*Only owlrl: -\. Only our rules: <"):
        reason(stated(sources))

"""Explanations: verdicts, sentences, disputes, near matches, and the ways to write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.namespace import PROV, RDF

from assembly_kg.engine.explain import Explainer, Explanation
from assembly_kg.engine.explain_json import explanation_document
from assembly_kg.engine.explain_prov import explanation_graph
from assembly_kg.engine.explain_text import explanation_text
from assembly_kg.engine.inline import Inline
from assembly_kg.engine.names import read_term, read_triple, short
from assembly_kg.engine.question import Limits
from assembly_kg.engine.store import load_release
from assembly_kg.engine.tasks import Explain
from assembly_kg.engine.wording import LANGUAGES, say
from assembly_kg.errors import NotFoundError, QuerySyntaxError, UnsupportedQuery
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SEGMENT = "https://library.example/source/minutes/s1"


@pytest.fixture(scope="module")
def ours(release: Path) -> Explainer:
    return Explainer(*load_release(release))


@pytest.fixture(scope="module")
def council(council_release: Path) -> Explainer:
    return Explainer(*load_release(council_release))


def explain(
    explainer: Explainer, s: str, p: str, o: str, day: str | None = None, *, count: int = 1
) -> Explanation:
    prefixes = explainer.world().catalogue.prefixes
    return explainer.explain(read_triple(s, p, o, prefixes), day, count)


def test_a_stated_triple_comes_with_the_exact_words(ours: Explainer) -> None:
    found = explain(ours, "acts:law-70-iv-2008", "akz:adoptedOn", '"2008-10-20"^^xsd:date')
    assert found.verdict == "stated"
    assert found.proofs == ()
    words = [one for one in found.statements if one.kind == "segment" and not one.rejected]
    assert words
    for one in words:
        assert one.exact
        assert one.document
        assert one.certainty in found.labels
        assert one.language == "en" or one.translations["en"]
    assert all(set(found.labels[one.document]) >= set(LANGUAGES) for one in words)


def test_words_from_a_text_of_the_repository_have_their_place_in_it(
    ours: Explainer, release: Path
) -> None:
    found = explain(ours, "acts:law-70-iv-2008", "akz:adoptedOn", '"2008-01-20"^^xsd:date')
    assert found.verdict == "rejected"
    [one] = [one for one in found.statements if one.start is not None]
    assert one.rejected
    text = (release.parents[1] / "data/sources/overview.txt").read_text(encoding="utf-8")
    assert text[one.start : one.end] == one.exact


def test_a_dispute_is_told_with_both_sides_and_its_reason(ours: Explainer) -> None:
    found = explain(ours, "acts:law-70-iv-2008", "akz:adoptedOn", '"2008-10-20"^^xsd:date')
    [dispute] = found.disputes
    assert [value.value for value in dispute.accepted] == ["2008-10-20"]  # type: ignore[union-attr]
    assert "2008-01-20" in {value.value for value in dispute.rejected}  # type: ignore[union-attr]
    assert dispute.accepted_by
    assert dispute.rejected_by
    assert set(dispute.reasons) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("s", "p", "o", "verdict"),
    [
        ("item:council", "lib:headPost", "item:chair", "stated"),
        ("item:council", "a", "lib:Council", "stated"),
        ("lib:holder", "rdfs:subPropertyOf", "lib:about", "stated"),
        ("item:boris", "lib:holdsPost", "item:chair", "projected"),
        ("item:council", "a", "lib:Body", "inferred"),
        ("<https://library.example/inferred>", "a", "sd:NamedGraph", "described"),
        ("item:ada", "lib:holdsPost", "item:chair", "absent"),
        ("item:holding-boris-chair", "lib:validFrom", '"2009-09-01"^^xsd:date', "rejected"),
    ],
)
def test_the_verdict_says_where_a_triple_comes_from(
    council: Explainer, s: str, p: str, o: str, verdict: str
) -> None:
    assert explain(council, s, p, o).verdict == verdict


def test_a_stated_triple_may_follow_too(council: Explainer) -> None:
    found = explain(council, "item:council", "a", "lib:Body", count=5)
    assert {proof.step.rule for proof in found.proofs if proof.step} == {"cax-sco", "prp-dom"}
    stated = explain(council, "item:holding-ada-chair", "a", "lib:OfficeHolding", count=2)
    assert stated.verdict == "stated"
    assert stated.proofs


def test_the_absent_is_explained_by_what_comes_near(council: Explainer) -> None:
    near = explain(council, "item:ada", "lib:holdsPost", "item:chair").near
    assert near is not None
    assert near.periods == (("2001-03-01", "2010-09-01"),)
    assert [s for s, _, _ in near.subjects] == [ox.NamedNode("https://library.example/id/boris")]
    near = explain(council, "item:chair", "lib:heldBy", "item:ada").near
    assert near is not None
    missing = ("item:ada", "lib:holdsPost", "item:chair")
    prefixes = council.world().catalogue.prefixes
    assert read_triple(*missing, prefixes) in {miss.missing for miss in near.almost}


def test_a_name_that_nobody_uses_is_told_with_names_that_look_alike(council: Explainer) -> None:
    near = explain(council, "item:counsil", "a", "lib:Body").near
    assert near is not None
    [(term, alike)] = near.unknown
    assert term == ox.NamedNode("https://library.example/id/counsil")
    assert ox.NamedNode("https://library.example/id/council") in alike
    assert near.almost == ()


@pytest.mark.parametrize("day", ["2000-01-01", "2001-02-29", "2999-01-01"])
def test_a_day_that_the_record_does_not_cover_is_refused(council: Explainer, day: str) -> None:
    with pytest.raises(NotFoundError):
        explain(council, "item:council", "a", "lib:Body", day)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_goes_down_to_the_sentences(council: Explainer, language: str) -> None:
    found = explain(council, "item:chair", "lib:heldBy", "item:boris", "2015-05-05")
    told = explanation_text(found, language)
    assert say("as-of", language, day="2015-05-05") in told
    assert say("by-rule", language, rule="prp-inv2") in told or "prp-inv1" in told
    assert "«holds-post»" in told or "“holds-post”" in told
    assert "<https://library.example/source/minutes/s2>" in told
    assert "2010-09-01" in told


def test_a_list_is_written_at_its_axiom(council: Explainer) -> None:
    found = explain(council, "item:council", "lib:headedBy", "item:boris")
    told = explanation_text(found, "en")
    assert "( lib:headPost lib:heldBy )" in told
    assert "rdf:first" not in told


def nodes(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [document, *(part for one in document.get("premises", ()) for part in nodes(one))]


def test_the_json_has_every_leaf_with_its_statements(council: Explainer) -> None:
    found = explain(council, "item:council", "lib:headedBy", "item:boris")
    document = json.loads(json.dumps(explanation_document(found)))
    assert document["verdict"] == "inferred"
    parts = nodes(document["proofs"][0])
    leaves = [part for part in parts if "rule" not in part]
    assert all(leaf["statements"] for leaf in leaves)
    assert {s["graph"] for leaf in leaves for s in leaf["statements"]} >= {SEGMENT}
    [projected] = [part for part in parts if part.get("projection")]
    assert projected["situations"][0]["value"].endswith("holding-boris-chair")
    assert document["labels"]["https://library.example/id/council"]["kk"] == "кеңес"


def test_the_graph_is_prov_that_leads_from_the_triple_to_its_sources(council: Explainer) -> None:
    found = explain(council, "item:council", "lib:headedBy", "item:boris")
    triples = explanation_graph(found, "https://library.example/release/1/projections/")
    written = ox.serialize(triples, format=ox.RdfFormat.TURTLE)
    graph = Graph().parse(data=written, format="turtle")
    goals = set(graph.subjects(RDF.type, RDF.Statement)) - set(
        graph.objects(None, PROV.wasDerivedFrom)
    )
    assert len(goals) == 1
    reached = {
        str(source)
        for node in graph.transitive_objects(goals.pop(), PROV.wasDerivedFrom)
        for source in graph.objects(node, PROV.wasQuotedFrom)
    }
    assert SEGMENT in reached
    plans = {str(plan) for plan in graph.objects(None, PROV.hadPlan)}
    assert "https://library.example/release/1/projections/holds-post.rq" in plans
    for statement in graph.subjects(RDF.type, RDF.Statement):
        assert (statement, PROV.wasQuotedFrom, None) in graph or (
            statement, PROV.wasGeneratedBy, None,
        ) in graph  # fmt: skip


@pytest.fixture
def engine(council_release: Path) -> Inline:
    return Inline(*load_release(council_release), Limits.of(Settings()))


def body(engine: Inline, asked: Explain) -> bytes:
    found = engine.answer(asked.question()).body
    assert isinstance(found, bytes)
    return found


def test_an_engine_explains(engine: Inline) -> None:
    told = json.loads(body(engine, Explain("item:council", "a", "lib:Body")))
    assert told["verdict"] == "inferred"
    assert b"prov:wasDerivedFrom" in body(
        engine, Explain("item:council", "a", "lib:Body", form="ttl")
    )


def test_without_an_object_every_value_is_explained(engine: Inline) -> None:
    told = json.loads(body(engine, Explain("item:council", "a")))
    values = [one["triple"]["object"]["value"] for one in told["explanations"]]
    assert values == sorted(values)
    assert {value.rpartition("#")[2] for value in values} == {"Body", "Council", "Headed"}


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (Explain("item:council", "a", "lib:Body", day="1999-01-01"), UnsupportedQuery),
        (Explain("no:council", "a", "lib:Body"), QuerySyntaxError),
        (Explain('"text"', "a", "lib:Body"), QuerySyntaxError),
        (Explain("item:council", '"text"'), QuerySyntaxError),
    ],
)
def test_what_cannot_be_explained_is_refused(
    engine: Inline, asked: Explain, error: type[Exception]
) -> None:
    with pytest.raises(error):
        body(engine, asked)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("skos:prefLabel", "skos:prefLabel"),
        ("a", "rdf:type"),
        ("<http://www.w3.org/2004/02/skos/core#Concept>", "skos:Concept"),
        ("http://www.w3.org/2004/02/skos/core#Concept", "skos:Concept"),
        ('"кеңес"@kk', '"кеңес"@kk'),
        ('"2008-10-20"^^xsd:date', '"2008-10-20"^^xsd:date'),
        ("-9", "-9"),
        ("true", '"true"^^xsd:boolean'),
        ("x:y", "<urn:x#y>"),
    ],
)
def test_a_term_is_read_as_people_write_it(text: str, written: str) -> None:
    assert short(read_term(text, {"x": "urn:x#"}), {}) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "word",
        "foo:bar",
        "rdf:type rdf:type",
        "<a b>",
        "?x",
        "} SERVICE <http://x/> {",
        "_:b",
        "(",
    ],
)
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        read_term(text, {})

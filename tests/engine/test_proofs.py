"""Every conclusion of a release has a proof, and every proof rests on what somebody states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from assembly_kg.engine.explain import Explainer
from assembly_kg.engine.store import load_release
from assembly_kg.engine.terms import to_rdflib
from assembly_kg.engine.world import World, is_basis
from assembly_kg.rules import Closure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.proofs import Proof, Prover
    from assembly_kg.engine.world import Triple

LIB = "https://library.example/ontology#"
ITEM = "https://library.example/id/"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
Opened = tuple[ox.Store, "Catalogue"]


@pytest.fixture(scope="module")
def ours(release: Path) -> Opened:
    return load_release(release)


@pytest.fixture(scope="module")
def council(council_release: Path) -> Opened:
    return load_release(council_release)


def prover(opened: Opened, day: str | None = None) -> tuple[World, Prover]:
    explainer = Explainer(*opened)
    world = explainer.world(day)
    return world, explainer.prover(world)


def lib(s: str, p: str, o: str) -> Triple:
    return ox.NamedNode(ITEM + s), ox.NamedNode(LIB + p), ox.NamedNode(ITEM + o)


def triples(store: ox.Store, graph: str | None) -> Iterator[Triple]:
    name = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    for quad in store.quads_for_pattern(None, None, None, name):
        yield quad.subject, quad.predicate, quad.object


def unproved(opened: Opened, graph: str, day: str | None = None) -> list[Triple]:
    """Triples of a graph that are neither stated nor proved, and leaves that nobody states."""
    world, prove = prover(opened, day)
    left, leaves = [], set()
    for triple in triples(opened[0], graph):
        if not world.states(triple):
            proofs = prove.prove(triple)
            if not proofs:
                left.append(triple)
            leaves |= {leaf for proof in proofs for leaf in proof.leaves()}
    for leaf in leaves:
        graphs = world.stating(leaf)
        if not world.states(leaf) or not all(is_basis(graph, opened[1]) for graph in graphs):
            left.append(leaf)
    return left


def test_every_inferred_triple_of_the_release_has_a_proof_from_stated_triples(
    ours: Opened,
) -> None:
    assert unproved(ours, f"{ours[1].base}inferred") == []


def test_everything_in_the_default_graph_is_stated_follows_or_describes_the_release(
    ours: Opened,
) -> None:
    store, catalogue = ours
    world, prove = prover(ours)
    known = {
        triple
        for name in ("shapes", "void", "inferred")
        for triple in triples(store, catalogue.base + name)
    }
    projected = [t for t in triples(store, None) if t not in known and not world.states(t)]
    assert projected
    for triple in projected:
        [proof] = prove.prove(triple)
        assert proof.step is not None
        assert proof.step.is_projection
        assert proof.step.day == catalogue.date


@pytest.mark.parametrize("at", [5, -8])
def test_every_triple_of_a_days_slice_is_stated_or_has_a_proof(ours: Opened, at: int) -> None:
    day = ours[1].slices[at]
    assert unproved(ours, ours[1].as_of + day, day) == []


def test_every_triple_of_every_slice_of_the_council_has_a_proof(council: Opened) -> None:
    for day in council[1].slices:
        assert unproved(council, council[1].as_of + day, day) == []


def steps(proof: Proof) -> Iterator[Proof]:
    if proof.step is not None:
        yield proof
    for premise in proof.premises:
        yield from steps(premise)


def test_every_step_is_an_application_of_the_rule_that_it_names(council: Opened) -> None:
    checked = set()
    for day in (None, *council[1].slices):
        world, prove = prover(council, day)
        graph = f"{council[1].base}inferred" if day is None else council[1].as_of + day
        for triple in triples(council[0], graph):
            for proof in prove.prove(triple) if not world.states(triple) else ():
                for part in steps(proof):
                    step = part.step
                    assert step is not None
                    if step.is_projection or (part.triple, step) in checked:
                        continue
                    checked.add((part.triple, step))
                    closure = Closure(tuple(map(to_rdflib, p)) for p in step.premises)  # type: ignore[misc]
                    s, p, o = map(to_rdflib, part.triple)
                    why = closure.why((s, p, o))
                    assert why is not None
                    assert why.rule == step.rule
    assert {step.rule for _, step in checked} >= {"prp-inv1", "cax-sco", "prp-spo2", "prp-key"}


def test_the_shortest_proof_comes_first_and_no_two_end_with_the_same_step(ours: Opened) -> None:
    _, prove = prover(ours)
    several = 0
    for triple in list(triples(ours[0], f"{ours[1].base}inferred"))[::200]:
        found = prove.prove(triple, 20)
        several += len(found) > 1
        assert [proof.size for proof in found] == sorted(proof.size for proof in found)
        assert len({proof.step for proof in found}) == len(found)
        assert found[0].size == prove.prove(triple)[0].size
        for proof in found:
            assert triple not in {part.triple for p in proof.premises for part in steps(p)}
    assert several


def test_a_projection_names_its_rule_its_situation_and_the_day(council: Opened) -> None:
    world, prove = prover(council, "2005-05-05")
    [proof] = prove.prove(lib("ada", "holdsPost", "chair"))
    assert proof.step is not None
    assert (proof.step.rule, proof.step.day) == ("holds-post", "2001-03-01")
    assert proof.step.situations == (ox.NamedNode(f"{ITEM}holding-ada-chair"),)
    bounds = {p.value.removeprefix(LIB): o.value for _, p, o in proof.step.premises}  # type: ignore[union-attr]
    assert bounds["validFrom"] == "2001-03-01"
    assert bounds["validUntil"] == "2010-09-01"
    assert world.stating(proof.step.premises[0]) == ["https://library.example/source/minutes/s1"]


def test_a_situation_of_another_day_proves_nothing(council: Opened) -> None:
    _, prove = prover(council, "2012-12-12")
    assert prove.prove(lib("ada", "holdsPost", "chair")) == []
    assert prove.prove(lib("boris", "holdsPost", "chair"))


def test_what_nothing_gives_has_no_proof(council: Opened) -> None:
    _, prove = prover(council)
    assert prove.prove(lib("council", "partOf", "children-corner")) == []
    assert prove.prove(lib("nobody", "nothing", "nowhere"), 5) == []


def test_a_conclusion_that_passes_through_a_blank_class_is_proved(council: Opened) -> None:
    _, prove = prover(council)
    [proof] = prove.prove((ox.NamedNode(f"{ITEM}council"), TYPE, ox.NamedNode(f"{LIB}Headed")))
    assert [part.step.rule for part in steps(proof) if part.step][:2] == ["cax-eqc2", "cls-svf1"]

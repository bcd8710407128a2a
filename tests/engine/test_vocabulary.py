"""The order of facts and the addresses of identifiers are read from shapes and ontology."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assembly_kg.engine.description import describe
from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.repository import Repository
from assembly_kg.engine.store import load_files
from assembly_kg.engine.vocabulary import Place, vocabulary
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

DATA = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix vann: <http://purl.org/vocab/vann/> .
<https://example.org/o> a owl:Ontology ; vann:preferredNamespaceUri "https://example.org/" .
:number :addressTemplate "https://numbers.example/{id}" .
:Choir rdfs:subClassOf :Club .
:club a sh:NodeShape ; sh:targetClass :Club ; sh:property :club-leader , :club-number , :club-room .
:club-leader sh:path :leader ; sh:order 12 ; sh:group :people .
:club-room sh:path :room ; sh:order 1 ; sh:group :things .
:club-number sh:path :number ; sh:order 11 ; sh:group :people .
:choir a sh:NodeShape ; sh:targetClass :Choir ; sh:property :choir-number .
:choir-number sh:path :number ; sh:order 2 ; sh:group :things .
:house a sh:NodeShape ; sh:targetClass :House ; sh:property :house-room .
:house-room sh:path :room ; sh:minCount 1 .
:people a sh:PropertyGroup ; sh:order 1 .
:things a sh:PropertyGroup ; sh:order 2 .
:a a :Club ; :room "r" ; :number "n" ; :leader "l" ; :colour "c" .
:b a :House ; :room "r" ; :colour "c" .
"""
BASE = "https://example.org/"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    file = tmp_path / "clubs.ttl"
    file.write_text(DATA, encoding="utf-8")
    return Repository(Inline(*load_files([file]), Limits.of(Settings())))


def test_facts_stand_by_the_order_of_groups_then_of_shapes(repository: Repository) -> None:
    told = describe(repository, BASE + "a")
    assert told is not None
    order = [fact.property.removeprefix(BASE) for fact in told.facts]
    assert order == ["number", "leader", "room", "colour"]


def test_a_class_has_the_places_of_its_own_shapes_and_of_those_above(
    repository: Repository,
) -> None:
    known = vocabulary(repository)
    assert known.place(BASE + "room", frozenset({BASE + "House"})).group == ""
    assert known.place(BASE + "room", frozenset({BASE + "Club"})).group == BASE + "things"
    choir = known.closed([BASE + "Choir"])
    assert choir == {BASE + "Choir", BASE + "Club"}
    assert known.place(BASE + "leader", choir) == Place(1, 12, BASE + "people")


def test_a_property_without_a_shape_comes_last(repository: Repository) -> None:
    known = vocabulary(repository)
    assert known.place(BASE + "colour") == Place() > known.place(BASE + "room")


def test_identifiers_lead_where_the_ontology_says(repository: Repository) -> None:
    assert vocabulary(repository).templates == {BASE + "number": "https://numbers.example/{id}"}

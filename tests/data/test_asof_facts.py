"""What was so on the days on which the Assembly changed, by the situations and their sources."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib import Graph, Literal, URIRef

from assembly_kg.build.project import Projector, days_of_change

if TYPE_CHECKING:
    from assembly_kg.build.load import Sources

ROOT = Path(__file__).parent.parent.parent

ASSEMBLY = "bodies/assembly"
ADVISORY = "concepts/status-consultative-advisory-body"
CONSTITUTIONAL = "concepts/status-constitutional-body"
INSTITUTION = "concepts/status-institution-without-legal-personality"
PARTS = {
    "bodies/session",
    "bodies/council",
    "bodies/secretariat",
    "bodies/regional-assemblies",
    "bodies/assemblies-of-cities-of-republican-significance",
    "bodies/assembly-of-the-capital",
}
PEOPLES = {"Қазақстан халықтары Ассамблеясы", "Ассамблея народов Казахстана"}
PEOPLE = {"Қазақстан халқы Ассамблеясы", "Ассамблея народа Казахстана"}


class World:
    """The relations of every day, asked by the last parts of their IRIs."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.projector = Projector(sources)
        self.days: dict[str, Graph] = {}

    def on(self, day: str) -> Graph:
        if day not in self.days:
            graph = self.days[day] = Graph()
            for triple in self.projector.project(date.fromisoformat(day)):
                graph.add(triple)
        return self.days[day]

    def said(self, day: str, subject: str, relation: str) -> set[str]:
        thing = URIRef(f"{self.sources.base}id/{subject}")
        objects = self.on(day).objects(thing, self.sources.terms[relation])
        return {str(found).removeprefix(f"{self.sources.base}id/") for found in objects}


@pytest.fixture(scope="module")
def sources(record: Sources) -> Sources:
    return record


@pytest.fixture(scope="module")
def world(sources: Sources) -> World:
    return World(sources)


@pytest.mark.parametrize(
    ("day", "statuses"),
    [
        ("1995-02-28", set()),
        ("1995-03-01", {ADVISORY}),
        ("2007-05-20", {ADVISORY}),
        ("2007-05-21", {CONSTITUTIONAL}),
        ("2008-10-19", {CONSTITUTIONAL}),
        ("2008-10-20", {CONSTITUTIONAL, INSTITUTION}),
        ("2018-04-26", {CONSTITUTIONAL, INSTITUTION}),
        ("2018-04-27", {CONSTITUTIONAL, INSTITUTION}),
        ("2026-06-30", {CONSTITUTIONAL, INSTITUTION}),
        ("2026-07-01", set()),
    ],
)
def test_the_assembly_has_the_legal_status_of_the_day(
    world: World, day: str, statuses: set[str]
) -> None:
    assert world.said(day, ASSEMBLY, "hasLegalStatus") == statuses


@pytest.mark.parametrize(
    ("day", "exists"),
    [("1995-02-28", False), ("1995-03-01", True), ("2026-06-30", True), ("2026-07-01", False)],
)
def test_the_assembly_exists_from_its_decree_to_the_repeal_of_its_law(
    world: World, sources: Sources, day: str, *, exists: bool
) -> None:
    kinds = set(world.on(day).objects(URIRef(f"{sources.base}id/{ASSEMBLY}")))
    assert (sources.terms["ActiveBody"] in kinds) is exists


# The aims of the Regulations of 2002, as Decree No. 1561 left them in 2005.
AIMS_OF_2005 = {
    f"mandates/objective-{aim}"
    for aim in (
        "citizens-political-culture",
        "forming-kazakhstani-identity",
        "good-name-of-the-republic",
        "harmony-of-ethnic-relations",
        "social-stability",
    )
}


@pytest.mark.parametrize(
    ("day", "purposes"),
    [
        ("2005-04-22", set()),
        ("2005-04-23", AIMS_OF_2005),
        ("2008-10-19", AIMS_OF_2005),
        ("2008-10-20", {"mandates/objective-interethnic-accord"}),
        ("2018-04-26", {"mandates/objective-interethnic-accord"}),
        ("2018-04-27", {"mandates/objective-public-accord-and-national-unity"}),
        ("2026-06-30", {"mandates/objective-public-accord-and-national-unity"}),
        ("2026-07-01", set()),
    ],
)
def test_the_purpose_is_that_of_the_wording_of_the_day(
    world: World, day: str, purposes: set[str]
) -> None:
    assert world.said(day, ASSEMBLY, "hasPurpose") == purposes


@pytest.mark.parametrize(
    ("day", "implementing"), [("2018-04-26", True), ("2018-04-27", False), ("2008-10-19", False)]
)
def test_implementing_the_state_national_policy_is_a_main_task_until_april_2018(
    world: World, day: str, *, implementing: bool
) -> None:
    tasks = world.said(day, ASSEMBLY, "hasMainTask")
    assert ("mandates/objective-implementing-state-national-policy" in tasks) is implementing


@pytest.mark.parametrize(
    ("day", "parts"),
    [
        ("2008-10-19", set()),
        ("2008-10-20", PARTS),
        ("2018-04-26", PARTS),
        ("2018-04-27", PARTS | {"bodies/ethnocultural-associations"}),
        ("2026-06-30", PARTS | {"bodies/ethnocultural-associations"}),
        ("2026-07-01", set()),
    ],
)
def test_the_ethnocultural_associations_join_the_structure_in_april_2018(
    world: World, day: str, parts: set[str]
) -> None:
    assert world.said(day, ASSEMBLY, "hasDirectPart") == parts


@pytest.mark.parametrize(
    ("day", "chambers"),
    [
        ("2007-05-20", set()),
        ("2007-05-21", {"bodies/mazhilis"}),
        ("2023-01-18", {"bodies/mazhilis"}),
        ("2023-01-24", {"bodies/senate"}),
        ("2026-06-30", {"bodies/senate"}),
        ("2026-07-01", set()),
    ],
)
def test_the_seats_move_from_the_mazhilis_to_the_senate(
    world: World, day: str, chambers: set[str]
) -> None:
    assert world.said(day, ASSEMBLY, "hasSeatsIn") == chambers


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("1995-02-28", set()),
        ("1995-03-01", PEOPLES),
        ("2007-05-20", PEOPLES),
        ("2007-05-21", PEOPLES | PEOPLE),
        ("2007-07-25", PEOPLES | PEOPLE),
        ("2007-07-26", PEOPLE),
        ("2026-07-01", set()),
    ],
)
def test_both_names_are_official_between_the_constitution_and_the_decree_of_2007(
    world: World, day: str, names: set[str]
) -> None:
    assert world.said(day, ASSEMBLY, "officialName") == names


@pytest.mark.parametrize(
    ("day", "heads"),
    [
        ("2008-10-19", set()),
        ("2008-10-20", {"concepts/right-head-assembly-for-life"}),
        ("2021-04-28", {"concepts/right-head-assembly-for-life"}),
        ("2024-12-27", set()),
    ],
)
def test_the_first_president_has_the_right_to_head_the_assembly_until_the_law_of_2022(
    world: World, day: str, heads: set[str]
) -> None:
    assert world.said(day, "people/post-first-president-elbasy", "hasRight") == heads


@pytest.mark.parametrize(
    ("day", "holder"),
    [
        ("2021-04-27", "people/nursultan-nazarbayev"),
        ("2021-04-28", "people/kassym-jomart-tokayev"),
        ("2026-06-30", "people/kassym-jomart-tokayev"),
        ("2026-07-01", None),
    ],
)
def test_the_assembly_has_one_chair_at_a_time(
    world: World, sources: Sources, day: str, holder: str | None
) -> None:
    post = URIRef(f"{sources.base}id/people/post-chair-of-assembly")
    holders = {str(found) for found in world.on(day).subjects(sources.terms["holdsPost"], post)}
    assert holders == ({f"{sources.base}id/{holder}"} if holder else set())


@pytest.mark.parametrize(
    ("day", "held"), [("1992-12-31", True), ("2019-03-19", True), ("2019-03-20", False)]
)
def test_nazarbayev_is_president_until_20_march_2019(world: World, day: str, *, held: bool) -> None:
    posts = world.said(day, "people/nursultan-nazarbayev", "holdsPost")
    assert ("people/post-president" in posts) is held


@pytest.mark.parametrize(("day", "count"), [("2016-03-21", 446), ("2021-01-11", 504)])
def test_a_count_of_members_holds_on_the_day_for_which_it_is_given(
    world: World, sources: Sources, day: str, count: int
) -> None:
    found = world.on(day).objects(
        URIRef(f"{sources.base}id/{ASSEMBLY}"), sources.terms["memberCount"]
    )
    assert list(found) == [Literal(count)]


def test_an_undated_count_of_members_holds_on_no_day(world: World, sources: Sources) -> None:
    for day in days_of_change(sources):
        assert "394" not in world.said(day.isoformat(), ASSEMBLY, "memberCount")


def test_the_day_of_the_law_is_the_official_one(sources: Sources) -> None:
    law = URIRef(f"{sources.base}id/acts/law-70-iv-2008")
    days = set(sources.merged().objects(law, sources.terms["adoptedOn"]))
    assert {str(day) for day in days} == {"2008-10-20"}


@pytest.mark.parametrize(
    ("segment", "day"),
    [("overview/p5-s1", "2008-01-20"), ("law-70-iv-adilet-english/heading", "2008-12-20")],
)
def test_the_rejected_days_of_the_law_stand_in_the_disputed_graphs_of_their_segments(
    sources: Sources, segment: str, day: str
) -> None:
    law = URIRef(f"{sources.base}id/acts/law-70-iv-2008")
    graph = sources.graph(f"source/{segment}/disputed")
    assert [str(found) for found in graph.objects(law, sources.terms["adoptedOn"])] == [day]

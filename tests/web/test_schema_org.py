"""The description for search engines says what schema.org has words for, and nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from assembly_kg.web.schema_org import _KNOWN

if TYPE_CHECKING:
    from flask.testing import FlaskClient

THING = {"@context", "@id", "@type", "name", "url", "subjectOf", "alternateName", "sameAs"}
ID = "https://w3id.org/assembly-kz/id/"


def embedded(site: FlaskClient, path: str) -> dict[str, Any]:
    page = site.get(f"{path}?lang=kk").text
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    document: dict[str, Any] = json.loads(found)
    return document


@pytest.mark.parametrize(
    ("path", "kind", "name", "value"),
    [
        ("events/forum-of-peoples-1992", "Event", "startDate", "1992-12-14"),
        ("acts/law-70-iv-2008", "Legislation", "legislationDate", "2008-10-20"),
        ("people/kassym-jomart-tokayev", "Person", "@id", ID + "people/kassym-jomart-tokayev"),
    ],
)
def test_a_thing_is_described_by_its_kind(
    site: FlaskClient, path: str, kind: str, name: str, value: str
) -> None:
    told = embedded(site, f"/id/{path}.html")
    assert kind in told["@type"]
    assert value in told[name]
    assert set(told) - THING <= _KNOWN.get(kind, set())
    assert told["subjectOf"]["@type"] == "Dataset"


def test_what_other_databases_call_it_is_said(site: FlaskClient) -> None:
    told = embedded(site, "/id/places/abai-region.html")
    assert "https://www.geonames.org/12510143" in told["sameAs"]
    assert {"@id": ID + "places/kazakhstan", "name": "Қазақстан Республикасы"} in told[
        "containedInPlace"
    ]


def test_what_schema_org_has_no_class_for_is_a_thing(site: FlaskClient) -> None:
    told = embedded(site, "/id/mandates/status-consultative-advisory-body.html")
    assert told["@type"] == "Thing"
    assert set(told) <= THING

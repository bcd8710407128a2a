"""A thing can be had as data in every form, by ending and by Accept, and the forms agree."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from pyoxigraph import RdfFormat

from assembly_kg.namespaces import SKOS
from assembly_kg.web.languages import LANGUAGES
from assembly_kg.web.representations import CONTENT_TYPES, MEDIA_TYPES

if TYPE_CHECKING:
    from flask.testing import FlaskClient

COUNCIL = "/id/bodies/council"
IRI = "https://w3id.org/assembly-kz/id/bodies/council"
TRIPLES = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_a_thing_is_negotiated_into_each_form(site: FlaskClient, form: str) -> None:
    answer = site.get(COUNCIL, headers={"Accept": MEDIA_TYPES[form]})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"{COUNCIL}.{form}")
    assert "Accept" in answer.headers["Vary"]
    assert site.get(answer.headers["Location"]).content_type == CONTENT_TYPES[form]


def test_the_forms_hold_the_same_triples(site: FlaskClient) -> None:
    found = [
        {q.triple for q in ox.parse(site.get(f"{COUNCIL}.{form}").data, format=kind)}
        for form, kind in TRIPLES.items()
    ]
    assert {str(triple.predicate.value) for triple in found[0]} >= {str(SKOS.prefLabel)}
    assert all(other == found[0] for other in found[1:])


def test_quads_stand_in_the_graphs_of_their_sentences(site: FlaskClient) -> None:
    both = [
        set(ox.parse(site.get(f"{COUNCIL}.{form}").data, format=kind))
        for form, kind in (("trig", RdfFormat.TRIG), ("nq", RdfFormat.N_QUADS))
    ]
    assert both[0] == both[1]
    assert any("/source/" in str(quad.graph_name) for quad in both[0])


def test_csv_and_json_name_the_sentences_of_each_fact(site: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(site.get(f"{COUNCIL}.csv").text)))
    told = json.loads(site.get(f"{COUNCIL}.json").text)
    assert told["iri"] == IRI
    assert set(LANGUAGES) <= set(told["names"])
    assert {row["basis"] for row in rows} >= {"stated", "recorded"}
    stated = [row for row in rows if row["basis"] == "stated" and row["subject"] == IRI]
    assert all(row["sources"] for row in stated)


def test_a_form_that_does_not_exist_is_refused(site: FlaskClient) -> None:
    assert (
        site.get("/resource?iri=http://www.w3.org/ns/org%23Organization&format=exe").status_code
        == 404
    )


def test_a_page_names_its_data_its_languages_and_itself(site: FlaskClient) -> None:
    page = site.get(f"{COUNCIL}.html?lang=kk").text
    for form in TRIPLES:
        assert f'type="{MEDIA_TYPES[form]}" href="{COUNCIL}.{form}' in page
    for language in LANGUAGES:
        assert (
            f'hreflang="{language}" href="http://localhost{COUNCIL}.html?lang={language}"' in page
        )
    assert 'hreflang="x-default"' in page
    assert '<meta property="og:title"' in page
    assert '<meta property="og:locale" content="kk_KZ">' in page
    image = re.search(r'<meta property="og:image" content="http://localhost(/[^"]+)">', page)
    assert image
    with site.get(image[1]) as picture:
        assert picture.content_type == "image/png"


def test_the_map_of_the_site_names_pages_in_each_language(site: FlaskClient) -> None:
    assert "Sitemap: http://localhost/sitemap.xml" in site.get("/robots.txt").text
    tree = ET.fromstring(site.get("/sitemap.xml").data)  # noqa: S314 -- our own
    places = {str(url.findtext(f"{SITEMAP}loc")) for url in tree.iter(f"{SITEMAP}url")}
    assert {
        f"http://localhost{p}" for p in ("/", "/map", f"{COUNCIL}.html", "/ontology.html")
    } <= places
    links = list(tree.iter("{http://www.w3.org/1999/xhtml}link"))
    assert len(links) == 3 * len(places)
    assert len(places) < 50_000

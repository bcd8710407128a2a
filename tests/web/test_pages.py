"""Every page answers in three languages, leads to what exists, and needs no script for a fact."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from assembly_kg.web.languages import LANGUAGES

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PAGES = [
    "/",
    "/id/bodies/assembly.html",
    "/id/bodies/council.html?as-of=2008-10-20",
    "/id/people/nursultan-nazarbayev.html",
    "/id/acts/law-70-iv-2008.html",
    "/id/concepts/status-constitutional-body.html",
    "/source/overview.html",
    "/source/overview/p2-s1.html",
    "/as-of/2010-05-05.html",
    "/release/0.1.0.html",
    "/inferred.html",
    "/ontology.html",
    "/structure",
    "/map",
    "/timeline",
    "/series",
    "/questions",
    "/questions/what-contains-what-in-2008",
    "/questions/names-of-the-assembly",
    "/search?q=Tokaev",
    "/validation",
    "/downloads",
    "/sources",
    "/sparql",
    "/things?kind=https://w3id.org/assembly-kz/ontology%23Law",
    "/resource?iri=http://www.w3.org/ns/org%23Organization",
]
VOID_ELEMENTS = {"meta", "link", "input", "br", "img", "hr"}
INLINE = re.compile(r"\son\w+=|\sstyle=|<style|javascript:", re.IGNORECASE)


class Outline(HTMLParser):
    """What matters of a page: its elements in balance, its links, its headings, its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.language = ""
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(int(tag[1]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "script":
            self.scripts.append(given)
        if tag not in VOID_ELEMENTS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element of SVG that closes itself."""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "li"} and self.open and self.open[-1] != tag:
            self.faults.append(tag)
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.faults.append(tag)


def read(client: FlaskClient, path: str, language: str = "en") -> tuple[str, Outline]:
    address = path + ("&" if "?" in path else "?") + f"lang={language}"
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == 200, (path, answer.text[:300])
    assert answer.content_type == "text/html; charset=utf-8"
    outline = Outline()
    outline.feed(answer.text)
    return answer.text, outline


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_well_made_in_each_language(site: FlaskClient, path: str, language: str) -> None:
    text, outline = read(site, path, language)
    assert outline.language == language
    assert outline.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(outline.headings))
    assert len(outline.ids) == len(set(outline.ids)), "an id stands twice"
    assert outline.faults == []
    assert outline.open == []
    data = r"<script type=\"application/ld\+json\">.*?</script>"
    allowed = re.sub(r"<style>.*?</style>", "", re.sub(data, "", text), count=1)  # by its hash
    assert not INLINE.search(allowed)
    for script in outline.scripts:
        is_data = str(script.get("type")).endswith("json")
        assert is_data or "/static/" in str(script.get("src"))
    assert set(re.findall(r'hreflang="(\w\w)" href', text)) >= set(LANGUAGES)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(site: FlaskClient, path: str) -> None:
    answer = site.get(path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert len(answer.data) < 150_000


def test_every_link_of_the_first_pages_leads_somewhere(site: FlaskClient) -> None:
    seen: set[str] = set()
    waiting = ["/", "/id/bodies/council.html", "/source/overview/p2-s1.html", "/downloads"]
    for path in waiting:
        _, outline = read(site, path)
        for link in outline.links:
            target = link.partition("#")[0]
            if target.startswith("/") and not target.startswith("/sparql?"):
                seen.add(target)
    broken = []
    for target in sorted(seen):
        with site.get(target, headers={"Accept": "text/html"}) as answer:
            if answer.status_code not in {200, 303}:
                broken.append((answer.status_code, target))
    assert broken == []


def test_a_fragment_of_the_page_exists(site: FlaskClient) -> None:
    for path in ("/id/bodies/assembly.html", "/ontology.html", "/questions"):
        _, outline = read(site, path)
        ids = {*outline.ids, ""}
        inside = {link[1:] for link in outline.links if link.startswith("#")}
        assert inside <= ids


def test_each_fact_of_an_entity_leads_to_the_exact_words(site: FlaskClient) -> None:
    text, _ = read(site, "/id/bodies/council.html", "en")
    assert "Сессиялар аралығындағы кезеңде Ассамблеяны басқаруды Ассамблея Кеңесі" in text
    assert "Working translation:" in text
    number = re.search(r'href="#note-(\d+)"', text)
    assert number is not None
    assert f'id="note-{number[1]}"' in text


def test_a_dispute_shows_both_sides(site: FlaskClient) -> None:
    text, _ = read(site, "/id/acts/law-70-iv-2008.html", "en")
    assert "Where sources disagree" in text
    assert '<time datetime="2008-10-20">' in text
    assert '<time datetime="2008-01-20">' in text


def test_a_past_day_shows_what_was_so_then_and_no_more(site: FlaskClient) -> None:
    then, _ = read(site, "/id/bodies/assembly.html?as-of=1996-01-01", "en")
    assert "This is how it stood on 1 January 1996" in then
    assert "consultative-advisory body" in then
    assert "status-constitutional-body.html" not in then
    before = site.get("/id/bodies/peoples-council-of-kazakhstan.html?as-of=1996-01-01&lang=en")
    assert before.status_code in {200, 404}


@pytest.mark.parametrize("day", ["1800-01-01", "2999-01-01", "2008-13-45", "yesterday"])
def test_a_day_that_is_not_covered_is_told_so(site: FlaskClient, day: str) -> None:
    answer = site.get(f"/id/bodies/assembly.html?as-of={day}")
    assert answer.status_code == 404
    assert day in answer.text


def test_labels_in_another_language_are_marked(site: FlaskClient) -> None:
    text, _ = read(site, "/source/tengrinews-2012-mazhilis.html", "kk")
    assert re.search(r'lang="(en|ru)">[^<]+</span> <span class="other-language"', text)


def test_the_embedded_data_are_json_ld_of_schema_org(site: FlaskClient) -> None:
    text, _ = read(site, "/id/bodies/assembly.html")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found
    told = json.loads(found[1])
    assert told["@context"] == "https://schema.org"
    assert "Organization" in told["@type"]
    assert {"@value": "Assembly of People of Kazakhstan", "@language": "en"} in told["name"]


def test_many_situations_stand_by_kind_and_their_footnotes_count_up(site: FlaskClient) -> None:
    text, outline = read(site, "/id/bodies/assembly.html", "en")
    kinds = re.findall(r'<h3 class="group" id="in-time-\d+">([^<]+)</h3>', text)
    assert len(kinds) == len(set(kinds)) > 5
    assert {f"#in-time-{n}" for n in range(1, len(kinds) + 1)} <= set(outline.links)
    first = [int(n) for n in dict.fromkeys(re.findall(r'class="ref" href="#note-(\d+)"', text))]
    assert first == sorted(first)


@pytest.mark.parametrize("language", LANGUAGES)
def test_footnotes_count_up_as_the_page_is_read(site: FlaskClient, language: str) -> None:
    for path in ("/id/acts/law-70-iv-2008.html", "/id/bodies/council.html"):
        text, _ = read(site, path, language)
        seen = [int(n) for n in dict.fromkeys(re.findall(r'class="ref" href="#note-(\d+)"', text))]
        assert seen[:20] == list(range(1, 21))


def test_an_identifier_leads_to_the_database_that_it_is_of(site: FlaskClient) -> None:
    text, _ = read(site, "/id/places/abai-region.html")
    assert '<a class="out" rel="external" href="https://www.geonames.org/12510143">' in text
    assert '<a class="out" rel="external" href="https://www.openstreetmap.org/relation/' in text


def test_a_sentence_is_called_by_its_document_and_its_place(site: FlaskClient) -> None:
    text, _ = read(site, "/structure", "en")
    assert re.search(r'<a href="/source/law-70-iv-2008/art-8\.html[^>]*>[^<]+, art\. 8</a>', text)
    in_kazakh, _ = read(site, "/structure", "kk")
    assert re.search(
        r'<a href="/source/law-70-iv-2008/art-8\.html[^>]*>[^<]+, 8-бап</a>', in_kazakh
    )


def test_statements_of_a_sentence_stand_in_the_order_of_the_shapes(site: FlaskClient) -> None:
    text, _ = read(site, "/source/overview/p2-s1.html", "en")
    made = text.partition('id="made"')[2]
    assert made.index("occurred not before") < made.index("occurred not after")


@pytest.mark.parametrize("path", ["/", "/structure", "/sparql", "/id/bodies/council.html"])
def test_the_style_sheet_in_a_page_is_the_one_that_its_policy_allows(
    site: FlaskClient, path: str
) -> None:
    for answer in (site.get(path, headers={"Accept": "text/html"}) for _ in ("made", "kept")):
        [sheet] = re.findall(r"<style>(.+?)</style>", answer.text, re.DOTALL)
        mark = b64encode(sha256(sheet.encode()).digest()).decode()
        policy = answer.headers["Content-Security-Policy"]
        assert f"style-src 'self' 'sha256-{mark}';" in policy
        assert "unsafe" not in policy
        assert "/*" not in sheet
        assert not re.search(r'<[^>]+ style="', answer.text)

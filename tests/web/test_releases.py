"""Every release stays published: its page, its description, its files, what it brought."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, XSD

from assembly_kg.app import create_app
from assembly_kg.engine.releases import releases
from assembly_kg.namespaces import SPDX
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib's own lacks what DCAT 3 added
HTML = {"Accept": "text/html"}
BASE = "https://library.example/"
OLD, NEW = URIRef(f"{BASE}release/1.0"), URIRef(f"{BASE}release/1.1")


@pytest.fixture(scope="module")
def client(council_releases: Path) -> FlaskClient:
    return create_app(Settings(out=council_releases)).test_client(use_cookies=False)


def graph(client: FlaskClient, path: str) -> Graph:
    answer = client.get(path)
    assert answer.status_code == 200
    return Graph().parse(data=answer.get_data(as_text=True), format="turtle")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_release_has_a_page_and_data_whichever_is_served(
    client: FlaskClient, version: str
) -> None:
    for accept, form in (("text/html", "html"), ("text/turtle", "ttl")):
        answer = client.get(f"/release/{version}", headers={"Accept": accept})
        assert answer.status_code == 303
        assert answer.location == f"/release/{version}.{form}"
    page = client.get(f"/release/{version}.html").get_data(as_text=True)
    assert f"Release {version}" in page
    assert f'href="/release/{version}/dumps/dataset.nq.gz"' in page
    assert f'href="/sparql?release={version}"' in page


def test_every_file_of_every_release_is_what_its_checksum_says(
    client: FlaskClient, council_releases: Path
) -> None:
    for one in releases(council_releases):
        told = client.get(f"/release/{one.version}.json").json
        assert told is not None
        assert {"dataset.nq", "void.ttl", "validation.ttl"} <= {f["path"] for f in told["files"]}
        for file in told["files"]:
            answer = client.get(file["url"].removeprefix("http://localhost"))
            assert hashlib.sha256(answer.get_data()).hexdigest() == file["sha256"]
            answer.close()


def test_the_catalogue_names_each_release_with_its_canonical_hash(
    client: FlaskClient, council_releases: Path
) -> None:
    found = graph(client, "/releases.ttl")
    dataset = URIRef(f"{BASE}dataset")
    assert set(found.objects(dataset, DCAT.hasVersion)) == {OLD, NEW}
    assert set(found.objects(dataset, DCAT.hasCurrentVersion)) == {NEW}
    assert found.value(NEW, DCAT.previousVersion) == OLD
    assert found.value(OLD, DCAT.previousVersion) is None
    for one, iri in zip(releases(council_releases), (OLD, NEW), strict=True):
        assert found.value(iri, DCTERMS.issued) == Literal(one.issued, datatype=XSD.date)
        for hashed in (iri, URIRef(f"{iri}/dataset.nq")):
            checksum = found.value(hashed, SPDX.checksum)
            assert str(found.value(checksum, SPDX.checksumValue)).lower() == one.hash
        assert (URIRef(f"{iri}/dataset.nq"), RDF.type, DCAT.Distribution) in found
    assert len(graph(client, "/release/1.0.ttl")) < len(found)


@pytest.mark.parametrize("form", ["ttl", "jsonld", "nt", "rdf"])
def test_the_catalogue_is_written_in_every_format(client: FlaskClient, form: str) -> None:
    answer = client.get(f"/releases.{form}")
    kind = {"ttl": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD,
            "nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML}[form]  # fmt: skip
    assert len(list(ox.parse(answer.get_data(), kind))) == len(graph(client, "/releases.ttl"))


def test_the_list_of_releases_leads_to_each(client: FlaskClient) -> None:
    page = client.get("/releases?lang=ru", headers=HTML).get_data(as_text=True)
    assert 'href="/release/1.0.html?lang=ru"' in page
    assert "(текущий)" in page
    assert [one["version"] for one in client.get("/releases.json").json] == ["1.0", "1.1"]  # type: ignore[union-attr]


def test_what_a_release_brought_is_told_to_people_and_to_programs(client: FlaskClient) -> None:
    page = client.get("/release/1.1/changes", headers=HTML).get_data(as_text=True)
    assert "Борис" in page
    told = client.get("/release/1.1/changes?format=json").json
    assert told is not None
    assert (told["from"]["version"], told["to"]["version"]) == ("1.0", "1.1")
    log = client.get("/release/1.1/changes?format=md&lang=ru")
    assert log.content_type == "text/markdown; charset=utf-8"
    assert log.get_data(as_text=True).startswith("## 1.1 (2020-12-31)")
    first = client.get("/release/1.0/changes", headers={"Accept": "application/json"})
    assert first.status_code == 404
    assert "is the first" in first.json["detail"]  # type: ignore[index]


def test_the_description_of_the_dataset_is_found_where_void_says(client: FlaskClient) -> None:
    answer = client.get("/.well-known/void", follow_redirects=True)
    assert answer.content_type.startswith("text/turtle")
    assert b"void:Dataset" in answer.get_data()
    answer.close()


@pytest.mark.parametrize(
    "path", ["/release/9.9", "/release/9.9.html", "/release/1.0/../../x", "/release/1.0/.lock"]
)
def test_what_is_not_published_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404


def test_a_release_that_comes_beside_is_listed_at_once(
    council_releases: Path, tmp_path: Path
) -> None:
    old, new = releases(council_releases)
    out = tmp_path / "out"
    out.mkdir()
    for one in (new, old):
        target = out / one.folder.name
        target.mkdir()
        for name in ("manifest.json", "dataset.nq"):
            (target / name).write_bytes((one.folder / name).read_bytes())
        if one is new:
            (out / "current").symlink_to(one.folder.name)
            client = create_app(Settings(out=out)).test_client(use_cookies=False)
            assert "1.0.html" not in client.get("/releases", headers=HTML).get_data(as_text=True)
    assert "1.0.html" in client.get("/releases", headers=HTML).get_data(as_text=True)
    assert client.get("/sparql?query=ASK{}&release=1.0").status_code == 200


def test_a_long_difference_is_shown_in_pages(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assembly_kg.web.diff._SUBJECTS", 2)
    first, second = (
        client.get(f"/diff?from=1.0&to=1.1&page={page}", headers=HTML).get_data(as_text=True)
        for page in (1, 2)
    )
    assert "Page 1 of 2" in first
    assert 'rel="next" href="/diff?from=1.0&amp;to=1.1&amp;page=2"' in first
    assert (first.count('class="changed"'), second.count('class="changed"')) == (2, 1)
    assert "<option selected>1.0</option>" in second
    assert len(client.get("/diff?from=1.0&to=1.1&format=json").json["changes"]) == 4  # type: ignore[index]

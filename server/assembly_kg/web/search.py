"""``/search``: names, texts and headings, with suggestions while one types.

Owns the page, its JSON and the suggestions (OpenSearch 1.1,
https://github.com/dewitt/opensearch); what is found and in which order is ``engine.search``'s.
"""

from __future__ import annotations

import json
from html import escape

from flask import Blueprint, Response, render_template, request

from assembly_kg.engine.description import notes
from assembly_kg.engine.search import index
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.web.site import about, repository
from assembly_kg.web.view import view

__all__ = ["blueprint"]

blueprint = Blueprint("search", __name__)
_LIMIT = 40
_SUGGESTED = 8
_LONGEST = 200


def _asked() -> str:
    return request.args.get("q", "").strip()[:_LONGEST]


@blueprint.get("/search")
def page() -> str:
    """What is found."""
    hits = index(repository()).find(_asked(), _LIMIT)
    said = notes(repository(), [hit.iri for hit in hits if hit.kind == "sentence"])
    view().prime([hit.iri for hit in hits] + [note.document for note in said.values()])
    types = _types([hit.iri for hit in hits if hit.kind == "thing"])
    return render_template("search/search.html", asked=_asked(), hits=hits, said=said, types=types)


@blueprint.get("/search.json")
def as_json() -> Response:
    """What is found, for programs."""
    hits = index(repository()).find(_asked(), _LIMIT)
    view().prime(hit.iri for hit in hits)
    document = {
        "query": _asked(),
        "results": [
            {
                "iri": hit.iri,
                "kind": hit.kind,
                "name": view().name(hit.iri).value,
                "page": view().absolute(view().href(hit.iri)),
                "score": round(hit.score, 4),
            }
            for hit in hits
        ],
    }
    return Response(
        json.dumps(document, ensure_ascii=False, indent=2), content_type="application/json"
    )


@blueprint.get("/search/suggest")
def suggest() -> Response:
    """OpenSearch suggestions: the query, names, descriptions, addresses."""
    hits = [
        hit for hit in index(repository()).find(_asked(), _SUGGESTED * 2) if hit.kind != "sentence"
    ][:_SUGGESTED]
    view().prime(hit.iri for hit in hits)
    document = [
        _asked(),
        [view().name(hit.iri).value for hit in hits],
        ["" for _ in hits],
        [view().href(hit.iri) for hit in hits],
    ]
    return Response(
        json.dumps(document, ensure_ascii=False),
        content_type="application/x-suggestions+json; charset=utf-8",
    )


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """How a browser may search here."""
    title = escape(view().text(about()["title"]).value)
    found, suggested = (
        escape(view().absolute(path) + "?q={searchTerms}")
        for path in ("/search", "/search/suggest")
    )
    return Response(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"  <ShortName>{title[:16]}</ShortName>\n  <Description>{title}</Description>\n"
        f'  <Url type="text/html" template="{found}"/>\n'
        f'  <Url type="application/x-suggestions+json" template="{suggested}"/>\n'
        "  <InputEncoding>UTF-8</InputEncoding>\n</OpenSearchDescription>\n",
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )


def _types(iris: list[str]) -> dict[str, list[str]]:
    if not iris:
        return {}
    names = " ".join(f"<{iri}>" for iri in iris)
    rows = repository().select(f"SELECT ?s ?c {{ VALUES ?s {{ {names} }} ?s a ?c }}")
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["s"].value, []).append(row["c"].value)
    known = vocabulary(repository())
    narrow = {iri: known.narrowest(classes) for iri, classes in found.items()}
    view().prime(c for classes in narrow.values() for c in classes)
    return narrow

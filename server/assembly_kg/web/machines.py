"""What only machines read: ``/robots.txt`` and ``/sitemap.xml``.

Owns both (RFC 9309, https://www.rfc-editor.org/rfc/rfc9309; https://www.sitemaps.org/protocol.html).
The map names every page in each language.
"""

from __future__ import annotations

from urllib.parse import urlencode
from xml.sax.saxutils import escape

from flask import Blueprint, Response

from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import RDF
from assembly_kg.web.languages import LANGUAGES, PARAMETER
from assembly_kg.web.map import has_map
from assembly_kg.web.questions import all_questions
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

__all__ = ["blueprint"]

blueprint = Blueprint("machines", __name__)
_PAGES = ("/", "/structure", "/timeline", "/questions", "/sources", "/series", "/validation",
          "/rules", "/timeline/changes", "/diff", "/disputes", "/downloads", "/releases",
          "/sparql")  # fmt: skip
_MOST = 12_000


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Pages may be read by all; queries and searches are not pages."""
    lines = ["User-agent: *", "Disallow: /sparql?", "Disallow: /search", "Disallow: /explain",
             f"Sitemap: {view().absolute('/sitemap.xml')}", ""]  # fmt: skip
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page, with its other languages."""
    paths = [*_PAGES, *(("/map",) if has_map() else ())]
    paths += [f"/questions/{one.name}" for one in all_questions()]
    if vocabulary(repository()).ontology:
        paths.append(view().local(vocabulary(repository()).ontology) + ".html")
    paths += [view().local(iri) + ".html" for iri in repository().kept("mapped", _things)]
    modified = repository().catalogue.date
    parts = ['<?xml version="1.0" encoding="UTF-8"?>',
             ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
             'xmlns:xhtml="http://www.w3.org/1999/xhtml">')]  # fmt: skip
    for path in paths:
        parts.append(f"<url><loc>{_address(path)}</loc>")
        if modified:
            parts.append(f"<lastmod>{modified}</lastmod>")
        parts += [
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{_address(path, code)}"/>'
            for code in LANGUAGES
        ]
        parts.append("</url>")
    parts.append("</urlset>\n")
    return Response("\n".join(parts), content_type="application/xml; charset=utf-8")


def _address(path: str, language: str = "") -> str:
    query = f"?{urlencode({PARAMETER: language})}" if language else ""
    return escape(view().absolute(path) + query)


def _things() -> list[str]:
    """Entities and source documents."""
    catalogue = repository().catalogue
    if not catalogue.base:
        return []
    record = vocabulary(repository()).record
    rows = repository().select(f"""
SELECT DISTINCT ?s {{ {{ GRAPH {brackets(catalogue.base + "entities")} {{ ?s <{RDF.type}> ?c }} }}
  UNION {{ ?s a {record.ref("SourceDocument")} }}
  FILTER (STRSTARTS(STR(?s), "{catalogue.base}")) }} ORDER BY ?s LIMIT {_MOST}""")
    return [row["s"].value for row in rows]

"""``/sparql`` for people: the query editor, and answers as pages.

Owns the page with the form that works without JavaScript, what its script needs to know (prefixes,
terms, words in the reader's language), and ``/sparql/table``, a query's answer as a page. The
editor in the browser is YASGUI's (https://github.com/rdfjs/Yasgui); where ``make`` did not bring it
the plain form is all there is. Answers as data are ``endpoint``'s.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask_babel import gettext

from assembly_kg.engine import service
from assembly_kg.engine.formats import GRAPH_FORMATS, SOLUTION_FORMATS
from assembly_kg.engine.question import Question
from assembly_kg.engine.releases import served
from assembly_kg.engine.repository import NAMING, solutions_of
from assembly_kg.namespaces import PREFIXES, RDF, RDFS
from assembly_kg.web.languages import FALLBACK
from assembly_kg.web.questions import by_subject
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from assembly_kg.engine.question import Answer, Engine
    from assembly_kg.engine.releases import Release

__all__ = ["blueprint", "page"]

blueprint = Blueprint("editor", __name__)
_VENDOR: Final = Path(__file__).parent / "static" / "vendor"
_SHOWN: Final = 1000
_TURTLE_SHOWN: Final = 200_000
_FIRST: Final = "SELECT ?class (COUNT(*) AS ?things) WHERE {\n  ?thing a ?class\n}\nGROUP BY ?class\nORDER BY DESC(?things)\n"  # noqa: E501
_CLASSES: Final = f"SELECT DISTINCT ?term {{ ?thing <{RDF.type}> ?term FILTER (isIRI(?term)) }}"
_PROPERTIES: Final = "SELECT DISTINCT ?term { ?s ?term ?o }"


def page() -> str:
    """The editor; ``?example=`` or ``?edit=`` puts a query into it."""
    examples = by_subject()
    chosen = request.args.get("example", "")
    example = next((one for some in examples.values() for one in some if one.name == chosen), None)
    query = example.query if example else request.args.get("edit", "") or _FIRST
    view().prime(one for one in _own_graphs() if one)
    return render_template(
        "editor/editor.html",
        query=query,
        given=bool(example or "edit" in request.args),
        examples=examples,
        chosen=chosen,
        settings=_settings(),
        has_editor=(_VENDOR / "yasqe.min.js").is_file(),
        own_graphs=_own_graphs(),
        releases=_releases(),
        functions=service.functions(),
        languages_read=service.languages(),
    )


@blueprint.get("/sparql/terms.json")
def terms() -> Response:
    """Every class and property that is used, with its name: ``[iri, kind, name]``."""
    known = repository().kept("editor.terms", _terms)
    view().prime(iri for iri, _ in known)
    document = [[iri, kind, view().name(iri).value] for iri, kind in known]
    return Response(
        json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        content_type="application/json",
    )


@blueprint.get("/sparql/table")
def table() -> AnyResponse | str:
    """A query's answer as a page."""
    query = request.args.get("query", "")
    if not query.strip():
        return redirect(view().url("/sparql"))
    request.environ["assembly_kg.permit"](request.environ)
    day = request.args.get("as-of", "")
    catalogue = repository().catalogue
    graphs = (catalogue.resolve(catalogue.as_of + day),) if day and catalogue.as_of else None
    engine = cast("Engine", current_app.extensions["assembly_kg.engine"])
    answer = engine.answer(
        Question(query, graphs, () if graphs else None, solutions="json", triples="ttl")
    )
    body = _bytes(answer)
    given: dict[str, Any] = {"query": query, "day": day, "shown": _SHOWN}
    release = request.args.get("release", "")
    asked = {
        "query": query,
        **({"default-graph-uri": graphs[0]} if graphs else {}),
        **({"release": release} if release else {}),
    }
    formats = GRAPH_FORMATS if answer.head.makes_graph else SOLUTION_FORMATS
    given["downloads"] = [
        (form.title, "/sparql?" + urlencode({**asked, "format": form.name}))
        for form in formats
        if not form.quads
    ]
    if answer.head.makes_graph:
        turtle = body[:_TURTLE_SHOWN].decode("utf-8", "ignore")
        given |= {"turtle": turtle, "more": len(body) > _TURTLE_SHOWN}
    else:
        document = json.loads(body)
        variables, rows = solutions_of(document)
        given |= {"truth": document.get("boolean"), "variables": variables, "rows": rows}
        view().prime(t.value for row in rows[:_SHOWN] for t in row.values() if t.is_iri)
    return render_template("editor/table.html", **given)


def _bytes(answer: Answer) -> bytes:
    if isinstance(answer.body, bytes):
        return answer.body
    with answer.body as body:
        return body.read()


def _terms() -> list[tuple[str, str]]:
    found = {
        (row["term"].value, kind)
        for query, kind in ((_CLASSES, "class"), (_PROPERTIES, "property"))
        for row in repository().select(query)
    }
    return sorted(found)


def _own_graphs() -> dict[str, int]:
    """Graphs that are no sentence, document or day, with their sizes."""
    catalogue = repository().catalogue
    base = catalogue.base
    return {
        name: size
        for name, size in catalogue.graphs.items()
        if base and name.startswith(base) and "/" not in name.removeprefix(base)
    }


def _releases() -> list[Release]:
    """What may be asked besides the current release, newest first."""
    settings = current_app.extensions["assembly_kg.settings"]
    known = served(settings.out, repository().catalogue) if settings.open_releases else []
    return known[::-1]


def _settings() -> dict[str, Any]:
    """What the script of the page needs."""
    catalogue = repository().catalogue
    return {
        "endpoint": view().url("/sparql", lang="", as_of=""),
        "search": view().url("/search.json", lang=view().language, as_of=""),
        "kept": view().url("", as_of=""),
        "terms": view().url("/sparql/terms.json", lang=view().language, as_of=""),
        "base": catalogue.base,
        "asOf": catalogue.as_of,
        "prefixes": dict(sorted({**PREFIXES, **catalogue.prefixes}.items())),
        "languages": FALLBACK[view().language],
        "naming": list(NAMING),
        "label": str(RDFS.label),
        "formats": {
            "solutions": [[form.name, form.title] for form in SOLUTION_FORMATS],
            "graph": [[form.name, form.title] for form in GRAPH_FORMATS if not form.quads],
        },
        "words": _words(),
    }


def _words() -> dict[str, str]:
    """What the script says; ``{…}`` is filled in by it."""
    return {
        "asking": gettext("The query runs …"),
        "stopped": gettext("Stopped."),
        "run": gettext("Run"),
        "stop": gettext("Stop"),
        "rows": gettext("Rows: {number}. Time: {seconds} s."),
        "triples": gettext("Time: {seconds} s."),
        "none": gettext("No row answers this query."),
        "yes": gettext("Yes"),
        "no": gettext("No"),
        "more": gettext("Show {number} more rows"),
        "names": gettext("Names instead of addresses"),
        "table": gettext("Table"),
        "chart": gettext("Chart of the numbers"),
        "download": gettext("Download:"),
        "copy": gettext("Copy a link to this query"),
        "copied": gettext("The link has been copied."),
        "place": gettext("Line {line}, column {column}"),
        "expected": gettext("The query is not complete or not correct here"),
        "unreachable": gettext("The server cannot be reached."),
        "class": gettext("class"),
        "property": gettext("property"),
        "thing": gettext("thing"),
        "category": gettext("Labels"),
        "value": gettext("Values"),
        "chartOf": gettext("{value} by {label}; the table has the same values"),
        "offered": gettext("What may stand here"),
        "sort": gettext("Sort by {name}"),
        "answer": gettext("Answer"),
        "editor": gettext("Query in SPARQL"),
        "tabs": gettext("Queries"),
        "tab": gettext("Query {number}"),
        "tabName": gettext("Name of the query"),
        "newTab": gettext("New query"),
        "rename": gettext("Rename"),
        "close": gettext("Close"),
        "first": gettext("The chart shows the first {number} rows."),
    }

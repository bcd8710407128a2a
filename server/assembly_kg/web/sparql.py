"""``/sparql`` without a query: the description of the service.

Owns the choice of its format. The description itself is made by ``assembly_kg.engine.service``, the
page that a browser gets by ``editor``; queries are answered ahead of Flask, by ``endpoint``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import pyoxigraph as ox
from flask import Blueprint, Response, current_app, redirect, request

from assembly_kg.engine import service
from assembly_kg.engine.formats import GRAPH_FORMATS
from assembly_kg.web import editor
from assembly_kg.web.errors import Problem, ProblemError
from assembly_kg.web.negotiation import choose

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from assembly_kg.engine.question import Engine
    from assembly_kg.settings import Settings

__all__ = ["blueprint"]

blueprint = Blueprint("sparql", __name__)
_PREFIXES: Final = {
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
    "formats": "http://www.w3.org/ns/formats/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
}


@blueprint.get("/sparql")
def describe() -> Response | BaseResponse:
    """The service description in the format that the client likes."""
    if "query" in request.args:  # it came as //sparql, past the layer that answers queries
        return redirect("/sparql?" + request.query_string.decode("ascii", "replace"), 308)
    engine = cast("Engine", current_app.extensions["assembly_kg.engine"])
    settings = cast("Settings", current_app.extensions["assembly_kg.settings"])
    catalogue = engine.catalogue()
    endpoint = (settings.base_url.rstrip("/") or request.host_url.rstrip("/")) + "/sparql"
    kept = {"Vary": "Accept", "Cache-Control": f"public, max-age={settings.max_age}"}
    if request.accept_mimetypes.best_match(["text/turtle", "text/html"]) == "text/html":
        return Response(editor.page())
    accept = request.headers.get("Accept", "")
    format_ = choose(accept, GRAPH_FORMATS)
    if format_ is None:
        offered = ", ".join(["text/html", *(f.media_type for f in GRAPH_FORMATS)])
        raise ProblemError(
            Problem("not-acceptable", f"the description of this service is written as {offered}")
        )
    data = ox.serialize(
        service.describe_service(catalogue, endpoint),
        format=cast("ox.RdfFormat", format_.writer),
        prefixes=_PREFIXES,
    )
    return Response(data, content_type=format_.content_type, headers=kept)

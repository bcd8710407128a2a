"""The read half of the SPARQL 1.1 Graph Store HTTP Protocol: a request in, a question out.

Owns sections 4 and 5.2 of https://www.w3.org/TR/sparql11-http-rdf-update/ (indirect identification,
GET and HEAD) at ``/rdf-graph-store``. Answering it is ``endpoint``'s, as for any other question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assembly_kg.engine.formats import GRAPH_FORMATS
from assembly_kg.engine.question import Question
from assembly_kg.errors import NotFoundError
from assembly_kg.web.errors import Problem, ProblemError
from assembly_kg.web.negotiation import choose
from assembly_kg.web.protocol import Request, read_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from assembly_kg.engine.catalogue import Catalogue

__all__ = ["ALLOW", "read_graph_request"]

ALLOW: Final = "GET, HEAD, OPTIONS"
_WHOLE: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def read_graph_request(environ: Mapping[str, Any], catalogue: Catalogue) -> Request:
    """The question for the graph that a request names.

    Raises:
        ProblemError: it names none, or more than one, or asks for a format that there is not.
        NotFoundError: it names a graph that is not here.
    """
    parameters = read_parameters(environ.get("QUERY_STRING", ""), "the address")
    named = [value for name, value in parameters if name == "graph"]
    default = any(name == "default" for name, _ in parameters)
    if len(named) + default != 1:
        raise ProblemError(
            Problem("bad-request", "name one graph: ?graph= with its IRI, or ?default")
        )
    if named and catalogue.resolve(named[0]) not in catalogue.graphs:
        raise NotFoundError(f"there is no graph <{named[0]}>")
    return Request(
        Question(
            text=_WHOLE,
            default_graphs=tuple(named) or None,
            named_graphs=() if named else None,
            solutions=None,
            triples=_format(environ, dict(parameters).get("format")),
        ),
        timeout=None,
    )


def _format(environ: Mapping[str, Any], name: str | None) -> str:
    if name is None:
        chosen = choose(environ.get("HTTP_ACCEPT", ""), GRAPH_FORMATS)
    else:
        chosen = next((format_ for format_ in GRAPH_FORMATS if format_.name == name), None)
    if chosen is None:
        offered = ", ".join(format_.media_type for format_ in GRAPH_FORMATS)
        raise ProblemError(Problem("not-acceptable", f"a graph is written as {offered}"))
    return chosen.name

"""``/explain``: why a statement is in the graph, as a page, as JSON and as PROV-O.

Owns the request (``s``, ``p``, ``o`` as in ``assembly_kg.engine.names``; ``as-of``; ``proofs``) and
the page, which without a statement is the form that asks for one. The explaining is a
task of the engine.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from flask import Blueprint, current_app, render_template, request

from assembly_kg.engine.explain import MOST_PROOFS
from assembly_kg.engine.formats import GRAPH_FORMATS
from assembly_kg.engine.names import short
from assembly_kg.engine.tasks import Explain
from assembly_kg.engine.wording import say
from assembly_kg.namespaces import RDF
from assembly_kg.web.errors import Problem, ProblemError
from assembly_kg.web.forms import chosen, content, required, term
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Response

    from assembly_kg.engine.question import Engine

__all__ = ["blueprint"]

blueprint = Blueprint("explain", __name__)
_FORMS = ("html", "json", *(form.name for form in GRAPH_FORMATS))
_CELLS = frozenset({str(RDF.first), str(RDF.rest)})


@blueprint.get("/explain")
def explain() -> Response | str:
    """Why a statement is there; without ``o``, why each value of the property is."""
    form = chosen(_FORMS)
    if form == "html" and not ("s" in request.args or "p" in request.args):
        return _page(None, [])
    s, p = required("s", "p")
    asked = Explain(
        s=s,
        p=p,
        o=request.args.get("o", ""),
        day=request.args.get("as-of") or None,
        count=_count(request.args.get("proofs", "1")),
        form="json" if form == "html" else form,
    )
    engine: Engine = current_app.extensions["assembly_kg.engine"]
    body = engine.answer(asked.question()).body
    written = body if isinstance(body, bytes) else body.read()
    if form != "html":
        return content(written, form)
    told = json.loads(written)
    return _page(asked, told.get("explanations", [told]))


def _page(asked: Explain | None, found: list[Mapping[str, Any]]) -> str:
    """The explanations, and the form to ask for others."""
    for one in found:
        view().prime(one["labels"])
    count = asked.count if asked else MOST_PROOFS
    return render_template(
        "explain/explain.html",
        found=found,
        asked=asked,
        say=partial(say, language=view().language),
        term=term,
        lists=_lists,
        is_cell=lambda proof: proof["triple"]["predicate"]["value"] in _CELLS,
        more=min(count * 2 + 3, MOST_PROOFS) if count < MOST_PROOFS else 0,
        forms=[name for name in _FORMS if name != "html"],
        short=lambda told: short(_named(told), repository().catalogue.prefixes),
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PROOFS:
        raise ProblemError(
            Problem("bad-request", f'proofs "{text}" is not a number from 1 to {MOST_PROOFS}')
        )
    return int(text)


def _named(told: Mapping[str, Any]) -> ox.NamedNode:
    return ox.NamedNode(told["value"])


def _lists(proof: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The members of the lists among the premises of one step, by the list's node."""
    first, rest = {}, {}
    for inner in proof.get("premises", ()):
        s, p, o = (inner["triple"][name] for name in ("subject", "predicate", "object"))
        if p["value"] == str(RDF.first):
            first[s["value"]] = o
        elif p["value"] == str(RDF.rest):
            rest[s["value"]] = o["value"]
    return {head: list(_members(head, first, rest)) for head in first}


def _members(
    node: str, first: Mapping[str, Any], rest: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    while node in first:
        yield first[node]
        node = rest[node]

"""``/disputes``: where sources disagree, both sides with their words, the judgement and why.

Owns the page and its data. Reading is ``engine.description``'s. The rejected side is in no default
graph; each dispute comes with the query that asks it by the names of its graphs.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, render_template

from assembly_kg.engine.description import disputes, notes
from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.engine.wording import say
from assembly_kg.web.citation import FORMS
from assembly_kg.web.colophon import Colophon, written
from assembly_kg.web.forms import as_json, chosen, content
from assembly_kg.web.representations import write_csv
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from assembly_kg.engine.description import Dispute, Note
    from assembly_kg.engine.repository import Term

__all__ = ["blueprint"]

blueprint = Blueprint("disputes", __name__)
_FORMS = ("html", "json", "csv")
_DISPUTED = "/disputed"
_HEAD = ("dispute", "subject", "property", "side", "value", "language", "segment", "judgement",
         "reason@kk", "reason@ru", "reason@en")  # fmt: skip


@blueprint.get("/disputes", defaults={"form": ""})
@blueprint.get("/disputes.<any(json, csv, bib, ris, csl):form>")
def listing(form: str) -> Response | str:
    """All disputes."""
    colophon = _colophon()
    if form in FORMS:
        return written(colophon.citation, form)
    form = form or chosen(_FORMS)
    found = [one for one in disputes(repository()) if one.subject]
    said = notes(repository(), {s for one in found for s in _segments(one)})
    if form == "json":
        return as_json([_document(one, said) for one in found])
    if form == "csv":
        return content(write_csv([_HEAD, *(row for one in found for row in _rows(one))]), "csv")
    view().prime(
        iri
        for one in found
        for iri in (one.iri, one.subject, one.property, one.judgement, *_values(one))
        if iri
    )
    view().prime(iri for note in said.values() for iri in (note.document, note.certainty) if iri)
    return render_template(
        "disputes/disputes.html",
        found=found,
        colophon=colophon,
        notes=said,
        query=query,
        say=partial(say, language=view().language),
        encoded=lambda text: urlencode({"query": text}),
    )


def _colophon() -> Colophon:
    ref = vocabulary(repository()).record.ref
    told = {"accepted": "acceptedValue", "rejected": "rejectedValue", "judgement": "judgement"}
    sides = "\n".join(f"  OPTIONAL {{ ?dispute {ref(n)} ?{name} }}" for name, n in told.items())
    return Colophon(
        title=say("disputes", view().language),
        description=say("disputes-lead", view().language),
        path="/disputes",
        query=(
            f"SELECT ?dispute ?subject ?property {' '.join(f'?{name}' for name in told)} WHERE {{\n"
            f"  ?dispute {ref('disputedSubject')} ?subject\n"
            f"  OPTIONAL {{ ?dispute {ref('disputedProperty')} ?property }}\n{sides}\n}}\n"
            "ORDER BY ?dispute"
        ),
    )


def query(dispute: Dispute) -> str:
    """The SPARQL query for both sides of a dispute."""
    graphs = [*dispute.accepted_segments, *(s + _DISPUTED for s in dispute.rejected_segments)]
    names = "\n    ".join(map(brackets, graphs))
    thing = f"{brackets(dispute.subject)} {brackets(dispute.property)}"
    return (
        f"SELECT ?graph ?value {{\n  VALUES ?graph {{\n    {names}\n  }}\n"
        f"  GRAPH ?graph {{ {thing} ?value }}\n}}\n"
    )


def _segments(dispute: Dispute) -> tuple[str, ...]:
    return (*dispute.accepted_segments, *dispute.rejected_segments)


def _values(dispute: Dispute) -> list[str]:
    return [term.value for term in (*dispute.accepted, *dispute.rejected) if term.is_iri]


def _document(dispute: Dispute, said: Mapping[str, Note]) -> dict[str, Any]:
    def side(values: tuple[Term, ...], segments: tuple[str, ...]) -> dict[str, Any]:
        return {
            "values": [_term(value) for value in values],
            "segments": [
                {"segment": s, "exact": said[s].exact, "language": said[s].language}
                if s in said
                else {"segment": s}
                for s in segments
            ],
        }

    return {
        "dispute": dispute.iri,
        "subject": dispute.subject,
        "property": dispute.property,
        "accepted": side(dispute.accepted, dispute.accepted_segments),
        "rejected": side(dispute.rejected, dispute.rejected_segments),
        "judgement": dispute.judgement,
        "reasons": dict(dispute.reasons),
        "query": query(dispute),
    }


def _term(value: Term) -> dict[str, str]:
    told = {"type": value.kind, "value": value.value}
    if value.language:
        told["xml:lang"] = value.language
    elif value.datatype:
        told["datatype"] = value.datatype
    return told


def _rows(dispute: Dispute) -> list[tuple[str, ...]]:
    sides = (
        ("accepted", dispute.accepted, dispute.accepted_segments),
        ("rejected", dispute.rejected, dispute.rejected_segments),
    )
    return [
        (
            dispute.iri,
            dispute.subject,
            dispute.property,
            side,
            value.value,
            value.language,
            " ".join(segments),
            dispute.judgement,
            *(dispute.reasons.get(language, "") for language in ("kk", "ru", "en")),
        )
        for side, values, segments in sides
        for value in values
    ]

"""Linked data: everything with an IRI has a page, and data in every format.

Owns the IRIs under the dataset's ``void:uriSpace``, mapped to local paths, and ``/resource?iri=``
for all others: a 303 to the page or the data by ``Accept``, or either at once by a suffix (Cool
URIs for the Semantic Web, https://www.w3.org/TR/cooluris/#r303gendocument). What is known of a
thing is read by ``engine.description``, what a sentence says by ``engine.statements``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, redirect, render_template, request

from assembly_kg.engine.description import describe
from assembly_kg.engine.repository import brackets
from assembly_kg.engine.statements import sentence, sentences
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.errors import NotFoundError
from assembly_kg.namespaces import SKOS
from assembly_kg.web import days, ontology, releases
from assembly_kg.web.bars import Scale
from assembly_kg.web.citation import FORMS
from assembly_kg.web.colophon import Colophon, citation, written
from assembly_kg.web.representations import (
    CONTENT_TYPES,
    MEDIA_TYPES,
    graph_data,
    graph_rows,
    thing_data,
    thing_json,
    thing_rows,
    write_csv,
)
from assembly_kg.web.schema_org import schema_org
from assembly_kg.web.site import repository
from assembly_kg.web.view import view
from assembly_kg.web.wording import groupby_kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from werkzeug.wrappers import Response as AnyResponse

    from assembly_kg.engine.description import Description, Situation
    from assembly_kg.web.citation import Citation

__all__ = ["blueprint"]

blueprint = Blueprint("resources", __name__)
_SUFFIX: Final = re.compile(r"(.+)\.(" + "|".join([*MEDIA_TYPES, *FORMS]) + ")")
_SAFE: Final = "/:;,@!$&'()*+=~-._"
# From so many situations on they stand by kind and not all in one row of time.
_MANY: Final = 12
_GRAPH_FORMS: Final = ("html", "ttl", "jsonld", "nt", "rdf", "trig", "nq", "csv")


@blueprint.get("/<path:local>")
def named(local: str) -> AnyResponse:
    """Whatever the dataset names under its own base."""
    base = repository().catalogue.base
    if not base:
        raise NotFoundError("there is no such page")
    match = _SUFFIX.fullmatch(local)
    if match is None:
        return _see_other(base + local, "/" + quote(local, safe=_SAFE))
    return _respond(base + match[1], match[2])


@blueprint.get("/resource")
def foreign() -> AnyResponse:
    """A thing whose name lies elsewhere, or has no base."""
    iri = request.args.get("iri", "")
    if not iri:
        raise NotFoundError("name a thing: /resource?iri=…")
    form = request.args.get("format") or _preferred()
    return _respond(iri, form)


def _see_other(iri: str, path: str) -> AnyResponse:
    """303: this address names a thing; a document about it is there."""
    if not _exists(iri):
        raise NotFoundError(f"the graph does not know <{iri}>")
    form = _preferred()
    kept = urlencode(list(request.args.items(multi=True)))
    answer = redirect(f"{path}.{form}" + (f"?{kept}" if kept else ""), code=303)
    answer.vary.add("Accept")
    return answer


def _preferred() -> str:
    wanted = request.accept_mimetypes.best_match(list(MEDIA_TYPES.values()), "text/html")
    return next(name for name, media_type in MEDIA_TYPES.items() if media_type == wanted)


def _exists(iri: str) -> bool:
    graphs = repository().catalogue
    if graphs.as_of and iri.startswith(graphs.as_of):
        return graphs.resolve(iri) in graphs.graphs
    name = brackets(iri)
    return iri in graphs.graphs or repository().ask(
        f"ASK {{ {{ {name} ?p ?o }} UNION {{ GRAPH ?g {{ {name} ?q ?r }} }} }}"
    )


def _respond(iri: str, form: str) -> AnyResponse:
    """The document about a thing in a form."""
    if form not in {*MEDIA_TYPES, *FORMS}:
        raise NotFoundError(f'there is no form "{form}"; there are {", ".join(MEDIA_TYPES)}')
    catalogue = repository().catalogue
    if form in FORMS:
        if not _exists(iri):
            raise NotFoundError(f"the graph does not know <{iri}>")
        return written(_citation(iri), form)
    is_day = bool(catalogue.as_of) and iri.startswith(catalogue.as_of)
    is_segment_or_graph = is_day or catalogue.resolve(iri) in catalogue.graphs
    if is_day and form == "json":
        return days.document(iri.removeprefix(catalogue.as_of))
    if form != "html" and is_segment_or_graph and not _is_thing(iri):
        return _graph_document(catalogue.resolve(iri), form)
    if is_day:
        return _page(days.page(iri.removeprefix(catalogue.as_of)))
    if iri == vocabulary(repository()).ontology:
        return ontology.document(form, iri)
    return _thing(iri, form)


def _is_thing(iri: str) -> bool:
    """Whether a graph's name is also the name of something described, such as a sentence."""
    record = vocabulary(repository()).record
    return repository().ask(
        f"ASK {{ VALUES ?kind {{ {record.ref('Segment')} {record.ref('SourceDocument')} }} "
        f"{brackets(iri)} a ?kind }}"
    )


def _graph_document(graph: str, form: str) -> AnyResponse:
    if form == "csv":
        body = write_csv(graph_rows(repository(), graph))
    elif form in _GRAPH_FORMS:
        body = graph_data(repository(), graph, form)
    else:
        raise NotFoundError(f"a graph has no form {form}; there are {', '.join(_GRAPH_FORMS)}")
    return Response(body, content_type=CONTENT_TYPES[form])


def _thing(iri: str, form: str) -> AnyResponse:
    catalogue = repository().catalogue
    day = request.args.get("as-of", "")
    slice_ = catalogue.as_of + catalogue.slice_on(day) if day else ""
    view().as_of = day
    if form not in {"html", "json", "csv"}:
        if not _exists(iri):
            raise NotFoundError(f"the graph does not know <{iri}>")
        return Response(
            thing_data(repository(), iri, form, slice_), content_type=CONTENT_TYPES[form]
        )
    told = describe(repository(), iri, slice_)
    if told is None:
        return _absent(iri, day)
    view().prime(told.iris())
    if form == "csv":
        return Response(write_csv(thing_rows(told)), content_type=CONTENT_TYPES["csv"])
    if form == "json":
        body = thing_json(told, dict(view().labels(iri)))
        return Response(body, content_type=CONTENT_TYPES["json"])
    return _page(_thing_page(told, day))


def _absent(iri: str, day: str) -> AnyResponse:
    """A graph without a description, a release, or a thing that was not there on the day."""
    catalogue = repository().catalogue
    if day and _exists(iri):
        return _page(render_template("resources/not-then.html", iri=iri, day=day, **_change(day)))
    if catalogue.resolve(iri) in catalogue.graphs:
        return _page(_graph_page(iri))
    raise NotFoundError(f"the graph does not know <{iri}>")


def _thing_page(told: Description, day: str) -> str:
    record = vocabulary(repository()).record
    by_kind = len(told.situations) > _MANY
    if by_kind:
        told = replace(told, situations=_by_kind(told.situations))
    shared = {
        "told": told,
        "by_kind": by_kind,
        "iri": told.iri,
        "day": day,
        "number": _numbers(told),
        "citation": _citation(told.iri),
        "query": _query(told.iri, day),
        "linked_data": schema_org(told),
        "scale": _scale(),
        "timed": not {record.SourceDocument, record.Segment, str(SKOS.Concept)} & told.classes,
        **_change(day),
    }
    if releases.is_release(told.iri):
        return releases.page(told.iri)
    if record.Segment in told.classes:
        said = sentence(repository(), told.iri)
        if said is not None:
            view().prime(said.iris())
            return render_template("resources/sentence.html", said=said, **shared)
    if record.SourceDocument in told.classes:
        read = sentences(repository(), told.iri)
        view().prime(iri for said in read for iri in said.iris())
        return render_template("resources/document.html", sentences=read, **shared)
    if told.iri in repository().catalogue.graphs and not told.types:
        return _graph_page(told.iri)
    return render_template("resources/thing.html", **shared)


def _graph_page(iri: str) -> str:
    title = _citation(iri).title
    colophon = Colophon(
        title=title,
        description=title,
        path=view().local(iri),
        query="SELECT * WHERE {\n  GRAPH <%s> { ?subject ?property ?value }\n}\nLIMIT 1000" % iri,  # noqa: UP031
        forms=_GRAPH_FORMS[1:],
        iri=iri,
    )
    return render_template("resources/graph.html", iri=iri, colophon=colophon)


def _by_kind(situations: Iterable[Situation]) -> tuple[Situation, ...]:
    """Situations of one kind side by side, kinds in the order of their first ones."""
    kinds: dict[tuple[str, ...], list[Situation]] = {}
    for one in situations:
        kinds.setdefault(one.types, []).append(one)
    return tuple(one for some in kinds.values() for one in some)


def _page(body: str) -> AnyResponse:
    return Response(body, content_type=CONTENT_TYPES["html"])


def _numbers(told: Description) -> dict[str, int]:
    """The number of each sentence's footnote, in the order in which the page refers to them."""
    order: dict[str, int] = {}
    for segment in _referred(told):
        if segment in told.notes:
            order.setdefault(segment, len(order) + 1)
    return order


def _referred(told: Description) -> Iterator[str]:
    """The sentences in the order of the page: as the template ``resources/thing.html`` has it."""
    yield from _of_facts(told, {"stated", "recorded"})
    for situation in told.situations:
        yield from situation.segments
    yield from _of_facts(told, {"computed"})
    yield from _of_facts(told, {"inferred"})
    for quarrel in told.disputes:
        yield from (*quarrel.accepted_segments, *quarrel.rejected_segments)
    for link in told.incoming:
        yield from link.segments
    for fact in told.implied:
        yield from fact.segments


def _of_facts(told: Description, bases: set[str]) -> Iterator[str]:
    facts = [fact for fact in told.facts if fact.basis in bases]
    for _, some in view().sections(facts, told.classes):
        for group in groupby_kept(some, "property"):
            for fact in view().ordered(group.items):
                yield from fact.segments


def _change(day: str) -> dict[str, str]:
    """The days of change before and after a day."""
    slices = repository().catalogue.slices
    here = day or repository().catalogue.date or ""
    in_force = max((each for each in slices if each <= here), default="")
    return {
        "earlier": max((each for each in slices if each < (in_force or here)), default=""),
        "later": min((each for each in slices if each > here), default=""),
    }


def _scale() -> Scale:
    catalogue = repository().catalogue
    return Scale.over([*catalogue.slices, catalogue.date or ""])


def _query(iri: str, day: str) -> str:
    """A query that asks what the page tells."""
    catalogue = repository().catalogue
    source = f"FROM <{catalogue.as_of}{day}>\n" if day else ""
    named = (
        "" if day else "  OPTIONAL { GRAPH ?sentence { <%s> ?property ?value } }\n" % iri  # noqa: UP031
    )
    return (
        f"SELECT * {source}WHERE {{\n  <{iri}> ?property ?value .\n{named}}}\n"
        "ORDER BY ?property ?value"
    )


def _citation(iri: str) -> Citation:
    catalogue = repository().catalogue
    if catalogue.as_of and iri.startswith(catalogue.as_of):
        return citation(days.title(iri.removeprefix(catalogue.as_of)), iri)
    view().prime([iri])
    return citation(view().name(iri).value, iri)

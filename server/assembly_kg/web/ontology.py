"""The ontology as a document: every term, its axioms, its shapes and its questions.

Owns the HTML of the ontology's IRI; its data are the graph of the ontology. Terms are those that
name the ontology with ``rdfs:isDefinedBy``; anchors are their local names, so that a term's IRI
leads to its place on the page (Best Practice Recipes, https://www.w3.org/TR/swbp-vocab-pub/).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, redirect, render_template, request

from assembly_kg.engine.repository import Term, brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.errors import NotFoundError
from assembly_kg.namespaces import DCTERMS, OWL, RDF, RDFS, SH, SKOS
from assembly_kg.web.colophon import Colophon
from assembly_kg.web.questions import all_questions
from assembly_kg.web.representations import CONTENT_TYPES, graph_data, graph_rows, write_csv
from assembly_kg.web.site import repository
from assembly_kg.web.tree import Chart, draw
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as AnyResponse

    from assembly_kg.engine.competency import Competency

__all__ = ["blueprint", "document"]

blueprint = Blueprint("ontology", __name__)
_CLASS: Final = frozenset({str(OWL.Class), str(RDFS.Class)})
_AXIOMS: Final = tuple(
    map(
        str,
        (
            RDFS.subClassOf,
            RDFS.subPropertyOf,
            RDFS.domain,
            RDFS.range,
            OWL.inverseOf,
            OWL.equivalentClass,
            OWL.equivalentProperty,
            OWL.disjointWith,
            OWL.propertyDisjointWith,
            DCTERMS.source,
            DCTERMS.isReplacedBy,
        ),
    )
)
_TEXTS: Final = {
    "definitions": str(SKOS.definition),
    "notes": str(SKOS.scopeNote),
    "examples": str(SKOS.example),
}


@dataclass(frozen=True)
class Entry:
    """A term as the document shows it."""

    iri: str
    anchor: str
    kinds: tuple[str, ...]
    texts: Mapping[str, Mapping[str, str]]
    axioms: Mapping[str, tuple[str, ...]]
    rules: tuple[Mapping[str, str], ...]
    questions: tuple[Competency, ...]
    deprecated: bool


@blueprint.get("/ontology")
def short() -> AnyResponse:
    """The ontology's address on every site, whatever its IRI; negotiated like any other IRI."""
    iri = vocabulary(repository()).ontology
    if not iri:
        raise NotFoundError("these data come without an ontology header")
    target = view().local(iri)
    wanted = request.accept_mimetypes.best_match(
        ["text/html", "text/turtle", "application/ld+json", "application/rdf+xml",
         "application/n-triples"],
        "text/html",
    )  # fmt: skip
    form = {"text/turtle": "ttl", "application/ld+json": "jsonld", "application/rdf+xml": "rdf",
            "application/n-triples": "nt"}.get(wanted, "html")  # fmt: skip
    answer = redirect(view().url(f"{target}.{form}"), code=303)
    answer.vary.add("Accept")
    return answer


def document(form: str, iri: str) -> AnyResponse:
    """The document of the ontology in a form."""
    graph = repository().catalogue.base + "ontology"
    if form == "csv":
        return Response(
            write_csv(graph_rows(repository(), graph)), content_type=CONTENT_TYPES["csv"]
        )
    if form not in {"html", "json"}:
        if form not in CONTENT_TYPES:
            raise NotFoundError(f"the ontology has no form {form}")
        return Response(graph_data(repository(), graph, form), content_type=CONTENT_TYPES[form])
    if form == "json":
        return Response(graph_data(repository(), graph, "jsonld"), content_type="application/json")
    return Response(_html(iri), content_type=CONTENT_TYPES["html"])


def _html(iri: str) -> str:
    entries = repository().kept("terms", lambda: _entries(iri))
    schemes = repository().kept("schemes", _schemes)
    view().prime(
        [
            *(e.iri for e in entries),
            *(value for e in entries for values in e.axioms.values() for value in values),
            *(c for scheme in schemes.items() for c in (scheme[0], *scheme[1])),
            *_AXIOMS,
            *(kind for e in entries for kind in e.kinds),
        ]
    )
    by_name = sorted(entries, key=lambda e: view().name(e.iri).value.casefold())
    classes = [e for e in by_name if _CLASS & set(e.kinds)]
    properties = [e for e in by_name if not _CLASS & set(e.kinds)]
    return render_template(
        "ontology/ontology.html",
        iri=iri,
        classes=classes,
        properties=properties,
        schemes=schemes,
        definitions=repository().kept("concept definitions", _definitions),
        chart=_chart(classes),
        axiom_names=_AXIOMS,
        namespace=vocabulary(repository()).record.namespace,
        colophon=_colophon(iri),
    )


def _colophon(iri: str) -> Colophon:
    return Colophon(
        title=view().name(iri).value,
        description=view().text(_described(iri)).value,
        path=view().local(iri),
        query=(
            f"SELECT ?term ?kind ?label WHERE {{\n  ?term <{RDFS.isDefinedBy}> {brackets(iri)} ; "
            f"a ?kind\n  OPTIONAL {{ ?term <{SKOS.prefLabel}> ?label "
            f'FILTER (LANG(?label) = "{view().language}") }}\n}}\nORDER BY ?term'
        ),
        forms=("ttl", "jsonld", "nt", "rdf", "trig", "nq", "csv"),
        iri=iri,
        kind="DefinedTermSet",
    )


def _described(iri: str) -> dict[str, str]:
    rows = repository().select(f"SELECT ?d {{ {brackets(iri)} <{DCTERMS.description}> ?d }}")
    return {row["d"].language: row["d"].value for row in rows}


def _entries(ontology: str) -> list[Entry]:
    graph = brackets(repository().catalogue.base + "ontology")
    rows = repository().select(
        f"SELECT ?t ?p ?o {{ GRAPH {graph} {{ ?t <{RDFS.isDefinedBy}> {brackets(ontology)} ; "
        "?p ?o FILTER (isIRI(?t)) } }"
    )
    told: defaultdict[str, defaultdict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        told[row["t"].value][row["p"].value].append(row["o"])
    rules = _rules()
    namespace = vocabulary(repository()).record.namespace
    uses = _uses(list(told), namespace)
    return [
        Entry(
            iri=iri,
            anchor=iri.removeprefix(namespace),
            kinds=tuple(sorted(t.value for t in said[str(RDF.type)] if t.is_iri)),
            texts={
                name: {t.language: t.value for t in said[term]} for name, term in _TEXTS.items()
            },
            axioms={
                axiom: tuple(sorted(t.value for t in said[axiom] if t.is_iri))
                for axiom in _AXIOMS
                if any(t.is_iri for t in said[axiom])
            },
            rules=tuple(rules.get(iri, ())),
            questions=tuple(uses.get(iri, ())),
            deprecated=any(t.value == "true" for t in said[str(OWL.deprecated)]),
        )
        for iri, said in told.items()
    ]


def _rules() -> dict[str, list[dict[str, str]]]:
    """The messages of shapes, by the property or class that they are about."""
    rows = repository().select(f"""
SELECT ?shape ?term ?message {{
  {{ ?shape <{SH.path}> ?term }} UNION {{ ?shape <{SH.targetClass}> ?term }}
  ?shape <{SH.message}> ?message FILTER (isIRI(?term)) }} ORDER BY ?term ?shape""")
    found: defaultdict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for row in rows:
        messages = found[row["term"].value].setdefault(row["shape"].value, {})
        messages[row["message"].language] = row["message"].value
    return {term: list(shapes.values()) for term, shapes in found.items()}


def _uses(terms: list[str], namespace: str) -> dict[str, list[Competency]]:
    prefixes = repository().catalogue.prefixes
    prefix = next((name for name, iri in prefixes.items() if iri == namespace), "")
    found: defaultdict[str, list[Competency]] = defaultdict(list)
    words = {
        one.name: set(one.query.replace(";", " ").replace(".", " ").replace("|", " ").split())
        for one in all_questions()
    }
    for term in terms:
        short_name = f"{prefix}:{term.removeprefix(namespace)}"
        found[term] = [one for one in all_questions() if short_name in words[one.name]]
    return found


def _schemes() -> dict[str, list[str]]:
    rows = repository().select(
        f"SELECT ?scheme ?concept {{ ?concept <{SKOS.inScheme}> ?scheme }} "
        "ORDER BY ?scheme ?concept"
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["scheme"].value].append(row["concept"].value)
    return dict(found)


def _definitions() -> dict[str, dict[str, str]]:
    rows = repository().select(f"""
SELECT ?c ?d {{ {{ ?c a <{SKOS.Concept}> }} UNION {{ ?c a <{SKOS.ConceptScheme}> }}
  ?c <{SKOS.definition}> ?d }}""")
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row["c"].value][row["d"].language] = row["d"].value
    return dict(found)


def _chart(classes: list[Entry]) -> Chart:
    """The hierarchy of our own classes."""
    own = {entry.iri for entry in classes}
    children: defaultdict[str, list[str]] = defaultdict(list)
    below = set()
    for entry in classes:
        for parent in entry.axioms.get(str(RDFS.subClassOf), ()):
            if parent in own:
                children[parent].append(entry.iri)
                below.add(entry.iri)
    return draw(
        [entry.iri for entry in classes if entry.iri not in below],
        children,
        lambda iri: view().name(iri).value,
    )

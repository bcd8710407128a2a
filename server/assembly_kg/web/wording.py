"""Words of the interface that stand for keys: axioms of OWL, subjects of questions.

Owns the mapping from what files and vocabularies call things to what a reader is told; and the
template filters that need no graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from flask_babel import format_decimal

from assembly_kg.namespaces import DCTERMS, OA, OWL, RDF, RDFS, SKOS
from assembly_kg.web.languages import gettext

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["blueprint", "standard_words"]

blueprint = Blueprint("wording", __name__)


@dataclass
class Group:
    """Things that share a key, in the order in which they came."""

    key: Any
    items: list[Any]


@blueprint.app_template_filter("groupby_kept")
def groupby_kept(things: Iterable[Any], name: str) -> list[Group]:
    """Things grouped by an attribute; groups in the order of their first thing."""
    groups: dict[Any, Group] = {}
    for thing in things:
        key = getattr(thing, name)
        groups.setdefault(key, Group(key, [])).items.append(thing)
    return list(groups.values())


@blueprint.app_template_filter("number")
def number(value: float) -> str:
    """A number as the reader's language writes it."""
    return str(format_decimal(value))


@blueprint.app_template_filter("local_name")
def local_name(iri: str) -> str:
    """The end of an IRI."""
    return iri.rpartition("#")[2] if "#" in iri else iri.rpartition("/")[2]


@blueprint.app_template_global()
def axiom_words(axiom: str) -> str:
    """What an axiom is called."""
    words = {
        str(RDFS.subClassOf): gettext("is a kind of"),
        str(RDFS.subPropertyOf): gettext("implies"),
        str(RDFS.domain): gettext("said of"),
        str(RDFS.range): gettext("its value is"),
        str(OWL.inverseOf): gettext("in the other direction"),
        str(OWL.equivalentClass): gettext("the same as"),
        str(OWL.equivalentProperty): gettext("the same as"),
        str(OWL.disjointWith): gettext("never also"),
        str(OWL.propertyDisjointWith): gettext("never together with"),
        str(DCTERMS.source): gettext("defined in"),
        str(DCTERMS.isReplacedBy): gettext("replaced by"),
    }
    return words.get(axiom, axiom)


def standard_words(term: str) -> str:
    """What a property of a standard vocabulary is called here; empty if it has no words of ours."""
    words = {
        str(SKOS.altLabel): gettext("other names"),
        str(SKOS.prefLabel): gettext("name"),
        str(SKOS.definition): gettext("definition"),
        str(SKOS.inScheme): gettext("vocabulary"),
        str(SKOS.topConceptOf): gettext("top concept of"),
        str(SKOS.hasTopConcept): gettext("top concepts"),
        str(RDF.type): gettext("kind"),
        str(DCTERMS.title): gettext("title"),
        str(DCTERMS.description): gettext("description"),
        str(DCTERMS.publisher): gettext("published by"),
        str(DCTERMS.issued): gettext("published on"),
        str(DCTERMS.language): gettext("language"),
        str(DCTERMS.source): gettext("address"),
        str(DCTERMS.identifier): gettext("identifier"),
        str(DCTERMS.rights): gettext("rights"),
        str(DCTERMS.license): gettext("licence"),
        str(OA.hasSource): gettext("document"),
        str(OA.hasSelector): gettext("place in the text"),
        str(OA.exact): gettext("exact words"),
        str(OA.start): gettext("first character"),
        str(OA.end): gettext("after the last character"),
    }
    return words.get(term, "")


@blueprint.app_template_global()
def subject_name(subject: str) -> str:
    """What a subject of the ontology is called."""
    words = {
        "acts": gettext("Acts"),
        "bodies": gettext("Bodies"),
        "events": gettext("Events"),
        "mandates": gettext("Mandates"),
        "people": gettext("People and posts"),
        "places": gettext("Places"),
        "populations": gettext("Populations and numbers"),
        "record": gettext("The record itself"),
    }
    return words.get(subject, subject)

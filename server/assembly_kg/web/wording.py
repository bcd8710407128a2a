"""Words of the interface that stand for keys: axioms of OWL, subjects of questions.

Owns the mapping from what files and vocabularies call things to what a reader is told; and the
template filters that need no graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint
from flask_babel import format_decimal, lazy_gettext

from assembly_kg.namespaces import DCTERMS, OA, OWL, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["blueprint", "standard_words"]

blueprint = Blueprint("wording", __name__)


_AXIOMS: Final = {
    str(RDFS.subClassOf): lazy_gettext("is a kind of"),
    str(RDFS.subPropertyOf): lazy_gettext("implies"),
    str(RDFS.domain): lazy_gettext("said of"),
    str(RDFS.range): lazy_gettext("its value is"),
    str(OWL.inverseOf): lazy_gettext("in the other direction"),
    str(OWL.equivalentClass): lazy_gettext("the same as"),
    str(OWL.equivalentProperty): lazy_gettext("the same as"),
    str(OWL.disjointWith): lazy_gettext("never also"),
    str(OWL.propertyDisjointWith): lazy_gettext("never together with"),
    str(DCTERMS.source): lazy_gettext("defined in"),
    str(DCTERMS.isReplacedBy): lazy_gettext("replaced by"),
}
_TERMS: Final = {
    str(SKOS.altLabel): lazy_gettext("other names"),
    str(SKOS.prefLabel): lazy_gettext("name"),
    str(SKOS.definition): lazy_gettext("definition"),
    str(SKOS.inScheme): lazy_gettext("vocabulary"),
    str(SKOS.Concept): lazy_gettext("concept"),
    str(SKOS.ConceptScheme): lazy_gettext("vocabulary"),
    str(SKOS.topConceptOf): lazy_gettext("top concept of"),
    str(SKOS.hasTopConcept): lazy_gettext("top concepts"),
    str(RDF.type): lazy_gettext("kind"),
    str(DCTERMS.title): lazy_gettext("title"),
    str(DCTERMS.description): lazy_gettext("description"),
    str(DCTERMS.publisher): lazy_gettext("published by"),
    str(DCTERMS.issued): lazy_gettext("published on"),
    str(DCTERMS.language): lazy_gettext("language"),
    str(DCTERMS.source): lazy_gettext("address"),
    str(DCTERMS.identifier): lazy_gettext("identifier"),
    str(DCTERMS.rights): lazy_gettext("rights"),
    str(DCTERMS.license): lazy_gettext("licence"),
    str(OA.hasSource): lazy_gettext("document"),
    str(OA.hasSelector): lazy_gettext("place in the text"),
    str(OA.exact): lazy_gettext("exact words"),
    str(OA.start): lazy_gettext("first character"),
    str(OA.end): lazy_gettext("after the last character"),
}
_SUBJECTS: Final = {
    "acts": lazy_gettext("Acts"),
    "bodies": lazy_gettext("Bodies"),
    "events": lazy_gettext("Events"),
    "mandates": lazy_gettext("Mandates"),
    "people": lazy_gettext("People and posts"),
    "places": lazy_gettext("Places"),
    "populations": lazy_gettext("Populations and numbers"),
    "record": lazy_gettext("The record itself"),
}


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
    return str(_AXIOMS.get(axiom, axiom))


@blueprint.app_template_global()
def subject_name(subject: str) -> str:
    """What a subject of the ontology is called."""
    return str(_SUBJECTS.get(subject, subject))


def standard_words(term: str) -> str:
    """What a term of a standard vocabulary is called here; empty if it has no words of ours."""
    return str(_TERMS.get(term) or _AXIOMS.get(term, ""))

"""What schema.org says of a thing, embedded in its page for search engines.

Owns the choice of words (https://schema.org/docs/schemas.html): classes by the classes that the
ontology puts its own under, properties by those that it calls their match, and only where
schema.org knows the property of such a class (https://schema.org/Event and its like). What a page
that answers a question says of itself is ``colophon``'s.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import OWL, RDFS, SDO, SKOS
from assembly_kg.web.site import about, repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from assembly_kg.engine.description import Description, Fact

__all__ = ["schema_org"]

_PREFIX: Final = str(SDO)
_KNOWN: Final = {
    "Event": {"startDate", "endDate", "location", "superEvent"},
    "Legislation": {"legislationDate", "legislationIdentifier", "legislationPassedBy"},
    "Organization": {"areaServed", "legalName", "parentOrganization", "subOrganization"},
    "Place": {"containedInPlace"},
}
_MATCHES: Final = f"""
SELECT DISTINCT ?own ?theirs {{
  ?own <{SKOS.closeMatch}>|<{RDFS.subPropertyOf}>|<{OWL.equivalentProperty}> ?theirs
  FILTER (STRSTARTS(STR(?theirs), "{_PREFIX}")) }}"""


def schema_org(told: Description) -> dict[str, object]:
    """A thing as JSON-LD in the context of schema.org."""
    kinds = {c.removeprefix(_PREFIX) for c in told.classes if c.startswith(_PREFIX)} - {"Thing"}
    document: dict[str, object] = {
        "@context": "https://schema.org",
        "@id": told.iri,
        "@type": sorted(kinds) or "Thing",
        "name": [_tagged(text, tag) for tag, text in sorted(view().labels(told.iri).items())],
        "url": view().absolute(view().local(told.iri) + ".html"),
        "subjectOf": {"@type": "Dataset", "@id": about()["dataset"].get("", "")},
    }
    others = [f.value for f in told.facts if f.property == str(SKOS.altLabel)]
    document["alternateName"] = [_tagged(term.value, term.language) for term in others]
    document["sameAs"] = _elsewhere(told)
    return {name: value for name, value in {**document, **_matched(told, kinds)}.items() if value}


def _matched(told: Description, kinds: set[str]) -> dict[str, list[object]]:
    known = {name for kind in kinds for name in _KNOWN.get(kind, ())}
    matches = repository().kept("schema.org", _matches)
    found: defaultdict[str, list[object]] = defaultdict(list)
    for fact in told.facts:
        name = matches.get(fact.property, "")
        if name in known:
            found[name].append(_value(fact))
    return dict(sorted(found.items()))


def _matches() -> dict[str, str]:
    """Property → the property of schema.org that the ontology calls its match."""
    rows = repository().select(_MATCHES)
    return {row["own"].value: row["theirs"].value.removeprefix(_PREFIX) for row in rows}


def _value(fact: Fact) -> object:
    if not fact.value.is_iri:
        return _tagged(fact.value.value, fact.value.language)
    return {"@id": fact.value.value, "name": view().name(fact.value.value).value}


def _elsewhere(told: Description) -> list[str]:
    """Its pages in the databases that its identifiers are of."""
    templates = vocabulary(repository()).templates
    return [
        templates[fact.property].replace("{id}", quote(fact.value.value, safe=""))
        for fact in told.facts
        if fact.property in templates and fact.value.is_literal
    ]


def _tagged(text: str, language: str) -> object:
    return {"@value": text, "@language": language} if language else text

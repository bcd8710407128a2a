"""``/rules``: what the shapes ask of the data, for those who edit them.

Owns the page: the messages of the shapes (SHACL, section 2.1.5,
https://www.w3.org/TR/shacl/#message) in the reader's language, by the class that they are about and
the property that they ask for. How a release fares is ``validation``'s; what the shapes ask of one
term stands with the term, in ``ontology``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from flask import Blueprint, render_template

from assembly_kg.namespaces import DCTERMS, SH
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

__all__ = ["blueprint"]

blueprint = Blueprint("rules", __name__)
_ALL = f"""
SELECT DISTINCT ?class ?rule ?path ?severity ?source ?message {{
  ?rule <{SH.message}> ?message
  OPTIONAL {{ ?shape (<{SH.property}>|<{SH.sparql}>)? ?rule . ?shape <{SH.targetClass}> ?class }}
  OPTIONAL {{ ?rule <{SH.path}> ?path FILTER (isIRI(?path)) }}
  OPTIONAL {{ ?rule <{SH.severity}> ?own }}
  OPTIONAL {{ ?shape <{SH.severity}> ?inherited }}
  BIND (COALESCE(?own, ?inherited) AS ?severity)
  OPTIONAL {{ ?rule <{DCTERMS.source}> ?source FILTER (isIRI(?source)) }}
}} ORDER BY ?class ?path ?rule"""


@dataclass
class Rule:
    """What one shape asks.

    Attributes:
        path: the property that it asks for; empty where it is about the whole thing.
        severity: ``violation``, ``warning`` or ``info``.
        sources: what it follows from, such as the article of an act.
        messages: language → what is asked.
    """

    shape: str
    path: str
    severity: str
    sources: list[str] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)


@blueprint.get("/rules")
def page() -> str:
    """Every rule, by class."""
    rules = repository().kept("rules", _read)
    view().prime(
        iri
        for target, some in rules.items()
        for iri in (target, *(i for rule in some for i in (rule.path, *rule.sources)))
        if iri
    )
    targets = sorted(rules, key=lambda iri: (not iri, view().name(iri).value.casefold()))
    return render_template(
        "rules/rules.html",
        rules={target: rules[target] for target in targets},
        number=len({rule.shape for some in rules.values() for rule in some}),
    )


def _read() -> dict[str, list[Rule]]:
    """Class → its rules; an empty class has those that are about no class."""
    found: defaultdict[str, dict[str, Rule]] = defaultdict(dict)
    for row in repository().select(_ALL):
        told = {name: term.value for name, term in row.items()}
        severity = told.get("severity", "").rpartition("#")[2].lower() or "violation"
        rule = found[told.get("class", "")].setdefault(
            told["rule"], Rule(told["rule"], told.get("path", ""), severity)
        )
        rule.messages[row["message"].language] = row["message"].value
        if told.get("source", "") not in {"", *rule.sources}:
            rule.sources.append(told["source"])
    return {target: list(rules.values()) for target, rules in found.items()}

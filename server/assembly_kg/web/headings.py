"""Headings of tables of answers, in the reader's words instead of the query's variables.

Owns the words; what a variable stands for is read from the query by ``engine.columns``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from assembly_kg.engine.columns import Column, columns
from assembly_kg.engine.repository import brackets
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import RDFS
from assembly_kg.web.languages import LANGUAGES, gettext
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["headings", "places"]

_WORDS: Final = {
    "graph": lazy_gettext("named graph"),
    "property": lazy_gettext("property"),
    "language": lazy_gettext("language"),
    "any": lazy_gettext("thing or value"),
}
_SUMMARIES: Final = {"min": lazy_gettext("first"), "max": lazy_gettext("last")}


def headings(query: str, variables: Sequence[str]) -> list[str]:
    """What each column is called; columns of one name are told apart by their variables."""
    known = columns(query)
    view().prime(term for column in known.values() for term in column.terms)
    names = [_name(known[variable]) if variable in known else "" for variable in variables]
    often = Counter(names)
    return [
        gettext("%(what)s (%(which)s)", what=name, which=_which(variable, known[variable]))
        if name and often[name] > 1
        else name or variable
        for variable, name in zip(variables, names, strict=True)
    ]


def places(query: str) -> frozenset[str]:
    """The variables that stand for a place in a document."""
    locator = vocabulary(repository()).record.locator
    known = columns(query).items()
    return frozenset(name for name, column in known if tuple(column.terms) == (locator,))


def _which(variable: str, column: Column) -> str:
    """What tells a column from others of its name."""
    return str(_SUMMARIES.get(column.summary) or LANGUAGES.get(variable, variable))


def _name(column: Column) -> str:
    terms = [_class_of(term) if column.kind == "subject" else term for term in column.terms]
    name = " / ".join(view().name(term).value for term in terms if term)
    if column.summary in {"count", "sum"}:
        return gettext("how many: %(what)s", what=name) if name else gettext("how many")
    return name or str(_WORDS.get(column.kind, _WORDS["any"]))


def _class_of(term: str) -> str:
    """The class of things that a property is said of; empty if the ontology does not say."""
    rows = repository().select(
        f"SELECT ?class {{ {brackets(term)} <{RDFS.domain}> ?class FILTER (isIRI(?class)) }} "
        "ORDER BY ?class LIMIT 1"
    )
    return rows[0]["class"].value if rows else ""

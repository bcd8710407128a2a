"""Names of terms as people write them, and short names as they read them.

Owns the reading of one term in SPARQL's and Turtle's notation (``org:Post``, ``<https://…>``,
``"text"@en``, ``"2008-10-20"^^xsd:date``, ``9``, ``true``, ``a``; an IRI may stand without
brackets), and the shortest way to write one. Prefixes are those of the registry and of the
institution.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine import scan
from assembly_kg.engine.world import RDF_TYPE
from assembly_kg.errors import QuerySyntaxError
from assembly_kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assembly_kg.engine.world import Term, Triple

__all__ = ["read_term", "read_triple", "short"]

_BARE: Final = re.compile(r"(?:https?://|urn:)[^\s<>\"{}|^`\\]+")
_LOCAL: Final = re.compile(r"[\w\-]+(?:\.[\w\-]+)*")
# The kinds of tokens that one term is made of.
_FORMS: Final = frozenset(
    {
        ("iri",),
        ("name",),
        ("string",),
        ("string", "language"),
        ("string", "mark", "mark", "iri"),
        ("string", "mark", "mark", "name"),
        ("number",),
        ("mark", "number"),
        ("word",),
    }
)


def read_term(text: str, prefixes: Mapping[str, str]) -> Term:
    """The term that the text writes.

    Args:
        text: one term.
        prefixes: the institution's.

    Raises:
        QuerySyntaxError: it is not one term, or its prefix is not known.
    """
    text = text.strip()
    if text == "a":
        return RDF_TYPE
    if _BARE.fullmatch(text):
        text = f"<{text}>"
    found = list(scan.tokens(text))
    words = [token.word for token in found if token.kind == "word"]
    if tuple(token.kind for token in found) not in _FORMS or words not in ([], ["TRUE"], ["FALSE"]):
        raise QuerySyntaxError(
            f'"{text[:200]}" is not a term; write a name like skos:prefLabel, an IRI, '
            'or a value like "text"@en or "2008-10-20"^^xsd:date'
        )
    known = {**PREFIXES, **prefixes}
    for token in found:
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix not in known:
            names = ", ".join(sorted(known))
            raise QuerySyntaxError(f'the prefix "{prefix}:" is not known; known are {names}')
    try:
        solutions = ox.Store().query(f"SELECT ?t {{ VALUES ?t {{ {text} }} }}", prefixes=known)
        [solution] = solutions  # type: ignore[misc]
    except (SyntaxError, ValueError) as error:
        raise QuerySyntaxError(f'"{text[:200]}" is not a term: {error}') from error
    term: Term = solution["t"]
    return term


def read_triple(s: str, p: str, o: str, prefixes: Mapping[str, str]) -> Triple:
    """The triple whose terms the texts write.

    Raises:
        QuerySyntaxError: one is not a term, or not one that may stand there.
    """
    subject, predicate, value = (read_term(text, prefixes) for text in (s, p, o))
    if isinstance(subject, ox.Literal):
        raise QuerySyntaxError(f"{s} is a value; the subject of a statement is a thing")
    if not isinstance(predicate, ox.NamedNode):
        raise QuerySyntaxError(f"{p} is not a property; write a name like skos:prefLabel")
    return subject, predicate, value


def short(term: Term, prefixes: Mapping[str, str]) -> str:
    """The term as one would write it: with a prefix where there is one."""
    if isinstance(term, ox.NamedNode):
        return _short(term.value, prefixes) or f"<{term.value}>"
    if isinstance(term, ox.Literal) and not term.language:
        datatype = _short(term.datatype.value, prefixes)
        if datatype == "xsd:integer":
            return term.value
        if datatype not in {None, "xsd:string"}:
            return f"{ox.Literal(term.value)}^^{datatype}"
    return str(term)


def _short(iri: str, prefixes: Mapping[str, str]) -> str | None:
    fits = [
        (len(namespace), prefix)
        for prefix, namespace in {**PREFIXES, **prefixes}.items()
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace))
    ]
    if not fits:
        return None
    length, prefix = max(fits)
    return f"{prefix}:{iri[length:]}"

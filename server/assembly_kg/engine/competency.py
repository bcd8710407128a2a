"""Competency questions: what the graph must answer, and on which sentences an answer rests.

Owns the reading of ``ontology/questions/*.rq`` (a header of comments, then one query), what in a
query a reader may choose (a thing, a day), and the evidence of an answer: the triples that the
query's own patterns matched (SPARQL 1.1, section 18.2, https://www.w3.org/TR/sparql11-query/).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rdflib import URIRef, Variable
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from assembly_kg.engine.repository import brackets, chunks
from assembly_kg.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from assembly_kg.engine.repository import Repository

__all__ = ["Choice", "Competency", "choices", "evidence", "questions", "with_choices"]

_HEADER: Final = re.compile(r"# (?P<key>[a-z]+)(?:@(?P<language>[a-z]+))?: (?P<text>.*)")
_PREFIX: Final = re.compile(r"PREFIX\s+(\w*):\s*<([^>]*)>", re.IGNORECASE)
_AS_OF: Final = re.compile(r"(?<=/as-of/)\d{4}-\d{2}-\d{2}(?=>)")
_DATE: Final = re.compile(r'(?<=")\d{4}-\d{2}-\d{2}(?="\^\^xsd:date)')
_MOST: Final = 400


@dataclass(frozen=True)
class Competency:
    """One question: its name (of the file), subject, words by language, query.

    ``featured`` if its header asks that the first page shows it.
    """

    name: str
    subject: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    query: str
    featured: bool = False


@dataclass(frozen=True)
class Choice:
    """Something in a query that a reader may choose: ``thing`` (an IRI) or ``day``."""

    name: str
    kind: str
    value: str


def questions(folder: Path) -> tuple[Competency, ...]:
    """The questions of a folder, A to Z; none if there is no such folder."""
    return tuple(_read(file) for file in sorted(folder.glob("*.rq")))


def _read(file: Path) -> Competency:
    header, _, query = file.read_text(encoding="utf-8").partition("\n\n")
    told: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in header.splitlines():
        match = _HEADER.fullmatch(line)
        if match:
            told[match["key"]][match["language"] or ""] = match["text"]
    return Competency(
        name=file.stem,
        subject=told["subject"].get("", ""),
        titles=told["title"],
        descriptions=told["description"],
        query=query.strip() + "\n",
        featured=told["featured"].get("") == "yes",
    )


def choices(query: str, prefixes: Mapping[str, str], namespace: str) -> list[Choice]:
    """What a reader may choose: the institution's things, and days, in the order of the query."""
    body = _PREFIX.sub("", query)
    own = [name for name, iri in prefixes.items() if iri != namespace]
    found: list[Choice] = []
    if own:
        pattern = re.compile(rf"(?<![\w:<])({'|'.join(own)}):([a-z0-9][a-z0-9-]*)")
        for match in pattern.finditer(body):
            iri = prefixes[match[1]] + match[2]
            if all(choice.value != iri for choice in found):
                found.append(Choice(f"{match[1]}:{match[2]}", "thing", iri))
    for pattern in (_AS_OF, _DATE):
        for day in dict.fromkeys(pattern.findall(body)):
            if all(choice.value != day for choice in found):
                found.append(Choice(day, "day", day))
    return found


def with_choices(query: str, chosen: Mapping[Choice, str]) -> str:
    """The query with other things and days in the place of some.

    Raises:
        NotFoundError: a value cannot be an IRI.
    """
    for choice, value in chosen.items():
        if choice.kind == "thing":
            name = re.compile(rf"(?<![\w:<]){re.escape(choice.name)}(?![\w-])")
            query = name.sub(lambda _: brackets(value), query)  # noqa: B023 -- used at once
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            for pattern in (_AS_OF, _DATE):
                query = pattern.sub(
                    lambda match: value if match[0] == choice.value else match[0],  # noqa: B023
                    query,
                )
    return query


def evidence(repository: Repository, query: str) -> list[str]:
    """The sentences that state a triple which the query matched, A to Z.

    Triples that are only inferred or computed have no sentence of their own. Empty where the
    query's form does not let its patterns be asked for.
    """
    try:
        patterns, where = _patterns(query)
    except Exception:  # noqa: BLE001 -- rdflib's parser knows less than the engine's; then nothing is said
        return []
    if not patterns or not where:
        return []
    head = "\n".join(match[0] for match in _PREFIX.finditer(query))
    template = " . ".join(patterns)
    source = " ".join(re.findall(r"FROM\s+(?:NAMED\s+)?<[^>]*>", query, re.IGNORECASE))
    try:
        found = repository.construct(
            f"{head}\nCONSTRUCT {{ {template} }} {source} WHERE {where}", "nt"
        )
    except EngineError:
        return []
    lines = [line.removesuffix(b" .").decode() for line in found.splitlines() if b"_:" not in line]
    return sorted(_stating(repository, lines[:_MOST]))


def _stating(repository: Repository, triples: list[str]) -> set[str]:
    catalogue = repository.catalogue
    outside = f'FILTER (!STRSTARTS(STR(?g), "{catalogue.as_of}"))' if catalogue.as_of else ""
    segments: set[str] = set()
    for batch in chunks(triples, 40):
        parts = " UNION ".join(f"{{ GRAPH ?g {{ {triple} }} }}" for triple in batch)
        rows = repository.select(f"SELECT DISTINCT ?g {{ {parts} {outside} }}")
        segments.update(row["g"].value for row in rows)
    known = repository.kept(
        "segments",
        lambda: frozenset(
            row["s"].value
            for row in repository.select(
                "SELECT ?s { ?s <http://www.w3.org/ns/oa#hasSource> ?document }"
            )
        ),
    )
    return segments & known


def _patterns(query: str) -> tuple[list[str], str]:
    """The query's plain triple patterns, as a template, and the text of its WHERE clause."""
    algebra = prepareQuery(query).algebra
    patterns = {
        " ".join(term.n3() for term in triple)
        for triple in _triples(algebra)
        if all(isinstance(term, URIRef | Variable) or hasattr(term, "n3") for term in triple)
        and isinstance(triple[1], URIRef | Variable)
        and "_:" not in " ".join(term.n3() for term in triple)
    }
    return sorted(patterns), _where(query)


def _triples(node: Any) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, CompValue):
        if node.name == "BGP":
            yield from node["triples"]
        for value in node.values():
            yield from _triples(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _triples(value)


def _where(query: str) -> str:
    """The group after WHERE, with its brackets; strings, IRIs and comments are stepped over."""
    token = re.compile(
        r'"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|<[^<>\s]*>|#[^\n]*|[{}]'
    )
    depth, start = 0, -1
    for match in token.finditer(query):
        if match[0] == "{":
            start = match.start() if start < 0 else start
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return query[start : match.end()]
    return ""

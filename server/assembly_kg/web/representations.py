"""The ways in which a thing or a graph can be had as data.

Owns the table of file endings and media types of linked data, and the queries that fetch a thing's
data from the graph. Reading ``Accept`` follows RFC 9110, section 12.5.1
(https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1).
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.engine.formats import GRAPH_FORMATS
from assembly_kg.engine.repository import brackets
from assembly_kg.namespaces import SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assembly_kg.engine.description import Description, Fact, Situation
    from assembly_kg.engine.repository import Repository, Row, Term

__all__ = ["MEDIA_TYPES", "graph_data", "thing_data", "thing_json", "thing_rows", "write_csv"]

_UTF8: Final = "; charset=utf-8"
# Ending → media type, in the order of preference where a client has none.
MEDIA_TYPES: Final = {
    "html": "text/html",
    **{form.name: form.media_type for form in GRAPH_FORMATS},
    "json": "application/json",
    "csv": "text/csv",
}
CONTENT_TYPES: Final = {
    **{name: value + _UTF8 for name, value in MEDIA_TYPES.items()},
    **{form.name: form.content_type for form in GRAPH_FORMATS},
    "json": "application/json",
}
_QUADS: Final = frozenset(form.name for form in GRAPH_FORMATS if form.name in {"trig", "nq"})


def thing_data(repository: Repository, iri: str, form: str, slice_: str = "") -> bytes:
    """The triples about a thing, the names of what they mention, and the thing's own graph.

    As quads, where the format has them: each triple in the graph of the sentence that says it.
    """
    name = brackets(iri)
    if form in _QUADS and not slice_:
        outside = _but_days(repository)
        return repository.quads(
            f"""SELECT DISTINCT ?g ?s ?p ?o {{
  {{ BIND ({name} AS ?s) GRAPH ?g {{ {name} ?p ?o }} }}
  UNION {{ BIND ({name} AS ?o) GRAPH ?g {{ ?s ?p {name} }} }}
  UNION {{ BIND ({name} AS ?g) GRAPH {name} {{ ?s ?p ?o }} }} {outside} }}""",
            form,
        )
    start, end = (f"GRAPH {brackets(slice_)} {{", "}") if slice_ else ("", "")
    named = "" if slice_ else f"UNION {{ GRAPH {name} {{ ?s ?p ?o }} }}"
    return repository.construct(
        f"""CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {start}
  {{ BIND ({name} AS ?s) {name} ?p ?o }}
  UNION {{ BIND ({name} AS ?o) ?s ?p {name} }}
  UNION {{ {name} ?any ?s . BIND (<{SKOS.prefLabel}> AS ?p) ?s <{SKOS.prefLabel}> ?o }}
  UNION {{ ?s ?any {name} . BIND (<{SKOS.prefLabel}> AS ?p) ?s <{SKOS.prefLabel}> ?o }}
  {named} {end} }}""",
        form,
    )


def graph_data(repository: Repository, graph: str, form: str) -> bytes:
    """A named graph, whole."""
    name = brackets(graph)
    if form in _QUADS:
        return repository.quads(
            f"SELECT ?g ?s ?p ?o {{ BIND ({name} AS ?g) GRAPH {name} {{ ?s ?p ?o }} }}", form
        )
    return repository.construct(
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {name} {{ ?s ?p ?o }} }}", form
    )


def graph_rows(repository: Repository, graph: str) -> Iterator[tuple[str, ...]]:
    """A named graph as a table: subject, property, value, language, datatype."""
    yield "subject", "property", "value", "language", "datatype"
    query = f"SELECT ?s ?p ?o {{ GRAPH {brackets(graph)} {{ ?s ?p ?o }} }} ORDER BY ?s ?p ?o"
    for row in repository.select(query):
        yield row["s"].value, row["p"].value, *_cells(row["o"])


def thing_rows(told: Description) -> Iterator[tuple[str, ...]]:
    """What is said of a thing as a table, with the sentences that say so."""
    yield "subject", "property", "value", "language", "datatype", "basis", "sources"
    for fact in (*told.facts, *told.implied):
        yield _row(told.iri, fact)
    for situation in told.situations:
        for fact in situation.facts:
            yield _row(situation.iri, fact)
    for link in told.incoming:
        yield link.subject, link.property, told.iri, "", "", link.basis, " ".join(link.segments)


def _row(subject: str, fact: Fact) -> tuple[str, ...]:
    return subject, fact.property, *_cells(fact.value), fact.basis, " ".join(fact.segments)


def _cells(term: Term) -> tuple[str, str, str]:
    return term.value, term.language, term.datatype


def write_csv(rows: Iterable[tuple[str, ...]]) -> bytes:
    """A table as CSV (RFC 4180)."""
    sink = io.StringIO()
    csv.writer(sink).writerows(rows)
    return sink.getvalue().encode()


def solutions_csv(variables: list[str], rows: Iterable[Row]) -> bytes:
    """Solutions as CSV."""
    cells = (tuple(row[v].value if v in row else "" for v in variables) for row in rows)
    return write_csv([tuple(variables), *cells])


def thing_json(told: Description, names: dict[str, Any]) -> bytes:
    """What is said of a thing, for programs that want no RDF."""
    document = {
        "iri": told.iri,
        "names": names,
        "types": list(told.types),
        "facts": [_fact(one) for one in (*told.facts, *told.implied)],
        "situations": [situation_members(one) for one in told.situations],
        "incoming": [
            {
                "subject": one.subject,
                "property": one.property,
                "basis": one.basis,
                "sources": list(one.segments),
            }
            for one in told.incoming
        ],
        "sentences": {
            note.segment: {
                "document": note.document,
                "locator": note.locator,
                "exact": note.exact,
                "language": note.language,
                "translations": dict(note.translations),
            }
            for note in told.notes.values()
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def situation_members(one: Situation) -> dict[str, Any]:
    """A situation as an object of JSON."""
    return {
        "iri": one.iri,
        "types": list(one.types),
        "begin": one.period.begin or None,
        "until": one.period.until or None,
        "facts": [_fact(each) for each in one.facts],
        "sources": list(one.segments),
    }


def _fact(one: Fact) -> dict[str, Any]:
    return {
        "property": one.property,
        "value": one.value.value,
        "kind": one.value.kind,
        **({"language": one.value.language} if one.value.language else {}),
        **({"datatype": one.value.datatype} if one.value.datatype else {}),
        "basis": one.basis,
        "sources": list(one.segments),
    }


def _but_days(repository: Repository) -> str:
    prefix = repository.catalogue.as_of
    return f'FILTER (!STRSTARTS(STR(?g), "{prefix}"))' if prefix else ""

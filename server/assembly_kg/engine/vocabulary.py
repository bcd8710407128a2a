"""The ontology as pages need it: the hierarchies, and the order in which facts stand.

Owns the reading of the hierarchy and of the shapes (SHACL, sections 2.3.2 and 2.3.3,
https://www.w3.org/TR/shacl/#nonValidation: ``sh:order`` and ``sh:group``), and the names of the
record vocabulary, which is found through the ontology header (``vann:preferredNamespaceUri``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assembly_kg.namespaces import ORG, OWL, RDF, RDFS, SH, SKOS, VANN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assembly_kg.engine.repository import Repository

__all__ = ["Record", "Vocabulary", "vocabulary"]

_LAST: Final = 10_000.0


@dataclass(frozen=True)
class Record:
    """The record vocabulary: IRIs of its terms by their local names (``record.Situation``)."""

    namespace: str

    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.namespace + name

    def ref(self, name: str) -> str:
        """A term as SPARQL writes it."""
        return f"<{self.namespace}{name}>"


@dataclass(frozen=True)
class Vocabulary:
    """What the ontology and the shapes say about terms.

    Attributes:
        record: the record vocabulary.
        ontology: the IRI of the ontology; empty where there is none.
        above: class → all classes above it.
        implied: property → all properties above it.
        inverse: property → a property of the opposite direction.
        order: property → its place: by ``sh:order``, then required, then constrained, then rest.
    """

    record: Record
    ontology: str
    above: Mapping[str, frozenset[str]]
    implied: Mapping[str, frozenset[str]]
    inverse: Mapping[str, str]
    order: Mapping[str, float]

    def narrowest(self, classes: Iterable[str]) -> list[str]:
        """The classes that no other of them is narrower than, our own before borrowed ones."""
        given = set(classes)
        wide: set[str] = set()
        for c in given:
            wide |= self.above.get(c, frozenset()) - {c}
        left = given - wide or given
        own = {c for c in left if c.startswith(self.record.namespace)}
        return sorted(own or left)

    def is_a(self, classes: Iterable[str], wanted: str) -> bool:
        """Whether one of the classes is the wanted one or below it."""
        return any(c == wanted or wanted in self.above.get(c, ()) for c in classes)

    def place(self, term: str) -> float:
        """Where facts with this property stand; smaller is earlier."""
        return self.order.get(term, _LAST)


_HEADER: Final = f"""
SELECT ?ontology ?namespace {{ ?ontology a <{OWL.Ontology}> ;
  <{VANN.preferredNamespaceUri}> ?namespace }} ORDER BY ?ontology LIMIT 1
"""
_LINKS: Final = f"""
SELECT ?s ?p ?o {{ VALUES ?p {{ <{RDFS.subClassOf}> <{RDFS.subPropertyOf}> <{OWL.inverseOf}> }}
  ?s ?p ?o FILTER (isIRI(?s) && isIRI(?o)) }}
"""
_SHAPES: Final = f"""
SELECT ?path ?order ?min {{ ?shape <{SH.path}> ?path
  OPTIONAL {{ ?shape <{SH.order}> ?order }} OPTIONAL {{ ?shape <{SH.minCount}> ?min }}
  FILTER (isIRI(?path)) }}
"""
# Links in both directions that standards define and need no ontology of ours.
_STANDARD_INVERSES: Final = {
    str(SKOS.broader): str(SKOS.narrower),
    str(SKOS.hasTopConcept): str(SKOS.topConceptOf),
    str(ORG.hasSubOrganization): str(ORG.subOrganizationOf),
}


def vocabulary(repository: Repository) -> Vocabulary:
    """The vocabulary of what is served."""
    return repository.kept("vocabulary", lambda: _read(repository))


def _read(repository: Repository) -> Vocabulary:
    header = repository.select(_HEADER)
    namespace = header[0]["namespace"].value if header else "urn:record:"
    ontology = header[0]["ontology"].value if header else ""
    links: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in repository.select(_LINKS):
        links[row["p"].value].append((row["s"].value, row["o"].value))
    inverse: dict[str, str] = {}
    for one, other in (*links[str(OWL.inverseOf)], *_STANDARD_INVERSES.items()):
        inverse.setdefault(one, other)
        inverse.setdefault(other, one)
    return Vocabulary(
        record=Record(namespace),
        ontology=ontology,
        above=_closure(links[str(RDFS.subClassOf)]),
        implied=_closure(links[str(RDFS.subPropertyOf)]),
        inverse=inverse,
        order=_order(repository),
    )


def _closure(links: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    direct: dict[str, set[str]] = defaultdict(set)
    for one, other in links:
        if one != other and not other.startswith((str(OWL), str(RDF))):
            direct[one].add(other)
    found: dict[str, frozenset[str]] = {}
    for start in list(direct):
        seen: set[str] = set()
        waiting = list(direct[start])
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting.extend(direct.get(here, ()))
        found[start] = frozenset(seen - {start})
    return found


def _order(repository: Repository) -> dict[str, float]:
    places: dict[str, float] = {}
    for row in repository.select(_SHAPES):
        required = "min" in row and row["min"].value != "0"
        place = float(row["order"].value) if "order" in row else (1000 if required else 2000)
        path = row["path"].value
        places[path] = min(place, places.get(path, _LAST))
    return places

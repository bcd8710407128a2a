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

__all__ = ["Place", "Record", "Vocabulary", "vocabulary"]

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


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where facts with a property stand: by the group's ``sh:order``, then the shape's own.

    Attributes:
        rank: the order of the group.
        order: the order of the property shape.
        group: the IRI of the ``sh:group``; empty if the shape has none.
    """

    rank: float = _LAST
    order: float = _LAST
    group: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """What the ontology and the shapes say about terms.

    Attributes:
        record: the record vocabulary.
        ontology: the IRI of the ontology; empty where there is none.
        above: class → all classes above it.
        implied: property → all properties above it.
        inverse: property → a property of the opposite direction.
        places: class and property → the place that the shapes of the class give it; an empty class
            stands for any, and has the first place that any shape gives.
        templates: property → the address that its identifiers lead to, with ``{id}`` in it.
    """

    record: Record
    ontology: str
    above: Mapping[str, frozenset[str]]
    implied: Mapping[str, frozenset[str]]
    inverse: Mapping[str, str]
    places: Mapping[tuple[str, str], Place]
    templates: Mapping[str, str]

    @property
    def own(self) -> frozenset[str]:
        """Our classes, as far as they stand in the hierarchy."""
        named = {*self.above, *(c for above in self.above.values() for c in above)}
        return frozenset(c for c in named if c.startswith(self.record.namespace))

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

    def closed(self, classes: Iterable[str]) -> frozenset[str]:
        """The classes and all above them."""
        given = frozenset(classes)
        return given.union(*(self.above.get(each, ()) for each in given))

    def place(self, term: str, classes: frozenset[str] = frozenset()) -> Place:
        """Where facts with this property stand on a thing of these classes (``closed``)."""
        shaped = [self.places[c, term] for c in classes if (c, term) in self.places]
        return min(shaped, default=self.places.get(("", term), Place()))


_HEADER: Final = f"""
SELECT ?ontology ?namespace {{ ?ontology a <{OWL.Ontology}> ;
  <{VANN.preferredNamespaceUri}> ?namespace }} ORDER BY ?ontology LIMIT 1
"""
_LINKS: Final = f"""
SELECT ?s ?p ?o {{ VALUES ?p {{ <{RDFS.subClassOf}> <{RDFS.subPropertyOf}> <{OWL.inverseOf}> }}
  ?s ?p ?o FILTER (isIRI(?s) && isIRI(?o)) }}
"""
_SHAPES: Final = f"""
SELECT ?class ?path ?order ?min ?group ?rank {{ ?shape <{SH.path}> ?path
  OPTIONAL {{ ?shape <{SH.order}> ?order }} OPTIONAL {{ ?shape <{SH.minCount}> ?min }}
  OPTIONAL {{ ?shape <{SH.group}> ?group OPTIONAL {{ ?group <{SH.order}> ?rank }} }}
  OPTIONAL {{ ?node <{SH.property}> ?shape ; <{SH.targetClass}> ?class }}
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
        places=_places(repository),
        templates=_templates(repository, Record(namespace)),
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


def _places(repository: Repository) -> dict[tuple[str, str], Place]:
    """Places by ``sh:group`` and ``sh:order``; without them required ones first, then the rest."""
    places: dict[tuple[str, str], Place] = {}
    for row in repository.select(_SHAPES):
        required = "min" in row and row["min"].value != "0"
        order = float(row["order"].value) if "order" in row else (1000 if required else 2000)
        rank = float(row["rank"].value) if "rank" in row else _LAST
        place = Place(rank, order, row["group"].value if "group" in row else "")
        for shaped in {"", row["class"].value if "class" in row else ""}:
            key = (shaped, row["path"].value)
            places[key] = min(place, places.get(key, Place()))
    return places


def _templates(repository: Repository, record: Record) -> dict[str, str]:
    rows = repository.select(
        f"SELECT ?p ?template {{ ?p {record.ref('addressTemplate')} ?template }} ORDER BY ?p"
    )
    return {row["p"].value: row["template"].value for row in rows}

"""The competency questions: each answers as it should, and together they use every term."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, VANN
from rdflib.paths import Path as PropertyPath
from rdflib.plugins.sparql import prepareQuery

from assembly_kg.build.format import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Store

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "ontology" / "questions"
MODULES = [path for path in (ROOT / "ontology").glob("*.ttl") if path.stem != "alignments"]
LANGUAGES = ("kk", "ru", "en")
KEYS = ("subject", *(f"{part}@{tag}" for part in ("title", "description") for tag in LANGUAGES))
OPEN = {"kk": "Бүгінде графта", "ru": "Сегодня в графе нет", "en": "Today the graph records no"}


class Question(NamedTuple):
    """A question's file: its header lines by key, and the query."""

    path: Path
    header: dict[str, str]
    query: str

    @property
    def answer(self) -> Path:
        return self.path.with_suffix(".csv")

    @property
    def is_open(self) -> bool:
        """The graph knows no answer yet, and says so."""
        return self.header.get("answer") == "open"

    @property
    def is_ordered(self) -> bool:
        return "ORDER BY" in self.query


def read(path: Path) -> Question:
    header, query = path.read_text(encoding="utf-8").split("\n\n", 1)
    lines = [re.fullmatch(r"# ([a-z@]+): (\S.*)", line) for line in header.split("\n")]
    assert all(lines), f"{path}: a header line is not of the form `# key: text`"
    return Question(path, {line[1]: line[2] for line in lines if line}, query)


QUESTIONS = [read(path) for path in sorted(FOLDER.glob("*.rq"))]
each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.path.stem)


def ask(store: Store, query: str) -> list[list[str]]:
    """The header and the solutions in SPARQL's CSV format, as text."""
    solutions = store.query(query)
    assert isinstance(solutions, QuerySolutions)
    text = solutions.serialize(format=QueryResultsFormat.CSV).decode()
    return list(csv.reader(io.StringIO(text)))


def expected(question: Question) -> list[list[str]]:
    with question.answer.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def iris(node: object) -> Iterator[str]:
    """Every IRI in the algebra of a query."""
    if isinstance(node, URIRef):
        yield str(node)
    elif isinstance(node, PropertyPath):
        yield from iris(list(vars(node).values()))
    elif isinstance(node, dict):
        yield from iris(list(node.values()))
    elif isinstance(node, list | tuple | set | frozenset):
        for part in node:
            yield from iris(part)


@each
def test_a_question_has_its_answer(question: Question, release_store: Store):
    found, right = ask(release_store, question.query), expected(question)
    assert found[0] == right[0]
    if not question.is_ordered:
        found, right = sorted(found[1:]), sorted(right[1:])
    assert found == right


@each
def test_an_answer_is_empty_only_where_the_question_says_so(question: Question):
    rows = expected(question)[1:]
    assert bool(rows) is not question.is_open
    for tag, sentence in OPEN.items():
        assert (sentence in question.header[f"description@{tag}"]) is question.is_open


@each
def test_the_order_of_an_answer_leaves_nothing_to_chance(question: Question):
    """Rows that ORDER BY cannot tell apart would come in any order."""
    if not question.is_ordered:
        assert len(expected(question)) <= 4, f"{question.path.name}: more than 3 rows need ORDER BY"
        return
    keys = re.findall(r"\?(\w+)", question.query.rsplit("ORDER BY", 1)[1])
    names, *rows = expected(question)
    places = [names.index(key) for key in keys if key in names]
    if len(places) == len(keys):
        assert len({tuple(row[at] for at in places) for row in rows}) == len(rows)


@each
def test_a_header_is_complete_in_three_languages(question: Question):
    keys = tuple(key for key in question.header if key not in {"answer", "featured"})
    assert keys == KEYS
    assert question.header["subject"] in {path.stem for path in MODULES}
    for part in ("title", "description"):
        texts = [question.header[f"{part}@{tag}"] for tag in LANGUAGES]
        assert len(set(texts)) == len(texts)
        assert [bool(re.search("[а-я]", text)) for text in texts] == [True, True, False]
        assert all(text[-1] in ".?" for text in texts)
    assert re.search("[әғқңөұүһі]", question.header["description@kk"])


@each
def test_prefixes_are_the_registry_s_used_and_a_to_z(question: Question):
    registry = Layout.read(ROOT).prefixes
    declared = re.findall(r"^PREFIX (\w+): <(.+)>$", question.query, re.MULTILINE)
    body = re.sub(r'<[^>\s]*>|"[^"]*"|^PREFIX.*$', "", question.query, flags=re.MULTILINE)
    assert {prefix: registry.get(prefix) for prefix, _ in declared} == dict(declared)
    assert [prefix for prefix, _ in declared] == sorted(set(re.findall(r"\b([a-z]+):\w", body)))


@each
def test_every_slice_that_a_question_names_is_stored(question: Question, release_store: Store):
    graphs = {graph.value for graph in release_store.named_graphs()}
    named = re.findall(r"^FROM (?:NAMED )?<(.+)>$", question.query, re.MULTILINE)
    assert set(named) <= graphs


def test_there_are_at_least_forty_questions_with_different_titles():
    assert len(QUESTIONS) >= 40
    for tag in LANGUAGES:
        assert len({question.header[f"title@{tag}"] for question in QUESTIONS}) == len(QUESTIONS)


def test_every_answer_belongs_to_a_question():
    assert {path.stem for path in FOLDER.glob("*.csv")} == {q.path.stem for q in QUESTIONS}


def test_few_questions_are_open():
    assert sum(question.is_open for question in QUESTIONS) <= len(QUESTIONS) // 10


def test_the_questions_use_every_class_and_property():
    ontology = Graph()
    for path in MODULES:
        ontology.parse(path)
    (namespace,) = ontology.objects(None, VANN.preferredNamespaceUri)
    declared = {str(s) for s in ontology.subjects(RDF.type) if str(s).startswith(str(namespace))}
    used = {iri for q in QUESTIONS for iri in iris(prepareQuery(q.query).algebra)}
    used.discard(str(namespace))  # what STRSTARTS compares with
    assert sorted(declared - used) == []
    assert sorted(iri for iri in used - declared if iri.startswith(str(namespace))) == []

"""Full-text search over names, sentences and headings, in three languages and two scripts.

Owns the index (SQLite FTS5, https://www.sqlite.org/fts5.html, held in memory for one generation of
the data) and how words are made comparable:

- ``fold`` brings Kazakh and Russian Cyrillic, the Latin spellings of Kazakh in use (2017, 2018,
  2021, and the everyday one) and English transliterations to one plain Latin form, so that
  Тоқаев, Токаев, Toqaev, Tokaev and Tokayev are one word;
- ``stem`` takes off endings of Kazakh, Russian and English and leaves at least four letters;
- a word that the index does not have is replaced by the nearest ones that it has (RapidFuzz).
"""

from __future__ import annotations

import bisect
import math
import re
import sqlite3
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from assembly_kg.engine.repository import NAMING
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import OA, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assembly_kg.engine.repository import Repository

__all__ = ["Document", "Hit", "Index", "fold", "index", "stem", "words"]

_LETTERS: Final = str.maketrans(
    {
        "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e",
        "ж": "j", "з": "z", "и": "i", "й": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n",
        "ң": "n", "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u",
        "ү": "u", "ф": "f", "х": "k", "һ": "k", "ц": "c", "ч": "c", "ш": "s", "щ": "s", "ъ": "",
        "ы": "i", "і": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia", "ı": "i", "ŋ": "n", "ə": "a",
        "ɵ": "o", "ý": "u", "ÿ": "u", "’": "", "'": "", "ʼ": "", "`": "", "‘": "",
    }
)  # fmt: skip
# Spellings of one sound, once all letters are Latin; in this order. Kazakh softens a final қ to ғ
# and к to г before an ending, so that all of them are one letter.
_SOUNDS: Final = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        ("shch|sch|sh", "s"),
        ("ch|ts|tz", "c"),
        ("dzh|zh|dj", "j"),
        ("kh|gh", "k"),
        ("[qxhg]", "k"),
        ("w", "u"),
        ("y", "i"),
        ("ie", "e"),
        (r"(.)\1+", r"\1"),
    )
)
_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST: Final = 4
# Of folded words. Kazakh: number, possession, case; Russian: case; English.
_KAZAKH: Final = (
    "lar ler dar der tar ter im in imiz iniz miz niz si nin din tin ka ke na ne ni di ti "
    "nda nde da de ta te dan den tan ten nan nen men ben pen i"
)
_RUSSIAN: Final = (
    "ami iami oko eko omu emu imi om em am iam ak iak ik ov ev oi ei ai aia oe ia iu ii a e o u"
)
_ENGLISH: Final = "s es ed ink"
_ENDINGS: Final = frozenset((*_KAZAKH.split(), *_RUSSIAN.split(), *_ENGLISH.split()))
_LONGEST_ENDING: Final = max(map(len, _ENDINGS))
_ROUNDS: Final = 6
_TOP: Final = 300
_TOP_TEXTS: Final = 60
_NEAR: Final = 3
# How much it counts that the question is in the name; the rest, that the name is in the question.
_ASKED: Final = 0.6
# How much it counts that many things lead to a thing.
_LINKED: Final = 0.2
_LONG: Final = 6
# How much a word counts that is asked with another ending, or with one that no rule knows.
_SAME_ROOT: Final = 0.95
_LONGER: Final = 0.85
_THING, _TERM, _SENTENCE = "thing", "term", "sentence"


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be found; ``links``: how many statements lead to it."""

    iri: str
    kind: str
    names: Sequence[str]
    texts: Sequence[str] = ()
    links: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found; ``kind`` is ``thing``, ``term`` or ``sentence``."""

    iri: str
    kind: str
    score: float


def fold(text: str) -> str:
    """A text in plain Latin letters, so that spellings of one word become one."""
    text = text.casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)
    for pattern, to in _SOUNDS:
        text = pattern.sub(to, text)
    return text


def words(text: str) -> list[str]:
    """The folded words of a text."""
    return [word for written in text.split() for word in _words(written)]


@lru_cache(maxsize=65536)
def _words(written: str) -> tuple[str, ...]:
    """What stands between two spaces, folded; the same is written again and again."""
    return tuple(_WORD.findall(fold(written)))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A folded word without its endings."""
    for _ in range(_ROUNDS):
        for length in range(min(_LONGEST_ENDING, len(word) - _SHORTEST), 0, -1):
            if word[-length:] in _ENDINGS:
                word = word[:-length]
                break
        else:
            break
    return word


class Index:
    """The index of one generation of the data. Safe to use from many threads."""

    def __init__(self, documents: Iterable[Document]) -> None:
        """Index documents."""
        self._lock = threading.Lock()
        self._base = sqlite3.connect(":memory:", check_same_thread=False)
        self._base.execute(
            "CREATE VIRTUAL TABLE entry USING fts5(iri UNINDEXED, kind UNINDEXED, names, stems, "
            "texts, tokenize = 'ascii', prefix = '2 3 4')"
        )
        self._names: dict[str, list[list[str]]] = {}
        self._weight: dict[str, float] = {}
        vocabulary_: set[str] = set()
        with self._base:
            for one in documents:
                folded = [words(name) for name in one.names]
                said = [word for text in one.texts for word in words(text)]
                self._names[one.iri] = folded
                self._weight[one.iri] = min(1, math.log10(1 + one.links) / 3)
                flat = [word for name in folded for word in name]
                stems = " ".join(dict.fromkeys(stem(word) for word in flat))
                text = " ".join(dict.fromkeys([*said, *map(stem, said)]))
                vocabulary_.update(flat, said)
                self._base.execute(
                    "INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
                    (one.iri, one.kind, " ".join(flat), stems, text),
                )
        self._vocabulary = sorted(vocabulary_)
        self._stems = sorted({stem(word) for word in vocabulary_})

    def find(self, query: str, limit: int = 20) -> list[Hit]:
        """What a query means, best first; the last word may be unfinished."""
        asked = words(query)
        asked = [word for word in asked if len(word) > 1 or word.isdigit()] or asked
        if not asked:
            return []
        groups = [self._alternatives(word) for word in asked]
        every, some = " AND ".join(groups), " OR ".join(groups)
        found = {row[0]: row for row in self._match(f"{{names stems}} : ({every})", _TOP)}
        found |= {row[0]: row for row in self._match(every, _TOP_TEXTS)}
        if len(groups) > 1:
            found = {row[0]: row for row in self._match(some, _TOP_TEXTS)} | found
        hits = [
            Hit(iri, kind, self._score(asked, iri, kind, rank))
            for iri, kind, rank in found.values()
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.iri))[:limit]

    def _match(self, expression: str, most: int) -> list[tuple[str, str, float]]:
        with self._lock:
            return self._base.execute(
                "SELECT iri, kind, bm25(entry, 0, 0, 8, 5, 1) AS rank FROM entry "
                "WHERE entry MATCH ? ORDER BY rank LIMIT ?",
                (expression, most),
            ).fetchall()

    def _alternatives(self, word: str) -> str:
        """A word as FTS5 matches it: itself, what begins with it, its stem, or near words."""
        root = stem(word)
        options = {f'"{word}" *', f'"{root}"'}
        if len(root) >= _SHORTEST:
            options.add(f'"{root}" *')
        if not self._known(word, root):
            options.update(f'"{near}"' for near in self._near(word))
        return "(" + " OR ".join(sorted(options)) + ")"

    def _known(self, word: str, root: str) -> bool:
        place = bisect.bisect_left(self._stems, root)
        if place < len(self._stems) and self._stems[place] == root:
            return True
        place = bisect.bisect_left(self._vocabulary, word)
        return place < len(self._vocabulary) and self._vocabulary[place].startswith(word)

    def _near(self, word: str) -> list[str]:
        """Words of the index that a misspelt one may stand for."""
        most = 1 if len(word) < _LONG else 2
        found = process.extract(
            word, self._vocabulary, scorer=OSA.distance, score_cutoff=most, limit=_NEAR
        )
        root = stem(word)
        roots = process.extract(root, self._stems, scorer=OSA.distance, score_cutoff=1, limit=_NEAR)
        return [near for near, _, _ in (*found, *roots)]

    def _score(self, asked: list[str], iri: str, kind: str, rank: float) -> float:
        """How well a name fits, how FTS5 ranks it, how much leads to it, and what kind it is."""
        best = max((_fit(asked, name) for name in self._names[iri]), default=0.0)
        weight = {_THING: 1.0, _TERM: 0.75, _SENTENCE: 0.5}[kind]
        return weight * (best + min(-rank, 30) / 100 + _LINKED * self._weight[iri])


def _fit(asked: list[str], name: list[str]) -> float:
    """0 to 1: how much of the question is in the name, and of the name in the question."""
    if not name:
        return 0.0
    roots = [stem(word) for word in name]
    found = 0.0
    for word in asked:
        root = stem(word)
        if word in name:
            found += 1
        elif root in roots:
            found += _SAME_ROOT
        elif any(len(other) > _SHORTEST and word.startswith(other) for other in name):
            found += _LONGER
        elif any(other.startswith(word) for other in name):
            found += 0.75
        else:
            near = max((fuzz.ratio(root, other) for other in roots), default=0)
            found += 0.6 if near >= 78 else 0  # noqa: PLR2004 -- two letters of nine
    return _ASKED * found / len(asked) + (1 - _ASKED) * min(1, found / len(name))


def index(repository: Repository) -> Index:
    """The index of what is served."""
    return repository.kept("search", lambda: Index(_documents(repository)))


def _documents(repository: Repository) -> Iterable[Document]:
    """Everything with a name or with words of its own."""
    known = vocabulary(repository)
    names = " ".join(f"<{iri}>" for iri in (*NAMING, str(SKOS.altLabel)))
    found: dict[str, tuple[list[str], list[str]]] = {}
    for row in repository.select(
        f"SELECT DISTINCT ?s ?p ?o {{ VALUES ?p {{ {names} }} ?s ?p ?o FILTER (isIRI(?s)) }} "
        "ORDER BY ?s"
    ):
        mine = found.setdefault(row["s"].value, ([], []))[0]
        if row["o"].value not in mine:
            mine.append(row["o"].value)
    sentences = set()
    for row in repository.select(
        f"SELECT DISTINCT ?s ?o {{ {{ ?s <{OA.hasSelector}> ?q . ?q <{OA.exact}> ?o }} UNION "
        f"{{ ?s {known.record.ref('workingTranslation')} ?o }} }} ORDER BY ?s"
    ):
        sentences.add(row["s"].value)
        found.setdefault(row["s"].value, ([], []))[1].append(row["o"].value)
    links = {
        row["o"].value: int(row["n"].value)
        for row in repository.select(
            "SELECT ?o (COUNT(*) AS ?n) { ?s ?p ?o FILTER (isIRI(?o)) } GROUP BY ?o"
        )
        if "o" in row
    }
    base = repository.catalogue.base
    for iri, (called, said) in found.items():
        if not iri.startswith(base):
            continue
        is_term = iri.startswith(known.record.namespace)
        kind = _SENTENCE if iri in sentences else _TERM if is_term else _THING
        yield Document(iri, kind, called, said, links.get(iri, 0))

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
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from assembly_kg.engine.repository import NAMING
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import ELI, OA, SH, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assembly_kg.engine.repository import Repository

__all__ = ["Document", "Hit", "Index", "fold", "index", "roman", "stem", "words"]

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
_WRITTEN: Final = re.compile(r"[^\W_]+(?:['’ʼ`‘][^\W_]+)*")
_ROMAN: Final = re.compile(r"(X{0,3}|XL|LX{0,3}|XC)(I{0,3}|IV|VI{0,3}|IX)")
_ROMAN_LOOKALIKES: Final = str.maketrans("ХІ", "XI")
_ROMAN_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
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
# How much it counts that the words are written just so: Тоқ begins Тоқаев rather than Тохтасунов.
_WRITTEN_SO: Final = 0.05
_LONG: Final = 6
# How much of two words is the same beginning where only their endings differ: whatever the rules of
# endings say, and where they agree.
_SHARED: Final = 0.75
_SHARED_ROOT: Final = 0.5
# How much a word counts that is asked with another ending, with one that no rule knows, or of which
# endings leave less than half; that is unfinished; that is misspelt.
_SAME_ROOT: Final = 0.95
_LONGER: Final = 0.85
_SHORT_ROOT: Final = 0.6
_BEGINNING: Final = 0.8
_NEARLY: Final = 0.7
_THING, _TERM, _SENTENCE = "thing", "term", "sentence"
# What is told about things (a time, a rule, a part) comes after the things themselves.
_ABOUT: Final = "about"
_WEIGHTS: Final = {_THING: 1.0, _ABOUT: 0.85, _TERM: 0.75, _SENTENCE: 0.5}


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be found.

    Attributes:
        kind: ``thing``, ``about`` (told about things), ``term`` or ``sentence``.
        links: how many statements lead to it.
    """

    iri: str
    kind: str
    names: Sequence[str]
    texts: Sequence[str] = ()
    links: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found; ``kind`` is ``thing``, ``term`` or ``sentence``."""

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
    parts = (roman(part) or fold(part) for part in _WRITTEN.findall(written))
    return tuple(word for part in parts for word in _WORD.findall(part))


def _plain(*texts: str) -> list[str]:
    """The words of texts as they are written, in small letters."""
    return [word for text in texts for word in _WORD.findall(text.casefold())]


def roman(word: str) -> str:
    """A Roman number in capitals, also in Cyrillic ones, as sessions have it; else nothing."""
    letters = word.translate(_ROMAN_LOOKALIKES)
    if not _ROMAN.fullmatch(letters):
        return ""
    values = [_ROMAN_VALUES[letter] for letter in letters]
    below = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-value if value < after else value for value, after in below))


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
        self._written: dict[str, str] = {}
        self._weight: dict[str, float] = {}
        # What is called just so, by the roots: of very common words FTS5's best may leave it out.
        self._called: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        vocabulary_: set[str] = set()
        common: Counter[str] = Counter()
        with self._base:
            for one in documents:
                folded = [words(name) for name in one.names]
                said = [word for text in one.texts for word in words(text)]
                self._names[one.iri] = folded
                self._written[one.iri] = "".join(f" {word}" for word in _plain(*one.names))
                self._weight[one.iri] = min(1, math.log10(1 + one.links) / 3)
                for called in {tuple(map(stem, name)) for name in folded}:
                    self._called.setdefault(called, []).append((one.iri, one.kind))
                flat = [word for name in folded for word in name]
                roots = list(dict.fromkeys(stem(word) for word in flat))
                common.update(roots)
                stems = " ".join(roots)
                text = " ".join(dict.fromkeys([*said, *map(stem, said)]))
                vocabulary_.update(flat, said)
                self._base.execute(
                    "INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
                    (one.iri, one.kind, " ".join(flat), stems, text),
                )
        self._vocabulary = sorted(vocabulary_)
        self._stems = sorted({stem(word) for word in vocabulary_})
        most = math.log(1 + len(self._names))
        # 0 to 1: a word that few names have tells more than one that many have.
        self._telling = {
            root: math.log(1 + len(self._names) / n) / most for root, n in common.items()
        }

    def find(self, query: str, limit: int = 20) -> list[Hit]:
        """What a query means, best first; the last word may be unfinished."""
        asked = words(query)
        asked = [word for word in asked if len(word) > 1 or word.isdigit()] or asked
        if not asked:
            return []
        plain = _plain(query)
        groups = [self._alternatives(word) for word in asked]
        every, some = " AND ".join(groups), " OR ".join(groups)
        found = {row[0]: row for row in self._match(f"{{names stems}} : ({every})", _TOP)}
        found |= {row[0]: row for row in self._match(every, _TOP_TEXTS)}
        if len(groups) > 1:
            found = {row[0]: row for row in self._match(some, _TOP_TEXTS)} | found
        for iri, kind in self._called.get(tuple(map(stem, asked)), ())[:_TOP_TEXTS]:
            found.setdefault(iri, (iri, kind, 0.0))
        hits = [
            Hit(iri, _THING if kind == _ABOUT else kind, self._score(asked, plain, iri, kind, rank))
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
        if not self._known(word):
            options.update(f'"{near}"' for near in self._near(word))
        return "(" + " OR ".join(sorted(options)) + ")"

    def _known(self, word: str) -> bool:
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

    def _score(self, asked: list[str], plain: list[str], iri: str, kind: str, rank: float) -> float:
        """How well a name fits, how FTS5 ranks it, how much leads to it, and what kind it is."""
        written = self._written[iri]
        same = sum(f" {word}" in written for word in plain) / max(1, len(plain))
        best = max((self._fit(asked, name) for name in self._names[iri]), default=0.0)
        return _WEIGHTS[kind] * (
            best + _WRITTEN_SO * same + min(-rank, 30) / 100 + _LINKED * self._weight[iri]
        )

    def _fit(self, asked: list[str], name: list[str]) -> float:
        """0 to 1: how much of the question is in the name, and of the name in the question."""
        if not name:
            return 0.0
        roots = [stem(word) for word in name]
        told = [self._telling.get(stem(word), 1.0) for word in asked]
        found = sum(
            tells * _found(word, name, roots) for word, tells in zip(asked, told, strict=True)
        )
        whole = sum(self._telling.get(root, 1.0) for root in roots)
        return _ASKED * found / sum(told) + (1 - _ASKED) * min(1, found / whole)


def _found(word: str, name: list[str], roots: list[str]) -> float:
    """0 to 1: how surely a word of the question is one of the name."""
    if word in name:
        return 1.0
    root = stem(word)
    best = 0.0
    for other, other_root in zip(name, roots, strict=True):
        shared = _beginning(word, other) / max(len(word), len(other))
        if shared >= _SHARED or (root == other_root and shared >= _SHARED_ROOT):
            best = max(best, _SAME_ROOT)
        elif len(other) > _SHORTEST and word.startswith(other):
            best = max(best, _LONGER)
        elif other.startswith(word):
            best = max(best, _BEGINNING)
        elif best < _NEARLY and _near(word, other, root, other_root):
            best = _NEARLY
        elif root == other_root:
            best = max(best, _SHORT_ROOT)
    return best


def _beginning(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _near(word: str, other: str, root: str, other_root: str) -> bool:
    """Whether two words or their roots differ in two letters of nine at most."""
    return max(fuzz.ratio(word, other), fuzz.ratio(root, other_root)) >= 78  # noqa: PLR2004


def index(repository: Repository) -> Index:
    """The index of what is served."""
    return repository.kept("search", lambda: Index(_documents(repository)))


def _documents(repository: Repository) -> Iterable[Document]:
    """Everything with a name or with words of its own."""
    known = vocabulary(repository)
    names = " ".join(f"<{iri}>" for iri in (*NAMING, str(SKOS.altLabel)))
    found: dict[str, tuple[list[str], list[str]]] = {}
    for row in repository.select(
        f"SELECT DISTINCT ?s ?p ?o {{ {{ VALUES ?p {{ {names} }} ?s ?p ?o FILTER (isIRI(?s)) }} "
        f"UNION {{ ?naming {known.record.ref('nameOf')} ?s ; {known.record.ref('nameText')} ?o }} "
        "} ORDER BY ?s"
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
    about = _told_about_things(repository)
    for iri, (called, said) in found.items():
        if not iri.startswith(base):
            continue
        kind = _THING
        if iri in sentences:
            kind = _SENTENCE
        elif iri.startswith(known.record.namespace):
            kind = _TERM
        elif iri in about:
            kind = _ABOUT
        yield Document(iri, kind, called, said, links.get(iri, 0))


def _told_about_things(repository: Repository) -> set[str]:
    """Situations, gaps and disputes, parts of acts, shapes: not what a reader looks for first."""
    record = vocabulary(repository).record
    names = " ".join(
        (
            record.ref("Situation"),
            record.ref("Gap"),
            record.ref("Dispute"),
            record.ref("SourceDocument"),
            f"<{ELI.LegalResourceSubdivision}>",
            f"<{SH.NodeShape}>",
            f"<{SH.PropertyShape}>",
            f"<{SH.PropertyGroup}>",
            f"<{SKOS.ConceptScheme}>",
        )
    )
    rows = repository.select(f"SELECT DISTINCT ?s {{ VALUES ?kind {{ {names} }} ?s a ?kind }}")
    return {row["s"].value for row in rows}

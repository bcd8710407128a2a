"""Questions that are so small that asking a worker would cost more than the answer.

Owns the proof that a query is one, and a copy of the default graph in this process to answer it
from. There are two proofs, both conservative. A look-up is seen at once: the whole text has the
form of one triple pattern whose subject is given, so its solutions are at most the triples of one
subject; and no subject has more than ``LARGEST``. Of other queries a bound is known (``bounds``)
if the like of them came before: then a worker was asked how such queries are evaluated, and how
often things are met in the graph. Everything else goes on to the pool, where it can be stopped.
"""

from __future__ import annotations

import mmap
import re
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine import tasks
from assembly_kg.engine.bounds import Plan, Statistics, template
from assembly_kg.engine.inline import Inline
from assembly_kg.engine.question import Limits
from assembly_kg.engine.scan import Outline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.client import PoolClient
    from assembly_kg.engine.question import Answer, Question
    from assembly_kg.settings import Settings

__all__ = ["LARGEST", "MOST", "WithLookups", "copy_file", "is_lookup", "write_copy"]

LARGEST: Final = 2000
MOST: Final = 4000  # triples that a small query reads; a microsecond each, or two
_TEMPLATES: Final = 1024

_IRI: Final = r'<[^<>"{}|^`\\\x00-\x20]*+>'
_NAME: Final = r"(?:[A-Za-z][\w-]*+)?:[\w-]++"
_SPACE: Final = r"[ \t\r\n]*+"
_VARIABLE: Final = r"[?$]\w++"
_LITERAL: Final = r'"[^"\\\r\n]*+"(?:@[A-Za-z]++(?:-[A-Za-z0-9]++)*+)?'
_SUBJECT: Final = rf"(?:{_IRI}|{_NAME})"
_OBJECT: Final = rf"(?:{_VARIABLE}|{_IRI}|{_NAME}|{_LITERAL})"
_PREDICATE: Final = rf"(?:{_VARIABLE}|{_IRI}|{_NAME}|a(?=\s))"
_LANGUAGE: Final = (
    rf"FILTER{_SPACE}\({_SPACE}LANG{_SPACE}\({_SPACE}{_VARIABLE}{_SPACE}\){_SPACE}={_SPACE}"
    rf'"[A-Za-z-]*+"{_SPACE}\){_SPACE}(?:\.{_SPACE})?'
)
_GROUP: Final = (
    rf"\{{{_SPACE}{_SUBJECT}{_SPACE}{_PREDICATE}{_SPACE}{_OBJECT}{_SPACE}(?:\.{_SPACE})?"
    rf"(?:{_LANGUAGE})?\}}"
)
_LOOKUP: Final = re.compile(
    rf"{_SPACE}(?:PREFIX\s++(?:[A-Za-z][\w-]*+)?:{_SPACE}{_IRI}{_SPACE})*+"
    r"(?:(?:SELECT\s++(?:DISTINCT\s++)?"
    rf"(?:(?:{_VARIABLE}{_SPACE})++|\*{_SPACE})|ASK{_SPACE}|CONSTRUCT{_SPACE})"
    rf"(?:WHERE{_SPACE})?{_GROUP}|DESCRIBE{_SPACE}{_SUBJECT})"
    rf"{_SPACE}(?:LIMIT\s++[0-9]{{1,9}}{_SPACE})?(?:\#[^\r\n]*+)?",
    re.IGNORECASE,
)

# A small query that begins so has nothing in it of which an outline would tell more than this.
_BEGINNING: Final = re.compile(
    rf"{_SPACE}(?:PREFIX\s++(?:[A-Za-z][\w-]*+)?:{_SPACE}{_IRI}{_SPACE})*+(SELECT|ASK)\b",
    re.IGNORECASE,
)
_OUTLINES: Final = {form: Outline(form) for form in ("SELECT", "ASK")}


def is_lookup(text: str) -> bool:
    """Whether a query can only be about the triples of one given subject."""
    return _LOOKUP.fullmatch(text) is not None


def copy_file(directory: Path, generation: str) -> Path:
    """Where a generation leaves its default graph for processes that answer look-ups."""
    return directory / f"{generation}.nt"


def write_copy(store: ox.Store, catalogue: Catalogue, file: Path, most: int) -> None:
    """Leave the default graph in a file, if look-ups in it are small and it is not too large."""
    if catalogue.default_size > most or catalogue.largest > LARGEST:
        return
    dumped = file.with_suffix(".dump")
    store.dump(str(dumped), ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    if dumped.stat().st_size:
        _write_backwards(dumped, file)
    dumped.unlink()


def _write_backwards(source: Path, target: Path) -> None:
    """Copy lines, the last one first.

    The engine tells triples in the reverse of the order in which they were loaded. Read from the
    copy they come as the workers tell them, so that LIMIT asked here and OFFSET asked there are
    parts of one sequence.
    """
    with (
        source.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines,
        target.open("wb") as copy,
    ):
        end = len(lines)
        while end:
            start = lines.rfind(b"\n", 0, end - 1) + 1
            copy.write(lines[start:end])
            end = start


class WithLookups:
    """An engine that answers small questions here and asks a pool for everything else.

    The copy is read by a thread when a generation is first asked; until it is there, and where
    there is none, the pool answers look-ups too. What must be known of queries that are no look-ups
    is learned if somebody asks the pool for it: ``to_learn`` and ``learned``.
    """

    def __init__(self, pool: PoolClient, directory: Path, settings: Settings) -> None:
        self._pool = pool
        self._directory = directory
        self._limits = Limits.of(settings)
        self._copy: tuple[str, Inline | None] = ("", None)
        self._wanted = ""
        self._lock = threading.Lock()
        self._counted: tuple[str, Statistics | None] = ("", None)
        self._plans: OrderedDict[str, Plan | None] = OrderedDict()
        self._met: OrderedDict[int, None] = OrderedDict()
        self._unplanned = ""
        self.generation = pool.generation
        self.catalogue = pool.catalogue

    def answer(
        self,
        question: Question,
        timeout: float | None = None,
        hung_up: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a question; see ``Engine``."""
        return self.here(question, self.generation()) or self._pool.answer(
            question, timeout, hung_up
        )

    def here(self, question: Question, generation: str) -> Answer | None:
        """The answer of a generation, if it can be had here, in a few milliseconds at most.

        Raises:
            EngineError: there is no answer; the class says why.
        """
        dataset = question.default_graphs, question.named_graphs
        if question.task or dataset != (None, None):
            return None
        copy = self._copy_of(generation)
        if copy is None or not (is_lookup(question.text) or self._is_small(question.text)):
            return None
        beginning = _BEGINNING.match(question.text)
        outline = _OUTLINES[beginning[1].upper()] if beginning else None
        return copy.answer(question, outline=outline)

    def statistics(self) -> dict[str, Any]:
        """How the pool is doing."""
        return self._pool.statistics()

    def to_learn(self) -> Question | None:
        """What the pool should be asked next, so that more can be answered here."""
        generation, copy = self._copy
        if copy is None or generation != self._pool.generation():
            return None
        if self._counted[0] != generation:
            return tasks.statistics()
        return tasks.plan(self._unplanned) if self._unplanned else None

    def learned(self, question: Question, answer: bytes) -> None:
        """Take the answer to what ``to_learn`` asked; empty if there was none."""
        if question.task == tasks.STATISTICS:
            self._counted = self._copy[0], Statistics.from_json(answer) if answer else None
            return
        self._plans[self._unplanned] = Plan.from_json(answer) if answer else None
        self._unplanned = ""
        while len(self._plans) > _TEMPLATES:
            self._plans.popitem(last=False)

    def _is_small(self, text: str) -> bool:
        """Whether a bound of what a query reads is known and low."""
        generation, statistics = self._counted
        if statistics is None or generation != self._copy[0]:
            return False
        made = template(text)
        if made is None:
            return False
        try:
            found = self._plans[made.text]
        except KeyError:
            self._meet(made.text)
            return False
        return found is not None and found.most(made.constants, statistics) <= MOST

    def _meet(self, text: str) -> None:
        """Plan a template when it comes for the second time, and no other is being planned."""
        if self._unplanned:
            return
        if hash(text) in self._met:
            self._unplanned = text
            return
        self._met[hash(text)] = None
        while len(self._met) > 4 * _TEMPLATES:
            self._met.popitem(last=False)

    def _copy_of(self, generation: str) -> Inline | None:
        held, copy = self._copy
        if held == generation:
            return copy
        with self._lock:
            if self._wanted != generation:
                self._wanted = generation
                threading.Thread(target=self._read, args=(generation,), daemon=True).start()
        return None

    def _read(self, generation: str) -> None:
        copy = None
        try:
            catalogue = self._pool.catalogue()
            file = copy_file(self._directory, generation)
            if file.exists():
                store = ox.Store()
                store.bulk_load(path=str(file), format=ox.RdfFormat.N_TRIPLES)
                copy = Inline(store, catalogue, self._limits)
        finally:
            self._copy = (generation, copy)

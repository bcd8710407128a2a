"""What is asked and what is answered: the frozen values that pass between the engine's parts.

Owns their shapes. ``Question`` and ``Limits`` go to a worker, ``Head`` and the body come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from assembly_kg.engine import formats

if TYPE_CHECKING:
    from collections.abc import Callable

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.settings import Settings

__all__ = ["Answer", "AskerGone", "Engine", "Head", "Limits", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """A query with its protocol dataset and the formats that its asker can read.

    Attributes:
        text: the query.
        default_graphs, named_graphs: the protocol dataset, which goes before the query's own;
            both None where the request names none.
        solutions: short name of the format for SELECT and ASK; None if the asker reads none.
        triples: short name of the format for CONSTRUCT and DESCRIBE; None likewise.
        task: what to do instead of answering a query (``assembly_kg.engine.tasks``); the text then
            holds its arguments.
    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    solutions: str | None = "json"
    triples: str | None = "ttl"
    task: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may take; each field is the setting of the same name."""

    timeout: float
    max_rows: int
    max_bytes: int
    max_query_bytes: int
    max_nesting: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings hold."""
        return cls(
            timeout=settings.timeout,
            max_rows=settings.max_rows,
            max_bytes=settings.max_bytes,
            max_query_bytes=settings.max_query_bytes,
            max_nesting=settings.max_nesting,
        )


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an answer before its body: its format, and whether it may be kept.

    ``volatile`` is true for answers that differ from run to run by intent (NOW, RAND ...).
    """

    format: str
    makes_graph: bool
    volatile: bool

    @property
    def written_as(self) -> formats.Format:
        """The format with its media type."""
        if self.makes_graph:
            return formats.graph_format(self.format)
        return formats.solution_format(self.format)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, whole or on its way.

    Attributes:
        head: what it is.
        body: the bytes, or, when they are many, a file to read them from, at its beginning. Where
            it is a ``Spool`` it may still be written, and reading it may raise what stopped it.
        size: bytes in the body, so far.
        rows: its solutions or triples; None where they are not counted.
    """

    head: Head
    body: bytes | BinaryIO
    size: int
    rows: int | None = None


class AskerGone(Exception):
    """The one who asked has hung up; the question was stopped."""


class Engine(Protocol):
    """Whatever answers questions: a pool of workers, this process, or a remote server."""

    def generation(self) -> str:
        """Changes whenever what is being served does; quick to ask.

        Raises:
            EngineUnavailable: nothing is.
        """

    def catalogue(self) -> Catalogue:
        """What is being served at this moment.

        Raises:
            EngineUnavailable: nothing is.
        """

    def answer(
        self,
        question: Question,
        timeout: float | None = None,
        hung_up: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a question.

        Args:
            question: what is asked.
            timeout: seconds, if less than the setting.
            hung_up: asked now and then while the answer is awaited; once true, the question is
                stopped.

        Raises:
            AskerGone: ``hung_up`` said so.
            EngineError: there is no answer; the class says why.
        """

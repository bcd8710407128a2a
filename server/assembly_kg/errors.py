"""The exception tree: every fault that a caller may want to tell apart.

::

    KnowledgeGraphError
    ├── SettingsError            a setting is unknown, unreadable or out of range
    ├── InputError               a file that somebody wrote cannot be used as it is
    ├── NotFoundError            a release, graph or resource that was asked for does not exist
    ├── ValidationFailure        the data break a shape; the report says which and where
    ├── BuildError               a release could not be made; the previous one stands
    │   └── InconsistencyError   the ontology and the data contradict each other
    └── EngineError              a query could not be answered
        ├── QuerySyntaxError     it is not SPARQL 1.1
        ├── UnsupportedQuery     it is SPARQL, but not for here (an update, a remote service)
        ├── NotAcceptable        the answer cannot be written in any format that was asked for
        ├── EngineUnavailable    the engine or the remote server behind it does not answer
        └── LimitExceeded        it needs more than it may have
            ├── DeadlineExceeded
            ├── MemoryExceeded
            ├── ResultTooLarge
            └── QueueFull

The command line turns each into its message and its ``exit_code``; the web layer turns each into a
problem document. A library's own exception is translated once, at the edge of the layer that uses
the library, ``from`` its cause. A message says what is wrong, where, and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "BuildError",
    "DeadlineExceeded",
    "EngineError",
    "EngineUnavailable",
    "InconsistencyError",
    "InputError",
    "KnowledgeGraphError",
    "LimitExceeded",
    "MemoryExceeded",
    "NotAcceptable",
    "NotFoundError",
    "QuerySyntaxError",
    "QueueFull",
    "ResultTooLarge",
    "SettingsError",
    "UnsupportedQuery",
    "ValidationFailure",
]


class KnowledgeGraphError(Exception):
    """Any fault of this package's own; ``exit_code`` is what the command line ends with."""

    exit_code: ClassVar[int] = 1


class SettingsError(KnowledgeGraphError):
    """A setting is unknown, unreadable or out of range."""

    exit_code = 2


class InputError(KnowledgeGraphError):
    """A file cannot be used as it is.

    Args:
        path: the file, as its author would name it; None for standard input.
        line: the line of the fault, from 1; None where the whole file is at fault.
        message: what is wrong and what to write instead.
        column: the column of the fault in that line, from 1, if known.
    """

    exit_code = 2

    def __init__(
        self, path: Path | str | None, line: int | None, message: str, column: int | None = None
    ) -> None:
        self.path = path
        self.line = line
        self.message = message
        self.column = column
        place = "standard input" if path is None else str(path)
        for number in (line, column if line is not None else None):
            place += "" if number is None else f":{number}"
        super().__init__(f"{place}: {message}")

    def __reduce__(
        self,
    ) -> tuple[type[InputError], tuple[Path | str | None, int | None, str, int | None]]:
        """Pickle by the arguments: a worker process sends its errors to its parent."""
        return type(self), (self.path, self.line, self.message, self.column)


class NotFoundError(KnowledgeGraphError):
    """A release, graph or resource that was asked for does not exist."""

    exit_code = 2


class ValidationFailure(KnowledgeGraphError):
    """The data break at least one shape; the message counts the results."""

    exit_code = 1


class BuildError(KnowledgeGraphError):
    """A release could not be made; the previous one stands untouched."""


class InconsistencyError(BuildError):
    """The ontology and the data contradict each other; the message says which and why."""


class EngineError(KnowledgeGraphError):
    """A query could not be answered."""

    exit_code = 3


class QuerySyntaxError(EngineError):
    """The text is not SPARQL 1.1.

    Args:
        message: what was expected, in a sentence.
        line: line of the fault, from 1, if known.
        column: column of the fault, from 1, if known.
    """

    exit_code = 2

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.message = message
        self.line = line
        self.column = column
        place = "" if line is None else f"line {line}: "
        if line is not None and column is not None:
            place = f"line {line}, column {column}: "
        super().__init__(f"{place}{message}")

    def __reduce__(self) -> tuple[type[QuerySyntaxError], tuple[str, int | None, int | None]]:
        """Pickle by the arguments: a worker process sends its errors to its parent."""
        return type(self), (self.message, self.line, self.column)


class UnsupportedQuery(EngineError):
    """The query is well formed but is not answered here; the message says why."""

    exit_code = 2


class NotAcceptable(EngineError):
    """The answer cannot be written in any format that was asked for."""

    exit_code = 2


class EngineUnavailable(EngineError):
    """The engine, or the remote server behind it, does not answer."""


class LimitExceeded(EngineError):
    """The query needs more than it may have.

    Args:
        limit: the name of the setting that holds the limit, as in ``settings``.
        value: the limit that was in force, in that setting's unit.
        message: what happened and what to do; by default it is made from the two.
    """

    sentence: ClassVar[str] = "the query went over a limit"

    def __init__(self, limit: str, value: float, message: str | None = None) -> None:
        self.limit = limit
        self.value = value
        self.message = message
        super().__init__(message or f"{self.sentence} ({limit} = {value:g})")

    def __reduce__(self) -> tuple[type[LimitExceeded], tuple[str, float, str | None]]:
        """Pickle by the arguments: a worker process sends its errors to its parent."""
        return type(self), (self.limit, self.value, self.message)


class DeadlineExceeded(LimitExceeded):
    """The query was still running at its deadline and was stopped."""

    sentence = "the query was stopped at its deadline; narrow its patterns or add a LIMIT"


class MemoryExceeded(LimitExceeded):
    """The query's worker went over its memory and was stopped."""

    sentence = "the query needed too much memory and was stopped; narrow its patterns"


class ResultTooLarge(LimitExceeded):
    """The answer is larger than one answer may be."""

    sentence = "the answer is too large for one response; ask for it in parts (LIMIT and OFFSET)"


class QueueFull(LimitExceeded):
    """More queries wait than the server will hold."""

    sentence = "too many queries are waiting; try again in a few seconds"

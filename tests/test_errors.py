"""What a fault says, and what survives the way from a worker process to its parent."""

import inspect
import pickle
import re

import pytest

from assembly_kg import errors
from assembly_kg.errors import (
    DeadlineExceeded,
    EngineError,
    InputError,
    KnowledgeGraphError,
    LimitExceeded,
    QuerySyntaxError,
)

CLASSES = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, KnowledgeGraphError)
]


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ([│├└─ ]*)([A-Z]\w+)", line):
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            drawn[found[2]] = path[depth - 1] if depth else "Exception"
    assert drawn == {cls.__name__: cls.__mro__[1].__name__ for cls in CLASSES}


def test_every_error_is_public_and_the_list_is_sorted() -> None:
    assert errors.__all__ == sorted(cls.__name__ for cls in CLASSES)


def test_an_input_error_begins_with_file_and_line() -> None:
    assert str(InputError("a.ttl", 41, "no")) == "a.ttl:41: no"
    assert str(InputError("a.ttl", None, "no")) == "a.ttl: no"
    assert str(InputError(None, 3, "no")) == "standard input:3: no"


def test_a_syntax_error_begins_with_line_and_column_when_they_are_known() -> None:
    assert str(QuerySyntaxError("expected a }", 2, 14)) == "line 2, column 14: expected a }"
    assert str(QuerySyntaxError("expected a }", 2)) == "line 2: expected a }"
    assert str(QuerySyntaxError("expected a }")) == "expected a }"


def test_a_limit_names_itself_and_its_value() -> None:
    error = DeadlineExceeded("timeout", 30.0)
    assert (error.limit, error.value) == ("timeout", 30.0)
    assert str(error).endswith("(timeout = 30)")
    assert isinstance(error, EngineError)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_survives_pickling(cls: type[KnowledgeGraphError]) -> None:
    if issubclass(cls, InputError):
        error: KnowledgeGraphError = cls("a.ttl", 1, "no")
    elif issubclass(cls, LimitExceeded):
        error = cls("timeout", 30.0)
    else:
        error = cls("no")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own bytes
    assert type(copy) is cls
    assert (str(copy), vars(copy)) == (str(error), vars(error))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_ends_the_command_line_with_a_code_that_is_documented(
    cls: type[KnowledgeGraphError],
) -> None:
    assert cls.exit_code in {1, 2, 3}

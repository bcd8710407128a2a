"""A long answer between the thread that writes it and the one that reads it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from assembly_kg.engine.question import AskerGone
from assembly_kg.engine.spool import Spool
from assembly_kg.errors import EngineUnavailable, ResultTooLarge

if TYPE_CHECKING:
    from pathlib import Path


def explained(error: Exception) -> Exception:
    return EngineUnavailable(f"it failed: {error}")


def still_there() -> bool:
    return False


def test_what_is_written_is_read_while_more_comes(tmp_path: Path) -> None:
    spool = Spool(tmp_path, explained)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.extend(spool.pieces(still_there)))
    reader.start()
    for number in range(1000):
        spool.append(b"%d," % number * 100)
    assert not spool.complete
    spool.finish()
    reader.join()
    assert b"".join(read) == b"".join(b"%d," % number * 100 for number in range(1000))
    assert spool.complete
    assert spool.closed
    assert list(tmp_path.iterdir()) == []


def test_it_reads_like_a_file(tmp_path: Path) -> None:
    with Spool(tmp_path, explained) as spool:
        spool.append(b"whole")
        assert not spool.settle(0)
        spool.finish()
        assert spool.settle(None)
        assert spool.size == 5
        assert spool.read(2) == b"wh"
        assert spool.read() == b"ole"


def test_a_failure_reaches_the_reader_after_what_came_before_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path, explained)
    spool.append(b"a part")
    spool.finish(ResultTooLarge("max_rows", 1))
    with pytest.raises(ResultTooLarge):
        spool.settle(None)
    pieces = spool.pieces(still_there)
    assert next(pieces) == b"a part"
    with pytest.raises(EngineUnavailable, match="it failed"):
        next(pieces)


def test_a_reader_that_closes_stops_the_writer(tmp_path: Path) -> None:
    spool = Spool(tmp_path, explained)
    spool.append(b"x")
    spool.close()
    with pytest.raises(AskerGone):
        spool.append(b"y")


def test_a_reader_that_has_gone_waits_for_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, explained)
    assert list(spool.pieces(lambda: True)) == []
    assert spool.closed

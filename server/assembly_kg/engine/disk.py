"""A store on disk, for graphs that memory should not hold.

Owns where it lies, that it is there whole or not at all, and that it is made by a process of its
own: RocksDB, which Oxigraph keeps its files with, brings threads into a process, and workers are
forked from one that has none. Each worker opens the files for itself, to read only. They carry the
version of Oxigraph in their name, as another may write them differently.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

import pyoxigraph as ox

from assembly_kg.engine import wire
from assembly_kg.engine.catalogue import Catalogue
from assembly_kg.errors import EngineUnavailable, KnowledgeGraphError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Load = Callable[[Path], tuple[ox.Store, Catalogue]]

__all__ = ["NAME", "DiskStore", "disk_folder", "prepared"]

NAME: Final = f"store-{ox.__version__}"
_FILES: Final = "files"
_CATALOGUE: Final = "catalogue.json"


def disk_folder(directory: Path, generation: str) -> Path:
    """Where a generation's store lies that is kept no longer than it is served."""
    return directory / f"{generation}.store"


@dataclass(frozen=True)
class DiskStore:
    """A finished store.

    Attributes:
        folder: where it lies.
        catalogue: what it holds.
    """

    folder: Path
    catalogue: Catalogue

    def open(self) -> ox.Store:
        """Open it to read; not in a process that forks."""
        return ox.Store.read_only(str(self.folder / _FILES))


def prepared(folder: Path, load: Load) -> DiskStore:
    """The store in a folder, made first if it is not there.

    Args:
        folder: does not exist, or was made by this.
        load: fills a store in the folder that it is given.

    Raises:
        KnowledgeGraphError: it cannot be made; what ``load`` raised.
    """
    file = folder / _CATALOGUE
    if not file.is_file():
        _apart(folder, load)
    return DiskStore(folder, Catalogue.from_json(file.read_text(encoding="utf-8")))


def _apart(folder: Path, load: Load) -> None:
    """Make the store in a process of its own."""
    receive, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(receive)
        _make_and_leave(folder, load, tell)
    os.close(tell)
    with open(receive, "rb") as said:  # noqa: PTH123 -- a pipe, not a path
        fault = said.read()
    _, status = os.waitpid(pid, 0)
    if fault:
        raise wire.decode_fault(fault)
    if status:
        raise EngineUnavailable(f"{folder}: the process that makes the store on disk died")


def _make_and_leave(folder: Path, load: Load, tell: int) -> NoReturn:
    status = 1
    try:
        _make(folder, load)
        status = 0
    except KnowledgeGraphError as error:
        os.write(tell, wire.encode_fault(error)[:60_000])
    except BaseException as error:  # noqa: BLE001 -- a forked child must never return into its parent's code
        text = f"{folder}: the store on disk could not be made: {error}"
        os.write(tell, wire.encode_fault(EngineUnavailable(text))[:60_000])
    finally:
        os._exit(status)


def _make(folder: Path, load: Load) -> None:
    beside = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        store, catalogue = load(beside / _FILES)
        store.optimize()
        store.flush()
        del store
        (beside / _CATALOGUE).write_text(catalogue.to_json(), encoding="utf-8")
        with contextlib.suppress(OSError):  # another server has made the same meanwhile
            beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)

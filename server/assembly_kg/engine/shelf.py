"""Older releases, loaded when they are asked for and let go when others are.

Owns both ends of one conversation. ``OlderReleases``, in a process that speaks HTTP, asks for a
release by its folder; ``Shelf``, in the parent, has a pool loaded for it and keeps at most so many,
of which the one that was asked least recently goes first. A pool that goes answers what it was
asked before. One is loaded at a time, so that asking for many costs no more than asking for one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assembly_kg.engine import wire
from assembly_kg.engine.client import PoolClient, catalogue_file
from assembly_kg.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.question import Answer, Question
    from assembly_kg.engine.releases import Release
    from assembly_kg.settings import Settings

__all__ = ["Generation", "OlderReleases", "Shelf"]

_READY: Final = b"+"
_LOADING: Final = b"."
_LONGEST: Final = 60_000
_REST: Final = 0.05
_TOUCH_SECONDS: Final = 1.0
_WAITING: Final = 8


@dataclass
class Generation:
    """A pool: its name, its process, and the pipe on which it says that it is ready."""

    name: str
    pid: int
    ready: int
    mark: str
    born: float

    def said(self) -> bytes:
        """What it said when its pipe could be read: ``+`` when ready, a fault, or nothing."""
        said = os.read(self.ready, 65536)
        os.close(self.ready)
        return said


def _address(directory: Path) -> str:
    return str(directory / "shelf")


def _link(folder: str) -> str:
    """The link that names the generation of a release."""
    return f"release-{folder}"


class Shelf:
    """The parent's end.

    Args:
        directory: where the pools' sockets are.
        most: pools to keep.
        start: has a pool loaded for a folder of the releases.
    """

    def __init__(self, directory: Path, most: int, start: Callable[[str], Generation]) -> None:
        self._directory = directory
        self._most = most
        self._start = start
        self._open: OrderedDict[str, Generation] = OrderedDict()
        self._loading: tuple[str, Generation] | None = None
        self._closing: dict[int, Generation] = {}
        self._faults: dict[str, bytes] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(_address(directory))
        self._socket.setblocking(False)

    def watched(self) -> list[int | socket.socket]:
        """What to wait for before ``turn``."""
        return [self._socket, *([self._loading[1].ready] if self._loading else [])]

    def leave(self) -> None:
        """Close what a child of the parent has no use for."""
        self._socket.close()
        if self._loading is not None:
            os.close(self._loading[1].ready)

    def pids(self) -> list[int]:
        """The processes that it has started."""
        loading = [self._loading[1].pid] if self._loading else []
        return [*(one.pid for one in self._open.values()), *loading, *self._closing]

    def turn(self, readable: list[object]) -> None:
        """See to what could be read."""
        if self._loading is not None and self._loading[1].ready in readable:
            self._loaded()
        while True:
            try:
                asked, asker = self._socket.recvfrom(4096)
            except OSError:
                return
            with contextlib.suppress(OSError, TypeError):
                self._socket.sendto(self._reply(asked.decode()), asker)

    def buried(self, pid: int) -> bool:
        """Whether a process that ended was one of its own; a dead pool is opened when asked."""
        if self._loading is not None and self._loading[1].pid == pid:
            self._loaded()
        for folder, one in list(self._open.items()):
            if one.pid == pid:
                self._forget(folder)
        gone = self._closing.pop(pid, None)
        if gone is not None:
            catalogue_file(self._directory, gone.name).unlink(missing_ok=True)
        return gone is not None

    def _reply(self, folder: str) -> bytes:
        if folder in self._open:
            self._open.move_to_end(folder)
            return _READY
        if folder in self._faults:
            return self._faults.pop(folder)
        if self._loading is None:
            while len(self._open) >= max(1, self._most):
                self._close(next(iter(self._open)))
            self._loading = folder, self._start(folder)
        return _LOADING

    def _loaded(self) -> None:
        if self._loading is None:
            return
        (folder, one), self._loading = self._loading, None
        said = one.said()
        if said == _READY:
            link = self._directory / f".{one.name}"
            link.symlink_to(one.name)
            link.replace(self._directory / _link(folder))
            self._open[folder] = one
        else:
            lost = EngineUnavailable("the process that loads the release died; try again")
            self._faults[folder] = said or wire.encode_fault(lost)
            self._closing[one.pid] = one

    def _close(self, folder: str) -> None:
        pid = self._open[folder].pid
        self._forget(folder)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)

    def _forget(self, folder: str) -> None:
        one = self._open.pop(folder)
        (self._directory / _link(folder)).unlink(missing_ok=True)
        self._closing[one.pid] = one


class OlderReleases:
    """The end of a process that speaks HTTP; called with a release it gives an engine over it.

    While a release is loaded only a few requests wait for it, so that those for the release that
    is served always find a thread.
    """

    def __init__(self, directory: Path, settings: Settings) -> None:
        self._directory = directory
        self._settings = settings
        self._waiting = threading.BoundedSemaphore(_WAITING)

    def __call__(self, release: Release) -> _Opened:
        """An engine over a release; nothing is loaded before it is asked."""
        return _Opened(self._directory, self._settings, release, self._waiting)


class _Opened:
    """An engine over one older release, which is loaded again whenever it was let go."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        release: Release,
        waiting: threading.BoundedSemaphore,
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._folder = release.folder.name
        self._waiting = waiting
        self._generation = release.identity
        self._pool = PoolClient(directory, settings, _link(self._folder))
        self._known: Catalogue | None = None
        self._touched = 0.0

    def generation(self) -> str:
        """One name: a release never changes."""
        return self._generation

    def catalogue(self) -> Catalogue:
        """What the release holds."""
        if self._known is None:
            self._open()
            self._known = self._pool.catalogue()
        return self._known

    def answer(
        self,
        question: Question,
        timeout: float | None = None,
        hung_up: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a question; see ``Engine``."""
        self._open()
        return self._pool.answer(question, timeout, hung_up)

    def _open(self) -> None:
        """Wait until the release is loaded.

        Raises:
            KnowledgeGraphError: it cannot be, it takes longer than a query may, or enough wait.
        """
        fresh = time.monotonic() - self._touched < _TOUCH_SECONDS
        if fresh and (self._directory / _link(self._folder)).is_symlink():
            return
        if not self._waiting.acquire(blocking=False):
            raise EngineUnavailable("others wait for a release to be loaded; try again later")
        try:
            self._wait()
        finally:
            self._waiting.release()
        self._touched = time.monotonic()

    def _wait(self) -> None:
        until = time.monotonic() + self._settings.timeout
        while (said := self._ask()) != _READY:
            if said not in {_LOADING, b""}:
                raise wire.decode_fault(said)
            if time.monotonic() > until:
                raise EngineUnavailable("the release is being loaded; try again in a few seconds")
            time.sleep(_REST)

    def _ask(self) -> bytes:
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asker,
        ):
            asker.bind("")
            asker.settimeout(1.0)
            asker.connect(_address(self._directory))
            asker.send(self._folder.encode())
            return asker.recv(_LONGEST + 1)
        return b""

"""The parent of the workers: one single-threaded process that holds the graph.

Owns forking, watching and burying. It loads nothing itself and never runs a query. Workers share
its store copy-on-write, so that a new one costs a millisecond and a killed one nothing.

Two kinds of place. ``workers`` places are for quick questions; a question that runs longer than
``quick`` seconds moves its process, at lower priority, to one of ``long_workers`` places, and a
fresh worker takes the place it leaves. So a quick question always finds a worker soon, whatever
else is running. A long question that finds no place is ended and its asker told to come back.
Questions wait in the socket that all workers accept from: ``queue``, and one for each worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.engine.table import Slot, Table
from assembly_kg.engine.worker import Worker, die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable

    from assembly_kg.engine.evaluate import Evaluator
    from assembly_kg.settings import Settings

__all__ = ["Pool", "control_address", "question_address"]

_ENDS_KEPT: Final = 4096
_CAUSES: Final = {
    signal.SIGALRM: "deadline",
    signal.SIGABRT: "memory",
    signal.SIGSEGV: "stack",
    signal.SIGBUS: "stack",
}
_LOWER_PRIORITY: Final = 10


def question_address(directory: Path, generation: str) -> str:
    """The socket where a generation's workers take questions."""
    return str(directory / f"{generation}.sock")


def control_address(directory: Path, generation: str) -> str:
    """The socket where a generation's pool is asked about its workers."""
    return str(directory / f"{generation}.control")


@dataclass
class _Place:
    """A slot of the table with the process in it, if any."""

    slot: Slot
    pid: int = 0
    killed_for: str = ""


class Pool:
    """Keeps workers for one store.

    Args:
        evaluate: gives what a worker answers with; called in each worker.
        settings: workers, long_workers, quick, queue, memory, timeout.
        directory: where the two sockets are made.
        generation: their name, different for each release that is loaded.
    """

    def __init__(
        self,
        evaluate: Callable[[], Evaluator],
        settings: Settings,
        directory: Path,
        generation: str,
    ) -> None:
        self._evaluate = evaluate
        self._settings = settings
        self._tick = min(0.05, settings.quick / 4)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._addresses = (
            question_address(directory, generation),
            control_address(directory, generation),
        )
        table = Table(settings.workers + settings.long_workers)
        self._places = [_Place(slot) for slot in table.slots]
        self._ends: OrderedDict[int, str] = OrderedDict()
        self._counts: Counter[str] = Counter()
        self._stopping = False

    def run(self, ready: Callable[[], None]) -> None:
        """Keep workers until SIGTERM; then let them finish and return.

        Args:
            ready: called once when questions can be asked.
        """
        wake = self._watch_signals()
        try:
            self._listener.bind(self._addresses[0])
            # The kernel counts the questions that wait, whichever process asks them. It keeps one
            # more than it is told; and each worker may be about to take one.
            self._listener.listen(self._settings.queue + self._settings.workers - 1)
            self._control.bind(self._addresses[1])
            self._control.setblocking(False)
            self._fill()
            ready()
            while not self._stopping:
                with contextlib.suppress(InterruptedError):
                    readable, _, _ = select.select([wake, self._control], [], [], self._tick)
                    if wake in readable:
                        wake.recv(4096)
                self._turn()
            self._drain()
        finally:
            for address in self._addresses:
                with contextlib.suppress(OSError):
                    Path(address).unlink()

    def _watch_signals(self) -> socket.socket:
        wake, waker = socket.socketpair()
        for end in (wake, waker):
            end.setblocking(False)
        self._waker = waker
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._stop)
        return wake

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _turn(self) -> None:
        self._reap()
        self._demote()
        self._fill()
        self._answer_control()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for place in self._places:
                if place.pid == pid:
                    self._bury(place, status)

    def _bury(self, place: _Place, status: int) -> None:
        place.pid = 0
        cause = place.killed_for
        if not cause and os.WIFSIGNALED(status):
            cause = _CAUSES.get(signal.Signals(os.WTERMSIG(status)), "killed")
        elif not cause and os.WEXITSTATUS(status) != 0:
            cause = "memory" if os.WEXITSTATUS(status) == 1 else "failed"
        if cause:
            self._counts[cause] += 1
            if place.slot.question:
                self._ends[place.slot.question] = cause
                while len(self._ends) > _ENDS_KEPT:
                    self._ends.popitem(last=False)
        place.killed_for = ""
        place.slot.clear()

    def _demote(self) -> None:
        oldest = time.monotonic() - self._settings.quick
        for place in self._places:
            slot = place.slot
            if not (place.pid and slot.question and not slot.demoted and slot.started < oldest):
                continue
            if self._long() < self._settings.long_workers:
                slot.demoted = True
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, place.pid, _LOWER_PRIORITY)
            elif not place.killed_for:
                self._kill(place, "long_workers")

    def _long(self) -> int:
        return sum(1 for place in self._places if place.pid and place.slot.demoted)

    def _kill(self, place: _Place, cause: str) -> None:
        place.killed_for = cause
        os.kill(place.pid, signal.SIGKILL)

    def _fill(self) -> None:
        quick = sum(1 for place in self._places if place.pid and not place.slot.demoted)
        for place in self._places:
            if quick >= self._settings.workers:
                return
            if not place.pid:
                self._fork(place)
                quick += 1

    def _fork(self, place: _Place) -> None:
        parent = os.getpid()
        place.slot.clear()
        # A worker that is told to stop before it listens to signals is told when it does.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        pid = os.fork()
        if pid:
            place.pid = pid
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            return
        signal.set_wakeup_fd(-1)
        die_with_parent(parent)
        self._control.close()
        Worker(
            self._evaluate,
            self._listener,
            place.slot,
            self._settings.memory * 1024 * 1024,
            self._settings.timeout,
        ).run()

    def _answer_control(self) -> None:
        while True:
            try:
                message, sender = self._control.recvfrom(4096)
            except OSError:
                return
            reply = json.dumps(self._control_reply(json.loads(message))).encode()
            with contextlib.suppress(OSError, TypeError):
                self._control.sendto(reply, sender)

    def _control_reply(self, message: list[Any]) -> object:
        match message:
            case ["why", question]:
                return self._ends.get(question, "")
            case ["cancel", question]:
                for place in self._places:
                    if place.pid and place.slot.question == question:
                        self._kill(place, "cancelled")
                return "cancelled"
            case _:
                return self._statistics()

    def _statistics(self) -> dict[str, object]:
        places = self._places
        return {
            "idle": sum(1 for p in places if p.pid and not p.slot.question),
            "quick": sum(1 for p in places if p.pid and p.slot.question and not p.slot.demoted),
            "long": self._long(),
            "answered": sum(p.slot.answered for p in places),
            "ended": dict(self._counts),
            "pids": [p.pid for p in places if p.pid],
        }

    def _drain(self) -> None:
        """Let running questions end; idle workers go at once."""
        self._signal_all(signal.SIGTERM)
        until = time.monotonic() + self._settings.timeout + 1
        while any(place.pid for place in self._places) and time.monotonic() < until:
            self._reap()
            self._answer_control()
            time.sleep(0.01)
        self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for place in self._places:
            if place.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(place.pid, number)

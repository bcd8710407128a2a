"""The parent of a running server.

Owns the processes: one pool for each release that is loaded (``engine.pool``), granian in front of
the site (``app``), on Linux one or more fronts before it (``web.front``), and what the server does
on signals. It holds no data and no thread, so forking from it is safe; whatever dies is started
again, and dies with it if it dies itself.

- SIGTERM, SIGINT: requests in flight are answered, then everything ends.
- SIGHUP, or a new release where the source looks: it is loaded beside the one that is served, and
  the link ``current`` turned to it; the old pool answers what it was asked and ends. HTTP
  processes go on through this, so no connection is closed and no request fails.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from assembly_kg.engine import wire
from assembly_kg.engine.client import CURRENT, PoolClient, catalogue_file
from assembly_kg.engine.disk import disk_folder, prepared
from assembly_kg.engine.evaluate import Evaluator
from assembly_kg.engine.federation import Federated
from assembly_kg.engine.lookup import WithLookups, copy_file, write_copy
from assembly_kg.engine.pool import Pool
from assembly_kg.engine.question import Limits
from assembly_kg.engine.remote import Remote
from assembly_kg.engine.shelf import Generation, OlderReleases, Shelf
from assembly_kg.engine.worker import die_with_parent
from assembly_kg.errors import EngineUnavailable, KnowledgeGraphError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyoxigraph

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.question import Engine
    from assembly_kg.settings import Settings

__all__ = ["REMOTE", "Source", "Supervisor"]

REMOTE: Final = "sparql:"

_TICK: Final = 1.0
_CRASH_SECONDS: Final = 5.0
_SPARE_THREADS: Final = 16
_START_SECONDS: Final = 30.0
_CONNECTIONS: Final = 4096
_DESCRIPTORS: Final = 65_536
_INSIDE: Final = "127.0.0.1"


class Source(Protocol):
    """Where the data come from."""

    def mark(self) -> str:
        """Changes when there is something new to load."""

    def place(self) -> Path | None:
        """The folder where a store on disk may be kept; None to keep none."""

    def load(self, into: Path | None = None) -> tuple[pyoxigraph.Store, Catalogue]:
        """Read the data into a store, in memory or in a new folder.

        Raises:
            KnowledgeGraphError: they cannot be read.
        """


class Supervisor:
    """Runs a server until it is told to stop.

    Args:
        settings: everything that can be set.
        source: where the data come from; None if another server has them (``engine``).
        tell: is given a sentence for a person at each turn.
        older: the source of an older release, by its folder.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source | None,
        tell: Callable[[str], None] = lambda _: None,
        older: Callable[[Path], Source] | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._tell = tell
        self._directory = Path(tempfile.mkdtemp(prefix="assembly-kg-"))
        self._older = older
        self._shelf = Shelf(self._directory, settings.open_releases, self._start_older)
        self._number = 0
        self._current: Generation | None = None
        self._loading: Generation | None = None
        self._old: dict[int, Generation] = {}
        self._http = 0
        self._http_port = 0
        self._listener: socket.socket | None = None
        self._fronts: dict[int, int] = {}
        self._stopping = False
        self._reload = False
        self._rest_until = 0.0

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises:
            KnowledgeGraphError: the data cannot be loaded, or the port cannot be had.
        """
        try:
            port = _free_port(self._settings.host, self._settings.port)
            self._watch_signals()
            _allow_descriptors()
            if self._source is not None:
                self._start_generation()
                self._wait_for_first()
            if self._has_front():
                self._listener = _listen(self._settings.host, port)
                port = int(self._listener.getsockname()[1])
                self._http_port = _free_port(_INSIDE, 0)
            self._start_http(port)
            self._start_fronts()
            self._announce(port)
            while not self._stopping:
                self._turn(port)
        finally:
            self._end()

    # Signals

    def _watch_signals(self) -> None:
        self._wake, self._waker = socket.socketpair()
        for end in (self._wake, self._waker):
            end.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, self._on_reload)
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)

    def _on_stop(self, *_: object) -> None:
        self._stopping = True

    def _on_reload(self, *_: object) -> None:
        self._reload = True

    def _in_child(self, *, keep_listener: bool = False) -> None:
        """What every child does first."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        self._wake.close()
        self._waker.close()
        self._shelf.leave()
        if self._loading is not None:
            os.close(self._loading.ready)
        if not keep_listener and self._listener is not None:
            self._listener.close()

    # Generations

    def _start_generation(self) -> None:
        if self._source is None:
            raise AssertionError("there is no source to load")
        self._loading = self._fork_pool(self._source, self._settings)

    def _start_older(self, folder: str) -> Generation:
        if self._older is None:
            raise AssertionError("older releases are not served")
        # Look-ups are copied for the current release only.
        settings = dataclasses.replace(self._settings, lookup_triples=0)
        return self._fork_pool(self._older(self._settings.out / folder), settings)

    def _fork_pool(self, source: Source, settings: Settings) -> Generation:
        """A process that loads a source and becomes the pool of its workers."""
        self._number += 1
        name, mark = str(self._number), source.mark()
        receive, announce = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._in_child()
            os.close(receive)
            die_with_parent(parent)
            self._be_pool(source, settings, name, announce)
        os.close(announce)
        return Generation(name, pid, receive, mark, time.monotonic())

    def _be_pool(self, source: Source, settings: Settings, name: str, announce: int) -> None:
        status = 1
        try:
            hold = self._on_disk if settings.store == "disk" else self._in_memory
            catalogue, evaluate = hold(source, settings, name)
            catalogue_file(self._directory, name).write_text(catalogue.to_json(), encoding="utf-8")
            pool = Pool(evaluate, settings, self._directory, name)

            def ready() -> None:
                os.write(announce, b"+")
                os.close(announce)

            pool.run(ready)
            status = 0
        except KnowledgeGraphError as error:
            with contextlib.suppress(OSError):
                os.write(announce, wire.encode_fault(error)[:60_000])
        except BaseException as error:  # noqa: BLE001 -- a child must not return into its parent's code
            with contextlib.suppress(OSError):
                text = f"the data could not be loaded: {type(error).__name__}: {error}"
                os.write(announce, wire.encode_fault(EngineUnavailable(text))[:60_000])
        finally:
            os._exit(status)

    def _in_memory(
        self, source: Source, settings: Settings, name: str
    ) -> tuple[Catalogue, Callable[[], Evaluator]]:
        store, catalogue = source.load()
        copy = copy_file(self._directory, name)
        write_copy(store, catalogue, copy, settings.lookup_triples)
        evaluator = Evaluator(store, catalogue, Limits.of(settings))
        evaluator.warm()
        return catalogue, lambda: evaluator

    def _on_disk(
        self, source: Source, settings: Settings, name: str
    ) -> tuple[Catalogue, Callable[[], Evaluator]]:
        kept = prepared(source.place() or disk_folder(self._directory, name), source.load)
        limits = Limits.of(settings)
        return kept.catalogue, lambda: Evaluator(kept.open(), kept.catalogue, limits)

    def _wait_for_first(self) -> None:
        while self._current is None and not self._stopping:
            error = self._look(_TICK)
            if error is not None:
                raise error

    def _look(self, seconds: float) -> KnowledgeGraphError | None:
        """Wait for a signal or for a generation that is ready; its error if it is not."""
        watched: list[Any] = [self._wake, *self._shelf.watched()]
        if self._loading is not None:
            watched.append(self._loading.ready)
        readable, _, _ = select.select(watched, [], [], seconds)
        if self._wake in readable:
            self._wake.recv(4096)
        self._shelf.turn(readable)
        if self._loading is None or self._loading.ready not in readable:
            return None
        loaded, self._loading = self._loading, None
        said = loaded.said()
        if said == b"+":
            self._switch(loaded)
            return None
        self._old[loaded.pid] = loaded
        if not said:
            return EngineUnavailable("the process that loads the data died")
        return wire.decode_fault(said)

    def _switch(self, new: Generation) -> None:
        """Turn ``current`` to a generation, and let the one before end."""
        link = self._directory / f".{new.name}"
        link.symlink_to(new.name)
        link.replace(self._directory / CURRENT)
        before, self._current = self._current, new
        if before is not None and before.pid:
            self._old[before.pid] = before
            with contextlib.suppress(ProcessLookupError):
                os.kill(before.pid, signal.SIGTERM)
            self._tell("the new release is served")

    # HTTP

    def _has_front(self) -> bool:
        """Whether an event loop answers before granian; it needs Linux's loopback, and a pool."""
        return sys.platform == "linux" and self._source is not None and not self._settings.services

    def _start_http(self, port: int) -> None:
        parent, host = os.getpid(), self._settings.host
        pid = os.fork()
        if pid == 0:
            self._in_child()
            die_with_parent(parent, signal.SIGTERM)
            status = 1
            try:
                address = (_INSIDE, self._http_port) if self._listener else (host, port)
                _serve_http(self._settings, self._directory, address)
                status = 0
            except SystemExit as error:
                status = error.code if isinstance(error.code, int) else 1
            except BaseException as error:  # noqa: BLE001 -- as above
                sys.stderr.write(f"the HTTP processes could not be started: {error}\n")
            finally:
                sys.stderr.flush()
                os._exit(status)
        self._http = pid

    def _start_fronts(self) -> None:
        """Start them all, and wait until they serve."""
        if self._listener is None:
            return
        for pipe in [self._start_front(number) for number in range(self._settings.http_processes)]:
            select.select([pipe], [], [], _START_SECONDS)
            os.close(pipe)

    def _start_front(self, number: int) -> int:
        """Start one; gives the end of a pipe on which it says that it serves."""
        parent = os.getpid()
        receive, announce = os.pipe()
        pid = os.fork()
        if pid == 0:
            # A signal to end that comes before it can be heeded waits until then.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
            self._in_child(keep_listener=True)
            os.close(receive)
            die_with_parent(parent, signal.SIGTERM)
            status = 1
            try:
                if self._listener is not None:
                    place = _Place(self._directory, self._listener, number, self._http_port)
                    _be_front(self._settings, place, lambda: os.close(announce))
                status = 0
            except BaseException as error:  # noqa: BLE001 -- as above
                sys.stderr.write(f"a front could not be started: {type(error).__name__}: {error}\n")
            finally:
                sys.stderr.flush()
                os._exit(status)
        os.close(announce)
        self._fronts[pid] = number
        return receive

    def _announce(self, port: int) -> None:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        what = f"over {self._settings.engine.removeprefix(REMOTE)}"
        if self._source is not None:
            catalogue = PoolClient(self._directory, self._settings).catalogue()
            what = f"over {catalogue.size:,} statements in {len(catalogue.graphs) + 1} graphs"
        self._tell(f"http://{host}:{port}/sparql answers {what}")

    # The loop

    def _turn(self, port: int) -> None:
        error = self._look(_TICK)
        if error is not None:
            self._tell(f"the release that is served stays: {error}")
        self._reap(port)
        if self._loading is not None or self._current is None or self._source is None:
            return
        due = self._reload or self._source.mark() != self._current.mark
        if due and time.monotonic() >= self._rest_until:
            self._reload = False
            self._rest_until = time.monotonic() + _TICK
            self._current.mark = self._source.mark()
            self._start_generation()

    def _reap(self, port: int) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if self._stopping:
                continue
            if self._shelf.buried(pid):
                continue
            if pid == self._http:
                self._tell("the HTTP processes ended; starting them again")
                self._start_http(port)
            elif pid in self._fronts:
                self._tell("an HTTP process ended; starting it again")
                os.close(self._start_front(self._fronts.pop(pid)))
            elif self._current is not None and pid == self._current.pid:
                self._tell("the engine ended; starting it again")
                self._current.pid = 0
                self._revive(self._current.born)
            else:
                self._clear(self._old.pop(pid, None))

    def _revive(self, born: float) -> None:
        """Load again what was served; not at once if it died young."""
        if time.monotonic() - born < _CRASH_SECONDS:
            self._rest_until = time.monotonic() + _CRASH_SECONDS
            self._reload = True
        elif self._loading is None:
            self._start_generation()

    def _clear(self, generation: Generation | None) -> None:
        if generation is not None:
            catalogue_file(self._directory, generation.name).unlink(missing_ok=True)
            copy_file(self._directory, generation.name).unlink(missing_ok=True)
            shutil.rmtree(disk_folder(self._directory, generation.name), ignore_errors=True)

    # The end

    def _end(self) -> None:
        """Let requests in flight be answered, then pools, then the directory go."""
        self._stopping = True
        if self._listener is not None:
            self._listener.close()
        for pid in self._fronts:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        if self._http:
            _end_process(self._http, self._settings.timeout + 5)
        for pid in self._fronts:
            _end_process(pid, 5.0)
        pools = [
            *self._shelf.pids(),
            *self._old,
            *(g.pid for g in (self._current, self._loading) if g and g.pid),
        ]
        for pid in pools:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for pid in pools:
            _end_process(pid, 2.0)
        shutil.rmtree(self._directory, ignore_errors=True)


@dataclass(frozen=True)
class _Site:
    """Makes the site in an HTTP process; a class so that a fresh process can be given it."""

    settings: Settings
    directory: Path
    parent: int

    def __call__(self, _target: str = "") -> Any:
        # Flask and the site are only imported here: the parent of the workers stays small.
        from assembly_kg.app import create_app  # noqa: PLC0415
        from assembly_kg.web.observe import Log, Observer  # noqa: PLC0415
        from assembly_kg.web.rate import Rate  # noqa: PLC0415
        from assembly_kg.web.relay import Relayed  # noqa: PLC0415

        die_with_parent(self.parent, signal.SIGTERM)
        log = Log(sys.stdout.fileno()) if self.settings.log else None
        engine: Engine
        if self.settings.engine.startswith(REMOTE):
            engine = Remote(self.settings.engine.removeprefix(REMOTE), self.settings)
        else:
            pool = PoolClient(self.directory, self.settings)
            engine = WithLookups(pool, self.directory, self.settings)
        older = OlderReleases(self.directory, self.settings)
        app = create_app(
            self.settings,
            self._federated(engine),
            log,
            lambda one: self._federated(older(one)),
            Observer(self.directory),
            rate=Rate(self.settings.client_rate, self.directory),
        )
        app.wsgi_app = Relayed(app.wsgi_app, self.directory)  # type: ignore[method-assign]
        return app

    def _federated(self, engine: Engine) -> Engine:
        return Federated(engine, self.settings) if self.settings.services else engine


@dataclass(frozen=True)
class _Place:
    """Where a front stands: the server's directory, its socket, its number, granian's port."""

    directory: Path
    listener: socket.socket
    number: int
    granian: int


def _be_front(settings: Settings, place: _Place, ready: Callable[[], None]) -> None:
    """Answer what needs no thread, and pass on the rest, until told to end."""
    # As above: what serves the site is imported where it is served.
    import asyncio  # noqa: PLC0415

    from assembly_kg.engine.asking import AskingPool  # noqa: PLC0415
    from assembly_kg.web.front import Front  # noqa: PLC0415
    from assembly_kg.web.observe import Log, Notes, Observer  # noqa: PLC0415
    from assembly_kg.web.rate import Rate  # noqa: PLC0415
    from assembly_kg.web.relay import Passage  # noqa: PLC0415

    pool = AskingPool(place.directory, settings)
    lookups = WithLookups(pool, place.directory, settings)
    log = Log(sys.stdout.fileno()) if settings.log else None
    notes = Notes(Observer(place.directory), log)
    passage = Passage(place.directory, place.number, place.granian)
    front = Front(pool, lookups, settings, notes, passage)
    front.rate = Rate(settings.client_rate, place.directory)
    asyncio.run(front.serve(place.listener, ready))
    if log is not None:
        log.flush()


def _serve_http(settings: Settings, directory: Path, address: tuple[str, int]) -> None:
    # Granian brings threads into a process: only into the one that serves HTTP.
    from granian import Granian  # noqa: PLC0415
    from granian.constants import HTTPModes, Interfaces, RuntimeModes  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    waiting = settings.workers + settings.long_workers + settings.queue
    server = Granian(
        "assembly_kg",
        address=address[0],
        port=address[1],
        interface=Interfaces.WSGI,
        workers=settings.http_processes,
        runtime_mode=RuntimeModes.mt,
        blocking_threads=waiting + _SPARE_THREADS,
        backlog=_CONNECTIONS,
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=max(1, round(settings.timeout) + 3),
        # It warns of more threads than processors; these do not compute, each waits for a worker.
        log_level=LogLevels.error,
        log_dictconfig={"loggers": {}},
    )
    server.serve(target_loader=_Site(settings, directory, os.getpid()))


def _allow_descriptors() -> None:
    """Have as many connections as the system lets this server have, and not the shell's default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens; what comes while a front is started again waits in it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=_CONNECTIONS)
    listener.setblocking(False)
    return listener


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0.

    Raises:
        SettingsError: it is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {host} port {port}: {error.strerror or error}; "
                "choose with --host and --port"
            ) from error
        return int(probe.getsockname()[1])


def _end_process(pid: int, patience: float) -> None:
    """Ask a child to end, and make it after so many seconds."""
    until = time.monotonic() + patience
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGTERM)
        while time.monotonic() < until:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

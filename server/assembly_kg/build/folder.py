"""A folder of releases that is never half written.

Owns the steps on the file system that make a release appear whole or not at all: write beside,
flush every file and folder to the disk, rename, and only then turn the link ``current``. A build
that dies at any step leaves what was there before; the next one clears away what it left. What a
release holds is decided in ``assembly_kg.build.release``.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from assembly_kg.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = [
    "CURRENT",
    "SUMS",
    "Draft",
    "Written",
    "current",
    "draft",
    "is_intact",
    "lock",
    "publish",
    "remove",
]

CURRENT: Final = "current"
SUMS: Final = "SHA256SUMS"
_BESIDE: Final = ".build-"
_LINK: Final = ".current-"


@contextmanager
def lock(out: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Keep other builds out of the folder, and clear away what dead ones left.

    Args:
        out: the folder of releases; made if it is not there.
        waiting: called once if another build has to end first.

    Raises:
        BuildError: the folder cannot be written.
    """
    with _explained(out):
        out.mkdir(parents=True, exist_ok=True)
        handle = os.open(out / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        with _explained(out):
            _clear(out)
        yield
    finally:
        os.close(handle)


def _clear(out: Path) -> None:
    """Remove what builds that died have left."""
    for link in out.glob(f"{_LINK}*"):
        link.unlink()
    for left in out.glob(f"{_BESIDE}*"):
        shutil.rmtree(left, ignore_errors=True)


@dataclass(frozen=True)
class Written:
    """A file as it was written: its path below the release's folder, its size and SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass
class Draft:
    """A release being written: a folder beside the finished ones, and what is in it so far."""

    folder: Path
    files: list[Written]

    def write(self, path: str, fill: Callable[[IO[bytes]], object]) -> Written:
        """Write one file and flush it to the disk.

        Args:
            path: below the release's folder, with slashes.
            fill: writes the content.

        Raises:
            BuildError: the disk does not take it.
        """
        target = self.folder / path
        with _explained(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            # Read back: the sums are those of what is there, not of what was meant.
            written = Written(path, target.stat().st_size, _digest(target))
        self.files.append(written)
        return written


@contextmanager
def draft(out: Path) -> Iterator[Draft]:
    """A new, empty draft in the folder of releases; whatever is not published is removed."""
    folder = out / f"{_BESIDE}{os.getpid()}-{secrets.token_hex(4)}"
    with _explained(folder):
        folder.mkdir()
    try:
        yield Draft(folder, [])
    finally:
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)


def publish(out: Path, finished: Draft, name: str) -> Path:
    """Make a draft a release of that name and the current one; returns its folder.

    A name stands for one content: a release of that name that is intact stays as it is.

    Raises:
        BuildError: the disk does not take it; nothing has changed.
    """
    target = out / name
    with _explained(target):
        sums = sorted(f"{file.sha256}  {file.path}\n" for file in finished.files)
        lines = "".join(sorted(sums, key=lambda line: line.split("  ", 1)[1]))
        finished.write(SUMS, lambda file: file.write(lines.encode()))
        for folder in sorted({finished.folder, *(p.parent for p in finished.folder.rglob("*"))}):
            _sync(folder)
        if not is_intact(target):
            if target.exists():
                target.replace(out / f"{_BESIDE}{secrets.token_hex(4)}-damaged")
            finished.folder.replace(target)
            _sync(out)
        turn(out, name)
    return target


def turn(out: Path, name: str) -> None:
    """Make the release of that name the current one, if it is not."""
    if current(out) == out / name:
        return
    link = out / f"{_LINK}{secrets.token_hex(4)}"
    with _explained(link):
        link.symlink_to(name)
        link.replace(out / CURRENT)
        _sync(out)


def remove(out: Path, name: str) -> None:
    """Take a release away, whole: it is gone from its place before any of it is deleted.

    Raises:
        BuildError: the folder cannot be written; the release is as it was.
    """
    beside = out / f"{_BESIDE}{secrets.token_hex(4)}-removed"
    with _explained(out / name):
        (out / name).replace(beside)
        _sync(out)
    shutil.rmtree(beside, ignore_errors=True)


def current(out: Path) -> Path | None:
    """The folder of the current release, or None if there is none."""
    link = out / CURRENT
    return out / link.readlink() if link.is_symlink() and link.exists() else None


def is_intact(release: Path) -> bool:
    """Whether every file of a release is there with the content that it was published with."""
    try:
        lines = (release / SUMS).read_text(encoding="utf-8").splitlines()
        pairs = [line.split("  ", 1) for line in lines]
        return bool(pairs) and all(_digest(release / p) == sha for sha, p in pairs)
    except (OSError, ValueError):
        return False


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    """Flush a folder's entries, as a rename is not on the disk until its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say what the system's error means for the build."""
    try:
        yield
    except OSError as error:
        advice = {
            errno.ENOSPC: "the disk is full; free some space and build again",
            errno.EDQUOT: "the disk quota is used up; free some space and build again",
            errno.EROFS: "the file system is read-only; choose another folder with --out",
            errno.EACCES: "no permission to write here; choose another folder with --out",
        }.get(error.errno or 0, error.strerror or str(error))
        raise BuildError(f"{path}: {advice}. Published releases are as they were") from error

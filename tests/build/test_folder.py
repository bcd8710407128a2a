"""A release appears whole or not at all: at every step, on every fault."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assembly_kg.build import folder
from assembly_kg.build.canonical import write
from assembly_kg.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Every call by which the module changes the disk.
STEPS = (
    (os, "fsync"),
    (os, "mkdir"),
    (os, "open"),
    (os, "rename"),
    (os, "replace"),
    (os, "symlink"),
    (os, "unlink"),
    (Path, "mkdir"),
    (Path, "open"),
    (Path, "replace"),
    (Path, "symlink_to"),
)


def make(out: Path, text: str) -> Path:
    """Publish a small release named after its text."""
    with folder.lock(out), folder.draft(out) as draft:
        draft.write("dataset.nq", partial(write, text.encode()))
        draft.write("dumps/a.gz", partial(write, text.encode() * 100))
        return folder.publish(out, draft, f"release-{text}")


def assert_intact(out: Path, *allowed: str) -> str:
    """One of the releases is current and intact, as are all that can be seen; returns its text."""
    current = folder.current(out)
    assert current is not None
    seen = [path for path in out.iterdir() if not path.name.startswith(".")]
    assert {path.name for path in seen} <= {"current", *(f"release-{text}" for text in allowed)}
    assert all(folder.is_intact(path) for path in seen)
    text = (current / "dataset.nq").read_text(encoding="utf-8")
    assert current.name == f"release-{text}"
    return text


class Steps:
    """Counts the calls of ``STEPS`` and does something at one of them."""

    def __init__(self, at: int, act: Callable[[], object]) -> None:
        self.at = at
        self.act = act
        self.count = 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for owner, name in STEPS:
            patch.setattr(owner, name, self.wrap(getattr(owner, name)))

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                self.act()
            return function(*args, **kwargs)

        return step


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    releases = tmp_path / "releases"
    make(releases, "old")
    yield releases
    # Whatever happened, the next build works and leaves nothing of the dead one behind.
    make(releases, "next")
    assert folder.current(releases) == releases / "release-next"
    assert {path.name for path in releases.glob(".*")} == {".lock"}


def test_a_release_is_current_with_its_sums_and_nothing_beside_it(tmp_path: Path) -> None:
    path = make(tmp_path / "deep" / "releases", "one")
    assert path == tmp_path / "deep" / "releases" / "release-one"
    assert folder.current(path.parent) == path
    assert folder.is_intact(path)
    sums = (path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ")[1] for line in sums] == ["dataset.nq", "dumps/a.gz"]
    assert {file.name for file in path.parent.iterdir()} == {".lock", "current", "release-one"}


def test_a_kill_at_any_step_leaves_the_old_release_or_the_whole_new_one(out: Path) -> None:
    found = set()
    for at in itertools.count(1):
        child = os.fork()
        if child == 0:
            with pytest.MonkeyPatch.context() as patch:
                Steps(at, lambda: os.kill(os.getpid(), signal.SIGKILL)).install(patch)
                make(out, f"new{at}")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        text = assert_intact(out, "old", *(f"new{number}" for number in range(at + 1)))
        if not os.WIFSIGNALED(status):
            break
        found.add("new" if text == f"new{at}" else "before")
    assert at > 15
    assert found == {"before", "new"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_at_any_step_leaves_the_old_release_or_the_whole_new_one(
    out: Path, number: int
) -> None:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    told = 0
    for at in itertools.count(1):
        steps = Steps(at, fail)
        with pytest.MonkeyPatch.context() as patch:
            steps.install(patch)
            with contextlib.suppress(BuildError):
                make(out, f"new{at}")
                told -= 1
        told += 1
        assert_intact(out, "old", *(f"new{number}" for number in range(at + 1)))
        if steps.count < at:
            break
    # A failure to clear away is passed over; the next build clears away.
    assert told > 15


def test_a_full_disk_is_called_so(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(BuildError, match="the disk is full; free some space and build again"):
            make(out, "new")
    assert assert_intact(out, "old") == "old"


def test_a_really_full_disk_leaves_the_old_release(tmp_path: Path) -> None:
    """``/dev/full`` takes nothing; a file of the release that leads there meets a full disk."""
    make(tmp_path, "old")
    with folder.lock(tmp_path), folder.draft(tmp_path) as draft:

        def fill(file: Any) -> None:
            with Path("/dev/full").open("wb", buffering=0) as device:
                os.dup2(device.fileno(), file.fileno())
            file.write(b"data" * 100_000)

        with pytest.raises(BuildError, match="the disk is full"):
            draft.write("dataset.nq", fill)
    assert assert_intact(tmp_path, "old") == "old"


def test_an_unfinished_draft_is_removed(out: Path) -> None:
    with folder.lock(out), folder.draft(out) as draft:
        draft.write("dataset.nq", partial(write, b"half"))
        assert draft.folder.exists()
    assert not draft.folder.exists()
    assert assert_intact(out, "old") == "old"


def test_a_damaged_release_of_the_same_name_is_replaced(out: Path) -> None:
    damaged = out / "release-old" / "dataset.nq"
    damaged.write_text("bit rot", encoding="utf-8")
    assert not folder.is_intact(out / "release-old")
    make(out, "old")
    assert assert_intact(out, "old") == "old"


def test_a_release_with_a_file_missing_or_without_sums_is_not_intact(tmp_path: Path) -> None:
    path = make(tmp_path, "one")
    assert folder.is_intact(path)
    (path / "dumps" / "a.gz").unlink()
    assert not folder.is_intact(path)
    assert not folder.is_intact(tmp_path / "nowhere")


def test_a_release_that_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    inode = make(tmp_path, "one").stat().st_ino
    make(tmp_path, "two")
    again = make(tmp_path, "one")
    assert again.stat().st_ino == inode
    assert folder.current(tmp_path) == again


def test_two_builds_take_turns(tmp_path: Path) -> None:
    waits, ended = threading.Event(), threading.Event()

    def second() -> None:
        with folder.lock(tmp_path, waits.set):
            ended.set()

    with folder.lock(tmp_path):
        other = threading.Thread(target=second)
        other.start()
        assert waits.wait(10)
        assert not ended.is_set()
    other.join(10)
    assert ended.is_set()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(BuildError, match="Published releases are as they were"):
        make(tmp_path / "file" / "releases", "new")


def test_there_is_no_current_release_before_the_first(tmp_path: Path) -> None:
    assert folder.current(tmp_path) is None

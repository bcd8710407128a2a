"""The releases that stay published: which there are, and which one a name means.

Owns the folder of releases as a reader sees it. A release may be named by its version, its folder,
the beginning of its hash, or ``current``, on the command line also by a path; of several with one
version the current one is meant, else the one made last. Making them is ``assembly_kg.build``'s.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assembly_kg.engine.catalogue import Catalogue

__all__ = ["CURRENT", "Release", "before", "find", "named", "releases", "served", "versions"]

CURRENT: Final = "current"
_SHORTEST: Final = 6
_KEPT: Final = 64


@dataclass(frozen=True)
class Release:
    """A published release.

    Attributes:
        folder: where it lies.
        version, issued: as the data give them; the day is YYYY-MM-DD.
        hash: SHA-256 of its canonical dataset.
        base: what its own names begin with.
        dataset: the IRI of the dataset that it is a version of.
        made: when it was published, seconds since 1970.
        current: it is the one that ``current`` names.
        told: its manifest, whole.
    """

    folder: Path
    version: str
    issued: str
    hash: str
    base: str
    dataset: str
    made: float
    current: bool
    told: Mapping[str, Any] = field(compare=False)

    @property
    def identity(self) -> str:
        """What the catalogue of its data calls it: ``engine.catalogue.Catalogue.release``."""
        return self.hash[:16]

    @property
    def moment(self) -> datetime.datetime:
        """Since when it stands: the beginning of the day on which it was issued, in UTC."""
        day = datetime.date.fromisoformat(self.issued)
        return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)


def releases(out: Path) -> list[Release]:
    """All releases of a folder, oldest first."""
    return list(_read(out, _state(out)))


def versions(out: Path) -> list[Release]:
    """One release of each version, oldest first: the one that the version's name means."""
    return _one_of_each(releases(out))


def served(out: Path, catalogue: Catalogue) -> list[Release]:
    """One release of each version, oldest first, where what is served is one of them; else none."""
    known = releases(out)
    if all(one.identity != catalogue.release for one in known):
        return []
    return _one_of_each(known)


def before(known: Iterable[Release], release: Release) -> Release | None:
    """The release of another version that came last before one; None if it was the first."""
    place = release.issued, release.made
    earlier = [o for o in known if (o.issued, o.made) < place and o.version != release.version]
    return max(earlier, key=lambda one: (one.issued, one.made), default=None)


def find(out: Path, name: str) -> Release:
    """The release that a name or a path means.

    Raises:
        NotFoundError: there is none; the message lists those that there are.
    """
    known = releases(out)
    by_path = [one for one in known if Path(name).resolve() == one.folder.resolve()]
    if by_path:
        return by_path[0]
    return _named(known, name, f"in {out}")


def named(out: Path, name: str) -> Release:
    """The release that a name means; no path is one.

    Raises:
        NotFoundError: there is none; the message lists those that there are.
    """
    return _named(releases(out), name, "here")


def _named(known: list[Release], name: str, where: str) -> Release:
    fits = [
        one
        for one in known
        if name in {one.version, one.folder.name}
        or (name == CURRENT and one.current)
        or (len(name) >= _SHORTEST and one.hash.startswith(name))
    ]
    if fits:
        return _meant(fits)
    there = ", ".join(one.folder.name for one in known) or "none"
    raise NotFoundError(f'there is no release "{name[:100]}" {where}; there are: {there}')


def _one_of_each(known: list[Release]) -> list[Release]:
    meant = {one.version: _meant([o for o in known if o.version == one.version]) for one in known}
    return [one for one in known if meant[one.version] == one]


def _meant(some: list[Release]) -> Release:
    return max(some, key=lambda one: (one.current, one.made))


def _state(out: Path) -> tuple[str, tuple[tuple[str, int], ...]]:
    """What ``current`` names, and each folder with when its manifest was written.

    Asked for every page, so it costs a few system calls and nothing is read.
    """
    found = []
    with contextlib.suppress(OSError), os.scandir(out) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and not entry.is_symlink():
                with contextlib.suppress(OSError):
                    written = os.stat(f"{entry.path}/manifest.json").st_mtime_ns  # noqa: PTH116
                    found.append((entry.name, written))
    link = out / CURRENT
    return os.readlink(link) if link.is_symlink() else "", tuple(sorted(found))  # noqa: PTH115


@lru_cache(maxsize=_KEPT)
def _read(out: Path, state: tuple[str, tuple[tuple[str, int], ...]]) -> tuple[Release, ...]:
    """The releases of a folder in this state, oldest first."""
    current = (out / CURRENT).resolve()
    found = (_release(out / name, written, current) for name, written in state[1])
    return tuple(
        sorted((one for one in found if one is not None), key=lambda one: (one.issued, one.made))
    )


@lru_cache(maxsize=_KEPT)
def _release(folder: Path, written: int, current: Path) -> Release | None:
    """The release in a folder; None if its manifest is none."""
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        datetime.date.fromisoformat(told["issued"])
        return Release(
            folder=folder,
            version=str(told["version"]),
            issued=str(told["issued"]),
            hash=str(told["hash"]),
            base=str(told["base"]),
            dataset=str(told["dataset"]),
            made=written / 1e9,
            current=folder.resolve() == current,
            told=told,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None

"""The releases that stay published: which there are, and which one a name means.

Owns the folder of releases as a reader sees it. A release may be named by its version, its folder,
the beginning of its hash, or ``current``, on the command line also by a path; of several with one
version the current one is meant, else the one made last. Making them is ``assembly_kg.build``'s.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    told: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """What the catalogue of its data calls it: ``engine.catalogue.Catalogue.release``."""
        return self.hash[:16]

    @property
    def moment(self) -> datetime.datetime:
        """Since when it stands: the beginning of the day on which it was issued, in UTC.

        Raises:
            ValueError: what it calls a day is none.
        """
        day = datetime.date.fromisoformat(self.issued)
        return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)


def releases(out: Path) -> list[Release]:
    """All releases of a folder, oldest first."""
    return sorted(_read(out), key=lambda one: (one.issued, one.made))


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


def _read(out: Path) -> Iterator[Release]:
    link = out / CURRENT
    current = link.resolve() if link.exists() else None
    for manifest in out.glob("*/manifest.json"):
        folder = manifest.parent
        if folder.name.startswith(".") or folder.is_symlink():
            continue
        try:
            status = manifest.stat()
            told = _manifest(manifest, status.st_mtime_ns)
            yield Release(
                folder=folder,
                version=str(told["version"]),
                issued=str(told["issued"]),
                hash=str(told["hash"]),
                base=str(told["base"]),
                dataset=str(told["dataset"]),
                made=status.st_mtime,
                current=folder.resolve() == current,
                told=told,
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue


@lru_cache(maxsize=_KEPT)
def _manifest(path: Path, _changed: int) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told

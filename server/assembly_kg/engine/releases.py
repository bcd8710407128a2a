"""The releases that stay published: which there are, and which one a name means.

Owns the folder of releases as a reader sees it. A release may be named by its version, its folder,
the beginning of its hash, a path, or ``current``; of several with one version the current one is
meant, else the one made last. Making them is ``assembly_kg.build``'s.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assembly_kg.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Release", "find", "releases"]

CURRENT: Final = "current"
_SHORTEST: Final = 6


@dataclass(frozen=True)
class Release:
    """A published release.

    Attributes:
        folder: where it lies.
        version, issued: as the data give them; the day is YYYY-MM-DD.
        hash: SHA-256 of its canonical dataset.
        made: when it was published, seconds since 1970.
        current: it is the one that ``current`` names.
    """

    folder: Path
    version: str
    issued: str
    hash: str
    made: float
    current: bool


def releases(out: Path) -> list[Release]:
    """All releases of a folder, oldest first."""
    return sorted(_read(out), key=lambda one: (one.issued, one.made))


def find(out: Path, name: str) -> Release:
    """The release that a name means.

    Raises:
        NotFoundError: there is none; the message lists those that there are.
    """
    known = releases(out)
    by_path = [one for one in known if Path(name).resolve() == one.folder.resolve()]
    fits = by_path or [
        one
        for one in known
        if name in {one.version, one.folder.name}
        or (name == CURRENT and one.current)
        or (len(name) >= _SHORTEST and one.hash.startswith(name))
    ]
    if fits:
        return max(fits, key=lambda one: (one.current, one.made))
    there = ", ".join(one.folder.name for one in known) or "none"
    raise NotFoundError(f'there is no release "{name}" in {out}; there are: {there}')


def _read(out: Path) -> Iterator[Release]:
    link = out / CURRENT
    current = link.resolve() if link.exists() else None
    for manifest in out.glob("*/manifest.json"):
        folder = manifest.parent
        if folder.name.startswith(".") or folder.is_symlink():
            continue
        try:
            told = json.loads(manifest.read_text(encoding="utf-8"))
            yield Release(
                folder=folder,
                version=str(told["version"]),
                issued=str(told["issued"]),
                hash=str(told["hash"]),
                made=manifest.stat().st_mtime,
                current=folder.resolve() == current,
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue

"""From an institution's files to a published release, when there is anything to do.

Owns ``build``: one build at a time in a folder of releases, and an unchanged input recognised by
its hash. The same files and the same program give the same release, byte for byte; so a release
that was made from them and is intact is current again without any work. How one is made is
``assembly_kg.build.pipeline``'s, how it is published ``assembly_kg.build.folder``'s.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assembly_kg.build import folder
from assembly_kg.build.cache import Cache, key, program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from assembly_kg.settings import Settings

__all__ = ["ReleasePath", "build"]

_INPUTS: Final = ("data", "ontology", "shapes")


@dataclass(frozen=True)
class ReleasePath:
    """Where a release stands.

    Attributes:
        path: its folder.
        unchanged: it was there already, made from the same input.
    """

    path: Path
    unchanged: bool


def build(settings: Settings, observe: Callable[[str], None] = lambda _: None) -> ReleasePath:
    """Make a release of ``settings.root`` in ``settings.out``, unless it is there already.

    Args:
        settings: ``root`` and ``out`` are used.
        observe: is told the name of each stage (``pipeline.STAGES``) as it begins, and ``wait``
            if another build in the same folder has to end first.

    Raises:
        InputError: a file cannot be used as it is.
        InconsistencyError: the statements contradict each other.
        ValidationFailure: a shape is violated.
        BuildError: the release cannot be written. After any of these nothing has changed.
    """
    with folder.lock(settings.out, lambda: observe("wait")):
        cache = Cache(settings.out / ".cache")
        mark = key([program(), *_inputs(settings.root)])
        known = cache.get("release", mark)
        if known is not None and folder.is_intact(settings.out / known.decode()):
            folder.turn(settings.out, known.decode())
            return ReleasePath(settings.out / known.decode(), unchanged=True)
        # The stages bring in rdflib, owlrl and pySHACL, which an unchanged input does without.
        from assembly_kg.build.pipeline import make  # noqa: PLC0415

        path = make(settings, cache, observe)
        cache.put("release", mark, path.name.encode())
        return ReleasePath(path, unchanged=False)


def _inputs(root: Path) -> Iterator[str]:
    """Path and SHA-256 of every file that a build may read, A to Z."""
    for top in _INPUTS:
        for path in sorted((root / top).rglob("*")):
            if path.is_file():
                yield path.relative_to(root).as_posix()
                yield hashlib.sha256(path.read_bytes()).hexdigest()

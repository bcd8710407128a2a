"""What an earlier build worked out, by the hash of what it was worked out from.

Owns the folder ``.cache`` among the releases. Losing it costs time and nothing else: an entry that
is damaged or cannot be written is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Cache", "key", "program"]

_KEPT: Final = 16
_LIBRARIES: Final = ("owlrl", "pyoxigraph", "pyshacl", "rdflib")


def key(parts: Iterable[bytes | str]) -> str:
    """A hash of the parts in their order; no two lists of parts run together."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        sha.update(len(data).to_bytes(8, "big"))
        sha.update(data)
    return sha.hexdigest()


def program() -> str:
    """A hash of what turns input into a release: these modules and the libraries' versions."""
    here = Path(__file__).parent
    beside = [here.parent / "namespaces.py", here.parent / "rules.py"]
    modules = [*beside, *sorted(here.glob("*.py"))]
    code = [part for module in modules for part in (module.name, module.read_bytes())]
    return key([*code, *(f"{name} {version(name)}" for name in _LIBRARIES)])


@dataclass(frozen=True)
class Cache:
    """Values by kind and key in a folder; of each kind the newest few are kept."""

    folder: Path

    def get(self, kind: str, name: str) -> bytes | None:
        """The value, or None."""
        try:
            stored = self._file(kind, name).read_bytes()
        except OSError:
            return None
        sha, value = stored[:64], stored[64:]
        return value if hashlib.sha256(value).hexdigest().encode() == sha else None

    def put(self, kind: str, name: str, value: bytes) -> None:
        """Keep the value, if the disk takes it."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = self.folder / f".{secrets.token_hex(8)}"
            try:
                beside.write_bytes(hashlib.sha256(value).hexdigest().encode() + value)
                beside.replace(self._file(kind, name))
            finally:
                beside.unlink(missing_ok=True)
            for old in (*self._oldest(kind), *self.folder.glob(".*")):
                old.unlink(missing_ok=True)

    def _file(self, kind: str, name: str) -> Path:
        return self.folder / f"{kind}-{name}"

    def _oldest(self, kind: str) -> list[Path]:
        found = sorted(self.folder.glob(f"{kind}-*"), key=lambda file: file.stat().st_mtime_ns)
        return found[:-_KEPT]

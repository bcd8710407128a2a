"""Files into a store.

Owns reading RDF files as they are: triples to the default graph, quads to theirs. Release folders
are read through their ``dataset.nq``. Every fault names the file and the line.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine.catalogue import Catalogue, of_store
from assembly_kg.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["load_files", "load_release"]

_ENDINGS: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
    ".n3": ox.RdfFormat.N3,
}
_PLACE: Final = re.compile(r"line (\d+)|at (\d+):\d+", re.IGNORECASE)


def load_files(files: Iterable[Path], into: Path | None = None) -> tuple[ox.Store, Catalogue]:
    """A store with the files' triples and quads, in memory or in a new folder, and its catalogue.

    Raises:
        InputError: a file cannot be read; with its line where that is known.
    """
    store = ox.Store(into)
    digest = hashlib.sha256()
    changed = 0.0
    for file in files:
        _load(store, file)
        digest.update(file.read_bytes())
        changed = max(changed, file.stat().st_mtime)
    return store, of_store(store, release=digest.hexdigest()[:16], modified=changed)


def load_release(folder: Path, into: Path | None = None) -> tuple[ox.Store, Catalogue]:
    """A store with a release's quads, in memory or in a new folder, and its catalogue.

    Raises:
        NotFoundError: the folder holds no release.
        InputError: it does, but one that cannot be read.
    """
    manifest = folder / "manifest.json"
    try:
        about = json.loads(manifest.read_text(encoding="utf-8"))
        version, date = str(about["version"]), str(about["issued"])
        identity, base = str(about["hash"]), str(about["base"])
        prefixes = {str(prefix): str(iri) for prefix, iri in about["prefixes"].items()}
        namespace = str(about["namespace"])
        rules = sorted((folder / "projections").glob("*.rq"))
        projections = {path.stem: path.read_text(encoding="utf-8") for path in rules}
    except FileNotFoundError as error:
        raise NotFoundError(
            f"{folder}: there is no release here; make one with: assembly-kg build"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(manifest, None, f"is not a release's manifest: {error}") from error
    store = ox.Store(into)
    _load(store, folder / "dataset.nq")
    return store, of_store(
        store,
        release=identity[:16],
        modified=manifest.stat().st_mtime,
        version=version,
        date=date,
        base=base,
        prefixes=prefixes,
        namespace=namespace,
        projections=projections,
    )


def _load(store: ox.Store, file: Path) -> None:
    format_ = _ENDINGS.get(file.suffix.lower())
    if format_ is None:
        known = " ".join(sorted(_ENDINGS))
        raise InputError(file, None, f"its format is not known by its ending; known are: {known}")
    try:
        store.bulk_load(path=os.fspath(file), format=format_, base_iri=file.resolve().as_uri())
    except SyntaxError as error:
        match = _PLACE.search(str(error))
        line = error.lineno or (int(match[1] or match[2]) if match else None)
        raise InputError(file, line, str(error.msg)) from error
    except OSError as error:
        raise InputError(file, None, f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(file, None, str(error)) from error

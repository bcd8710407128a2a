"""One built release of this repository's own institution, shared by all tests that need one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from assembly_kg.build.release import build
from assembly_kg.settings import Settings

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def release() -> Path:
    """The folder of the current release; made again only if its input has changed."""
    return build(Settings(root=ROOT, out=ROOT / "releases")).path


@pytest.fixture(scope="session")
def release_store(release: Path) -> Store:
    """The release's dataset, as it is served: default graph and named graphs."""
    store = Store()
    store.bulk_load(path=str(release / "dataset.nq"), format=RdfFormat.N_QUADS)
    return store


@pytest.fixture(scope="session")
def council_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the invented library council, small enough to be looked through."""
    root = Path(__file__).parent / "fixtures" / "institution"
    return build(Settings(root=root, out=tmp_path_factory.mktemp("council"))).path

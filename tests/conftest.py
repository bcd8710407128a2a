"""One built release of this repository's own institution, shared by all tests that need one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from assembly_kg.build.load import Sources, load
from assembly_kg.build.release import build
from assembly_kg.settings import Settings

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def release() -> Path:
    """The folder of the current release; made again only if its input has changed."""
    return build(Settings(root=ROOT, out=ROOT / "releases")).path


@pytest.fixture(scope="session")
def record() -> Sources:
    """This repository's own institution, read once; no test changes it."""
    return load(ROOT)


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


@pytest.fixture(scope="session")
def council_releases(tmp_path_factory: pytest.TempPathFactory, council_release: Path) -> Path:
    """Two releases of the council: in the second, Boris came a day later and has a second name."""
    out = tmp_path_factory.mktemp("two")
    shutil.copytree(council_release, out / council_release.name)
    root = Path(__file__).parent / "fixtures" / "institution"
    root = Path(shutil.copytree(root, tmp_path_factory.mktemp("changed") / "institution"))
    for name, before, after in (
        ("data/dataset.ttl", '"1.0"', '"1.1"'),
        ("data/dataset.ttl", '"2020-06-01"', '"2020-12-31"'),
        ("data/entities/things.ttl", '"Boris"@en', '"Boris"@en , "Борис"@ru'),
        ("data/sources/minutes.trig", 'lib:validFrom "2010-09-01"', 'lib:validFrom "2010-09-02"'),
    ):
        file = root / name
        text = file.read_text(encoding="utf-8")
        assert before in text, (name, before)
        file.write_text(text.replace(before, after), encoding="utf-8")
    build(Settings(root=root, out=out))
    return out

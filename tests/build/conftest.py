"""The invented library council of ``tests/fixtures/institution``, loaded or to be spoilt."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assembly_kg.build.load import Sources, load

INSTITUTION = Path(__file__).parents[1] / "fixtures" / "institution"


@pytest.fixture(scope="session")
def sources() -> Sources:
    """The library council as it is."""
    return load(INSTITUTION)


@pytest.fixture
def institution(tmp_path: Path) -> Path:
    """A copy of the library council that a test may change."""
    return Path(shutil.copytree(INSTITUTION, tmp_path / "institution"))

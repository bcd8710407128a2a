"""The wheel: an installed package works without a checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CARRIED = "assembly_kg/institution"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_program_and_the_institution(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    program = {
        str(path.relative_to(ROOT / "server"))
        for path in (ROOT / "server").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    institution = {
        f"{CARRIED}/{path.relative_to(ROOT)}"
        for folder in ("ontology", "data", "shapes")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert program - names == set()
    assert institution - names == set()
    others = {name for name in names - program - institution if ".dist-info/" not in name}
    assert others == set()


def test_an_installed_package_finds_the_institution_it_carries(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(site)
    elsewhere.mkdir()
    code = "from assembly_kg.settings import Settings; print(Settings.load(environ={}).root)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=elsewhere,
        env={"PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(done.stdout.strip()) == site / CARRIED

"""The files of docs/running.md are what the tools that read them accept."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from assembly_kg.settings import Settings, rows
from assembly_kg.web.errors import PROBLEMS

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "docs" / "assembly-kg.service"
SITE = ROOT / "docs" / "nginx.conf"
MODEL = ROOT / "THREAT_MODEL.md"


def test_the_unit_starts_the_server_with_flags_that_it_has() -> None:
    text = UNIT.read_text(encoding="utf-8")
    [start] = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    flags = {row.flag for row in rows()} | {"--release"}
    assert set(re.findall(r"--[a-z-]+", start)) <= flags
    variables = set(re.findall(r"^Environment=(\w+)=", text, re.MULTILINE))
    assert variables <= {row.variable for row in rows()}
    [patience] = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert int(patience) > Settings().timeout + 10


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8").replace("User=assembly-kg\n", "")
    text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text)
    copy.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert copy.name not in done.stderr


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not here")
def test_nginx_accepts_the_site(tmp_path: Path) -> None:
    whole = tmp_path / "nginx.conf"
    site = SITE.read_text(encoding="utf-8").replace("listen 80", "listen 127.0.0.1:0")
    whole.write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ {site} }}",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False
    )
    assert "syntax is ok" in done.stderr, done.stderr


def test_the_site_waits_longer_than_a_query_may_run() -> None:
    [patience] = re.findall(r"proxy_read_timeout (\d+)s", SITE.read_text(encoding="utf-8"))
    assert int(patience) > Settings().timeout


def test_every_guard_of_the_threat_model_has_a_test_that_is_there() -> None:
    lines = [line for line in MODEL.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    rows_ = [line.strip("| ").split(" | ") for line in lines if "---" not in line][1:]
    assert len(rows_) > 20
    for attack, guard, tests in rows_:
        assert guard, attack
        named = re.findall(r"`(tests/[^`]+)`", tests)
        assert named, attack
        assert all((ROOT / name).exists() for name in named), attack


def test_every_status_of_a_problem_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    told = {int(status) for status in re.findall(r"^\| (\d{3}) \|", text, re.MULTILINE)}
    common = {404, 405, 415, 500}
    assert told | common == {int(kind.status) for kind in PROBLEMS.values()}

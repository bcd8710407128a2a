"""``assembly-kg serve`` takes every setting; that it serves is for ``tests/test_supervisor.py``."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from assembly_kg.cli import main
from assembly_kg.commands.serve import command
from assembly_kg.settings import rows


def test_every_setting_is_a_flag() -> None:
    flags = {name for parameter in command.params for name in parameter.opts}
    assert {row.flag for row in rows()} <= flags


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.ttl"], "files to serve are given with --data"),
        (["--data", "a.ttl", "--release", "r"], "--data and --release exclude each other"),
        (["--engine", "other"], "write oxigraph, or sparql:URL"),
        (["--max-rows", "0"], "--max-rows"),
        (["--client-rate", "many"], "--client-rate"),
    ],
)
def test_what_makes_no_sense_is_said(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(main, ["serve", *arguments])
    assert result.exit_code != 0
    assert message in result.output

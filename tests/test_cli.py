"""The command line: what it finds, how it fails."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from assembly_kg import __version__, cli, commands
from assembly_kg.commands import with_settings
from assembly_kg.errors import EngineError, InputError, KnowledgeGraphError, ValidationFailure
from assembly_kg.settings import Settings

NAMES = sorted(path.stem for path in Path(cli.__file__).with_name("commands").glob("[!_]*.py"))


def test_help_lists_every_command_with_a_line_about_it() -> None:
    done = CliRunner().invoke(cli.main, ["--help"])
    assert done.exit_code == 0
    lines = {line.split()[0]: line.split()[1:] for line in done.output.splitlines() if line.strip()}
    assert {name for name in NAMES if not lines.get(name)} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself_and_its_flags(name: str) -> None:
    done = CliRunner().invoke(cli.main, [name, "--help"])
    assert done.exit_code == 0, done.output
    command = cli.main.get_command(click.Context(cli.main), name)
    assert command is not None
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"


def test_the_module_is_the_same_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assembly_kg", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"assembly-kg, version {__version__}\n"


def test_an_unknown_command_is_a_usage_error_with_a_hint() -> None:
    done = CliRunner().invoke(cli.main, ["nonsense"])
    assert done.exit_code == 2
    assert "No such command 'nonsense'" in done.output


def run(command: click.Command, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    module = ModuleType(f"{commands.__name__}.probe")
    module.command = command  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(type(cli.main), "list_commands", lambda *_: ["probe"])
    return CliRunner().invoke(cli.main, [*arguments])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValidationFailure("2 violations"), 1),
        (InputError("a.ttl", 3, "no"), 2),
        (EngineError("the engine is gone"), 3),
    ],
)
def test_a_fault_of_ours_ends_with_its_message_and_code_and_no_traceback(
    error: KnowledgeGraphError, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def fails() -> None:
        raise error

    done = run(fails, "probe", monkeypatch=monkeypatch)
    assert done.exit_code == code
    assert done.stderr == f"Error: {error}\n"
    assert done.stdout == ""


def test_a_command_takes_settings_as_flags_and_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.toml").write_text("workers = 5\nport = 1", encoding="utf-8")
    seen: list[Settings] = []

    @click.command()
    @click.argument("word")
    @with_settings("port", "store")
    def takes(settings: Settings, word: str) -> None:
        seen.append(settings)
        click.echo(word)

    done = run(
        takes, "--config", "other.toml", "probe", "--port", "9", "hello", monkeypatch=monkeypatch
    )
    assert done.output == "hello\n"
    assert (seen[0].port, seen[0].workers, seen[0].store) == (9, 5, "memory")


def test_a_module_of_commands_is_loaded_only_when_it_is_called() -> None:
    code = (
        "import sys; from assembly_kg.cli import main; main(['--version'], standalone_mode=False); "
        f"sys.exit(any(name.startswith('{commands.__name__}.') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

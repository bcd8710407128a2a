"""One table: where a value may come from, which wins, and what a wrong one says."""

import dataclasses
from pathlib import Path

import pytest

from assembly_kg.errors import SettingsError
from assembly_kg.settings import Settings, rows


@pytest.fixture(autouse=True)
def _an_empty_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str = "", environ: dict[str, str] | None = None, **flags: object) -> Settings:
    Path("assembly-kg.toml").write_text(text, encoding="utf-8")
    return Settings.load(flags, environ=environ or {})


def test_without_anything_given_the_defaults_hold() -> None:
    assert Settings.load(environ={}) == Settings()


def test_settings_cannot_be_changed_after_loading() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_a_flag_wins_over_the_environment_and_that_over_the_file() -> None:
    file, variable = "port = 1\nworkers = 1\ntimeout = 1", {"ASSEMBLY_KG_PORT": "2"}
    settings = load(file, variable | {"ASSEMBLY_KG_WORKERS": "2"}, port=3)
    assert (settings.port, settings.workers, settings.timeout) == (3, 2, 1.0)


def test_a_flag_that_was_not_given_does_not_count() -> None:
    assert load("port = 1", port=None).port == 1


def test_the_file_may_be_named_by_argument_or_by_variable(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("port = 7", encoding="utf-8")
    assert Settings.load(environ={}, file=other).port == 7
    assert Settings.load(environ={"ASSEMBLY_KG_CONFIG": str(other)}).port == 7


def test_values_take_the_type_of_their_row() -> None:
    settings = load(
        environ={
            "ASSEMBLY_KG_OUT": "x/y",
            "ASSEMBLY_KG_TIMEOUT": "2.5",
            "ASSEMBLY_KG_STORE": "disk",
        }
    )
    assert (settings.out, settings.timeout, settings.store) == (Path("x/y"), 2.5, "disk")


@pytest.mark.parametrize(
    ("text", "environ", "flags", "message"),
    [
        (
            "worker = 1",
            {},
            {},
            "assembly-kg.toml: worker: there is no such setting; did you mean",
        ),
        ("", {"ASSEMBLY_KG_TIMOUT": "1"}, {}, "ASSEMBLY_KG_TIMOUT: there is no such setting"),
        ("port = 'http'", {}, {}, 'assembly-kg.toml: port: "http" is not a whole number'),
        ("port = 1.5", {}, {}, 'port: "1.5" is not a whole number'),
        ("port = true", {}, {}, 'port: "True" is not a whole number'),
        ("out = 3", {}, {}, 'out: "3" is not a path'),
        ("", {"ASSEMBLY_KG_TIMEOUT": "nan"}, {}, 'ASSEMBLY_KG_TIMEOUT: "nan" is not a number'),
        ("", {"ASSEMBLY_KG_TIMEOUT": "0"}, {}, "ASSEMBLY_KG_TIMEOUT: 0 is less than 0.001"),
        ("", {}, {"workers": 0}, "--workers: 0 is less than 1"),
        ("", {}, {"store": "tape"}, '--store: "tape" is not memory or disk'),
        ("port = ", {}, {}, "assembly-kg.toml: is not TOML"),
    ],
)
def test_a_wrong_value_says_where_it_stands_and_what_is_wrong(
    text: str, environ: dict[str, str], flags: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(text, environ, **flags)
    assert message in str(caught.value)


def test_a_settings_file_that_is_named_must_be_there() -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: cannot be read: No such file"):
        Settings.load(environ={"ASSEMBLY_KG_CONFIG": "none.toml"})


def test_every_row_has_help_and_a_default_that_it_accepts_itself() -> None:
    for row in rows():
        assert row.help
        assert row.parse(row.default, row.flag) == row.default


def test_a_row_has_one_name_in_three_spellings() -> None:
    row = next(row for row in rows() if row.name == "max_rows")
    assert (row.flag, row.variable) == ("--max-rows", "ASSEMBLY_KG_MAX_ROWS")

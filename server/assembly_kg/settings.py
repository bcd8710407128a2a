"""The one table of settings.

``Settings`` is the table: a field is a row with its type, default and help. A value is looked for
in this order and the first found wins: a flag of the command line, the environment variable
``ASSEMBLY_KG_<NAME>``, the settings file (TOML), the default. The command line makes its flags, the
documentation its table and ``load`` its checks from these rows; nothing is said twice.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import tomllib
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    Self,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from assembly_kg.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ENVIRONMENT_PREFIX", "FILE_NAME", "Row", "Settings", "rows"]

ENVIRONMENT_PREFIX: Final = "ASSEMBLY_KG_"
FILE_NAME: Final = "assembly-kg.toml"
CONFIG_VARIABLE: Final = "ASSEMBLY_KG_CONFIG"
TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off"})

Value = TypeVar("Value")


def _row(default: Value, help_: str, *, minimum: float | None = None) -> Value:
    return field(default=default, metadata={"help": help_, "minimum": minimum})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set, with its defaults; ``Settings()`` is a working set."""

    root: Path = _row(
        Path(),
        "folder with ontology/, data/ and shapes/; where the working folder has none of them, "
        "the institution that the installed package carries",
    )
    out: Path = _row(Path("releases"), "folder that releases are written to and served from")
    host: str = _row("127.0.0.1", "address to listen on")
    port: int = _row(8000, "port to listen on; 0 takes a free one", minimum=0)
    base_url: str = _row(
        "", "public address of the site, when a proxy in front changes it; empty: as requested"
    )
    http_processes: int = _row(2, "processes that speak HTTP, before granian and in it", minimum=1)
    workers: int = _row(2, "processes that answer queries", minimum=1)
    timeout: float = _row(30.0, "seconds that a query may run", minimum=0.001)
    memory: int = _row(2048, "MiB of memory that one query worker may take", minimum=64)
    store: Literal["memory", "disk"] = _row(
        "memory",
        "where the graph is held: in memory, or on disk for graphs that are too large for it",
    )
    engine: str = _row(
        "oxigraph", "what answers queries: oxigraph, or sparql:URL for a SPARQL 1.1 server"
    )
    long_workers: int = _row(
        4,
        "queries that may run longer than `quick`, beside the workers kept for quick ones",
        minimum=0,
    )
    quick: float = _row(
        0.5, "seconds after which a query counts as long and gives its place back", minimum=0.01
    )
    hold: float = _row(
        1.0,
        "seconds that a long answer may be held back to be sent whole, or refused with a status "
        "of its own; after them it is streamed",
        minimum=0,
    )
    open_releases: int = _row(
        2, "older releases held in memory for those who ask for one; 0: none is served", minimum=0
    )
    queue: int = _row(
        64,
        "queries that may wait for a worker, beside the one that each takes next; others are "
        "refused",
        minimum=0,
    )
    max_rows: int = _row(1_000_000, "solutions or triples that one answer may hold", minimum=1)
    max_bytes: int = _row(
        512 * 1024 * 1024, "bytes that one answer may take, before compression", minimum=1024
    )
    max_query_bytes: int = _row(256 * 1024, "bytes that the text of a query may take", minimum=1024)
    max_nesting: int = _row(256, "brackets that a query may nest, up to 999", minimum=8)
    services: str = _row(
        "", "URLs of the endpoints that SERVICE may call, with spaces between; empty: none"
    )
    service_rows: int = _row(10_000, "solutions that one SERVICE may bring", minimum=1)
    client_rate: float = _row(
        5000.0, "queries a second that one client may ask beyond the cache; 0: any", minimum=0
    )
    proxies: int = _row(
        0, "proxies in front whose X-Forwarded-For is trusted to name the client", minimum=0
    )
    log: bool = _row(True, "write a JSON line for each request to standard output")
    lookup_triples: int = _row(
        1_000_000,
        "triples of a default graph that HTTP processes copy to look things up",
        minimum=0,
    )
    max_age: int = _row(60, "seconds that a client may reuse an answer without asking", minimum=0)
    cache_bytes: int = _row(
        64 * 1024 * 1024, "bytes of finished answers that each HTTP process keeps", minimum=0
    )

    @classmethod
    def load(
        cls,
        flags: Mapping[str, object] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        file: Path | None = None,
    ) -> Self:
        """Settings from flags, environment and file, in this order of precedence.

        Args:
            flags: values by row name; None stands for a flag that was not given.
            environ: the environment, by default this process's.
            file: a TOML file; by default what ``ASSEMBLY_KG_CONFIG`` names, else
                ``assembly-kg.toml`` in the working folder if there is one.

        Raises:
            SettingsError: a name is unknown, or a value is unreadable or out of range; the message
                names the flag, variable or file at fault.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, tuple[str, object]] = {}
        if file is None and CONFIG_VARIABLE in environ:
            file = Path(environ[CONFIG_VARIABLE])
        if file is None and Path(FILE_NAME).is_file():
            file = Path(FILE_NAME)
        if file is not None:
            given |= {name: (f"{file}: {name}", value) for name, value in _read(file).items()}
        given |= _from_environment(environ)
        given |= {
            name: (_flag(name), value) for name, value in (flags or {}).items() if value is not None
        }
        table = {row.name: row for row in rows()}
        for name, (place, _) in given.items():
            if name not in table:
                raise SettingsError(f"{place}: there is no such setting{_nearest(name, table)}")
        values = {name: table[name].parse(value, place) for name, (place, value) in given.items()}
        if "root" not in values:
            values["root"] = _default_root()
        return cls(**values)


@dataclass(frozen=True)
class Row:
    """One setting as the command line and the documentation show it."""

    name: str
    type: type
    choices: tuple[str, ...]
    default: object
    help: str
    minimum: float | None

    @property
    def flag(self) -> str:
        """``max_rows`` as a flag: ``--max-rows``."""
        return _flag(self.name)

    @property
    def variable(self) -> str:
        """``max_rows`` as an environment variable: ``ASSEMBLY_KG_MAX_ROWS``."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    def parse(self, value: object, place: str) -> Any:
        """The value in this row's type.

        Raises:
            SettingsError: it is not one; the message begins with ``place``.
        """
        try:
            parsed = self._convert(value)
        except (TypeError, ValueError) as error:
            wanted = " or ".join(self.choices) or _TYPE_NAMES[self.type]
            raise SettingsError(f'{place}: "{value}" is not {wanted} ({self.help})') from error
        if self.minimum is not None and isinstance(parsed, int | float) and parsed < self.minimum:
            raise SettingsError(f"{place}: {value} is less than {self.minimum:g} ({self.help})")
        return parsed

    def _convert(self, value: object) -> object:
        text = str(value)
        if self.choices and text not in self.choices:
            raise ValueError(text)
        if self.type is bool:
            if text.lower() not in TRUE | FALSE:
                raise ValueError(text)
            return text.lower() in TRUE
        if isinstance(value, bool) or (
            self.type in (str, Path) and not isinstance(value, str | Path)
        ):
            raise TypeError(text)
        if self.type is float and not math.isfinite(float(text)):
            raise ValueError(text)
        return self.type(text)


_TYPE_NAMES: Final[Mapping[type, str]] = types.MappingProxyType(
    {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}
)


def rows() -> Iterable[Row]:
    """The table, in its order."""
    hints = get_type_hints(Settings)
    for row in dataclasses.fields(Settings):
        hint = hints[row.name]
        choices = get_args(hint) if get_origin(hint) is Literal else ()
        yield Row(
            name=row.name,
            type=str if choices else hint,
            choices=choices,
            default=row.default,
            help=row.metadata["help"],
            minimum=row.metadata["minimum"],
        )


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _nearest(name: str, table: Mapping[str, Row]) -> str:
    near = difflib.get_close_matches(name, table, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(table)}"


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, object]]:
    return {
        variable.removeprefix(ENVIRONMENT_PREFIX).lower(): (variable, value)
        for variable, value in environ.items()
        if variable.startswith(ENVIRONMENT_PREFIX) and variable != CONFIG_VARIABLE
    }


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from error


def _default_root() -> Path:
    """The working folder if it holds an institution, else the one in the installed package."""
    carried = Path(__file__).parent / "institution"
    return Path() if Path("ontology").is_dir() or not carried.is_dir() else carried

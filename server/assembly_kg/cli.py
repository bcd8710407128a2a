"""The command line, ``assembly-kg``.

Owns the group: it finds the subcommands in ``assembly_kg.commands``, loads only the one that is
called, and turns a ``KnowledgeGraphError`` into its message on standard error and its exit code:
1 for data that break a rule, 2 for input or usage that cannot be read, 3 for an engine's failure.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import click

from assembly_kg import __version__, commands
from assembly_kg.errors import KnowledgeGraphError

__all__ = ["main"]


class _Commands(click.Group):
    """The modules of ``assembly_kg.commands``, each loaded when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{commands.__name__}.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"{commands.__name__}.{cmd_name}.command is not a click command")
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KnowledgeGraphError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="assembly-kg")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="settings file (TOML) [default: assembly-kg.toml, if there is one]",
)
def main(config: Path | None) -> None:
    """Build, check, serve and question a knowledge graph with its sources."""

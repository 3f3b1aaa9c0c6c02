"""The command tree. Only the module of the called command is loaded."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import main as typer_main

from kanban_cli import exit_codes
from kanban_cli.invocation import Invocation
from kanban_cli.options import help_section, with_common_options
from kanban_cli.parsing import Group
from kanban_cli.table import ALIASES, COMMANDS, GROUPS, SECTIONS

if TYPE_CHECKING:
    from typer._click.core import Command, Context
    from typer._click.formatting import HelpFormatter

_EPILOG = "\n\n".join(
    [
        help_section("Examples", ['kanban add "Fix the login race"', "kanban next -u ada"]),
        help_section("Exit codes", [f"{code:<5}{meaning}" for code, meaning in exit_codes.MEANINGS.items()]),
    ]
)


class LazyCommands(Mapping[str, "Command"]):
    """The commands by name, each loaded on first use."""

    def __getitem__(self, name: str) -> "Command":
        module = import_module(f"kanban_cli.commands.{COMMANDS[name]}")
        if name in GROUPS:
            return typer_main.get_group(module.app)
        info = next(info for info in module.app.registered_commands if info.name == name)
        return typer_main.get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class RootGroup(Group):
    """The root group."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": LazyCommands()})

    def list_commands(self, ctx: "Context") -> list[str]:
        """List all command names."""
        return list(self.commands)

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write a section of the help for each group of commands."""
        width = max(map(len, self.commands))
        limit = formatter.width - 6 - width
        for heading, names in SECTIONS.items():
            rows = [(name.ljust(width), self.commands[name].get_short_help_str(limit)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(rows)
        with formatter.section("Other names"):
            others = {name: [alias for alias, of in ALIASES.items() if of == name] for name in ALIASES.values()}
            formatter.write_dl([(name.ljust(width), ", ".join(aliases)) for name, aliases in others.items()])


app = typer.Typer(cls=RootGroup, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True, epilog=_EPILOG)
@with_common_options
def root(
    ctx: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """The board that AI agents and people share.

    `kanban up` starts a server, `kanban` alone shows the state of your board, and `kanban prime` shows an agent what it
    needs. Name the board with -b or KANBAN_BOARD, and yourself with -u or KANBAN_USER. `kanban init` saves both for a
    folder, and `kanban COMMAND --help` explains a command.
    """
    if version:
        print_version(ctx.obj)
    elif ctx.invoked_subcommand is None:
        from kanban_cli.commands.status import print_status

        print_status(ctx.obj)


def print_version(invocation: Invocation) -> None:
    """Print the version; as JSON with the versions that a bug report needs."""
    from importlib.metadata import version as installed

    if not invocation.options.json:
        print(f"kanban {installed('agent-kanban')}")
        return
    import platform

    from kanban_cli.render.output import print_json

    packages = {name: installed(name) for name in ("sqlalchemy", "starlette", "typer", "uvicorn")}
    python = {"python": platform.python_version(), "platform": platform.platform()}
    print_json({"version": installed("agent-kanban"), **python, "packages": packages})

"""The command tree. A command's module is loaded when the command is called, and no other."""

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer import main as typer_main
from typer.core import TyperGroup

from kanban_cli import exits
from kanban_cli.context import protected

COMMANDS = {
    "add": "tickets",
    "move": "tickets",
    "watch": "watch",
    "serve": "server",
}
"""Command to the module in `commands` that holds it, in the order of the help."""
GROUPS: dict[str, str] = {}
"""Group of commands to its module."""


class Tree(TyperGroup):
    """The commands by name, each loaded on first use."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names."""
        return [*COMMANDS, *GROUPS]

    def get_command(self, ctx: Any, name: str) -> Any:
        """The command with this name, or None."""
        if name in GROUPS:
            return typer_main.get_group(import_module(f"kanban_cli.commands.{GROUPS[name]}").app)
        if name not in COMMANDS:
            return None
        module = import_module(f"kanban_cli.commands.{COMMANDS[name]}")
        info = next(info for info in module.app.registered_commands if info.name == name)
        return typer_main.get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)


app = typer.Typer(cls=Tree, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def root(ctx: typer.Context, version: bool = typer.Option(False, "--version", help="Show the version.")) -> None:
    """The board that AI agents and people share.

    `kanban serve` starts a server; `kanban add`, `list`, `move` and `watch` use it. Name the board with -b or
    KANBAN_BOARD, and yourself with -u or KANBAN_USER.
    """
    if version:
        from importlib.metadata import version as installed

        print(f"kanban {installed('agent-kanban')}")
    elif ctx.invoked_subcommand is None:
        print(ctx.get_help())


def run() -> NoReturn:
    """Run the command that the shell asked for, and leave with its exit code."""
    code = 0
    try:
        typer_main.get_command(app).main(protected(sys.argv[1:]), prog_name="kanban", standalone_mode=False)
    except BaseException as error:
        code = exits.explain(error, json="--json" in sys.argv)
    leave(code)


def leave(code: int) -> NoReturn:
    """Leave at once: Python's own way out takes 15 ms for nothing that is still needed here."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = code or 0
    os._exit(code)

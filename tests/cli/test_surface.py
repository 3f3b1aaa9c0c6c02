"""Agents and scripts lean on the commands, their flags and the exit codes: here they are held.

After a change that is meant: python -m tests.cli.test_surface > tests/cli/surface.txt
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from kanban_cli import errors, exit_codes
from kanban_cli.main import app
from kanban_cli.options import COMMON_OPTIONS
from kanban_sdk.problem_types import exception_for
from kanban_sdk.wire.problems import PROBLEMS
from tests.support.cli import Shell

SNAPSHOT = Path(__file__).parent / "surface.txt"


def surface() -> str:
    """All commands with their arguments and flags, and what each exit code stands for."""
    lines = [*_commands(get_command(app), "kanban"), "", "exit codes"]
    for code, meaning in exit_codes.MEANINGS.items():
        lines.append(f"{code:>4} {meaning}")
        known = {type: exception_for({"type": type, "status": problem.status}) for type, problem in PROBLEMS.items()}
        lines += [f"       {type}" for type, error in known.items() if errors.classify(error)[0] == code]
    return "\n".join(lines) + "\n"


def _commands(command: Any, path: str) -> Iterator[str]:
    shown = [
        parameter.make_metavar(ctx=None) if parameter.param_type_name == "argument" else "/".join(parameter.opts)
        for parameter in command.params
        if parameter.name not in COMMON_OPTIONS
    ]
    missing = COMMON_OPTIONS.keys() - {parameter.name for parameter in command.params}
    yield " ".join([path, *shown, *(f"(without {name}!)" for name in sorted(missing))])
    for name in getattr(command, "commands", {}):
        yield from _commands(command.commands[name], f"{path} {name}")


def test_the_surface_is_as_it_was() -> None:
    assert surface() == SNAPSHOT.read_text(), __doc__


def helps(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The commands and groups of commands, by the words that call them."""
    yield path, command
    for name, inside in getattr(command, "commands", {}).items():
        yield from helps(inside, f"{path} {name}")


def parse(command: Any, typed: list[str]) -> None:
    """Raises where a command or a flag is unknown, or an argument is missing."""
    context = command.make_context(command.name, typed)
    if hasattr(command, "commands"):
        _, inside, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        parse(inside, rest)


def test_every_help_has_two_examples_that_can_be_typed() -> None:
    for path, command in helps(get_command(app), "kanban"):
        heading, *examples = (command.epilog or "").removeprefix("\b\n").partition("\n\n")[0].splitlines()
        assert (heading, len(examples)) == ("Examples:", 2), path
        for example in examples:
            assert example.startswith(f"  {path}"), example
            parse(command, shlex.split(example)[path.count(" ") + 1 :])


def test_the_help_tells_every_command_and_every_exit_code(kanban: Shell) -> None:
    said = kanban.ok("--help")
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"\n  {name} " in said.out
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"    {code:<5}{meaning}\n" in said.out
    assert "--if-version" in kanban.ok("move", "--help").out
    assert kanban.ok("board").out == kanban.ok("board", "--help").out
    assert kanban.ok("--version").out.startswith("kanban ")


if __name__ == "__main__":
    print(surface(), end="")

"""The commands, their options and the exit codes, on which agents and scripts depend.

After an intended change: python -m tests.cli.test_surface > tests/cli/surface.txt
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from kanban_cli import errors, exit_codes
from kanban_cli.command_tree import app
from kanban_cli.options import COMMON_OPTIONS
from kanban_cli.table import ALIASES, SECTIONS
from kanban_sdk.problem_types import exception_for
from kanban_sdk.wire.problems import PROBLEMS
from tests.support.cli import Shell

SNAPSHOT = Path(__file__).parent / "surface.txt"


def surface() -> str:
    """All commands with their arguments and flags, and the problem types of each exit code."""
    lines = [*_commands(get_command(app), "kanban"), "", "exit codes"]
    for code, meaning in exit_codes.MEANINGS.items():
        lines.append(f"{code:>4} {meaning}")
        known = {type: exception_for({"type": type, "status": problem.status}) for type, problem in PROBLEMS.items()}
        lines += [f"       {type}" for type, error in known.items() if errors.classify(error)[0] == code]
    return "\n".join(lines) + "\n"


def metavar(parameter: Any, context: Any) -> str:
    """How the help names a value, as Typer 0.28 writes it; 0.29 has no public way to ask."""
    if hasattr(parameter, "make_metavar"):
        return str(parameter.make_metavar(ctx=context))
    if parameter.param_type_name == "option":
        return str(parameter.metavar or parameter.display_type(context))
    choices = parameter.type_descriptor.choices
    noun = parameter.metavar or (f"[{'|'.join(choices)}]" if choices else parameter.name.upper())
    if not parameter.required and not noun.startswith("["):
        noun = f"[{noun}]"
    return noun if parameter.nargs == 1 or parameter.metavar else f"{noun}..."


def _commands(command: Any, path: str) -> Iterator[str]:
    names = [
        metavar(parameter, None) if parameter.param_type_name == "argument" else "/".join(parameter.opts)
        for parameter in command.params
        if parameter.name not in COMMON_OPTIONS or parameter.help != COMMON_OPTIONS[parameter.name][1].help
    ]
    missing = COMMON_OPTIONS.keys() - {parameter.name for parameter in command.params}
    yield " ".join([path, *names, *(f"(without {name}!)" for name in sorted(missing))])
    for name in getattr(command, "commands", {}):
        yield from _commands(command.commands[name], f"{path} {name}")


def test_the_surface_is_unchanged() -> None:
    assert surface() == SNAPSHOT.read_text(), __doc__


def helps(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The commands and groups, each with its path."""
    yield path, command
    for name, inside in getattr(command, "commands", {}).items():
        yield from helps(inside, f"{path} {name}")


def parse(command: Any, typed: list[str]) -> None:
    """Raise an error if a command or an option is unknown, or an argument is missing."""
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


def test_the_help_lists_every_command_in_its_section_and_every_exit_code(kanban: Shell) -> None:
    output = kanban.ok("--help", COLUMNS="80").out
    for heading, names in SECTIONS.items():
        section = output.partition(f"\n{heading}:\n")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in section.splitlines()] == list(names)
    other_names = output.partition("\nOther names:\n")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"\w+", other_names)) == sorted({*ALIASES, *ALIASES.values()})
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"    {code:<5}{meaning}\n" in output
    assert kanban.ok("-h").out == kanban.ok("--help").out
    assert kanban.ok("board").out == kanban.ok("board", "-h").out
    assert "--if-version" in kanban.ok("move", "-h").out
    version = kanban.ok("--version").out.removeprefix("kanban ").strip()
    report = json.loads(kanban.ok("--version", "--json").out)
    assert report["version"] == version
    assert report.keys() == {"version", "python", "platform", "packages"}


def test_every_command_has_one_sentence_that_fits_its_line_at_80_columns() -> None:
    for path, command in helps(get_command(app), "kanban"):
        names = getattr(command, "commands", {})
        limit = 78 - 6 - max(map(len, names), default=0)  # as the help divides a line
        for name in names:
            sentence = command.commands[name].get_short_help_str(limit)
            assert re.fullmatch(r"[A-Z][^.]*(\.kanban\.toml[^.]*)?\.", sentence), (path, name, sentence)


def test_a_value_is_named_by_a_noun_or_its_choices() -> None:
    for path, command in helps(get_command(app), "kanban"):
        context = command.make_context(path, [], resilient_parsing=True)
        for parameter in command.params:
            noun = metavar(parameter, context)
            assert (
                getattr(parameter, "is_flag", False)
                or noun.strip("[].").isupper()
                or "|" in noun
                or (noun in {"COLUMN=FIELD", "A,B", "A,B,C", "<source>"})
            ), (path, noun)


@pytest.mark.parametrize(
    ("command", "listed"),
    [
        ("board list", {"user", "url", "json", "full", "jq"}),
        ("show", {"user", "url", "json", "full", "jq"}),
        ("move", {"user", "url", "lease", "json", "full", "jq"}),
        ("list", {"board", "user", "url", "json", "full", "jq"}),
        ("mcp", {"board", "user", "url"}),
        ("login", {"url", "json", "full", "jq"}),
        ("serve", set()),
        ("completion", set()),
    ],
)
def test_a_command_lists_the_common_options_that_it_can_use_and_takes_all(command: str, listed: set[str]) -> None:
    leaf = dict(helps(get_command(app), "kanban"))[f"kanban {command}"]
    common = {parameter.name: parameter for parameter in leaf.params if parameter.name in COMMON_OPTIONS}
    assert common.keys() == COMMON_OPTIONS.keys()
    assert {name for name, parameter in common.items() if not parameter.hidden} == listed


def test_an_option_that_a_command_does_not_list_is_taken_as_before(kanban: Shell) -> None:
    ticket = kanban.ok("add", "x").rows[0][0]
    assert kanban.ok("show", ticket, "-b", 1, "--lease", "1.1").rows[0] == ["id", ticket]
    assert "--lease" not in kanban.ok("show", "-h").out


if __name__ == "__main__":
    print(surface(), end="")

"""The manual pages and the completion scripts, made from the commands when a wheel is built."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from typer.main import get_command

from kanban_cli.command_tree import app

if TYPE_CHECKING:
    from typer._click.core import Command

COMPLETIONS = {
    "bash": "share/bash-completion/completions/kanban",
    "zsh": "share/zsh/site-functions/_kanban",
    "fish": "share/fish/vendor_completions.d/kanban.fish",
}
"""Where each shell looks for a completion script, below a prefix."""


def shared_files() -> dict[str, str]:
    """The manual pages and completion scripts, by their paths below a prefix such as /usr/local."""
    from typer._completion_shared import get_completion_script

    scripts = {
        path: get_completion_script(prog_name="kanban", complete_var="_KANBAN_COMPLETE", shell=shell) + "\n"
        for shell, path in COMPLETIONS.items()
    }
    pages = {
        f"share/man/man1/{name.replace(' ', '-')}.1": manual_page(name, command)
        for name, command in _commands(get_command(app), "kanban")
    }
    return {**scripts, **pages}


def manual_page(name: str, command: "Command") -> str:
    """The manual page of one command, in roff. `name` are the words that call it."""
    context = command.make_context(name, [], resilient_parsing=True)
    first, _, rest = _text(command.help).partition("\n\n")
    synopsis = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [
        f'.TH "{name.replace(" ", "-").upper()}" 1 "" "Agent Kanban"',
        ".SH NAME",
        _escape(f"{name.replace(' ', '-')} - {first.rstrip('.')}"),
        ".SH SYNOPSIS",
        _escape(synopsis),
    ]
    if rest:
        lines += [".SH DESCRIPTION", *_paragraphs(rest)]
    records = [record for parameter in command.get_params(context) if (record := parameter.get_help_record(context))]
    for heading, dashed in (("ARGUMENTS", False), ("OPTIONS", True)):
        own = [(names, about) for names, about in records if names.startswith("-") == dashed]
        if own:
            lines.append(f".SH {heading}")
        for names, about in own:
            lines += [".TP", f".B {_escape(names)}", _escape(about)]
    commands = getattr(command, "commands", {})
    if commands:
        lines.append(".SH COMMANDS")
    for inner in commands:
        lines += [".TP", f".B {_escape(inner)}", _escape(commands[inner].get_short_help_str(200))]
    for section in _text(command.epilog).split("\n\n"):
        heading, _, body = section.partition(":\n")
        if body:
            lines += [f".SH {heading.upper()}", ".nf", *map(_escape, body.split("\n")), ".fi"]
    return "\n".join(lines) + "\n"


def _commands(command: "Command", path: str) -> Iterator[tuple[str, "Command"]]:
    yield path, command
    commands = getattr(command, "commands", {})
    for name in commands:
        yield from _commands(commands[name], f"{path} {name}")


def _text(help_text: str | None) -> str:
    return (help_text or "").replace("\b\n", "").strip()


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield ".PP"
        yield _escape(" ".join(paragraph.split()))


def _escape(text: str) -> str:
    """The text as roff: no escapes, and no line that roff reads as a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    escaped = "".join(letter if letter.isascii() else f"\\[u{ord(letter):04X}]" for letter in escaped)
    return re.sub(r"^(?=[.'])", r"\\&", escaped, flags=re.MULTILINE)

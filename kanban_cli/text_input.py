"""Texts from arguments or stdin."""

import sys
from typing import Any

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import command_line


def resolve_texts(*values: Any) -> list[Any]:
    """Replace the text `-` by the content of stdin."""
    if values.count("-") > 1:
        raise CommandError(USAGE, "stdin can be read for one text only.", fix=f"{command_line()} --help")
    return [read_stdin() if text == "-" else text for text in values]


def read_stdin() -> str:
    """Read all of stdin without its last line end. Stops if it is not UTF-8."""
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise CommandError(
            USAGE, f"stdin is not UTF-8: {error}", fix="Convert it first, such as with iconv."
        ) from error

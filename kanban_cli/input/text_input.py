"""Texts from arguments or stdin."""

import sys
from typing import TypeVar

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation

Text = TypeVar("Text", str, str | None)


def resolve_texts(invocation: Invocation, *texts: Text) -> list[Text]:
    """Replace the text `-` by the content of stdin."""
    if texts.count("-") > 1:
        raise CommandError(
            USAGE, "Only one text can be read from stdin.", fix=f"{invocation.command_line.command()} --help"
        )
    return [read_stdin() if text == "-" else text for text in texts]


def read_stdin() -> str:
    """Read all of stdin without its last line end. Stops if it is not UTF-8."""
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise CommandError(
            USAGE, f"stdin is not UTF-8: {error}", fix="Convert it first, such as with iconv."
        ) from error

"""Texts that are given on the line, or on stdin."""

import sys
from typing import Any

from kanban_cli.context import typed
from kanban_cli.exits import USAGE, Stop


def texts(*given: Any) -> list[Any]:
    """The texts, with stdin for the one that is `-`."""
    if given.count("-") > 1:
        raise Stop(USAGE, "stdin can be read for one text only.", fix=f"{typed()} --help")
    return [read() if text == "-" else text for text in given]


def read() -> str:
    """All of stdin, without the end of its last line. Stops where it is not UTF-8."""
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise Stop(USAGE, f"stdin is not UTF-8: {error}", fix="Convert it first, such as with iconv.") from error

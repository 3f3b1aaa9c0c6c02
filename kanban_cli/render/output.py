"""Output to stdout: tables for people, compact lines for pipes, JSON for programs. Everything is escaped."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

MAX_LINE_BYTES = 180
"""Maximum size of a one-line result; the end is cut."""

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()


def escape(text: str, *, lines: bool = False) -> str:
    """Make invisible characters visible: escape codes, control characters, bidi marks, zero-width characters."""
    if text.isascii() and text.isprintable():
        return text
    from kanban_sdk.wire.letters import escaped, invisible

    def visible(letter: str) -> str:
        if letter == "\n" and lines:
            return letter
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        hidden = invisible(letter) or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}
        return escaped(letter) if hidden else letter

    return "".join(map(visible, text))


def truncate(text: str, size: int) -> str:
    """Return the text, or its first `size` characters and its size in bytes."""
    if len(text) <= size:
        return text
    return f"{text[:size]}… ({len(text.encode(errors='surrogatepass')):,} bytes; --full shows all)"


def compact_json(value: Any) -> str:
    """Encode as one line of ASCII JSON, so that nothing in it can control a terminal."""
    return json.dumps(value, default=_json_default, separators=(",", ":")).replace("\x7f", "\\u007f")


def _json_default(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return vars(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def print_line(text: str) -> None:
    """Print one line."""
    print(escape(text))


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(compact_json(value))


def print_cells(*cells: Any) -> None:
    """Print a one-line result: cells separated by tabs, on a terminal by spaces; a long line is cut."""
    line = ("  " if is_terminal() else "\t").join(escape(str(cell)) for cell in cells)
    encoded = line.encode(errors="backslashreplace")
    print(line if len(encoded) <= MAX_LINE_BYTES else encoded[:MAX_LINE_BYTES].decode(errors="ignore") + "…")


def print_field(name: str, value: str) -> None:
    """Print a field's name and value on one line."""
    print(name, escape(value), sep=": " if is_terminal() else "\t")


def print_rows(header: Sequence[str], rows: Iterable[Sequence[Any]], footer: str | None = None) -> None:
    """Print rows: a table on a terminal, tab-separated lines in a pipe; the footer is the last line."""
    if is_terminal():
        from kanban_cli.render.tables import print_table

        print_table(header, [[escape(str(cell)) for cell in row] for row in rows])
    else:
        for row in rows:
            print("\t".join(escape(str(cell)) for cell in row))
    if footer:
        print(footer)

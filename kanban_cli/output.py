"""What goes to stdout: tables for people, compact lines for pipes, JSON for programs. Nothing unescaped."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

LINE_BYTES = 180
"""The most of a one-line answer; its end is cut."""

_SHOWN = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def terminal() -> bool:
    """Whether a person looks at stdout."""
    return sys.stdout.isatty()


def safe(text: str, *, lines: bool = False) -> str:
    """The text with everything made visible that nobody would see: escape codes, controls, bidi marks, zero widths."""
    if text.isascii() and text.isprintable():
        return text
    from kanban_sdk.wire.letters import escaped, invisible

    def visible(letter: str) -> str:
        if letter == "\n" and lines:
            return letter
        if letter in _SHOWN:
            return _SHOWN[letter]
        hidden = invisible(letter) or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}
        return escaped(letter) if hidden else letter

    return "".join(map(visible, text))


def cut(text: str, size: int) -> str:
    """The text, or its first `size` characters and its size in bytes."""
    if len(text) <= size:
        return text
    return f"{text[:size]}… ({len(text.encode(errors='surrogatepass')):,} bytes; --full shows all)"


def compact(value: Any) -> str:
    """One line of JSON, in ASCII, so that nothing in it can act on a terminal."""
    return json.dumps(value, default=_plain, separators=(",", ":")).replace("\x7f", "\\u007f")


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return vars(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def say(text: str) -> None:
    """One line."""
    print(safe(text))


def say_json(value: Any) -> None:
    """One JSON document."""
    print(compact(value))


def say_cells(*cells: Any) -> None:
    """A one-line answer: cells with tabs between, spaces on a terminal; the end is cut where it is long."""
    line = ("  " if terminal() else "\t").join(safe(str(cell)) for cell in cells)
    encoded = line.encode(errors="backslashreplace")
    print(line if len(encoded) <= LINE_BYTES else encoded[:LINE_BYTES].decode(errors="ignore") + "…")


def say_field(name: str, value: str) -> None:
    """A field of a thing and its value, on a line."""
    print(name, safe(value), sep=": " if terminal() else "\t")


def say_rows(header: Sequence[str], rows: Iterable[Sequence[Any]], footer: str | None = None) -> None:
    """Rows: a table on a terminal, tab-separated lines in a pipe; the footer is the last line."""
    if terminal():
        from kanban_cli.drawing import show_table

        show_table(header, [[safe(str(cell)) for cell in row] for row in rows])
    else:
        for row in rows:
            print("\t".join(safe(str(cell)) for cell in row))
    if footer:
        print(footer)

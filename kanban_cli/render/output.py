"""Output to stdout: tables for people, compact lines for pipes, JSON for programs. Everything is escaped."""

import sys
from collections.abc import Iterable, Sequence

from kanban_cli.render.escaping import compact_json, escape

MAX_LINE_BYTES = 180
"""Maximum size of a one-line result; the end is cut."""


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()


def print_line(text: str) -> None:
    """Print one line."""
    print(escape(text))


def print_json(value: object) -> None:
    """Print one JSON document."""
    print(compact_json(value))


def print_cells(*cells: object) -> None:
    """Print a one-line result: cells separated by tabs, on a terminal by spaces; a long line is cut."""
    line = ("  " if is_terminal() else "\t").join(escape(str(cell)) for cell in cells)
    encoded = line.encode(errors="backslashreplace")
    print(line if len(encoded) <= MAX_LINE_BYTES else encoded[:MAX_LINE_BYTES].decode(errors="ignore") + "…")


def print_field(name: str, value: str) -> None:
    """Print a field's name and value on one line."""
    print(name, escape(value), sep=": " if is_terminal() else "\t")


def print_rows(header: Sequence[str], rows: Iterable[Sequence[object]], footer: str | None = None) -> None:
    """Print rows: a table on a terminal, tab-separated lines in a pipe; then the footer."""
    if is_terminal():
        from kanban_cli.render.tables import print_table

        print_table(header, [[escape(str(cell)) for cell in row] for row in rows])
    else:
        for row in rows:
            print("\t".join(escape(str(cell)) for cell in row))
    if footer:
        print_footer(footer)


def print_notice(text: str) -> None:
    """Print a notice on stderr that is no error, for example that the server is unreachable."""
    print(escape(f"kanban: {text}"), file=sys.stderr, flush=True)


def print_footer(text: str) -> None:
    """Print a line about the output: below it on a terminal, on stderr in a pipe, where only rows go to stdout."""
    if is_terminal():
        print(escape(text))
    else:
        sys.stdout.flush()
        print(escape(text), file=sys.stderr)

"""Tables drawn by rich on a terminal. Loaded only when needed."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

NARROW = 64
"""Below this width a row is a line of text, since columns of a few letters can't be read."""


def create_console() -> Console:
    """Create a console that shows texts unchanged, without markup, emoji codes or highlighting."""
    return Console(markup=False, emoji=False, highlight=False)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of escaped texts; the last column takes the remaining width."""
    console = create_console()
    if console.width < NARROW and len(header) > 2:
        for row in rows:
            console.print(Text("  ".join(row), overflow="fold"))
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in header[:-1]:
        table.add_column(Text(name), overflow="fold")
    table.add_column(Text(header[-1]), overflow="fold", ratio=1)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)

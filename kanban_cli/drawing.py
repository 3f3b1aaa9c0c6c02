"""What rich draws on a terminal: tables, and a board as columns. Loaded only then."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from kanban_cli.output import safe
from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.tickets import Ticket


def console() -> Console:
    """The terminal; texts are shown as they are, without markup, emoji codes or highlighting."""
    return Console(markup=False, emoji=False, highlight=False)


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of texts that are safe already; the last column takes the room that is left."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in header[:-1]:
        table.add_column(Text(name), overflow="fold")
    table.add_column(Text(header[-1]), overflow="fold", ratio=1)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def drawn(board: Board, tickets: Sequence[Ticket], most: int | None, note: str = "") -> RenderableType:
    """The board as columns, with at most so many tickets in each; a note stands under it."""
    table = Table(
        title=Text(safe(f"{board.name} ({board.id})"), style="bold"),
        caption=Text(safe(note or f"{len(tickets)} ticket{'s' * (len(tickets) != 1)}")),
        expand=True,
    )
    stacks: list[Text] = []
    for column in board.column_settings:
        inside = [ticket for ticket in tickets if ticket.current_column == column.name]
        limit = f"/{column.limit}" if column.limit else ""
        style = "red" if column.limit and len(inside) > column.limit else "bold"
        table.add_column(Text(safe(f"{column.name} {len(inside)}{limit}"), style=style), ratio=1, overflow="fold")
        stack = Text()
        for ticket in inside[:most]:
            stack.append(f"{ticket.id} ", style="cyan")
            stack.append(safe(ticket.title))
            if ticket.assignee:
                stack.append(safe(f" @{ticket.assignee}"), style="green")
            stack.append("\n")
        if most is not None and len(inside) > most:
            stack.append(f"{most} of {len(inside)} shown", style="dim")
        stacks.append(stack)
    table.add_row(*stacks)
    return table

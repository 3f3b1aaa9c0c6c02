"""Tables and boards drawn by rich on a terminal. Loaded only when needed."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from kanban_cli.render.escaping import escape
from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.tickets import Ticket


def create_console() -> Console:
    """Create a console that shows texts unchanged, without markup, emoji codes or highlighting."""
    return Console(markup=False, emoji=False, highlight=False)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of escaped texts; the last column takes the remaining width."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in header[:-1]:
        table.add_column(Text(name), overflow="fold")
    table.add_column(Text(header[-1]), overflow="fold", ratio=1)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    create_console().print(table)


def render_board(board: Board, tickets: Sequence[Ticket], max_tickets: int | None, note: str = "") -> RenderableType:
    """Render the board as columns with at most `max_tickets` tickets each, and a note below."""
    table = Table(
        title=Text(escape(f"{board.name} ({board.id})"), style="bold"),
        caption=Text(escape(note or f"{len(tickets)} ticket{'s' * (len(tickets) != 1)}")),
        expand=True,
    )
    stacks: list[Text] = []
    for column in board.column_settings:
        column_tickets = [ticket for ticket in tickets if ticket.current_column == column.name]
        limit = f"/{column.limit}" if column.limit else ""
        style = "red" if column.limit and len(column_tickets) > column.limit else "bold"
        table.add_column(
            Text(escape(f"{column.name} {len(column_tickets)}{limit}"), style=style), ratio=1, overflow="fold"
        )
        stack = Text()
        for ticket in column_tickets[:max_tickets]:
            stack.append(f"{ticket.id} ", style="cyan")
            stack.append(escape(ticket.title))
            if ticket.assignee:
                stack.append(escape(f" @{ticket.assignee}"), style="green")
            stack.append("\n")
        if max_tickets is not None and len(column_tickets) > max_tickets:
            stack.append(f"{max_tickets} of {len(column_tickets)} shown", style="dim")
        stacks.append(stack)
    table.add_row(*stacks)
    return table

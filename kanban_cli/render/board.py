"""A board drawn on a terminal: side by side where there is room, else its columns one below the other."""

from collections.abc import Collection, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from kanban_cli.render import ticket_list
from kanban_cli.render.escaping import escape
from kanban_sdk.wire.boards import Board, Column
from kanban_sdk.wire.tickets import Ticket

COLUMN_WIDTH = 20
"""The least width of a column; in a narrower terminal the columns stand one below the other."""
DONE_TICKETS = 3
"""Tickets that are shown of a done column, the newest."""


class BoardDrawing:
    """A board to draw, with at most `max_tickets` tickets of each column, few of a done one; None shows all.

    `changed` are the tickets to highlight, and `news` the lines below the board.
    """

    def __init__(
        self,
        board: Board,
        tickets: Sequence[Ticket],
        max_tickets: int | None,
        *,
        changed: Collection[int] = (),
        news: Sequence[str] = (),
    ) -> None:
        self.board = board
        self.tickets = tickets
        self.max_tickets = max_tickets
        self.changed = changed
        self.news = news

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it for the width of the console."""
        yield Text(escape(f"{self.board.name} ({self.board.id})"), style="bold")
        columns = self.board.column_settings
        if options.max_width >= COLUMN_WIDTH * len(columns):
            yield self._side_by_side(columns)
        else:
            for column in columns:
                yield self._heading(column)
                if shown := self._shown(column):
                    yield Group(*(Text("  ") + text for text in shown))
        number = len(self.tickets)
        for line in self.news or [f"{number} ticket{'s' * (number != 1)}"]:
            yield Text(escape(line), style="dim")

    def _side_by_side(self, columns: Sequence[Column]) -> RenderableType:
        table = Table(expand=True)
        for column in columns:
            table.add_column(self._heading(column), ratio=1, overflow="fold")
        table.add_row(*(Text("\n").join(self._shown(column)) for column in columns))
        return table

    def _tickets_of(self, column: Column) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket.current_column == column.name]

    def _heading(self, column: Column) -> Text:
        count = len(self._tickets_of(column))
        limit = f"/{column.limit}" if column.limit else ""
        too_many = column.limit is not None and count > column.limit
        style = "bold red" if too_many else ticket_list.ROLE_STYLES[column.role]
        return Text(escape(f"{column.name} {count}{limit}"), style=style)

    def _shown(self, column: Column) -> list[Text]:
        """Return the tickets of a column that are shown, and a line about the others."""
        tickets = self._tickets_of(column)
        shown = tickets if self.max_tickets is None else tickets[: self.max_tickets]
        if column.role == "done" and self.max_tickets is not None:
            newest = sorted(tickets, key=lambda ticket: ticket.column_entered_at, reverse=True)
            shown = newest[: min(DONE_TICKETS, self.max_tickets)]
        lines = [self._card(ticket) for ticket in shown]
        if len(shown) < len(tickets):
            lines.append(Text(f"{len(shown)} of {len(tickets)} shown", style="dim"))
        return lines

    def _card(self, ticket: Ticket) -> Text:
        card = Text()
        card.append(f"{ticket.id} ", style="cyan")
        card.append(escape(ticket.title), style="bold yellow" if ticket.id in self.changed else "")
        facts = [ticket_list.priority(ticket), ticket_list.due(ticket), *ticket_list.marks(ticket)]
        if ticket.assignee or ticket.claim:
            facts.insert(0, ticket_list.holder(ticket))
        for text in facts:
            if text:
                card.append(" ")
                card.append_text(text)
        return card

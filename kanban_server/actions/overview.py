"""The overview of a board: what a newcomer needs first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.tickets import Ticket
from kanban_server.rules import cursors
from kanban_server.store.queries import boards, ticket_pages, tickets
from kanban_server.store.queries.ticket_pages import TicketFilter
from kanban_server.store.transaction import ReadTransaction


class Overview(NamedTuple):
    """A board, and what concerns one user on it, at one event of its log."""

    board: Board
    counts: dict[str, int]
    """How many tickets each column holds."""
    mine: list[Ticket]
    ready: list[Ticket]
    ready_total: int
    cursor: str


def read_overview(tx: ReadTransaction, board_id: int, names: Sequence[str], limit: int) -> Overview:
    """Read a board's overview. Refused: `not-found`.

    `mine` (tickets assigned to one of `names`) and `ready` have at most `limit` tickets each.
    """
    row = boards.read(tx, board_id)
    columns = row.board.column_settings

    def page(ticket_filter: TicketFilter) -> tuple[int, list[Ticket]]:
        counts, rows = ticket_pages.read_page(tx, row, ticket_filter, 0, limit)
        return sum(counts.values()), [tickets.to_wire(ticket_row, columns) for ticket_row in rows]

    counts = {column.name: row.counts.get(column.id, 0) for column in columns}
    mine = [ticket for name in names for ticket in page(TicketFilter(assignee=name))[1]][:limit]
    total, ready = page(TicketFilter(ready=True))
    return Overview(row.board, counts, mine, ready, total, cursors.format_cursor(row.epoch, row.seq))

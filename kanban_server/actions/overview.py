"""A board at a glance: what one who comes to it needs first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.tickets import Ticket
from kanban_server.rules import cursors
from kanban_server.store import boards, listing, tickets
from kanban_server.store.listing import Filter
from kanban_server.store.transaction import Reading


class Overview(NamedTuple):
    """A board, and what of it concerns one user, at one event of its log."""

    board: Board
    counts: dict[str, int]
    """How many tickets each column holds."""
    mine: list[Ticket]
    ready: list[Ticket]
    ready_total: int
    cursor: str


def overview(tx: Reading, board_id: int, names: Sequence[str], most: int) -> Overview:
    """The board, and at most so many tickets that one of these names has, and that are ready. Refused: `not-found`."""
    row = boards.read(tx, board_id)
    columns = row.board.column_settings

    def page(wanted: Filter) -> tuple[int, list[Ticket]]:
        counts, found = listing.page(tx, row, wanted, 0, most)
        return sum(counts.values()), [tickets.seen(one, columns) for one in found]

    counts = {column.name: row.counts.get(column.id, 0) for column in columns}
    mine = [ticket for name in names for ticket in page(Filter(assignee=name))[1]][:most]
    total, ready = page(Filter(ready=True))
    return Overview(row.board, counts, mine, ready, total, cursors.write(row.epoch, row.seq))

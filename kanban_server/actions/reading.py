"""What can be read of boards and tickets."""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.tickets import Ticket
from kanban_server.rules import cursors
from kanban_server.store import boards, tickets
from kanban_server.store.transaction import Reading


def ticket(tx: Reading, ticket_id: int) -> Ticket:
    """One ticket. Refused: `not-found`."""
    row = tickets.read(tx, ticket_id)
    return tickets.seen(row, boards.read(tx, row["board_id"]).board.column_settings)


@dataclass(frozen=True)
class Standing:
    """Where a board's log begins and ends."""

    board_id: int
    epoch: str
    floor: int
    seq: int
    deleted: bool = False

    def why_not(self, cursor: cursors.Cursor) -> str | None:
        """Why the log can't be read from the cursor; None where it can."""
        return cursors.servable(cursor, self.epoch, self.floor, self.seq)


def heads(tx: Reading) -> list[Standing]:
    """Where the log of each board stands."""
    return [Standing(row["id"], row["epoch"], row["floor"], row["seq"]) for row in tx.all(boards.HEADS)]


def standing(tx: Reading, board_id: int) -> Standing:
    """Where the log of a board stands; a deleted board's log can still be read. Refused: `not-found`."""
    row = boards.read(tx, board_id, deleted=True)
    return Standing(board_id, row.epoch, row.floor, row.seq, row.deleted)

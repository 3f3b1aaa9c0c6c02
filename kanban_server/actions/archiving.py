"""The archive: what was done long ago leaves the board, and can be brought back."""

from __future__ import annotations

from kanban_sdk.wire import limits
from kanban_sdk.wire.bulk import ArchivedTickets
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions.writing import identity, touched
from kanban_server.rules import times
from kanban_server.rules.names import Actor
from kanban_server.store import boards, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Transaction


def archive(tx: Transaction, actor: Actor, board_id: int, days: int) -> ArchivedTickets:
    """Archive what has stood in a done column for so many days and is not held, at most 500 tickets.

    For those who wait for them they stay done.
    """
    board = boards.lock(tx, board_id)
    before = times.earlier(board.now, days=days)
    done = [column.id for column in board.columns if column.role == "done"]
    most = limits.BULK_TICKETS
    old = [id for column_id in done for id in tickets.entered_before(tx, board_id, column_id, before, most + 1)]
    for ticket_id in old[:most]:
        _archive_one(board, actor, tickets.on(board, ticket_id))
    return ArchivedTickets(min(len(old), most), len(old) > most)


def _archive_one(board: LockedBoard, actor: Actor, ticket: Ticket) -> None:
    gone = ticket.but(archived_at=board.now, **touched(board, actor, ticket))
    board.tx.run(
        tickets.ARCHIVE,
        ticket_id=gone.id,
        archived_at=gone.archived_at,
        updated_by=gone.updated_by,
        updated_at=gone.updated_at,
        version=gone.version,
    )
    board.recount(ticket, None)
    board.record(actor, "ticket_archived", {**identity(gone), "archived_by": actor.name}, ticket_id=gone.id)

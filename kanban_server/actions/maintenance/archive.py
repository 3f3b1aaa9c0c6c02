"""The archive: tickets that were done long ago leave the board, and can be restored."""

from __future__ import annotations

from kanban_sdk.wire import limits
from kanban_sdk.wire.bulk import ArchiveResult
from kanban_server.actions.audit_fields import audit_fields, identity_fields
from kanban_server.rules import timestamps
from kanban_server.rules.actors import Actor
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, tickets
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction


def archive_done_tickets(tx: Transaction, actor: Actor, board_id: int, days: int) -> ArchiveResult:
    """Archive tickets that have been in a done column for `days` days and are not held, at most 500 tickets.

    For their dependents they stay done.
    """
    board = boards.lock(tx, board_id)
    cutoff = timestamps.subtract_time(board.now, days=days)
    done_column_ids = [column.id for column in board.columns if column.role == "done"]
    limit = limits.BULK_TICKETS
    ticket_ids = [
        id for column_id in done_column_ids for id in tickets.entered_before(tx, board_id, column_id, cutoff, limit + 1)
    ]
    rows = tickets.load_rows(tx, ticket_ids[:limit])
    for ticket_id in ticket_ids[:limit]:
        archive_ticket(board, actor, rows[ticket_id])
    return ArchiveResult(min(len(ticket_ids), limit), len(ticket_ids) > limit)


def archive_ticket(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Archive one ticket, and record it."""
    board.update_ticket(row, archived_at=board.now, **audit_fields(board, actor, row))
    data = {**identity_fields(row), "archived_by": actor.name}
    board.record(actor, "ticket_archived", data, ticket_id=row["id"])

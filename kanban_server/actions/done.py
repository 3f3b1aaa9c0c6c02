"""Finish a ticket in one change: its note, its criteria, the done column, and the claim of the next ticket."""

from __future__ import annotations

from dataclasses import replace

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import DoneRequest, Move
from kanban_sdk.wire.done import DoneResult
from kanban_server.actions import comments, criteria, leases, next_ticket, tickets
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction


def finish(
    tx: Transaction, actor: Actor, ticket_id: int, request: DoneRequest, *, others_wait: bool = False
) -> DoneResult:
    """Comment on a ticket, tick its criteria, and move it to a done column, which ends its claim.

    With `next`, the next ticket is claimed in the same change; `force` does not apply to it. If `others_wait` for a
    ticket, what becomes ready by this change is left to them. Refused: what `move`
    refuses, `not-found` for a criterion that does not exist, and what `choose_next` refuses.
    """
    finisher = actor.with_force(request.force)
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, finisher, ticket_id)
    column = _done_column(board, row, request.column)
    kept = (
        next_ticket.keep_ready(board, actor, request.next, without=ticket_id) if request.next and others_wait else None
    )
    text = _comment_text(request)
    comment = comments.write_comment(board, finisher, row, text) if text else None
    if request.check:
        criteria.tick_row(board, finisher, row, request.check)
    ticket = tickets.move_row(board, finisher, row, Move(column.name, note=request.note or None))
    if request.next is None:
        return DoneResult(ticket, comment)
    wanted = replace(request.next, claim=True)
    return DoneResult(ticket, comment, next_ticket.choose_next(tx, actor, board.id, wanted, kept))


def _done_column(board: LockedBoard, row: TicketRow, name: str | None) -> Column:
    """The done column that is named; else the current one, or the board's first one."""
    done_columns = [column for column in board.columns if column.role == "done"]
    column = board.column(name) if name else board.column_by_id(row["column_id"])
    if column in done_columns:
        return column
    if name or not done_columns:
        names = [column.name for column in done_columns]
        raise Refusal(
            "invalid-request",
            f"{column.name} is no done column." if name else "The board has no done column.",
            fix=f"Name one of: {', '.join(names)}." if names else "Give a column the role `done`.",
            field="column",
            columns=names,
        )
    return done_columns[0]


def _comment_text(request: DoneRequest) -> str:
    """The note, and the evidence for the criteria if there is any. Refused: evidence for no criteria."""
    if not request.evidence:
        return request.note or ""
    if not request.check:
        raise Refusal(
            "invalid-request",
            "`evidence` is for criteria, and `check` names none.",
            fix="Send `check`, or put the text into `note`.",
            field="evidence",
        )
    evidence = criteria.evidence_text(request.check, request.evidence)
    return f"{request.note}\n\n{evidence}" if request.note else evidence

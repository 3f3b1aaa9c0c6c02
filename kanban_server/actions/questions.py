"""Questions: a comment that asks somebody, while the ticket waits for the answer."""

from __future__ import annotations

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import Move, QuestionRequest
from kanban_sdk.wire.inbox import Question
from kanban_server.actions import comments, leases
from kanban_server.actions.tickets import move
from kanban_server.rules import cursors
from kanban_server.rules.actors import Actor
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction


def ask_question(tx: Transaction, actor: Actor, ticket_id: int, wanted: QuestionRequest) -> Question:
    """Ask the mentioned users, or else the ticket's creator. The ticket then waits; its claim is kept.

    The ticket moves to `column`. Without `column`, it moves to the board's first waiting column, unless it is in a
    waiting column already. Refused: `already-claimed`, `column-full`, `unknown-column`.
    """
    actor = actor.with_force(wanted.force)
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    comment = comments.write_comment(board, actor, row, wanted.text, question=True)
    column = _waiting_column(board, row) if wanted.column is None else board.column(wanted.column)
    moved = move(tx, actor, ticket_id, Move(column.name))
    return Question(moved, comment, cursors.format_cursor(board.epoch, board.last_seq))


def _waiting_column(board: LockedBoard, row: TicketRow) -> Column:
    """The column in which the ticket waits.

    It is the current column, if that is a waiting column or the board has none; else the first waiting column.
    """
    current = board.column_by_id(row["column_id"])
    return (
        current
        if current.role == "waiting"
        else next((column for column in board.columns if column.role == "waiting"), current)
    )

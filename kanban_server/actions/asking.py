"""A question to somebody: said in a comment, while the ticket waits."""

from __future__ import annotations

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import Asking, Move
from kanban_sdk.wire.inbox import Asked
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import comments, holding
from kanban_server.actions.tickets import move_on
from kanban_server.rules import cursors
from kanban_server.rules.names import Actor
from kanban_server.store import boards
from kanban_server.store.locked import LockedBoard
from kanban_server.store.transaction import Transaction


def ask(tx: Transaction, actor: Actor, ticket_id: int, wanted: Asking) -> Asked:
    """Ask those who are mentioned, else the ticket's creator; the ticket waits meanwhile, and a claim stays.

    It goes to `column`, else to the board's first waiting column, unless it is in one. Refused: `already-claimed`,
    `column-full`, `unknown-column`.
    """
    actor = actor.forcing(wanted.force)
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    comment = comments.write(board, actor, ticket, wanted.text, question=True)
    column = _waiting(board, ticket) if wanted.column is None else board.column(wanted.column)
    asked = ticket.but(comment_count=ticket.comment_count + 1, open_question=comment.id)
    moved = move_on(board, actor, asked, Move(column.name))
    return Asked(moved, comment, cursors.write(board.epoch, board.newest))


def _waiting(board: LockedBoard, ticket: Ticket) -> Column:
    """Where a ticket waits: where it is, if one waits there, or if there is no such column."""
    here = board.column(ticket.current_column)
    return here if here.role == "waiting" else next((one for one in board.columns if one.role == "waiting"), here)

"""A board's requirements for a ticket that enters a done column."""

from __future__ import annotations

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.tickets import Ticket
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.rules.requirements import unmet
from kanban_server.store.locked_board import LockedBoard

_FIXES = {
    "criteria": "tick its acceptance criteria",
    "answers": "answer its question in a comment",
    "blockers": "finish the tickets that it waits for",
    "children": "finish its children",
}


def check(board: LockedBoard, actor: Actor, ticket: Ticket, column: Column) -> None:
    """Refused: `unmet`, if the column is a done column and the ticket lacks what the board requires.

    For a ticket that was not on the board. Admins of the board may override it with `force`.
    """
    if column.role != "done" or not board.require:
        return
    lacking = [name for name in unmet(ticket) if name in board.require]
    if not lacking or board.forced_by(actor):
        return
    steps = ", ".join(_FIXES[name] for name in lacking)
    raise Refusal(
        "unmet",
        f"This board requires of a ticket that is done: {', '.join(board.require)}. Ticket {ticket.id} lacks"
        f" {', '.join(lacking)}.",
        fix=f"{steps[0].upper()}{steps[1:]}; an admin of the board may send `force`.",
        ticket_id=ticket.id,
        unmet=lacking,
    )


def check_move(board: LockedBoard, actor: Actor, ticket: Ticket, column: Column) -> None:
    """Check a ticket of the board, unless it is in a done column already. Refused: `unmet`."""
    if column.role == "done" and board.column(ticket.current_column).role != "done":
        check(board, actor, ticket, column)


def warn(board: LockedBoard, ticket: Ticket) -> Ticket:
    """Add a warning to the answer if the ticket has unmet requirements (see `noted`). Returns the ticket."""
    if ticket.unmet:
        detail = f"Ticket {ticket.id} is in {ticket.current_column}, and lacks {', '.join(ticket.unmet)}."
        board.tx.warn("unmet", detail, ticket_id=ticket.id, unmet=ticket.unmet)
    return ticket


def noted(ticket: Ticket, column: Column) -> Ticket:
    """The ticket with its `unmet` requirements, if it is in a done column and lacks any; else the ticket as it is."""
    lacking = unmet(ticket) if column.role == "done" else []
    return ticket.but(unmet=lacking) if lacking else ticket

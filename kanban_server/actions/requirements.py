"""A board's requirements for a ticket that enters a done column."""

from __future__ import annotations

from kanban_sdk.wire.boards import Column, Requirement
from kanban_sdk.wire.tickets import Ticket
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.rules.requirements import unmet
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import tickets
from kanban_server.store.rows import TicketRow

_FIXES = {
    "criteria": "tick its acceptance criteria",
    "answers": "answer its question in a comment",
    "blockers": "finish the tickets that it waits for",
    "children": "finish its children",
}


def unmet_in(board: LockedBoard, row: TicketRow, column: Column) -> list[Requirement]:
    """What a ticket lacks in a done column; nothing in another column."""
    return unmet(tickets.to_wire(row, board.columns)) if column.role == "done" else []


def check(board: LockedBoard, actor: Actor, row: TicketRow, column: Column) -> None:
    """Refused: `unmet`, if the column is a done column and the ticket lacks what the board requires.

    For a ticket that was not on the board. Admins of the board may override it with `force`.
    """
    if column.role != "done" or not board.require:
        return
    lacking = [name for name in unmet_in(board, row, column) if name in board.require]
    if not lacking or board.forced_by(actor):
        return
    steps = ", ".join(_FIXES[name] for name in lacking)
    raise Refusal(
        "unmet",
        f"This board requires of a ticket that is done: {', '.join(board.require)}. Ticket {row['id']} lacks"
        f" {', '.join(lacking)}.",
        fix=f"{steps[0].upper()}{steps[1:]}; an admin of the board may send `force`.",
        ticket_id=row["id"],
        unmet=lacking,
    )


def check_move(board: LockedBoard, actor: Actor, row: TicketRow, column: Column) -> None:
    """Check a ticket of the board, unless it is in a done column already. Refused: `unmet`."""
    if column.role == "done" and board.column_by_id(row["column_id"]).role != "done":
        check(board, actor, row, column)


def answer(board: LockedBoard, row: TicketRow, *, entered: bool) -> Ticket:
    """The ticket for the answer. If the change `entered` a done column, it says what is unmet, with a warning."""
    ticket = tickets.to_wire(row, board.columns)
    column = board.column_by_id(row["column_id"])
    lacking = unmet(ticket) if entered and column.role == "done" else []
    if not lacking:
        return ticket
    detail = f"Ticket {ticket.id} is in {column.name}, and lacks {', '.join(lacking)}."
    board.tx.warn("unmet", detail, ticket_id=ticket.id, unmet=lacking)
    return ticket.but(unmet=lacking)

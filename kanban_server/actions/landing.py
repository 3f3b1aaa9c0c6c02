"""Where a ticket lands in a column."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import requirements
from kanban_server.rules import access, places
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import tickets
from kanban_server.store.locked import LockedBoard


def bottom(board: LockedBoard, column: Column) -> str:
    """The place below all tickets of a column."""
    last = board.tx.value(tickets.LAST_PLACE, board_id=board.id, column_id=column.id, ticket_id=0)
    return places.between(last, None)


def has_room(board: LockedBoard, column: Column) -> bool:
    """Whether one more ticket may be put into a column."""
    return column.limit is None or board.count(column) < column.limit


def make_room(board: LockedBoard, column: Column, *, force: bool) -> None:
    """Refused: `column-full`, where a column holds as many tickets as it may."""
    if has_room(board, column):
        return
    if force:
        access.check_force(board.role)
        return
    count = board.count(column)
    raise Refusal(
        "column-full",
        f"{column.name} holds {count} of at most {column.limit} tickets.",
        fix="Move one out of it first, or send `force` where that is meant.",
        column=column.name,
        limit=column.limit,
        count=count,
    )


def neighbours(
    board: LockedBoard,
    ticket_id: int,
    column: Column,
    *,
    before: int | None = None,
    after: int | None = None,
    place: str | None = None,
) -> tuple[str | None, str | None]:
    """The places that a ticket goes between: below `after`, above `before`, at the top, or else at the bottom."""
    where: dict[str, Any] = {"board_id": board.id, "column_id": column.id, "ticket_id": ticket_id}
    tx = board.tx
    if before is not None:
        mark = _place_of(board, column, before)
        return tx.value(tickets.PLACE_AHEAD, **where, mark=mark), mark
    if after is not None:
        mark = _place_of(board, column, after)
        return mark, tx.value(tickets.PLACE_BEHIND, **where, mark=mark)
    if place == "top":
        return None, tx.value(tickets.FIRST_PLACE, **where)
    return tx.value(tickets.LAST_PLACE, **where), None


def _place_of(board: LockedBoard, column: Column, ticket_id: int) -> str:
    neighbour = tickets.on(board, ticket_id)
    if neighbour.current_column != column.name:
        raise Refusal(
            "invalid-request",
            f"Ticket {ticket_id} is not in {column.name}, so nothing can be put beside it there.",
            fix=f"Name a ticket of {column.name}, or say `place`: top or bottom.",
        )
    return neighbour.place


def land(
    board: LockedBoard, actor: Actor, ticket: Ticket, column: Column, between: tuple[str | None, str | None]
) -> Ticket:
    """Put a ticket into a column between two places, and tell it. Nothing happens where it stands there already."""
    behind, ahead = between
    here = ticket.current_column == column.name
    if here and (behind is None or behind < ticket.place) and (ahead is None or ticket.place < ahead):
        return ticket
    moved = ticket.but(
        current_column=column.name,
        place=places.between(behind, ahead),
        column_entered_at=ticket.column_entered_at if here else board.now,
        updated_by=actor.name,
        updated_at=board.now,
        version=ticket.version + 1,
    )
    tickets.write_move(board.tx, moved, column)
    if not here:
        board.recount(ticket, moved)
    data = {
        "id": ticket.id,
        "title": ticket.title,
        "board_id": board.id,
        "from_column": ticket.current_column,
        "to_column": column.name,
        "current_column": column.name,
        "from_place": ticket.place,
        "place": moved.place,
        "column_entered_at": moved.column_entered_at,
        "moved_by": actor.name,
        "moved_at": board.now,
        "updated_by": actor.name,
        "updated_at": board.now,
        "version": moved.version,
    }
    if not here and column.role == "done":
        moved = requirements.noted(moved, column)
        data |= {"unmet": moved.unmet} if moved.unmet else {}
    board.record(actor, "ticket_moved", data, ticket_id=ticket.id)
    if len(moved.place) > places.LONGEST:
        moved = moved.but(place=renumber(board, actor, column)[ticket.id])
    return moved


def renumber(board: LockedBoard, actor: Actor, column: Column) -> dict[int, str]:
    """Give a column's tickets new, short places in the order in which they stand."""
    rows = board.tx.all(tickets.OF_COLUMN, board_id=board.id, column_id=column.id)
    placed = dict(zip([row["id"] for row in rows], places.in_a_row(len(rows)), strict=True))
    for id, place in placed.items():
        board.tx.run(tickets.PLACE, ticket_id=id, place=place)
    board.record(
        actor,
        "column_reordered",
        {"board_id": board.id, "column": column.name, "ids": list(placed), "places": list(placed.values())},
    )
    return placed

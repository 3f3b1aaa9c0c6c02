"""Placing a ticket in a column."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import requirements
from kanban_server.rules import ordering, permissions
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import tickets


def bottom_place(board: LockedBoard, column: Column) -> str:
    """The place below all tickets of a column."""
    last_place = board.tx.value(tickets.LAST_PLACE, board_id=board.id, column_id=column.id, ticket_id=0)
    return ordering.place_between(last_place, None)


def has_room(board: LockedBoard, column: Column) -> bool:
    """Whether a column is below its limit."""
    return column.limit is None or board.count(column) < column.limit


def check_room(board: LockedBoard, column: Column, *, force: bool) -> None:
    """Refused: `column-full`, if a column has reached its limit. Admins of the board may override it with `force`."""
    if has_room(board, column):
        return
    if force:
        permissions.check_force(board.role)
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


def find_neighbours(
    board: LockedBoard,
    ticket_id: int,
    column: Column,
    *,
    before: int | None = None,
    after: int | None = None,
    place: str | None = None,
) -> tuple[str | None, str | None]:
    """The places between which a ticket goes: below `after`, above `before`, at the top, or by default at the bottom.

    None is an end of the column. Refused: `invalid-request`, if the neighbour is in another column.
    """
    parameters: dict[str, Any] = {"board_id": board.id, "column_id": column.id, "ticket_id": ticket_id}
    tx = board.tx
    if before is not None:
        neighbour_place = _place_of(board, column, before)
        return tx.value(tickets.PREVIOUS_PLACE, **parameters, mark=neighbour_place), neighbour_place
    if after is not None:
        neighbour_place = _place_of(board, column, after)
        return neighbour_place, tx.value(tickets.NEXT_PLACE, **parameters, mark=neighbour_place)
    if place == "top":
        return None, tx.value(tickets.FIRST_PLACE, **parameters)
    return tx.value(tickets.LAST_PLACE, **parameters), None


def _place_of(board: LockedBoard, column: Column, ticket_id: int) -> str:
    neighbour = tickets.read_on_board(board, ticket_id)
    if neighbour.current_column != column.name:
        raise Refusal(
            "invalid-request",
            f"Ticket {ticket_id} is not in {column.name}, so nothing can be put beside it there.",
            fix=f"Name a ticket of {column.name}, or say `place`: top or bottom.",
        )
    return neighbour.place


def place_ticket(
    board: LockedBoard, actor: Actor, ticket: Ticket, column: Column, neighbours: tuple[str | None, str | None]
) -> Ticket:
    """Put a ticket into a column between two places, and record it. Does nothing if it is there already."""
    previous_place, next_place = neighbours
    same_column = ticket.current_column == column.name
    if (
        same_column
        and (previous_place is None or previous_place < ticket.place)
        and (next_place is None or ticket.place < next_place)
    ):
        return ticket
    moved = ticket.but(
        current_column=column.name,
        place=ordering.place_between(previous_place, next_place),
        column_entered_at=ticket.column_entered_at if same_column else board.now,
        updated_by=actor.name,
        updated_at=board.now,
        version=ticket.version + 1,
    )
    tickets.update_placement(board.tx, moved, column)
    if not same_column:
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
    if not same_column and column.role == "done":
        moved = requirements.noted(moved, column)
        data |= {"unmet": moved.unmet} if moved.unmet else {}
    board.record(actor, "ticket_moved", data, ticket_id=ticket.id)
    if len(moved.place) > ordering.MAX_PLACE_LENGTH:
        moved = moved.but(place=renumber_column(board, actor, column)[ticket.id])
    return moved


def renumber_column(board: LockedBoard, actor: Actor, column: Column) -> dict[int, str]:
    """Give a column's tickets new, short places in their current order. Returns the places by ticket id."""
    rows = board.tx.all(tickets.BY_COLUMN, board_id=board.id, column_id=column.id)
    place_by_id = dict(zip([row["id"] for row in rows], ordering.consecutive_places(len(rows)), strict=True))
    for id, place in place_by_id.items():
        board.tx.run(tickets.UPDATE_PLACE, ticket_id=id, place=place)
    board.record(
        actor,
        "column_reordered",
        {"board_id": board.id, "column": column.name, "ids": list(place_by_id), "places": list(place_by_id.values())},
    )
    return place_by_id

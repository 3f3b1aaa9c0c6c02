"""Placing a ticket in a column."""

from __future__ import annotations

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import Move
from kanban_server.actions import dependencies, inbox, requirements
from kanban_server.actions.audit_fields import audit_fields
from kanban_server.rules import ordering, permissions
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import tickets
from kanban_server.store.rows import TicketRow
from kanban_server.store.window import Position, Window

Neighbours = tuple[str | None, str | None]
"""The places between which a ticket goes. None is an end of the column."""


def bottom_place(board: LockedBoard, column: Column) -> str:
    """The place below all tickets of a column."""
    return ordering.place_between(_last_place(board, column, 0), None)


def _last_place(board: LockedBoard, column: Column, ticket_id: int) -> str | None:
    """The place of the lowest ticket of a column besides `ticket_id`. The changes of one commit read it once."""
    window = board.column_ends.get(column.id)
    if window is None or window.exhausted:
        window = board.column_ends[column.id] = _read_end(board, column)
    others = [position for position in window.positions()[:2] if position.ticket_id != ticket_id]
    if not others and not window.complete:
        window = board.column_ends[column.id] = _read_end(board, column)
        others = [position for position in window.positions()[:2] if position.ticket_id != ticket_id]
    return others[0].order[0] if others else None


def _read_end(board: LockedBoard, column: Column) -> Window:
    most = board.tx.unit.size + 1
    rows = board.tx.all(tickets.COLUMN_END, board_id=board.id, column_id=column.id, most=most)
    return Window([Position((row["place"],), row["id"]) for row in rows], complete=len(rows) < most, last=True)


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


def check_position(request: Move) -> None:
    """Refused: `invalid-request`, if the request has more than one position."""
    if sum(position is not None for position in (request.before, request.after, request.place)) > 1:
        detail = "`before`, `after` and `place` each say where the ticket goes; only one can be meant."
        raise Refusal("invalid-request", detail, fix="Send one of them.", field="place")


def find_neighbours(
    board: LockedBoard,
    ticket_id: int,
    column: Column,
    *,
    before: int | None = None,
    after: int | None = None,
    place: str | None = None,
) -> Neighbours:
    """The places between which a ticket goes: below `after`, above `before`, at the top, or by default at the bottom.

    Refused: `invalid-request`, if the neighbour is in another column.
    """
    tx, others = board.tx, {"board_id": board.id, "column_id": column.id, "ticket_id": ticket_id}
    if before is not None:
        neighbour_place = _place_of(board, column, before)
        return tx.value(tickets.PREVIOUS_PLACE, **others, mark=neighbour_place), neighbour_place
    if after is not None:
        neighbour_place = _place_of(board, column, after)
        return neighbour_place, tx.value(tickets.NEXT_PLACE, **others, mark=neighbour_place)
    if place == "top":
        return None, tx.value(tickets.FIRST_PLACE, **others)
    return _last_place(board, column, ticket_id), None


def _place_of(board: LockedBoard, column: Column, ticket_id: int) -> str:
    neighbour = tickets.row_on_board(board, ticket_id)
    if neighbour["column_id"] != column.id:
        raise Refusal(
            "invalid-request",
            f"Ticket {ticket_id} is not in {column.name}, so nothing can be put beside it there.",
            fix=f"Name a ticket of {column.name}, or say `place`: top or bottom.",
        )
    return neighbour["place"]


def place_ticket(board: LockedBoard, actor: Actor, row: TicketRow, column: Column, neighbours: Neighbours) -> None:
    """Put a ticket into a column between two places, and record it. Does nothing if it is there already.

    If it entered or left a done column, the tickets that wait for it are unblocked or blocked.
    """
    previous_place, next_place = neighbours
    origin = board.column_by_id(row["column_id"])
    old_place = row["place"]
    if (
        origin.id == column.id
        and (previous_place is None or previous_place < old_place)
        and (next_place is None or old_place < next_place)
    ):
        return
    board.update_ticket(
        row,
        column_id=column.id,
        place=ordering.place_between(previous_place, next_place),
        column_entered_at=row["column_entered_at"] if origin.id == column.id else board.now,
        expiries=0 if column.role == "done" else row["expiries"],
        **audit_fields(board, actor, row),
    )
    data = {
        "id": row["id"],
        "title": row["title"],
        "board_id": board.id,
        "from_column": origin.name,
        "to_column": column.name,
        "current_column": column.name,
        "from_place": old_place,
        "place": row["place"],
        "column_entered_at": row["column_entered_at"],
        "moved_by": actor.name,
        "moved_at": board.now,
        "updated_by": actor.name,
        "updated_at": board.now,
        "version": row["version"],
    }
    if origin.id != column.id and (unmet := requirements.unmet_in(board, row, column)):
        data["unmet"] = unmet
    board.record(actor, "ticket_moved", data, ticket_id=row["id"])
    if (origin.role == "done") != (column.role == "done"):
        inbox.tell_of_done(board, actor, row, done=column.role == "done")
    if len(row["place"]) > ordering.MAX_PLACE_LENGTH:
        renumber_column(board, actor, column)
    if (origin.role == "done") != (column.role == "done"):
        dependencies.update_dependents(board, actor, row)


def place_in_column(board: LockedBoard, actor: Actor, row: TicketRow, column: Column) -> None:
    """Put a ticket at the bottom of a column, and record it. Does nothing if it is in that column already."""
    if column.id != row["column_id"]:
        place_ticket(board, actor, row, column, find_neighbours(board, row["id"], column))


def renumber_column(board: LockedBoard, actor: Actor, column: Column) -> dict[int, str]:
    """Give a column's tickets new, short places in their current order. Returns the places by ticket id."""
    ids = [row["id"] for row in board.tx.all(tickets.BY_COLUMN, board_id=board.id, column_id=column.id)]
    place_by_id = dict(zip(ids, ordering.consecutive_places(len(ids)), strict=True))
    for id, row in tickets.load_rows(board.tx, ids).items():
        board.update_ticket(row, place=place_by_id[id])
    board.record(
        actor,
        "column_reordered",
        {"board_id": board.id, "column": column.name, "ids": list(place_by_id), "places": list(place_by_id.values())},
    )
    return place_by_id

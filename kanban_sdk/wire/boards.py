"""Boards, their columns, and the snapshot of a whole board."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Self

from kanban_sdk.wire.shape import Shape
from kanban_sdk.wire.tickets import Ticket

Role = Literal["todo", "working", "waiting", "done"]
"""What a column means: work not begun, work in hand, work that waits for something, work that is finished."""

Requirement = Literal["criteria", "answers", "blockers", "children"]
"""What a board may require of a ticket that comes into a done column: all criteria ticked, no question open, all
blockers done, all children done."""
REQUIREMENTS: tuple[Requirement, ...] = ("criteria", "answers", "blockers", "children")

DEFAULT_COLUMNS = ("Not Started", "In Progress", "Blocked", "Ready for QC", "Done")


def matching(name: str) -> str:
    """What is compared of a column's name: case aside, and `_` read as a space."""
    from unicodedata import normalize

    return " ".join(normalize("NFC", name).replace("_", " ").casefold().split())


@dataclass(frozen=True)
class Column(Shape):
    """A column of a board. `limit` is the most tickets it may hold; None is no limit."""

    id: int
    name: str
    role: Role
    limit: int | None = None


@dataclass(frozen=True)
class Board(Shape):
    """A board. `columns` are the names in order; `column_settings` the same columns with all that is set on them.

    `wip_per_user` is how many tickets one user may hold on it; with `review`, the holder of a ticket does not move it
    into a done column; a ticket that lacks what `require` names comes into none. `counts` says how many tickets stand
    in each column.
    """

    id: int
    name: str
    description: str | None
    columns: list[str]
    column_settings: list[Column]
    created_at: str
    updated_at: str
    ticket_count: int
    version: int
    wip_per_user: int | None = None
    review: bool = False
    require: list[Requirement] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The board as it stands in decoded JSON."""
        settings = [Column.read(column) for column in data["column_settings"]]
        return super().read({**data, "column_settings": settings})


COUNTED = frozenset({"ticket_count", "counts"})
"""The fields of a board that follow from its tickets: no event says them."""


@dataclass(frozen=True)
class ColumnsChanged(Shape):
    """The answer to a change of a board's columns."""

    message: str
    columns: list[str]


@dataclass(frozen=True)
class Message(Shape):
    """The answer to a request that leaves nothing to show."""

    message: str


@dataclass(frozen=True)
class BoardTickets(Shape):
    """All tickets of a board, in the board's order."""

    board_id: int
    board_name: str
    tickets: list[Ticket] = field(default_factory=list)
    total_tickets: int = 0

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The list as it stands in decoded JSON."""
        return super().read({**data, "tickets": [Ticket.read(ticket) for ticket in data["tickets"]]})


@dataclass(frozen=True)
class Snapshot(Shape):
    """A board and its tickets as they were at one event of its log.

    `cursor` names that event: watching from it joins the snapshot without a gap. `seq` is its number.
    """

    board: Board
    columns: list[Column]
    tickets: list[Ticket]
    seq: int
    cursor: str

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The snapshot as it stands in decoded JSON."""
        return super().read(
            {
                **data,
                "board": Board.read(data["board"]),
                "columns": [Column.read(column) for column in data["columns"]],
                "tickets": [Ticket.read(ticket) for ticket in data["tickets"]],
            }
        )

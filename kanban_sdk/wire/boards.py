"""Boards, their columns, and the snapshot of a whole board."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.shape import Shape, list_of, readers
from kanban_sdk.wire.tickets import Ticket

Role = Literal["todo", "working", "waiting", "done"]
"""What a column means: work not started, work in progress, work that waits for something, work that is finished."""

Requirement = Literal["criteria", "answers", "blockers", "children"]
"""What a board may require of a ticket that enters a done column: all criteria ticked, no question open, all blockers
done, all children done."""
REQUIREMENTS: tuple[Requirement, ...] = ("criteria", "answers", "blockers", "children")

DEFAULT_COLUMNS = ("Not Started", "In Progress", "Blocked", "Ready for QC", "Done")


@lru_cache(maxsize=1024)
def matching(name: str) -> str:
    """The form of a column's name that comparisons use: case folded, and `_` read as a space."""
    from unicodedata import normalize

    return " ".join(normalize("NFC", name).replace("_", " ").casefold().split())


@dataclass(frozen=True)
class Column(Shape):
    """A column of a board. `limit` is the maximum number of tickets in it; None means no limit."""

    id: int
    name: str
    role: Role
    limit: int | None = None


@dataclass(frozen=True)
class Board(Shape):
    """A board. `columns` are the names in order; `column_settings` are the same columns with all their settings.

    `wip_per_user` is how many tickets one user may hold on it. With `review`, the holder of a ticket may not move it
    into a done column. A ticket that lacks what `require` names cannot enter a done column. `counts` is the number of
    tickets in each column.
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

    READERS = readers(column_settings=list_of(Column.read))


COUNTED = frozenset({"ticket_count", "counts"})
"""The fields of a board that are computed from its tickets; no event carries them."""


@dataclass(frozen=True)
class ColumnsResult(Shape):
    """The response to a change of a board's columns."""

    message: str
    columns: list[str]


@dataclass(frozen=True)
class Message(Shape):
    """The response to a request that has nothing else to return."""

    message: str


@dataclass(frozen=True)
class BoardTickets(Shape):
    """All tickets of a board, in the board's order."""

    board_id: int
    board_name: str
    tickets: list[Ticket] = field(default_factory=list)
    total_tickets: int = 0

    READERS = readers(tickets=list_of(Ticket.read))


@dataclass(frozen=True)
class Snapshot(Shape):
    """A board and its tickets at one event of its log.

    `cursor` names that event: a watch from it continues the snapshot without a gap. `seq` is its number.
    """

    board: Board
    columns: list[Column]
    tickets: list[Ticket]
    seq: int
    cursor: str

    READERS = readers(board=Board.read, columns=list_of(Column.read), tickets=list_of(Ticket.read))


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "ColumnsChanged": "ColumnsResult",
        },
    )

"""Who is on a board now. Presence is sent as it changes; it is not in the event log and has no number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.shape import Shape, list_of, readers


@dataclass(frozen=True)
class UserPresence(Shape):
    """One user on a board, shown once for all connections: as the one that looks at something, and did so last.

    `ticket_id` is the ticket that they have open, `dragging` the one that they drag. Their pointer is on `element`
    (`ticket:12` or `column:3`), at `x` and `y`, fractions from 0 to 1 of its size. `holds` are the tickets that they
    hold. A holder who is not connected has no `client`.

    Over HTTP, `last_active_at` is when they last changed something on the board or renewed a lease, in the last ten
    minutes; who did is among the users, also without a connection or a claim.
    """

    username: str
    client: str | None = None
    client_id: str | None = None
    ticket_id: int | None = None
    element: str | None = None
    x: float | None = None
    y: float | None = None
    dragging: int | None = None
    holds: list[int] = field(default_factory=list)
    last_active_at: str | None = None


@dataclass(frozen=True)
class Presence(Shape):
    """The users on a board, ordered by name."""

    board_id: int
    users: list[UserPresence]

    READERS = readers(users=list_of(UserPresence.read))


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Present": "UserPresence",
        },
    )

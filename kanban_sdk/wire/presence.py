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


@dataclass(frozen=True)
class ActiveUser(Shape):
    """A user who changed something on a board, or renewed a lease there, in the last ten minutes."""

    username: str
    last_active_at: str


@dataclass(frozen=True)
class Presence(Shape):
    """The users on a board, ordered by name.

    `users` are connected or hold a ticket. `active` are those who did something in the last ten minutes, connected or
    not.
    """

    board_id: int
    users: list[UserPresence]
    active: list[ActiveUser] = field(default_factory=list)

    READERS = readers(users=list_of(UserPresence.read), active=list_of(ActiveUser.read))


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Present": "UserPresence",
        },
    )

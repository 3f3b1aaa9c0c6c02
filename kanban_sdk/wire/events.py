"""What boards say as they change, and what a stream says about itself.

Every event of a board bears its number in that board's log (`seq`) and the cursor that stands behind it. A name never
changes its meaning. A name that this version does not know is read as a plain `Event`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from kanban_sdk.wire.boards import Board, Snapshot
from kanban_sdk.wire.shape import Shape
from kanban_sdk.wire.tickets import Claim, Ticket


@dataclass(frozen=True)
class Event(Shape):
    """One event of one board.

    `actor` is who did it; `tx` is the same for all events of one change; `ticket_id` is the ticket that it is about,
    where it is about one; `data` is what the event says, as sent.
    """

    event: str
    board_id: int
    seq: int
    cursor: str
    actor: str
    timestamp: str
    actor_id: int | None = None
    tx: str | None = None
    ticket_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class TicketCreated(Event):
    """A ticket was created, or imported."""

    ticket: Ticket = field(kw_only=True)
    FROM: ClassVar = {"ticket": Ticket.read}


@dataclass(frozen=True)
class TicketRestored(TicketCreated):
    """A deleted or archived ticket came back."""


@dataclass(frozen=True)
class TicketUpdated(Event):
    """Fields of a ticket changed. `changes` is `{field: {"from": …, "to": …}}`."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    changes: dict[str, dict[str, Any]] = field(kw_only=True)
    version: int = field(kw_only=True)


@dataclass(frozen=True)
class TicketMoved(Event):
    """A ticket went to another column, or to another place in its column."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    from_column: str = field(kw_only=True)
    to_column: str = field(kw_only=True)
    place: str = field(kw_only=True)
    version: int = field(kw_only=True)


@dataclass(frozen=True)
class TicketClaimed(Event):
    """Somebody holds a ticket now."""

    id: int = field(kw_only=True)
    assignee: str | None = field(kw_only=True)
    claim: Claim = field(kw_only=True)
    FROM: ClassVar = {"claim": lambda data: Claim.read(data["claim"])}


@dataclass(frozen=True)
class TicketReleased(Event):
    """Nobody holds the ticket any longer: `released`, `lease_expired`, `done` or `forced`."""

    id: int = field(kw_only=True)
    reason: str = field(kw_only=True)


@dataclass(frozen=True)
class TicketBlocked(Event):
    """A ticket has to wait now: `open` are those that it waits for and that are not done."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    open: list[int] = field(kw_only=True)


@dataclass(frozen=True)
class TicketUnblocked(TicketBlocked):
    """A ticket waits for none any longer."""


@dataclass(frozen=True)
class TicketDeleted(Event):
    """A ticket was deleted; it can be restored."""

    id: int = field(kw_only=True)


@dataclass(frozen=True)
class TicketArchived(Event):
    """A ticket that was done left the board for the archive; it can be restored."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)


@dataclass(frozen=True)
class TicketRedacted(Event):
    """A text that had leaked was taken out of a ticket, its comments and its log; its fields are as they are now."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    version: int = field(kw_only=True)


@dataclass(frozen=True)
class CommentAdded(Event):
    """A comment was written. `mentions` are those whom it calls upon."""

    id: int = field(kw_only=True)
    text: str = field(kw_only=True)
    author: str = field(kw_only=True)
    created_at: str = field(kw_only=True)
    mentions: list[str] = field(default_factory=list, kw_only=True)


@dataclass(frozen=True)
class CommentUpdated(CommentAdded):
    """A comment has another text."""


@dataclass(frozen=True)
class CommentDeleted(Event):
    """A comment was deleted."""

    id: int = field(kw_only=True)


@dataclass(frozen=True)
class BoardCreated(Event):
    """A board was created."""

    board: Board = field(kw_only=True)
    FROM: ClassVar = {"board": Board.read}


@dataclass(frozen=True)
class BoardUpdated(BoardCreated):
    """A board or its columns changed. `renamed` is `{"from": …, "to": …}` where a column has a new name."""

    renamed: dict[str, str] | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class BoardDeleted(Event):
    """The board is gone: its last event."""


@dataclass(frozen=True)
class BoardRepaired(Event):
    """`kanban doctor --repair` mended the board: `repaired` says how much of what.

    The events before it tell what was missing. `{"lost": 1}` stands where an event of the log was lost.
    """

    id: int = field(kw_only=True)
    repaired: dict[str, int] = field(kw_only=True)


@dataclass(frozen=True)
class ColumnReordered(Event):
    """All tickets of a column have new places, in the order of `ids`."""

    column: str = field(kw_only=True)
    ids: list[int] = field(kw_only=True)
    places: list[str] = field(kw_only=True)


@dataclass(frozen=True)
class SnapshotTaken(Event):
    """Not of the log: the watcher's cursor could not be served, so here is the whole board, and the stream goes on."""

    snapshot: Snapshot = field(kw_only=True)


EVENTS: dict[str, type[Event]] = {
    "ticket_created": TicketCreated,
    "ticket_restored": TicketRestored,
    "ticket_updated": TicketUpdated,
    "ticket_moved": TicketMoved,
    "ticket_claimed": TicketClaimed,
    "ticket_released": TicketReleased,
    "ticket_blocked": TicketBlocked,
    "ticket_unblocked": TicketUnblocked,
    "ticket_deleted": TicketDeleted,
    "ticket_archived": TicketArchived,
    "ticket_redacted": TicketRedacted,
    "comment_added": CommentAdded,
    "comment_updated": CommentUpdated,
    "comment_deleted": CommentDeleted,
    "board_created": BoardCreated,
    "board_updated": BoardUpdated,
    "board_deleted": BoardDeleted,
    "board_repaired": BoardRepaired,
    "column_reordered": ColumnReordered,
}
"""Event name to its type."""


def read_event(message: dict[str, Any]) -> Event:
    """The event as it stands in a decoded message; a plain `Event` where the name, or the data, is not as expected."""
    name, data = message["event"], message["data"]
    event_type = EVENTS.get(name, Event)
    ticket_id = data.get("id") if name.startswith("ticket_") else data.get("ticket_id")
    envelope = {**message, "ticket_id": ticket_id}
    fields = {field: value for field, value in data.items() if field in event_type.__dataclass_fields__}
    try:
        fields |= {field: read(data) for field, read in getattr(event_type, "FROM", {}).items()}
        return event_type.read({**fields, **envelope})
    except (KeyError, TypeError):
        return Event.read(envelope)


@dataclass(frozen=True)
class EventPage(Shape):
    """A page of a board's log. `more`: there is more behind `cursor`; `head` is the newest event's number."""

    events: list[Event]
    cursor: str
    head: int
    more: bool

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The page as it stands in decoded JSON."""
        return super().read({**data, "events": [read_event(event) for event in data["events"]]})


__all__ = [
    *(kind.__name__ for kind in EVENTS.values()),
    "EVENTS",
    "Event",
    "EventPage",
    "SnapshotTaken",
    "read_event",
]

"""The events that boards emit, and the messages of a stream about itself.

Every event of a board has its number in that board's log (`seq`) and the cursor after it. A name never changes its
meaning. A name that this version does not know is read as a plain `Event`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kanban_sdk.wire.boards import Board, Snapshot
from kanban_sdk.wire.event import Event as Event
from kanban_sdk.wire.event import EventData as EventData
from kanban_sdk.wire.event import StreamMessage as StreamMessage
from kanban_sdk.wire.event import TicketEvent as TicketEvent
from kanban_sdk.wire.files import File
from kanban_sdk.wire.shape import list_of, readers
from kanban_sdk.wire.tickets import Claim, Ticket


def _read_board(data: Mapping[str, Any]) -> Board:
    return Board.read({"ticket_count": 0, **data})


@dataclass(frozen=True)
class TicketCreated(TicketEvent):
    """A ticket was created, or imported.

    `moves` are the moves of an imported ticket before the import, oldest first, each as `{"from_column", "to_column",
    "moved_by", "moved_at"}`: only those of a history that leads through columns of this board to the ticket's column.
    """

    ticket: Ticket = field(kw_only=True)
    moves: list[dict[str, str]] = field(default_factory=list, kw_only=True)

    READERS = readers(ticket=Ticket.read)


@dataclass(frozen=True)
class TicketRestored(TicketCreated):
    """A deleted or archived ticket was restored."""


@dataclass(frozen=True)
class TicketUpdated(TicketEvent):
    """Fields of a ticket changed. `changes` is `{field: {"from": …, "to": …}}`."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    changes: dict[str, dict[str, object]] = field(kw_only=True)
    version: int = field(kw_only=True)


@dataclass(frozen=True)
class TicketMoved(TicketEvent):
    """A ticket moved to another column, or to another place in its column."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    from_column: str = field(kw_only=True)
    to_column: str = field(kw_only=True)
    place: str = field(kw_only=True)
    version: int = field(kw_only=True)


@dataclass(frozen=True)
class TicketClaimed(TicketEvent):
    """A user claimed a ticket."""

    id: int = field(kw_only=True)
    assignee: str | None = field(kw_only=True)
    claim: Claim = field(kw_only=True)

    READERS = readers(claim=Claim.read)


@dataclass(frozen=True)
class TicketReleased(TicketEvent):
    """A ticket's claim ended: `released`, `lease_expired`, `done` or `forced`."""

    id: int = field(kw_only=True)
    reason: str = field(kw_only=True)


@dataclass(frozen=True)
class TicketBlocked(TicketEvent):
    """A ticket now waits for others: `open` are the blockers that are not done."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    open: list[int] = field(kw_only=True)


@dataclass(frozen=True)
class TicketUnblocked(TicketBlocked):
    """A ticket no longer waits for any other."""


@dataclass(frozen=True)
class TicketDeleted(TicketEvent):
    """A ticket was deleted; it can be restored."""

    id: int = field(kw_only=True)


@dataclass(frozen=True)
class TicketArchived(TicketEvent):
    """A done ticket was moved to the archive; it can be restored."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)


@dataclass(frozen=True)
class TicketRedacted(TicketEvent):
    """A leaked text was removed from a ticket, its comments and its log; its fields are as they are now."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    version: int = field(kw_only=True)


@dataclass(frozen=True)
class TicketFileAttached(TicketEvent):
    """A file was attached to a ticket, whose `files` are as they are now."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    name: str = field(kw_only=True)
    files: list[File] = field(kw_only=True)

    READERS = readers(files=list_of(File.read))


@dataclass(frozen=True)
class TicketFileRemoved(TicketFileAttached):
    """A file was removed from a ticket, and its content deleted."""


@dataclass(frozen=True)
class HistoryImported(TicketEvent):
    """A change that was made to a ticket before it was imported: `changed_by` made it at `changed_at`.

    It changes nothing of the board. `changes` is `{field: {"from": …, "to": …}}`, by the field names of a history.
    """

    changes: dict[str, dict[str, object]] = field(kw_only=True)
    changed_by: str = field(kw_only=True)
    changed_at: str = field(kw_only=True)


@dataclass(frozen=True)
class CommentAdded(TicketEvent):
    """A comment was written. `mentions` are the users that it mentions.

    `asked` are those whose answer the ticket waits for after it; None: it does not concern a question to somebody.
    """

    id: int = field(kw_only=True)
    text: str = field(kw_only=True)
    author: str = field(kw_only=True)
    created_at: str = field(kw_only=True)
    mentions: list[str] = field(default_factory=list, kw_only=True)
    asked: list[str] | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class CommentUpdated(CommentAdded):
    """A comment's text changed."""


@dataclass(frozen=True)
class CommentDeleted(TicketEvent):
    """A comment was deleted."""

    id: int = field(kw_only=True)


@dataclass(frozen=True)
class QuestionWithdrawn(TicketEvent):
    """A question ended without an answer: `id` is its comment, and `author` is who asked."""

    id: int = field(kw_only=True)
    title: str = field(kw_only=True)
    author: str = field(kw_only=True)


@dataclass(frozen=True)
class BoardCreated(Event):
    """A board was created.

    Events do not count tickets: in `board`, `ticket_count` is 0 and `counts` is empty.
    """

    board: Board = field(kw_only=True)

    READERS = readers(board=_read_board)


@dataclass(frozen=True)
class BoardUpdated(BoardCreated):
    """A board or its columns changed. `renamed` is `{"from": …, "to": …}` if a column was renamed."""

    renamed: dict[str, str] | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class BoardDeleted(Event):
    """The board was deleted; this is its last event."""


@dataclass(frozen=True)
class BoardRepaired(Event):
    """`kanban doctor --repair` repaired the board: `repaired` is how many of what.

    The events before it tell what was missing. It is `{"lost": 1}` if an event of the log was lost.
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
    """Not in the log: the watcher's cursor could not be served, so this is the whole board; the stream continues."""

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
    "ticket_file_attached": TicketFileAttached,
    "ticket_file_removed": TicketFileRemoved,
    "comment_added": CommentAdded,
    "comment_updated": CommentUpdated,
    "comment_deleted": CommentDeleted,
    "history_imported": HistoryImported,
    "question_withdrawn": QuestionWithdrawn,
    "board_created": BoardCreated,
    "board_updated": BoardUpdated,
    "board_deleted": BoardDeleted,
    "board_repaired": BoardRepaired,
    "column_reordered": ColumnReordered,
}
"""Event name to its type."""


def read_event(message: StreamMessage) -> Event:
    """Read the event from a decoded message; a plain `Event` if the name or the data is not as expected.

    If an event has a whole ticket or board, that is its data.
    """
    name, data = message["event"], message["data"]
    event_type = EVENTS.get(name, Event)
    envelope = {**message, "ticket_id": data.get("id") if name.startswith("ticket_") else data.get("ticket_id")}
    try:
        return event_type.read({**data, "ticket": data, "board": data, **envelope})
    except (KeyError, TypeError):
        return Event.read(envelope)


_OTHERS = ("EVENTS", "Event", "SnapshotTaken", "TicketEvent", "read_event")
__all__ = [*(kind.__name__ for kind in EVENTS.values()), *_OTHERS]

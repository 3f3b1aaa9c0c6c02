"""What all events have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kanban_sdk.wire.shape import Shape

StreamMessage: TypeAlias = Mapping[str, Any]
"""A decoded message of a stream, or an entry of a page of the log."""

EventData: TypeAlias = dict[str, Any]
"""The data of an event, as decoded from JSON."""


@dataclass(frozen=True)
class Event(Shape):
    """One event of one board.

    `actor` is who made the change; `tx` is the same for all events of one change; `ticket_id` is the ticket that the
    event concerns, if it concerns one; `data` is the event's data as sent.
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
    data: EventData = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class TicketEvent(Event):
    """An event that concerns one ticket: `ticket_id` is never None. `imported`: an import made this change."""

    ticket_id: int = field(kw_only=True)
    imported: bool = field(default=False, kw_only=True)

"""Pages of a board's event log."""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.events import Event, read_event
from kanban_sdk.wire.shape import Shape, list_of, readers


@dataclass(frozen=True)
class EventPage(Shape):
    """A page of a board's log. `more`: there are more events after `cursor`; `head` is the newest event's number."""

    events: list[Event]
    cursor: str
    head: int
    more: bool

    READERS = readers(events=list_of(read_event))

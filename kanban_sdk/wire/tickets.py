"""Tickets, and what is said of several of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from kanban_sdk.wire.shape import Shape


@dataclass(frozen=True)
class Claim(Shape):
    """Who holds a ticket. `number` is one up with each claim of that ticket."""

    holder: str
    number: int


@dataclass(frozen=True)
class Ticket(Shape):
    """A ticket.

    `place` orders the tickets of a column: compare as bytes, never as numbers. `version` is one up with each change
    to the ticket itself. Times are ISO-8601 in UTC. With `bodies=false`, long texts are None and their sizes in
    bytes stand in `sizes`.
    """

    id: int
    board_id: int
    title: str
    description: str | None
    acceptance_criteria: str | None
    priority: str
    assignee: str | None
    labels: list[str]
    current_column: str
    place: str
    created_by: str
    updated_by: str
    assigned_by: str | None
    created_at: str
    updated_at: str
    column_entered_at: str
    version: int
    comment_count: int = 0
    claim: Claim | None = None
    source_id: str | None = None
    extra: dict[str, Any] | None = None
    sizes: dict[str, int] | None = None

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The ticket as it stands in decoded JSON."""
        claim = data.get("claim")
        return super().read({**data, "claim": Claim.read(claim)} if claim else data)


@dataclass(frozen=True)
class TicketPage(Shape):
    """One page of tickets; pages count from 1."""

    items: list[Ticket]
    total: int
    page: int
    page_size: int
    total_pages: int
    has_next: bool
    has_previous: bool

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The page as it stands in decoded JSON."""
        return super().read({**data, "items": [Ticket.read(ticket) for ticket in data["items"]]})


@dataclass(frozen=True)
class BulkResult(Shape):
    """What became of one ticket of a bulk request."""

    ticket_id: int
    success: bool
    error: str | None = None
    old_column: str | None = None
    new_column: str | None = None


@dataclass(frozen=True)
class BulkMoved(Shape):
    """What became of a bulk move."""

    total_requested: int
    successful_moves: int
    failed_moves: int
    results: list[BulkResult] = field(default_factory=list)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The answer as it stands in decoded JSON."""
        return super().read({**data, "results": [BulkResult.read(result) for result in data["results"]]})


@dataclass(frozen=True)
class Change(Shape):
    """One field of one change in a ticket's history."""

    id: int
    ticket_id: int
    field_name: str
    old_value: Any
    new_value: Any
    changed_by: str
    changed_at: str


@dataclass(frozen=True)
class Imported(Shape):
    """What an import request did, and the ids that the tickets have here: `{source_id: ticket id}`."""

    created: int
    updated: int
    unchanged: int
    ids: dict[str, int] = field(default_factory=dict)

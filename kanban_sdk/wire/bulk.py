"""What became of many changes in one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from kanban_sdk.wire.shape import Shape


@dataclass(frozen=True)
class Operated(Shape):
    """What became of one operation: its place in the request counts from 0; `type` and `error` say why it failed.

    `unmet` names what a ticket lacks that came into a done column.
    """

    index: int
    op: str
    success: bool
    ticket_id: int | None = None
    error: str | None = None
    type: str | None = None
    unmet: list[str] | None = None


@dataclass(frozen=True)
class Batched(Shape):
    """What became of a batch of operations."""

    total: int
    succeeded: int
    failed: int
    results: list[Operated] = field(default_factory=list)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The answer as it stands in decoded JSON."""
        return super().read({**data, "results": [Operated.read(result) for result in data["results"]]})


@dataclass(frozen=True)
class ArchivedTickets(Shape):
    """How many tickets went into the archive. `more`: the same request again takes more of them there."""

    archived: int
    more: bool

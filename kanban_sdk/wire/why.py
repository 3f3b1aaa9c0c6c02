"""What a ticket waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.shape import Shape, list_of, readers


@dataclass(frozen=True)
class TicketSummary(Shape):
    """A ticket in brief: where it is, and who holds it."""

    id: int
    title: str
    column: str
    holder: str | None
    assignee: str | None


@dataclass(frozen=True)
class Why(Shape):
    """Whether a ticket can be claimed now; if not, why; and its blockers, each with the same.

    `reasons` are archived, done, working or waiting (by its column), held, blocked, open-children, needs-human,
    parked (until `not_before`), question (`asked_by` waits for an answer of `asked`, or of anybody; no reason on its
    own). Each ticket occurs once in the whole response. `more`: it waits for others that are
    not shown. `needs`: it is given only to who can all of these.
    """

    ticket: TicketSummary
    ready: bool
    reasons: list[str]
    waits_for: list[Why] = field(default_factory=list)
    more: bool = False
    not_before: str | None = None
    needs: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    asked_by: str | None = None

    READERS = readers(ticket=TicketSummary.read, waits_for=list_of(lambda item: Why.read(item)))


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Brief": "TicketSummary",
        },
    )

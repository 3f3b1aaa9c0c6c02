"""The results of many changes in one request."""

from __future__ import annotations

from dataclasses import dataclass, field

from kanban_sdk.wire.shape import Shape, list_of, readers


@dataclass(frozen=True)
class Operated(Shape):
    """The result of one operation. Its position in the request counts from 0; `type` and `error` say why it failed.

    `unmet` names what a ticket that entered a done column lacks.
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
    """The result of a batch of operations."""

    total: int
    succeeded: int
    failed: int
    results: list[Operated] = field(default_factory=list)

    READERS = readers(results=list_of(Operated.read))


@dataclass(frozen=True)
class ArchivedTickets(Shape):
    """How many tickets were archived. `more`: the same request, sent again, archives more."""

    archived: int
    more: bool

"""The results of many changes in one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.shape import Shape, list_of, readers


@dataclass(frozen=True)
class OperationResult(Shape):
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
class BatchResult(Shape):
    """The result of a batch of operations."""

    total: int
    succeeded: int
    failed: int
    results: list[OperationResult] = field(default_factory=list)

    READERS = readers(results=list_of(OperationResult.read))


@dataclass(frozen=True)
class ArchiveResult(Shape):
    """How many tickets were archived. `more`: the same request, sent again, archives more."""

    archived: int
    more: bool


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Batched": "BatchResult",
            "Operated": "OperationResult",
            "ArchivedTickets": "ArchiveResult",
        },
    )

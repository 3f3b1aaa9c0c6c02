"""Webhooks: who is told of a board's events by HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

from kanban_sdk.wire.shape import Shape


@dataclass(frozen=True)
class Webhook(Shape):
    """An address that a board's events are posted to, in order.

    `events` are the names that it is told; empty is all. `cursor` is where it stands: everything up to it was
    delivered. While it can't be reached, `failing_since` says since when, and `problem` why; after a day of that it is
    `disabled_at`, until it is added again. `secret`, under which deliveries are signed, is shown to who adds it.
    """

    id: int
    board_id: int
    url: str
    events: list[str]
    cursor: str
    created_by: str
    created_at: str
    failing_since: str | None = None
    problem: str | None = None
    disabled_at: str | None = None
    secret: str | None = field(default=None, repr=False)

"""Webhooks: addresses that receive a board's events by HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

from kanban_sdk.wire.shape import Shape


@dataclass(frozen=True)
class Webhook(Shape):
    """An address that a board's events are posted to, in order.

    `events` are the event names that it receives; empty means all. Everything up to `cursor` was delivered. While it
    can't be reached, `failing_since` is since when, and `problem` is why; after a day of that it is disabled, at
    `disabled_at`, until it is added again. `secret` signs the deliveries, and is shown to the user who adds the
    webhook.
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

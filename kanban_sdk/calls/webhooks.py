"""Webhooks of a board."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.calls.call import Call, without_none
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.shape import list_of
from kanban_sdk.wire.webhooks import Webhook


def all(board: int) -> Call[list[Webhook]]:
    """A board's webhooks, with their state of delivery. Raises NotFound, NotAllowed."""
    return Call("GET", f"/api/boards/{board}/webhooks", list_of(Webhook.read))


def add(
    board: int, url: str, *, events: Sequence[str] = (), secret: str | None = None, after: str | None = None
) -> Call[Webhook]:
    """Post a board's events to an address; only the named ones, if any are named.

    An existing webhook is resumed from its cursor. Raises NotFound, NotAllowed, Invalid.
    """
    body = without_none(url=url, events=list(events) or None, secret=secret, after=after)
    return Call("POST", f"/api/boards/{board}/webhooks", Webhook.read, body=body)


def remove(board: int, webhook: int) -> Call[Message]:
    """Remove a webhook. Raises NotFound, NotAllowed."""
    return Call("DELETE", f"/api/boards/{board}/webhooks/{webhook}", Message.read)

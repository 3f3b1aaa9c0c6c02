"""The inbox: comments that mention or ask the actor."""

from __future__ import annotations

from collections.abc import Mapping

from kanban_sdk.calls.call import Call
from kanban_sdk.wire.inbox import Inbox


def unread() -> Call[Inbox]:
    """Unread items, oldest first, at most 100 of `total`. Raises NameRequired."""
    return Call("GET", "/api/inbox", Inbox.read)


def read(cursors: Mapping[str, str] | None = None) -> Call[Inbox]:
    """Mark the inbox as read: up to the `cursors` that it returned, or all of it. Returns what is left.

    Raises NameRequired, Invalid.
    """
    body = {} if cursors is None else {"cursors": dict(cursors)}
    return Call("POST", "/api/inbox/read", Inbox.read, body=body)

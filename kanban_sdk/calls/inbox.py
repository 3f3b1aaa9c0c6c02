"""The inbox: comments that mention or ask the actor, and news of the tickets that they watch."""

from __future__ import annotations

from collections.abc import Mapping

from kanban_sdk.calls.call import Call
from kanban_sdk.wire.inbox import Inbox, Watch


def unread() -> Call[Inbox]:
    """Unread items, oldest first, at most 100 of `total`. Raises NameRequired."""
    return Call("GET", "/api/inbox", Inbox.read)


def read(cursors: Mapping[str, str] | None = None) -> Call[Inbox]:
    """Mark the inbox as read: up to the `cursors` that it returned, or all of it. Returns what is left.

    Raises NameRequired, Invalid.
    """
    body = {} if cursors is None else {"cursors": dict(cursors)}
    return Call("POST", "/api/inbox/read", Inbox.read, body=body)


def watch(ticket: int) -> Call[Watch]:
    """Watch a ticket: its comments, and that it is done, come into the inbox. Raises NameRequired, NotFound."""
    return Call("PUT", f"/api/tickets/{ticket}/watch", Watch.read)


def unwatch(ticket: int) -> Call[Watch]:
    """Watch a ticket no longer. Raises NameRequired, NotFound."""
    return Call("DELETE", f"/api/tickets/{ticket}/watch", Watch.read)


def watches(ticket: int) -> Call[Watch]:
    """Whether the actor watches a ticket. Raises NameRequired, NotFound."""
    return Call("GET", f"/api/tickets/{ticket}/watch", Watch.read)

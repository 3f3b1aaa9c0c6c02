"""The inbox over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.bodies.comment_bodies import InboxRead
from kanban_sdk.wire.inbox import Inbox
from kanban_server.actions import inbox
from kanban_server.entry.actor import actor_of
from kanban_server.http.responses import read_response, write_response
from kanban_server.http.routing import Router

router = Router(prefix="/api/inbox", tags=["inbox"])


@router.get("", response_model=Inbox)
async def show_inbox(request: Request) -> Response:
    """The unread comments that mention or ask the viewer, oldest first, at most 100."""
    return await read_response(request, inbox.read_inbox, actor_of(request))


@router.post("/read", response_model=Inbox)
async def read_inbox(request: Request, body: InboxRead | None = None) -> Response:
    """Mark the inbox as read, up to `cursors` or all of it. The answer is what is still unread."""
    return await write_response(request, inbox.mark_read, body.cursors if body else None)

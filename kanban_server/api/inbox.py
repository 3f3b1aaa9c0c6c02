"""The inbox over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from kanban_sdk.wire.bodies import InboxRead
from kanban_sdk.wire.inbox import Inbox
from kanban_server.actions import inboxes
from kanban_server.api.guard import actor_of
from kanban_server.api.replies import change, reading
from kanban_server.api.routes import StrictRoute

router = APIRouter(prefix="/api/inbox", tags=["inbox"], route_class=StrictRoute)


@router.get("", response_model=Inbox)
async def show_inbox(request: Request) -> Response:
    """The comments that call upon the one who asks and that they have not read, oldest first, at most 100."""
    return await reading(request, inboxes.show, actor_of(request))


@router.post("/read", response_model=Inbox)
async def read_inbox(request: Request, body: InboxRead | None = None) -> Response:
    """Note how far the inbox is read: up to `cursors`, or all of it. The answer is what is left."""
    return await change(request, inboxes.read, body.cursors if body else None)

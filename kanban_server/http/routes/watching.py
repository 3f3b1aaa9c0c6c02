"""Watching a ticket over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.inbox import Watch
from kanban_server.actions import inbox
from kanban_server.entry.actor import actor_of
from kanban_server.http.responses import read_response, write_response
from kanban_server.http.routing import Router

router = Router(prefix="/api/tickets", tags=["inbox"])


@router.get("/{ticket_id}/watch", response_model=Watch)
async def read_watch(request: Request, ticket_id: Id) -> Response:
    """Whether the viewer watches a ticket."""
    return await read_response(request, inbox.read_watch, actor_of(request), ticket_id)


@router.put("/{ticket_id}/watch", response_model=Watch)
async def watch_ticket(request: Request, ticket_id: Id) -> Response:
    """Watch a ticket: its comments, and that it is done, come into the viewer's inbox."""
    return await write_response(request, inbox.watch, ticket_id)


@router.delete("/{ticket_id}/watch", response_model=Watch)
async def unwatch_ticket(request: Request, ticket_id: Id) -> Response:
    """Watch a ticket no longer. Comments that are in the inbox already stay there."""
    return await write_response(request, inbox.unwatch, ticket_id)

"""Presence over HTTP."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.presence import Presence
from kanban_server.actions import queries
from kanban_server.entry.execute import query
from kanban_server.entry.state import state_of
from kanban_server.http.routing import Router
from kanban_server.store.queries.activity import read_activity

router = Router(prefix="/api", tags=["boards"])


@router.get("/boards/{board_id}/presence", response_model=Presence)
async def get_presence(request: Request, board_id: Id) -> Response:
    """Who is on the board just now, and what each holds there; holders without a connection are named too.

    `active` are all who changed something or renewed a lease in the last ten minutes, connected or not.
    """
    await query(request, lambda tx: queries.read_board(tx, board_id))
    activity = await query(request, lambda tx: read_activity(tx, board_id))
    users = await state_of(request).presence.users(board_id)
    active = [{"username": name, "last_active_at": at} for name, at in sorted(activity.items())]
    response = {"board_id": board_id, "users": users, "active": active}
    return Response(orjson.dumps(response), media_type="application/json")


@router.get("/presence", described=False)
async def get_presence_everywhere(request: Request) -> Response:
    """Who is on each board that one may see, for a page that shows them all."""
    visible_boards = await query(request, queries.list_boards)
    presence = state_of(request).presence
    boards = [{"board_id": board.id, "users": await presence.users(board.id)} for board in visible_boards]
    return Response(orjson.dumps({"boards": boards}), media_type="application/json")

"""Who is on a board, over HTTP."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request, Response

from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.presence import Presence
from kanban_server.actions import reading as readings
from kanban_server.api.parts import parts_of
from kanban_server.api.replies import found
from kanban_server.api.routes import StrictRoute

router = APIRouter(prefix="/api", tags=["boards"], route_class=StrictRoute)


@router.get("/boards/{board_id}/presence", response_model=Presence)
async def get_presence(request: Request, board_id: Id) -> Response:
    """Who is on the board just now, and what each holds there; holders without a connection are named too."""
    await found(request, lambda tx: readings.board(tx, board_id))
    users = await parts_of(request).presence.users(board_id)
    return Response(orjson.dumps({"board_id": board_id, "users": users}), media_type="application/json")


@router.get("/presence", include_in_schema=False)
async def get_presence_everywhere(request: Request) -> Response:
    """Who is on each board that one may see, for a page that shows them all."""
    known = await found(request, readings.boards_)
    presence = parts_of(request).presence
    boards = [{"board_id": board.id, "users": await presence.users(board.id)} for board in known]
    return Response(orjson.dumps({"boards": boards}), media_type="application/json")

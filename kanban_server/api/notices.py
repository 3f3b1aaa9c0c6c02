"""Passing notices over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from kanban_sdk.wire.user_bodies import NoticeWanted
from kanban_sdk.wire.users import Notified
from kanban_server.api.guard import actor_of
from kanban_server.api.parts import parts_of
from kanban_server.api.replies import JSONBytes, encoded
from kanban_server.api.roster import viewer_of
from kanban_server.api.routes import StrictRoute
from kanban_server.rules.access import check_operator, check_writes

router = APIRouter(prefix="/api/notices", tags=["users"], route_class=StrictRoute)


@router.post("", response_model=Notified)
async def notify(request: Request, body: NoticeWanted) -> Response:
    """Tell all who are connected something, or some of them, now; for admins of the server. It is kept nowhere."""
    check_writes(viewer_of(request))
    check_operator(viewer_of(request), "posts notices")
    told = parts_of(request).notices.tell(body.text, actor_of(request).name, body.users)
    return JSONBytes(encoded(Notified(told), 200))

"""Notices over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.bodies.user_bodies import NoticeRequest
from kanban_sdk.wire.users import NoticeResult
from kanban_server.entry.actor import actor_of
from kanban_server.entry.authentication import viewer_of
from kanban_server.entry.execute import encode_result
from kanban_server.entry.state import state_of
from kanban_server.http.responses import EncodedJSONResponse
from kanban_server.http.routing import Router
from kanban_server.rules.permissions import check_may_write, check_server_admin

router = Router(prefix="/api/notices", tags=["users"])


@router.post("", response_model=NoticeResult)
async def notify(request: Request, body: NoticeRequest) -> Response:
    """Tell all who are connected something, or some of them, now; for admins of the server. It is kept nowhere."""
    check_may_write(viewer_of(request))
    check_server_admin(viewer_of(request), "posts notices")
    recipients = state_of(request).notices.publish(body.text, actor_of(request).name, body.users)
    return EncodedJSONResponse(encode_result(NoticeResult(recipients), 200))

"""Members of boards over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.bodies.user_bodies import NewMemberRequest
from kanban_sdk.wire.users import Member
from kanban_server.actions.accounts import members
from kanban_server.http.responses import read_response, refresh_authentication, write_response
from kanban_server.http.routing import Router

router = Router(prefix="/api/boards/{board_id}/members", tags=["members"])


@router.get("", response_model=list[Member])
async def list_members(request: Request, board_id: Id) -> Response:
    """The members of a board, by name; admins of the server see it without being one."""
    return await read_response(request, members.list_members, board_id)


@router.post("", response_model=list[Member])
async def put_member(request: Request, board_id: Id, body: NewMemberRequest) -> Response:
    """Make a user a member with a role, for the board's admins; or all of a team, for admins of the server."""
    return await refresh_authentication(request, await write_response(request, members.set_members, board_id, body))


@router.delete("/{name:path}", response_model=Message)
async def remove_member(request: Request, board_id: Id, name: str) -> Response:
    """End a membership: for the board's admins, and everybody their own. Streams of the board end with it."""
    return await refresh_authentication(request, await write_response(request, members.remove_member, board_id, name))

"""Users, profiles and avatars over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.bodies.user_bodies import NewUserRequest, Profile, UserEdit
from kanban_sdk.wire.users import NewUser, User
from kanban_server.actions.accounts import users
from kanban_server.entry.execute import query
from kanban_server.entry.state import state_of
from kanban_server.http.responses import read_response, refresh_authentication, write_response, write_secret_response
from kanban_server.http.routing import Router

router = Router(prefix="/api", tags=["users"])

IMAGE_REQUEST_BODY = {
    "requestBody": {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}, "required": True}
}
AVATAR_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
}
"""An upload is only ever shown as an image."""


@router.get("/users", response_model=list[User])
async def list_users(request: Request) -> Response:
    """The users that the viewer may see, by name: all for an admin, else those who share a board, and their agents."""
    return await read_response(request, users.list_users)


@router.post("/users", status_code=201, response_model=NewUser)
async def create_user(request: Request, body: NewUserRequest) -> Response:
    """Create a person (admins only) or an agent of one's own, with a first token. Only this answer has its secret."""
    return await refresh_authentication(
        request, await write_secret_response(request, users.create, body, state_of(request).quotas)
    )


@router.get("/users/{name:path}", response_model=User)
async def get_user(request: Request, name: str) -> Response:
    """One user."""
    return await read_response(request, users.read_user, name)


@router.patch("/users/{name:path}", response_model=User)
async def edit_user(request: Request, name: str, body: UserEdit) -> Response:
    """Change a user, or disable them: all that they are logged in with ends."""
    return await refresh_authentication(
        request, await write_response(request, users.edit, name, body, state_of(request).quotas)
    )


@router.get("/me", response_model=User)
async def get_me(request: Request) -> Response:
    """Oneself, with one's settings."""
    return await read_response(request, users.read_own_user)


@router.patch("/me", response_model=User)
async def edit_me(request: Request, body: Profile) -> Response:
    """Change one's own profile: display name, theme, notifications; for admins of the server, the team too."""
    return await write_response(request, users.edit_profile, body)


@router.put("/me/avatar", response_model=User, openapi_extra=IMAGE_REQUEST_BODY)
async def set_avatar(request: Request) -> Response:
    """Take the image in the body as one's avatar: PNG, JPEG, GIF or WebP, at most 64 KiB."""
    return await write_response(request, users.set_avatar, await request.body())


@router.delete("/me/avatar", response_model=Message)
async def drop_avatar(request: Request) -> Response:
    """Be shown by one's initials again."""
    return await write_response(request, users.delete_avatar)


@router.get("/avatars/{user_id}", response_class=Response, responses={200: {"content": {"image/*": {}}}})
async def get_avatar(request: Request, user_id: Id) -> Response:
    """A user's avatar."""
    image, media_type = await query(request, lambda tx: users.read_avatar(tx, user_id))
    return Response(image, 200, AVATAR_HEADERS, media_type)

"""Tokens, logins and invites over HTTP. Responses with a secret are not stored or repeated."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.bodies.user_bodies import JoinRequest, Login, NewInviteRequest, NewTokenRequest
from kanban_sdk.wire.users import Invite, NewToken, NewUser, Session, Token
from kanban_server.actions.accounts import invites, tokens, users
from kanban_server.entry.authentication import COOKIE, not_authenticated, session_from_cookies
from kanban_server.entry.execute import encode_result
from kanban_server.entry.state import state_of
from kanban_server.http.middleware.rate_limit import FAILED_LOGIN
from kanban_server.http.responses import (
    EncodedJSONResponse,
    read_response,
    refresh_authentication,
    write_response,
    write_secret_response,
)
from kanban_server.http.routing import Router
from kanban_server.rules import permissions
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.tokens import hash_secret
from kanban_server.store.queries.tokens import viewer_of_session

router = Router(prefix="/api", tags=["tokens"])


@router.get("/tokens", response_model=list[Token])
async def list_tokens(request: Request, user: str | None = None) -> Response:
    """One's own tokens and one's agents', or another `user`'s, or (`*`, admins only) all, without their secrets.

    A token that is narrowed is shown itself only.
    """
    await state_of(request).authenticator.save_last_used()
    return await read_response(request, tokens.list_tokens, user)


@router.post("/tokens", status_code=201, response_model=NewToken)
async def make_token(request: Request, body: NewTokenRequest) -> Response:
    """Make a token. The answer holds its secret, this once."""
    return await write_secret_response(request, tokens.create, body, state_of(request).quotas)


@router.delete("/tokens/{token_id}", response_model=Message)
async def revoke_token(request: Request, token_id: Id) -> Response:
    """End a token, and what was logged in with it."""
    return await refresh_authentication(request, await write_response(request, tokens.revoke, token_id))


@router.get("/session", response_model=Session)
async def get_session(request: Request) -> Response:
    """Who one is to the server; whether it has users at all."""
    return await read_response(request, users.read_session)


@router.post("/session", response_model=Session)
async def log_in(request: Request, body: Login) -> Response:
    """Log a browser in with a token: a session of its own, in a cookie that no page can read."""
    state = state_of(request)
    permissions.check_users_exist(await state.authenticator.viewer(None) or SYSTEM_VIEWER)
    old_session = session_from_cookies(request.headers.get("cookie", ""))
    session = await state.database.write(SYSTEM_VIEWER, lambda tx: tokens.log_in(tx, body.token.strip(), old_session))
    await state.authenticator.refresh()
    viewer = await state.database.read(SYSTEM_VIEWER, viewer_of_session, hash_secret(session.secret))
    if viewer is None:  # it has already ended
        raise not_authenticated({})
    session_view = await state.database.read(viewer, users.read_session)
    return _with_cookie(
        request, EncodedJSONResponse(encode_result(session_view, 200)), session.secret, limits.SESSION_DAYS * 86_400
    )


@router.delete("/session", response_model=Message)
async def log_out(request: Request) -> Response:
    """End the session of this browser. A cookie that is of no session changes nothing, and counts as a failed login."""
    state = state_of(request)
    cookies = request.headers.get("cookie", "")
    old_session = session_from_cookies(cookies)
    if old_session is not None and await state.database.write(
        SYSTEM_VIEWER, lambda tx: tokens.log_out(tx, old_session)
    ):
        await state.authenticator.refresh()
    elif f"{COOKIE}=" in cookies:
        request.scope[FAILED_LOGIN] = True
    return _with_cookie(request, EncodedJSONResponse(encode_result(Message("You are logged out."), 200)), "", 0)


@router.post("/invites", status_code=201, response_model=Invite)
async def invite(request: Request, body: NewInviteRequest) -> Response:
    """Invite an agent of one's own, or (admins only) a person. The answer holds the secret, this once."""
    return await write_secret_response(request, invites.create, body)


@router.post("/join", status_code=201, response_model=NewUser)
async def join(request: Request, body: JoinRequest) -> Response:
    """Take an invite, once: a user of one's own, with a token."""
    state = state_of(request)
    new_user = await state.database.write(SYSTEM_VIEWER, lambda tx: invites.accept(tx, body, state.quotas))
    return await refresh_authentication(request, EncodedJSONResponse(encode_result(new_user, 201)))


def _with_cookie(request: Request, response: Response, value: str, seconds: int) -> Response:
    """Set the session cookie. Behind a TLS proxy only the browser's Origin shows that it is https."""
    secure = request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
    path = request.scope.get("root_path") or "/"
    response.set_cookie(COOKIE, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="strict")
    response.headers["Cache-Control"] = "no-store"
    return response

"""Tokens, logins and invites over HTTP. No answer that holds a secret is kept, nor given a second time."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.user_bodies import InviteWanted, Joining, Login, TokenWanted
from kanban_sdk.wire.users import Invite, NewToken, NewUser, Session, Token
from kanban_server.actions import tokens, users
from kanban_server.api.limited import FAILED_LOGIN
from kanban_server.api.parts import parts_of
from kanban_server.api.replies import JSONBytes, change, encoded, reading, secretly, settled
from kanban_server.api.roster import COOKIE, not_authenticated, session_in
from kanban_server.api.routes import StrictRoute
from kanban_server.rules import access
from kanban_server.rules.access import THE_SERVER
from kanban_server.rules.tokens import hashed
from kanban_server.store.tokens import of_session

router = APIRouter(prefix="/api", tags=["tokens"], route_class=StrictRoute)


@router.get("/tokens", response_model=list[Token])
async def list_tokens(request: Request, user: str | None = None) -> Response:
    """One's own tokens and one's agents', or another `user`'s, or (`*`, admins only) all, without their secrets.

    A token that is narrowed is shown itself only.
    """
    await parts_of(request).roster.write_down()
    return await reading(request, tokens.listed, user)


@router.post("/tokens", status_code=201, response_model=NewToken)
async def make_token(request: Request, body: TokenWanted) -> Response:
    """Make a token. The answer holds its secret, this once."""
    return await secretly(request, tokens.make, body, parts_of(request).quotas)


@router.delete("/tokens/{token_id}", response_model=Message)
async def revoke_token(request: Request, token_id: Id) -> Response:
    """End a token, and what was logged in with it."""
    return await settled(request, await change(request, tokens.revoke, token_id))


@router.get("/session", response_model=Session)
async def get_session(request: Request) -> Response:
    """Who one is to the server; whether it has users at all."""
    return await reading(request, users.session)


@router.post("/session", response_model=Session)
async def log_in(request: Request, body: Login) -> Response:
    """Log a browser in with a token: a session of its own, in a cookie that no page can read."""
    parts = parts_of(request)
    access.check_known(await parts.roster.viewer(None) or THE_SERVER)
    old = session_in(request.headers.get("cookie", ""))
    begun = await parts.database.write(THE_SERVER, lambda tx: tokens.log_in(tx, body.token.strip(), old))
    await parts.roster.look()
    viewer = await parts.database.read(THE_SERVER, of_session, hashed(begun.secret))
    if viewer is None:  # it was ended already
        raise not_authenticated({})
    shown = await parts.database.read(viewer, users.session)
    return _with_cookie(request, JSONBytes(encoded(shown, 200)), begun.secret, limits.SESSION_DAYS * 86_400)


@router.delete("/session", response_model=Message)
async def log_out(request: Request) -> Response:
    """End the session of this browser. A cookie that is of no session changes nothing, and counts as a failed login."""
    parts = parts_of(request)
    cookies = request.headers.get("cookie", "")
    old = session_in(cookies)
    if old is not None and await parts.database.write(THE_SERVER, lambda tx: tokens.log_out(tx, old)):
        await parts.roster.look()
    elif f"{COOKIE}=" in cookies:
        request.scope[FAILED_LOGIN] = True
    return _with_cookie(request, JSONBytes(encoded(Message("You are logged out."), 200)), "", 0)


@router.post("/invites", status_code=201, response_model=Invite)
async def invite(request: Request, body: InviteWanted) -> Response:
    """Invite an agent of one's own, or (admins only) a person. The answer holds the secret, this once."""
    return await secretly(request, tokens.invite, body)


@router.post("/join", status_code=201, response_model=NewUser)
async def join(request: Request, body: Joining) -> Response:
    """Take an invite, once: a user of one's own, with a token."""
    parts = parts_of(request)
    joined = await parts.database.write(THE_SERVER, lambda tx: tokens.join(tx, body, parts.quotas))
    return await settled(request, JSONBytes(encoded(joined, 201)))


def _with_cookie(request: Request, response: Response, value: str, seconds: int) -> Response:
    """Behind a proxy that speaks TLS, the browser's Origin tells that it is https."""
    secure = request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
    path = request.scope.get("root_path") or "/"
    response.set_cookie(COOKIE, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="strict")
    response.headers["Cache-Control"] = "no-store"
    return response

"""Actions on tokens and browser sessions."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies.user_bodies import NewTokenRequest
from kanban_sdk.wire.users import NewToken, Token
from kanban_server.actions.accounts.quotas import NO_QUOTAS, Quotas, check_quota
from kanban_server.rules import permissions, validation
from kanban_server.rules import tokens as secrets
from kanban_server.rules.actors import Actor, check_short_name, check_user_name
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.rules.timestamps import add_time
from kanban_server.secret_generator import generate_secret
from kanban_server.store.queries import boards, tokens, users
from kanban_server.store.transaction import ReadTransaction, Row, Transaction


class BrowserSession(NamedTuple):
    """A new browser session: its secret and when it expires."""

    secret: str
    expires_at: str


def create(tx: Transaction, actor: Actor, request: NewTokenRequest, quotas: Quotas = NO_QUOTAS) -> NewToken:
    """Create a token: a person for themselves and their agents, an admin for anybody. Only this answer has the secret.

    Refused: `open-mode`, `not-allowed`, `not-found`, `quota-exceeded`.
    """
    permissions.check_users_exist(tx.viewer)
    row = users.read_by_name(tx, tx.viewer.name if request.user is None else check_user_name(request.user))
    if tx.viewer.id is not None and tx.viewer.id in (row["id"], row["owner_id"]):
        permissions.check_may_grant(tx.viewer)
    else:
        permissions.check_user_admin(tx.viewer)
    if not tx.viewer.is_admin:
        check_quota(tx, quotas, "tokens", tx.viewer.person_id)
    return insert_token(tx, row, request)


def insert_token(tx: Transaction, user: Row, request: NewTokenRequest) -> NewToken:
    """Insert a token for a user.

    Refused: `not-found`, for a board in its scope that the viewer does not see; `invalid-request`, for a tag that the
    user does not have.
    """
    can = None if request.can is None else validation.check_tags(request.can, "can")
    if beyond := sorted({*(can or ())} - {*orjson.loads(user["can"])}):
        detail = f"{user['name']} does not have {', '.join(beyond)}, and a token only leaves tags out."
        raise Refusal("invalid-request", detail, fix="Leave it out; an admin of the server gives it.", field="can")
    for board_id in request.boards or []:
        boards.read(tx, board_id)
    secret = generate_secret("token")
    row = tokens.insert_token(
        tx,
        user_id=user["id"],
        name=check_short_name(request.name, "token name", limits.TOKEN_NAME_CHARACTERS),
        beginning=secrets.visible_prefix(secret),
        hash=secrets.hash_secret(secret),
        access=request.access,
        boards=tokens.encode_scope(request.boards),
        created_at=tx.now(),
        expires_at=None if request.days is None else add_time(tx.now(), days=request.days),
        can=None if can is None else orjson.dumps(can).decode(),
    )
    return NewToken(tokens.to_wire(row), secret)


def revoke(tx: Transaction, actor: Actor, token_id: int) -> Message:
    """Revoke a token and delete its sessions.

    A person revokes their own tokens and those of their agents, an admin any. Refused: `open-mode`, `not-found`,
    `not-allowed`.
    """
    permissions.check_users_exist(tx.viewer)
    users.increment_roster_version(tx)
    row = tokens.read_row(tx, token_id)
    if row is None or not (tx.viewer.is_admin or tx.viewer.id in (row["user_id"], row["owner_id"])):
        raise not_found("token", token_id, fix="List the tokens.")
    if token_id != tx.viewer.token_id:
        permissions.check_may_grant(tx.viewer)
    if not row["revoked_at"]:
        tx.run(tokens.REVOKE, of_token=token_id, revoked_at=tx.now())
        tx.run(tokens.DELETE_SESSIONS_OF_TOKEN, of_token=token_id)
    return Message(f"Token {token_id} is revoked.")


def list_tokens(tx: ReadTransaction, name: str | None = None) -> list[Token]:
    """List tokens without their secrets: the viewer's and their agents', or those of user `name`.

    With the name `*`, an admin lists all tokens. A viewer whose token is limited to some boards, or to reading, sees
    only that token.
    """
    permissions.check_users_exist(tx.viewer)
    viewer = tx.viewer
    if not viewer.has_full_scope and name in {None, viewer.name}:
        own_row = tokens.read_row(tx, viewer.token_id or 0)
        return [] if own_row is None else [tokens.to_wire(own_row)]
    if name == "*":
        permissions.check_user_admin(viewer)
        return [tokens.to_wire(row) for row in tx.all(tokens.ALL)]
    if name is None:
        statement = tokens.BY_USER if viewer.agent else tokens.BY_SEAT
        parameters = {"of_user": viewer.id} if viewer.agent else {"seat": viewer.id}
        return [tokens.to_wire(row) for row in tx.all(statement, **parameters)]
    row = users.read_by_name(tx, check_user_name(name))
    if viewer.id not in (row["id"], row["owner_id"]) or not viewer.has_full_scope:
        permissions.check_user_admin(viewer)
    return [tokens.to_wire(token_row) for token_row in tx.all(tokens.BY_USER, of_user=row["id"])]


def log_in(tx: Transaction, token: str, old_session: str | None) -> BrowserSession:
    """Begin a browser session for a token, and end the browser's old session. Refused: `not-authenticated`.

    It lasts `limits.SESSION_DAYS` days, but no longer than the token.
    """
    viewer = tokens.viewer_of_token(tx, secrets.hash_secret(token)) if secrets.is_secret("token", token) else None
    if viewer is None:
        raise Refusal("not-authenticated", "This token is not good here.", fix="Paste a token that was not revoked.")
    log_out(tx, old_session)
    tx.run(tokens.DELETE_EXPIRED_SESSIONS, now=tx.now())
    secret = generate_secret("session")
    expires_at = add_time(tx.now(), days=limits.SESSION_DAYS)
    expires_at = min(expires_at, viewer.until or expires_at)
    row = {
        "hash": secrets.hash_secret(secret),
        "token_id": viewer.token_id,
        "created_at": tx.now(),
        "expires_at": expires_at,
    }
    tx.run(tokens.INSERT_SESSION, **row)
    return BrowserSession(secret, expires_at)


def log_out(tx: Transaction, session: str | None) -> bool:
    """End a session. Returns False, and changes nothing, if there is no such session or it has ended."""
    session_hash = None if session is None else secrets.hash_secret(session)
    if session_hash is None or tx.value(tokens.LIVE_SESSION, of_hash=session_hash, now=tx.now()) is None:
        return False
    users.increment_roster_version(tx)
    return tx.run(tokens.DELETE_SESSION, of_hash=session_hash) > 0

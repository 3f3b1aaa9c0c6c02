"""Invitations: a secret with which a person or an agent joins the server and its boards."""

from __future__ import annotations

from kanban_sdk.wire.bodies.user_bodies import JoinRequest, NewInviteRequest, NewTokenRequest, NewUserRequest
from kanban_sdk.wire.users import Invite, NewUser
from kanban_server.actions.accounts.quotas import NO_QUOTAS, Quotas, check_quota
from kanban_server.actions.accounts.tokens import insert_token
from kanban_server.rules import permissions
from kanban_server.rules import tokens as secrets
from kanban_server.rules.actors import Actor, check_user_name
from kanban_server.rules.problems import Refusal
from kanban_server.rules.timestamps import add_time
from kanban_server.secret_generator import generate_secret
from kanban_server.store.queries import boards, tokens, users
from kanban_server.store.transaction import ReadTransaction, Row, Transaction


def create(tx: Transaction, actor: Actor, request: NewInviteRequest) -> Invite:
    """Create an invite for an agent of the viewer or, by an admin, for a person.

    It can be used once, and expires after `request.hours` hours. Refused: `not-allowed`, `not-found`, `name-taken`.
    """
    permissions.check_may_grant(tx.viewer)
    if request.kind == "person" or request.role == "admin":
        permissions.check_user_admin(tx.viewer)
    for board_id in request.boards or []:
        boards.read(tx, board_id)
    name = None
    if request.name is not None:
        name = check_user_name(request.name)
        if users.is_name_taken(tx, name):
            raise Refusal("name-taken", f"'{name}' is, or was, somebody's name.", fix="Choose another.", name=name)
    secret, expires_at = generate_secret("invite"), add_time(tx.now(), hours=request.hours)
    tx.run(
        tokens.INSERT_INVITE,
        hash=secrets.hash_secret(secret),
        by_id=tx.viewer.id,
        kind=request.kind,
        name=name,
        role=request.role,
        access=request.access,
        boards=tokens.encode_scope(request.boards),
        created_at=tx.now(),
        expires_at=expires_at,
    )
    return Invite(secret, request.kind, name, expires_at)


def accept(tx: Transaction, request: JoinRequest, quotas: Quotas = NO_QUOTAS) -> NewUser:
    """Accept an invite: create a user with a token.

    Refused: `invalid-invite`, `name-taken`, `name-required`; `quota-exceeded` if the inviter has reached the limit of
    agents or tokens.
    """
    from kanban_server.actions.accounts.users import insert_user

    users.increment_roster_version(tx)
    row = (
        tx.one(tokens.INVITE_BY_HASH, of_hash=secrets.hash_secret(request.invite))
        if secrets.is_secret("invite", request.invite)
        else None
    )
    if (
        row is None
        or not _is_valid_invite(tx, row)
        or not tx.run(tokens.USE_INVITE, of_invite=row["id"], used_at=tx.now())
    ):
        detail = "The invite was used, has ended, or never was one."
        raise Refusal("invalid-invite", detail, fix="Ask for a new invite.")
    name = row["name"] or request.name
    if not name:
        raise Refusal("name-required", "The invite has no name for you.", fix="Say who you are, in `name`.")
    inviter = tx.one(users.BY_ID, user_id=row["by_id"])
    if inviter is not None and inviter["role"] != "admin":
        check_quota(tx, quotas, "agents", inviter["id"])
        check_quota(tx, quotas, "tokens", inviter["id"])
    user_request = NewUserRequest(name, role=row["role"], kind=row["kind"])
    user = insert_user(tx, user_request, row["by_id"] if row["kind"] == "agent" else None)
    scope = tokens.to_wire(
        {**row, "user": name, "beginning": "", "last_used_at": None, "revoked_at": None, "can": None}
    ).boards
    token = insert_token(tx, user, NewTokenRequest("invite", access=row["access"], boards=scope))
    return NewUser(users.to_wire(user), token.secret)


def _is_valid_invite(tx: ReadTransaction, invite: Row) -> bool:
    """Whether an invite has not expired, and the inviter may still give it: they may no longer be an admin."""
    inviter = tx.one(users.BY_ID, user_id=invite["by_id"])
    if inviter is None or inviter["disabled_at"] or invite["expires_at"] <= tx.now():
        return False
    return inviter["role"] == "admin" or bool(invite["kind"] == "agent" and invite["role"] != "admin")

"""What can be done with tokens; how a browser logs in; how an agent, or a person, joins by an invite."""

from __future__ import annotations

from typing import NamedTuple

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.user_bodies import InviteWanted, Joining, TokenWanted, UserWanted
from kanban_sdk.wire.users import Invite, NewToken, NewUser, Token
from kanban_server.actions.quotas import NO_QUOTAS, Quotas, check
from kanban_server.rules import access
from kanban_server.rules import tokens as secrets
from kanban_server.rules.names import Actor, short_name, user_name
from kanban_server.rules.refusals import Refusal, not_found
from kanban_server.rules.times import later
from kanban_server.store import boards, tokens, users
from kanban_server.store.transaction import Reading, Row, Transaction


class LoggedIn(NamedTuple):
    """A browser's new session."""

    secret: str
    expires_at: str


def make(tx: Transaction, actor: Actor, wanted: TokenWanted, quotas: Quotas = NO_QUOTAS) -> NewToken:
    """Make a token: a person for themselves and their agents, an admin for anybody. Its secret is told this once.

    Refused: `open-mode`, `not-allowed`, `not-found`, `quota-exceeded`.
    """
    access.check_known(tx.viewer)
    row = users.named(tx, tx.viewer.name if wanted.user is None else user_name(wanted.user))
    if tx.viewer.id is not None and tx.viewer.id in (row["id"], row["owner_id"]):
        access.check_own(tx.viewer)
    else:
        access.check_users(tx.viewer)
    if not tx.viewer.everywhere:
        check(tx, quotas, "tokens", tx.viewer.seat)
    return add(tx, row, wanted)


def add(tx: Transaction, user: Row, wanted: TokenWanted) -> NewToken:
    """Write a new token for a user."""
    for board_id in wanted.boards or []:
        boards.read(tx, board_id)
    secret = secrets.make("token")
    row = tokens.add(
        tx,
        user_id=user["id"],
        name=short_name(wanted.name, "token name", limits.TOKEN_NAME_CHARACTERS),
        beginning=secrets.beginning(secret),
        hash=secrets.hashed(secret),
        access=wanted.access,
        boards=tokens.packed(wanted.boards),
        created_at=tx.now(),
        expires_at=None if wanted.days is None else later(tx.now(), days=wanted.days),
    )
    return NewToken(tokens.seen(row), secret)


def revoke(tx: Transaction, actor: Actor, token_id: int) -> Message:
    """End a token, and the sessions that began with it: one's own, an agent's of one's own, or any by an admin."""
    access.check_known(tx.viewer)
    users.turn(tx)
    row = tokens.read(tx, token_id)
    if row is None or not (tx.viewer.everywhere or tx.viewer.id in (row["user_id"], row["owner_id"])):
        raise not_found("token", token_id, fix="List the tokens.")
    if token_id != tx.viewer.token_id:
        access.check_own(tx.viewer)
    if not row["revoked_at"]:
        tx.run(tokens.REVOKE, of_token=token_id, revoked_at=tx.now())
        tx.run(tokens.END_OF_TOKEN, of_token=token_id)
    return Message(f"Token {token_id} is revoked.")


def listed(tx: Reading, name: str | None = None) -> list[Token]:
    """Tokens without their secrets: one's own and one's agents', or a user's, or, for an admin with `*`, all.

    A token that is narrowed is shown itself only.
    """
    access.check_known(tx.viewer)
    viewer = tx.viewer
    if not viewer.whole and name in {None, viewer.name}:
        own = tokens.read(tx, viewer.token_id or 0)
        return [] if own is None else [tokens.seen(own)]
    if name == "*":
        access.check_users(viewer)
        return [tokens.seen(row) for row in tx.all(tokens.ALL)]
    if name is None:
        of_viewer = tokens.OF_USER if viewer.agent else tokens.OF_SEAT
        key = {"of_user": viewer.id} if viewer.agent else {"seat": viewer.id}
        return [tokens.seen(row) for row in tx.all(of_viewer, **key)]
    row = users.named(tx, user_name(name))
    if viewer.id not in (row["id"], row["owner_id"]) or not viewer.whole:
        access.check_users(viewer)
    return [tokens.seen(one) for one in tx.all(tokens.OF_USER, of_user=row["id"])]


def log_in(tx: Transaction, token: str, old_session: str | None) -> LoggedIn:
    """Begin a session of a browser that shows a token; the session that it had before ends.

    Refused: `not-authenticated`.
    """
    viewer = tokens.bearer(tx, secrets.hashed(token)) if secrets.is_one("token", token) else None
    if viewer is None:
        raise Refusal("not-authenticated", "This token is not good here.", fix="Paste a token that was not revoked.")
    log_out(tx, old_session)
    tx.run(tokens.END_OLD, now=tx.now())
    secret = secrets.make("session")
    ends = later(tx.now(), days=limits.SESSION_DAYS)
    ends = min(ends, viewer.until or ends)
    row = {"hash": secrets.hashed(secret), "token_id": viewer.token_id, "created_at": tx.now(), "expires_at": ends}
    tx.run(tokens.BEGIN, **row)
    return LoggedIn(secret, ends)


def log_out(tx: Transaction, session: str | None) -> bool:
    """End a session. False where there is no such session, or it has ended: then nothing changes for anybody."""
    hash_ = None if session is None else secrets.hashed(session)
    if hash_ is None or tx.value(tokens.LIVING, of_hash=hash_, now=tx.now()) is None:
        return False
    users.turn(tx)
    return tx.run(tokens.END, of_hash=hash_) > 0


def invite(tx: Transaction, actor: Actor, wanted: InviteWanted) -> Invite:
    """Invite an agent of one's own, or, as an admin, a person: once, and not for long."""
    access.check_own(tx.viewer)
    if wanted.kind == "person" or wanted.role == "admin":
        access.check_users(tx.viewer)
    for board_id in wanted.boards or []:
        boards.read(tx, board_id)
    name = None
    if wanted.name is not None:
        name = user_name(wanted.name)
        if users.taken(tx, name):
            raise Refusal("name-taken", f"'{name}' is, or was, somebody's name.", fix="Choose another.", name=name)
    secret, ends = secrets.make("invite"), later(tx.now(), hours=wanted.hours)
    tx.run(
        tokens.INVITE,
        hash=secrets.hashed(secret),
        by_id=tx.viewer.id,
        kind=wanted.kind,
        name=name,
        role=wanted.role,
        access=wanted.access,
        boards=tokens.packed(wanted.boards),
        created_at=tx.now(),
        expires_at=ends,
    )
    return Invite(secret, wanted.kind, name, ends)


def join(tx: Transaction, asked: Joining, quotas: Quotas = NO_QUOTAS) -> NewUser:
    """Take an invite: a user of one's own, with a token.

    Refused: `invalid-invite`, `name-taken`, `name-required`, and `quota-exceeded` where the one who gave the invite has
    as many agents, or tokens, as may be.
    """
    from kanban_server.actions.users import add as add_user

    users.turn(tx)
    row = (
        tx.one(tokens.INVITED, of_hash=secrets.hashed(asked.invite)) if secrets.is_one("invite", asked.invite) else None
    )
    if row is None or not _stands(tx, row) or not tx.run(tokens.TAKE, of_invite=row["id"], used_at=tx.now()):
        detail = "The invite was used, has ended, or never was one."
        raise Refusal("invalid-invite", detail, fix="Ask for a new invite.")
    name = row["name"] or asked.name
    if not name:
        raise Refusal("name-required", "The invite has no name for you.", fix="Say who you are, in `name`.")
    by = tx.one(users.BY_ID, user_id=row["by_id"])
    if by is not None and by["role"] != "admin":
        check(tx, quotas, "agents", by["id"])
        check(tx, quotas, "tokens", by["id"])
    wanted = UserWanted(name, role=row["role"], kind=row["kind"])
    user = add_user(tx, wanted, row["by_id"] if row["kind"] == "agent" else None)
    scope = tokens.seen({**row, "user": name, "beginning": "", "last_used_at": None, "revoked_at": None}).boards
    made = add(tx, user, TokenWanted("invite", access=row["access"], boards=scope))
    return NewUser(users.seen(user), made.secret)


def _stands(tx: Reading, invite: Row) -> bool:
    """Whether an invite has not ended, and the one who gave it might still give it: an admin may be one no longer."""
    by = tx.one(users.BY_ID, user_id=invite["by_id"])
    if by is None or by["disabled_at"] or invite["expires_at"] <= tx.now():
        return False
    return by["role"] == "admin" or bool(invite["kind"] == "agent" and invite["role"] != "admin")

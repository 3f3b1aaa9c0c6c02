"""Tokens, sessions and invites: the statements that read and write them, and the viewers that they authenticate."""

from __future__ import annotations

from hmac import compare_digest

import orjson
from sqlalchemy import bindparam, delete, insert, select, update

from kanban_sdk.wire.users import Token
from kanban_server.rules.permissions import Viewer
from kanban_server.store.statements import Statement
from kanban_server.store.tables import invites, sessions, tokens, users
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

_t, _owner = tokens.c, users.alias("owner")
_TOKEN_WITH_USER = (
    select(
        tokens,
        users.c.name.label("user"),
        users.c.former_names,
        users.c.role,
        users.c.kind,
        users.c.owner_id,
        users.c.disabled_at,
        users.c.can.label("user_can"),
        _owner.c.role.label("owner_role"),
        _owner.c.disabled_at.label("owner_disabled_at"),
    )
    .join(users, users.c.id == _t.user_id)
    .outerjoin(_owner, _owner.c.id == users.c.owner_id)
)
_TOKEN_LIST = select(tokens, users.c.name.label("user")).join(users, users.c.id == _t.user_id).order_by(_t.id)

BY_HASH = Statement(_TOKEN_WITH_USER.where(_t.hash == bindparam("of_hash")))
BY_SESSION = Statement(
    _TOKEN_WITH_USER.add_columns(sessions.c.hash.label("session"), sessions.c.expires_at.label("session_expires_at"))
    .join(sessions, sessions.c.token_id == _t.id)
    .where(sessions.c.hash == bindparam("of_hash"))
)
ALL = Statement(_TOKEN_LIST)
BY_USER = Statement(_TOKEN_LIST.where(_t.user_id == bindparam("of_user")))
BY_SEAT = Statement(_TOKEN_LIST.where((users.c.id == bindparam("seat")) | (users.c.owner_id == bindparam("seat"))))
BY_ID = Statement(_TOKEN_LIST.add_columns(users.c.owner_id).where(_t.id == bindparam("of_token")))
_INSERT_FIELDS = ("user_id", "name", "beginning", "hash", "access", "boards", "created_at", "expires_at", "can")
INSERT = Statement(insert(tokens).values({name: bindparam(name) for name in _INSERT_FIELDS}).returning(_t.id))
REVOKE = Statement(update(tokens).where(_t.id == bindparam("of_token")).values(revoked_at=bindparam("revoked_at")))
UPDATE_LAST_USED = Statement(
    update(tokens).where(_t.id == bindparam("of_token")).values(last_used_at=bindparam("last_used_at"))
)

_SESSION_FIELDS = ("hash", "token_id", "created_at", "expires_at")
INSERT_SESSION = Statement(insert(sessions).values({name: bindparam(name) for name in _SESSION_FIELDS}))
LIVE_SESSION = Statement(
    select(sessions.c.hash).where(sessions.c.hash == bindparam("of_hash"), sessions.c.expires_at > bindparam("now"))
)
DELETE_SESSION = Statement(delete(sessions).where(sessions.c.hash == bindparam("of_hash")))
DELETE_SESSIONS_OF_TOKEN = Statement(delete(sessions).where(sessions.c.token_id == bindparam("of_token")))
DELETE_EXPIRED_SESSIONS = Statement(delete(sessions).where(sessions.c.expires_at < bindparam("now")))

_INVITE_FIELDS = ("hash", "by_id", "kind", "name", "role", "access", "boards", "created_at", "expires_at")
INSERT_INVITE = Statement(insert(invites).values({name: bindparam(name) for name in _INVITE_FIELDS}))
INVITE_BY_HASH = Statement(select(invites).where(invites.c.hash == bindparam("of_hash")))
USE_INVITE = Statement(
    update(invites)
    .where(invites.c.id == bindparam("of_invite"), invites.c.used_at.is_(None))
    .values(used_at=bindparam("used_at"))
)


def viewer_of_token(tx: ReadTransaction, hash_: bytes) -> Viewer | None:
    """The viewer that the token with this hash authenticates; None if it is unknown, expired or revoked."""
    row = tx.one(BY_HASH, of_hash=hash_)
    return _viewer_of_row(tx, row) if row is not None and compare_digest(bytes(row["hash"]), hash_) else None


def viewer_of_session(tx: ReadTransaction, hash_: bytes) -> Viewer | None:
    """The viewer that the session with this hash authenticates; None if it has ended."""
    row = tx.one(BY_SESSION, of_hash=hash_)
    if row is None or not compare_digest(bytes(row["session"]), hash_):
        return None
    expires_at = min(row["session_expires_at"], row["expires_at"] or row["session_expires_at"])
    return _viewer_of_row(tx, {**row, "expires_at": expires_at})


def _viewer_of_row(tx: ReadTransaction, row: Row) -> Viewer | None:
    """The viewer of a token's row. An agent has at most the rights of its person, and is never a server admin."""
    if row["revoked_at"] or row["disabled_at"] or row["owner_disabled_at"]:
        return None
    if row["expires_at"] is not None and row["expires_at"] <= tx.now():
        return None
    is_agent = row["kind"] == "agent"
    user_can, narrowed = frozenset(orjson.loads(row["user_can"])), row["can"]
    role = row["role"]
    if is_agent:
        role = "viewer" if "viewer" in (role, row["owner_role"]) else "user"
    return Viewer(
        name=row["user"],
        role=role,
        id=row["user_id"],
        former_names=tuple(orjson.loads(row["former_names"])),
        person_id=row["owner_id"] or row["user_id"],
        agent=is_agent,
        boards=frozenset(orjson.loads(row["boards"])) if row["boards"] else None,
        can_write=row["access"] == "write",
        token=row["name"],
        token_id=row["id"],
        until=row["expires_at"],
        can=user_can if narrowed is None else user_can & {*orjson.loads(narrowed)},
        can_narrowed=narrowed is not None,
    )


def to_wire(row: Row) -> Token:
    """A token's row as sent to clients."""
    return Token(
        id=row["id"],
        user=row["user"],
        name=row["name"],
        beginning=row["beginning"],
        access=row["access"],
        boards=orjson.loads(row["boards"]) if row["boards"] else None,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
        can=None if row["can"] is None else orjson.loads(row["can"]),
    )


def read_row(tx: ReadTransaction, token_id: int) -> Row | None:
    """A token's row, with its user's name and the person to whom an agent belongs."""
    return tx.one(BY_ID, of_token=token_id)


def insert_token(tx: Transaction, **values: object) -> Row:
    """Write a new token."""
    token_id = tx.value(INSERT, **values)
    row = read_row(tx, token_id)
    assert row is not None
    return row


def encode_scope(boards: list[int] | None) -> str | None:
    """The boards of a scope, as they are stored."""
    return orjson.dumps(sorted(set(boards))).decode() if boards else None

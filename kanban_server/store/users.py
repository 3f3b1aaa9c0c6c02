"""Users, and the roster's version: the statements that read and write them."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, or_, select, text, update

from kanban_sdk.wire.users import User
from kanban_server.rules.refusals import not_found
from kanban_server.store.statements import Statement
from kanban_server.store.tables import avatars, members, roster, users
from kanban_server.store.transaction import Reading, Row, Transaction

_u = users.c
_owner = users.alias("owner")
_USER = select(users, _owner.c.name.label("owner")).outerjoin(_owner, _owner.c.id == _u.owner_id)
_BY_ID = _u.id == bindparam("user_id")
_seat = func.coalesce(_u.owner_id, _u.id)
_theirs, _mine = members.alias("theirs"), members.alias("mine")
_beside = (
    select(_theirs.c.user_id)
    .join(_mine, _mine.c.board_id == _theirs.c.board_id)
    .where(_mine.c.user_id == bindparam("seat"))
)
_on_one = _theirs.c.board_id == bindparam("board_id")

ANY = Statement(select(_u.id).limit(1))
ALL = Statement(_USER.order_by(_u.name))
BESIDE = Statement(_USER.where(or_(_seat == bindparam("seat"), _seat.in_(_beside))).order_by(_u.name))
BESIDE_ON = Statement(_USER.where(or_(_BY_ID, _seat.in_(_beside.where(_on_one)))))
ON = Statement(_USER.where(or_(_BY_ID, _seat.in_(select(_theirs.c.user_id).where(_on_one)))))
BY_ID = Statement(_USER.where(_BY_ID))
BY_NAME = Statement(_USER.where(_u.name == bindparam("of_name")))
OF_TEAM = Statement(_USER.where(_u.team == bindparam("of_team"), _u.kind == "person", _u.disabled_at.is_(None)))
NAMES = Statement(select(_u.id, _u.name, _u.former_names))
ADMINS = Statement(
    select(func.count())
    .select_from(users)
    .where(_u.role == "admin", _u.kind == "person", _u.disabled_at.is_(None), _u.id != bindparam("user_id"))
)
_NEW = ("name", "display_name", "role", "kind", "owner_id", "team", "created_at")
INSERT = Statement(insert(users).values({name: bindparam(name) for name in _NEW}).returning(_u.id))


@lru_cache
def _edit(names: tuple[str, ...]) -> Statement:
    """Only what changed is written: another change of the same user may be under way."""
    return Statement(update(users).where(_BY_ID).values({name: bindparam(name) for name in names}))


AVATAR = Statement(
    select(avatars.c.image, _u.avatar_type).join(users, _BY_ID).where(avatars.c.user_id == bindparam("user_id"))
)
DROP_AVATAR = Statement(delete(avatars).where(avatars.c.user_id == bindparam("user_id")))
PUT_AVATAR = Statement(
    text(
        "INSERT INTO avatars (user_id, image) VALUES (:user_id, :image)"
        " ON CONFLICT (user_id) DO UPDATE SET image = excluded.image"
    )
)

VERSION = Statement(select(roster.c.version))
TURN = Statement(update(roster).values(version=roster.c.version + 1))


def turn(tx: Transaction) -> None:
    """Who may do what is about to change. One such change takes place at a time."""
    tx.run(TURN)


def version(tx: Reading) -> tuple[int, bool]:
    """The roster's version, and whether there is nobody on it."""
    return int(tx.value(VERSION)), tx.value(ANY) is None


def seen(row: Row, *, own: bool = False) -> User:
    """A user's row as clients see it; as the user's own client does, with `own`."""
    return User(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        role=row["role"],
        kind=row["kind"],
        owner=row["owner"],
        team=row["team"],
        created_at=row["created_at"],
        disabled=row["disabled_at"] is not None,
        avatar=avatar_address(row),
        former_names=orjson.loads(row["former_names"]),
        theme=row["theme"] if own else None,
        notifications=row["notifications"] if own else None,
    )


def avatar_address(row: Row) -> str | None:
    """Where the user's image is; None where there is none."""
    return f"/api/avatars/{row['id']}" if row["avatar_type"] else None


def visible(tx: Reading) -> list[Row]:
    """All users for an admin; else those who share a board with the one who asks, and their agents.

    A token that is for some boards is shown its own user, and who is on these boards.
    """
    viewer = tx.viewer
    if viewer.boards is None:
        return tx.all(ALL) if viewer.everywhere else tx.all(BESIDE, seat=viewer.seat)
    on_board, own = (ON, {}) if viewer.everywhere else (BESIDE_ON, {"seat": viewer.seat})
    own |= {"user_id": viewer.id}
    found = {row["id"]: row for id in viewer.boards for row in tx.all(on_board, board_id=id, **own)}
    return sorted(found.values(), key=itemgetter("name"))


def sees(tx: Reading, user_id: int) -> bool:
    """Whether the one who asks may know of a user."""
    return not tx.viewer.limited or user_id in {row["id"] for row in visible(tx)}


def named(tx: Reading, name: str) -> Row:
    """A user whom the one who asks may see. Refused: `not-found`."""
    row = tx.one(BY_NAME, of_name=name)
    if row is None or not sees(tx, row["id"]):
        raise not_found("user", name, fix="List the users.")
    return row


def write(tx: Transaction, row: Row, **changed: Any) -> Row:
    """Write a user: as the row says, but for what changed."""
    if changed:
        tx.run(_edit(tuple(sorted(changed))), user_id=row["id"], **changed)
    return {**row, **changed}


def add(tx: Transaction, **new: Any) -> Row:
    """Write a new user."""
    id = tx.value(INSERT, **new)
    row = tx.one(BY_ID, user_id=id)
    assert row is not None
    return row


def was_called(tx: Reading, user_id: int, name: str) -> bool:
    """Whether a name is, or once was, a user's."""
    row = tx.one(BY_ID, user_id=user_id)
    return row is not None and name in (row["name"], *orjson.loads(row["former_names"]))


def taken(tx: Reading, name: str, *, by_other_than: int = 0) -> bool:
    """Whether a name is, or once was, somebody else's: what was written under it stays theirs."""
    return any(
        row["id"] != by_other_than and name in (row["name"], *orjson.loads(row["former_names"]))
        for row in tx.all(NAMES)
    )

"""Users, and the version of users and memberships: the statements that read and write them."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter

import orjson
from sqlalchemy import bindparam, delete, func, insert, or_, select, text, update

from kanban_sdk.wire.users import User
from kanban_server.rules.problems import not_found
from kanban_server.store.statements import Statement
from kanban_server.store.tables import avatars, members, roster, users
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

_u = users.c
_owner = users.alias("owner")
_USER_WITH_OWNER = select(users, _owner.c.name.label("owner")).outerjoin(_owner, _owner.c.id == _u.owner_id)
_BY_ID = _u.id == bindparam("user_id")
_seat = func.coalesce(_u.owner_id, _u.id)
_other_members, _own_memberships = members.alias("theirs"), members.alias("mine")
_sharing_a_board = (
    select(_other_members.c.user_id)
    .join(_own_memberships, _own_memberships.c.board_id == _other_members.c.board_id)
    .where(_own_memberships.c.user_id == bindparam("seat"))
)
_on_this_board = _other_members.c.board_id == bindparam("board_id")

ANY = Statement(select(_u.id).limit(1))
ALL = Statement(_USER_WITH_OWNER.order_by(_u.name))
SHARING_A_BOARD = Statement(
    _USER_WITH_OWNER.where(or_(_seat == bindparam("seat"), _seat.in_(_sharing_a_board))).order_by(_u.name)
)
SHARING_THIS_BOARD = Statement(_USER_WITH_OWNER.where(or_(_BY_ID, _seat.in_(_sharing_a_board.where(_on_this_board)))))
ON_BOARD = Statement(
    _USER_WITH_OWNER.where(or_(_BY_ID, _seat.in_(select(_other_members.c.user_id).where(_on_this_board))))
)
BY_ID = Statement(_USER_WITH_OWNER.where(_BY_ID))
BY_NAME = Statement(_USER_WITH_OWNER.where(_u.name == bindparam("of_name")))
BY_TEAM = Statement(
    _USER_WITH_OWNER.where(_u.team == bindparam("of_team"), _u.kind == "person", _u.disabled_at.is_(None))
)
NAMES = Statement(select(_u.id, _u.name, _u.former_names))
COUNT_OTHER_ADMINS = Statement(
    select(func.count())
    .select_from(users)
    .where(_u.role == "admin", _u.kind == "person", _u.disabled_at.is_(None), _u.id != bindparam("user_id"))
)
_INSERT_FIELDS = ("name", "display_name", "role", "kind", "owner_id", "team", "created_at", "can")
INSERT = Statement(insert(users).values({name: bindparam(name) for name in _INSERT_FIELDS}).returning(_u.id))


@lru_cache
def _update_statement(fields: tuple[str, ...]) -> Statement:
    """Only changed fields are written: another change of the same user may run at the same time."""
    return Statement(update(users).where(_BY_ID).values({name: bindparam(name) for name in fields}))


AVATAR = Statement(
    select(avatars.c.image, _u.avatar_type).join(users, _BY_ID).where(avatars.c.user_id == bindparam("user_id"))
)
DELETE_AVATAR = Statement(delete(avatars).where(avatars.c.user_id == bindparam("user_id")))
UPSERT_AVATAR = Statement(
    text(
        "INSERT INTO avatars (user_id, image) VALUES (:user_id, :image)"
        " ON CONFLICT (user_id) DO UPDATE SET image = excluded.image"
    ),
    reads=[],
    writes=["avatars"],
)

VERSION = Statement(select(roster.c.version))
INCREMENT_VERSION = Statement(update(roster).values(version=roster.c.version + 1))


def increment_roster_version(tx: Transaction) -> None:
    """Call before a change of users, tokens or memberships. It serializes such changes."""
    tx.run(INCREMENT_VERSION)


def read_roster_version(tx: ReadTransaction) -> tuple[int, bool]:
    """The version of users and memberships, and whether there are no users."""
    return int(tx.value(VERSION)), tx.value(ANY) is None


def to_wire(row: Row, *, own: bool = False) -> User:
    """A user's row as sent to clients; with `own`, as sent to the user's own client."""
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
        avatar=avatar_url(row),
        former_names=orjson.loads(row["former_names"]),
        can=orjson.loads(row["can"]),
        theme=row["theme"] if own else None,
        notifications=row["notifications"] if own else None,
    )


def avatar_url(row: Row) -> str | None:
    """The path of the user's image; None if there is none."""
    return f"/api/avatars/{row['id']}" if row["avatar_type"] else None


def read_visible(tx: ReadTransaction) -> list[Row]:
    """All users for an admin; else the users who share a board with the viewer, and their agents.

    A token that is limited to boards gets its own user, and the members of these boards.
    """
    viewer = tx.viewer
    if viewer.boards is None:
        return tx.all(ALL) if viewer.is_admin else tx.all(SHARING_A_BOARD, seat=viewer.person_id)
    statement, parameters = (ON_BOARD, {}) if viewer.is_admin else (SHARING_THIS_BOARD, {"seat": viewer.person_id})
    parameters |= {"user_id": viewer.id}
    rows_by_id = {row["id"]: row for id in viewer.boards for row in tx.all(statement, board_id=id, **parameters)}
    return sorted(rows_by_id.values(), key=itemgetter("name"))


def read_enabled_of_board(tx: ReadTransaction, board_id: int) -> list[Row]:
    """The viewer, the members of a board and their agents, without those who are disabled."""
    rows = tx.all(ON_BOARD, board_id=board_id, user_id=tx.viewer.id or 0)
    return [row for row in rows if row["disabled_at"] is None]


def can_see(tx: ReadTransaction, user_id: int) -> bool:
    """Whether the viewer may know of a user."""
    return not tx.viewer.is_limited or user_id in {row["id"] for row in read_visible(tx)}


def read_by_name(tx: ReadTransaction, name: str) -> Row:
    """A user whom the viewer may see. Refused: `not-found`."""
    row = tx.one(BY_NAME, of_name=name)
    if row is None or not can_see(tx, row["id"]):
        raise not_found("user", name, fix="List the users.")
    return row


def update_user(tx: Transaction, row: Row, **changes: object) -> Row:
    """Write the changed fields of a user and return the new row."""
    if changes:
        tx.run(_update_statement(tuple(sorted(changes))), user_id=row["id"], **changes)
    return {**row, **changes}


def insert_user(tx: Transaction, **values: object) -> Row:
    """Write a new user."""
    user_id = tx.value(INSERT, **values)
    row = tx.one(BY_ID, user_id=user_id)
    assert row is not None
    return row


def has_had_name(tx: ReadTransaction, user_id: int, name: str) -> bool:
    """Whether a name is a current or former name of the user."""
    row = tx.one(BY_ID, user_id=user_id)
    return row is not None and name in (row["name"], *orjson.loads(row["former_names"]))


def is_name_taken(tx: ReadTransaction, name: str, *, except_user_id: int = 0) -> bool:
    """Whether a name is a current or former name of another user, whose texts remain under it."""
    return any(
        row["id"] != except_user_id and name in (row["name"], *orjson.loads(row["former_names"]))
        for row in tx.all(NAMES)
    )

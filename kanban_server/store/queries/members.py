"""Memberships of boards: the statements that read and write them."""

from __future__ import annotations

import orjson
from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from kanban_sdk.wire.users import Member, Role
from kanban_server.store.queries import users as user_queries
from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, members, users
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

_m = members.c
_BY_KEY = (_m.board_id == bindparam("of_board"), _m.user_id == bindparam("of_user"))

BY_BOARD = Statement(
    select(_m.role, _m.since, users.c.id, users.c.name, users.c.display_name, users.c.team, users.c.avatar_type)
    .join(users, users.c.id == _m.user_id)
    .where(_m.board_id == bindparam("board_id"))
    .order_by(users.c.name)
)
_owner = users.alias("owner")
_membership = and_(_m.board_id == bindparam("board_id"), _m.user_id == func.coalesce(users.c.owner_id, users.c.id))
WRITERS = Statement(
    select(users.c.name, users.c.former_names, _m.role.label("member"))
    .outerjoin(_owner, _owner.c.id == users.c.owner_id)
    .outerjoin(members, _membership)
    .where(
        users.c.disabled_at.is_(None),
        users.c.role != "viewer",
        or_(_owner.c.id.is_(None), and_(_owner.c.role != "viewer", _owner.c.disabled_at.is_(None))),
        or_(_m.role != "viewer", and_(_owner.c.id.is_(None), users.c.role == "admin")),
    )
    .order_by(users.c.name)
)
ROLE = Statement(select(_m.role).where(*_BY_KEY))
INSERT = Statement(insert(members).values({name: bindparam(name) for name in ("board_id", "user_id", "role", "since")}))
UPDATE_ROLE = Statement(update(members).where(*_BY_KEY).values(role=bindparam("role")))
DELETE = Statement(delete(members).where(*_BY_KEY))
BOARDS = Statement(select(boards.c.id).where(boards.c.deleted_at.is_(None)))


def read_members(tx: ReadTransaction, board_id: int) -> list[Member]:
    """The members of a board, by name."""
    return [to_wire(row) for row in tx.all(BY_BOARD, board_id=board_id)]


def names_of_writers(tx: ReadTransaction, board_id: int) -> dict[str, str]:
    """Each present and former name of the users who may write on a board, to the present one."""
    rows = tx.all(WRITERS, board_id=board_id)
    former = {name: str(row["name"]) for row in rows for name in orjson.loads(row["former_names"])}
    return former | {row["name"]: row["name"] for row in rows}


def names_of_writing_members(tx: ReadTransaction, board_id: int) -> list[str]:
    """The names of the members of a board, and of their agents, who may write on it."""
    return [row["name"] for row in tx.all(WRITERS, board_id=board_id) if row["member"] is not None]


def to_wire(row: Row) -> Member:
    """A member's row as sent to clients."""
    return Member(
        row["name"], row["display_name"], row["role"], row["team"], row["since"], user_queries.avatar_url(row)
    )


def set_role(tx: Transaction, board_id: int, user_id: int, role: Role, now: str) -> bool:
    """Make a user a member with a role; False if that is the case already."""
    current_role = tx.value(ROLE, of_board=board_id, of_user=user_id)
    if current_role == role:
        return False
    if current_role is None:
        tx.run(INSERT, board_id=board_id, user_id=user_id, role=role, since=now)
    else:
        tx.run(UPDATE_ROLE, of_board=board_id, of_user=user_id, role=role)
    return True

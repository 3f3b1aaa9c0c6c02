"""Who is a member of which board: the statements that read and write it."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select, update

from kanban_sdk.wire.users import Member, Role
from kanban_server.store import users as people
from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, members, users
from kanban_server.store.transaction import Reading, Row, Transaction

_m = members.c
_ONE = (_m.board_id == bindparam("of_board"), _m.user_id == bindparam("of_user"))

OF_BOARD = Statement(
    select(_m.role, _m.since, users.c.id, users.c.name, users.c.display_name, users.c.team, users.c.avatar_type)
    .join(users, users.c.id == _m.user_id)
    .where(_m.board_id == bindparam("board_id"))
    .order_by(users.c.name)
)
ROLE = Statement(select(_m.role).where(*_ONE))
ADD = Statement(insert(members).values({name: bindparam(name) for name in ("board_id", "user_id", "role", "since")}))
CHANGE = Statement(update(members).where(*_ONE).values(role=bindparam("role")))
REMOVE = Statement(delete(members).where(*_ONE))
BOARDS = Statement(select(boards.c.id).where(boards.c.deleted_at.is_(None)))


def of_board(tx: Reading, board_id: int) -> list[Member]:
    """The members of a board, by name."""
    return [seen(row) for row in tx.all(OF_BOARD, board_id=board_id)]


def seen(row: Row) -> Member:
    """A member's row as clients see it."""
    return Member(row["name"], row["display_name"], row["role"], row["team"], row["since"], people.avatar_address(row))


def put(tx: Transaction, board_id: int, user_id: int, role: Role, now: str) -> bool:
    """Make a user a member with a role; False where it is so already."""
    present = tx.value(ROLE, of_board=board_id, of_user=user_id)
    if present == role:
        return False
    if present is None:
        tx.run(ADD, board_id=board_id, user_id=user_id, role=role, since=now)
    else:
        tx.run(CHANGE, of_board=board_id, of_user=user_id, role=role)
    return True

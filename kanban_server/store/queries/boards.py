"""Boards: a board's row is the lock, clock and counter of everything on it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import orjson
from sqlalchemy import bindparam, func, insert, select, text

from kanban_sdk.wire.boards import Board, Column
from kanban_sdk.wire.users import Role
from kanban_server.clock import utc_now
from kanban_server.rules import columns as column_rules
from kanban_server.rules import permissions
from kanban_server.rules.problems import not_found
from kanban_server.rules.timestamps import format_timestamp
from kanban_server.store import counters
from kanban_server.store.counters import Counters
from kanban_server.store.locked_board import LockedBoard, decode_columns, encode_columns
from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, members, tickets
from kanban_server.store.transaction import ReadTransaction, Row, Transaction
from kanban_server.store.visibility import VisibleTo

_BOARD = select(boards)
_BY_ID = boards.c.id == bindparam("board_id")


_row = _BOARD.where(_BY_ID).with_for_update().subquery("locked")
LOCK = Statement(
    _BOARD.where(_BY_ID),
    postgresql=select(_row, func.clock_timestamp().label("now")).select_from(_row),
)
"""On PostgreSQL the clock is read outside the locking subquery, so that the time is taken after the wait."""
READ = VisibleTo(_BOARD.where(_BY_ID), boards.c.id, "id")
READ_ALL = VisibleTo(_BOARD.where(boards.c.deleted_at.is_(None)).order_by(boards.c.id), boards.c.id, "id")
NAMES = VisibleTo(
    select(boards.c.id, boards.c.name).where(boards.c.deleted_at.is_(None)).order_by(boards.c.id), boards.c.id, "id"
)
BOARD_ID_OF_TICKET = Statement(select(tickets.c.board_id).where(tickets.c.id == bindparam("ticket_id")))
"""A ticket never leaves its board, so this needs no lock."""
MEMBER_ROLE = Statement(
    select(members.c.role).where(members.c.board_id == bindparam("board_id"), members.c.user_id == bindparam("seat"))
)
ANY_BOARD = Statement(select(boards.c.id).limit(1))
BOARD_HEADS = VisibleTo(
    select(boards.c.id, boards.c.epoch, boards.c.seq, boards.c.floor, boards.c.deleted_at), boards.c.id, "id"
)
CLAIM_FLOOR = Statement(select(func.coalesce(func.max(boards.c.claim_floor), text("0"))))
INSERT = Statement(
    insert(boards)
    .values(
        {
            name: bindparam(name)
            for name in (
                "name", "description", "columns", "counts", "next_column_id", "created_at", "updated_at", "version",
                "epoch", "seq", "last_at", "claim_floor", "made_by",
            )
        }
    )
    .returning(boards.c.id)
)  # fmt: skip


def decode_locked_board(tx: Transaction, row: Row, role: Role) -> LockedBoard:
    """A board's row as a `LockedBoard`."""
    database_time = row.pop("now", None)
    del row["made_by"]
    now = utc_now() if database_time is None else format_timestamp(database_time)
    row["columns"] = decode_columns(row["columns"])
    row["counts"] = {int(id): count for id, count in orjson.loads(row["counts"]).items()}
    row["tallies"] = counters.decode_counters(row["tallies"])
    row["review"] = bool(row["review"])
    row["require"] = orjson.loads(row["require"])
    return LockedBoard(tx=tx, role=role, now=max(now, row["last_at"]), **row)


def lock(tx: Transaction, board_id: int, *, deleted: bool = False) -> LockedBoard:
    """Lock a board; with `deleted`, also a deleted one.

    Refused: `not-found`; `not-allowed`, if the viewer may only read it.
    """
    board = _locked(tx, board_id)
    if board is None or (board.deleted_at and not deleted):
        raise not_found("board", board_id, fix="List the boards.")
    return board


def lock_by_ticket(tx: Transaction, ticket_id: int, *, reader: bool = False) -> LockedBoard:
    """Lock the board of a ticket, deleted or not; with `reader`, also for a viewer who may only read it.

    Refused: `not-found`, `not-allowed`.
    """
    row = tx.unit.tickets.get(ticket_id)
    board_id = tx.value(BOARD_ID_OF_TICKET, ticket_id=ticket_id) if row is None else row["board_id"]
    board = None if board_id is None else _locked(tx, board_id, reader=reader)
    if board is None or board.deleted_at:
        raise not_found("ticket", ticket_id)
    return board


def _locked(tx: Transaction, board_id: int, *, reader: bool = False) -> LockedBoard | None:
    """The board, locked by this change or by an earlier one of the commit; None if the viewer may not see it.

    Refused: `not-allowed`, if the viewer may only read it, unless the change is one for readers.
    """
    if board_id in tx.boards:
        board = _as_locked_board(tx.boards[board_id])
        if not reader:  # an earlier lock of this change may have been one for readers
            permissions.check_board_write(board.role, board_id)
        return board
    if not tx.viewer.covers_board(board_id):
        return None
    known = tx.unit.boards.get(board_id)
    row = None
    if known is None:
        row = tx.unit.loaded_boards.pop(board_id, None) or tx.one(LOCK, board_id=board_id)
    member_role = read_role(tx, board_id)
    if (known is None and row is None) or (member_role is None and not tx.viewer.is_admin):
        return None
    role = tx.viewer.board_role(member_role)
    if not reader:
        permissions.check_board_write(role, board_id)
    if row is None:
        board = _as_locked_board(known)
        board.attach(tx, role, utc_now() if tx.dialect == "sqlite" else board.now)
    else:
        board = decode_locked_board(tx, row, role)
    tx.enlist(board_id, board)
    return board


def _as_locked_board(board: object) -> LockedBoard:
    assert isinstance(board, LockedBoard)
    return board


def read_role(tx: Transaction, board_id: int) -> Role | None:
    """The viewer's role as a member of a board, read once a commit; None for a non-member, and for admins."""
    if tx.viewer.is_admin or tx.viewer.person_id is None:
        return None
    key = (tx.viewer.person_id, board_id)
    if key not in tx.unit.roles:
        tx.unit.roles[key] = tx.value(MEMBER_ROLE, board_id=board_id, seat=tx.viewer.person_id)
    return tx.unit.roles[key]


def may_see(tx: Transaction, board_id: int) -> bool:
    """Whether the viewer may see a board and what is on it."""
    return tx.viewer.covers_board(board_id) and (tx.viewer.is_admin or read_role(tx, board_id) is not None)


def create(tx: Transaction, name: str, description: str | None, columns: list[Column]) -> LockedBoard:
    """Write a new board, with an empty log."""
    now = tx.now()
    row: Row = {
        "name": name,
        "description": description,
        "columns": encode_columns(columns),
        "counts": "{}",
        "next_column_id": len(columns) + 1,
        "created_at": now,
        "updated_at": now,
        "version": 1,
        "epoch": secrets.token_hex(4),
        "seq": 0,
        "last_at": now,
        "made_by": tx.viewer.person_id,
        "claim_floor": tx.value(CLAIM_FLOOR),  # a restore gives ids of tickets again, also on boards created after it
    }
    board_id = tx.value(INSERT, **row)
    defaults = {"floor": 0, "deleted_at": None, "wip_per_user": None, "review": 0, "tallies": "{}", "require": "[]"}
    board = decode_locked_board(tx, {**row, **defaults, "id": board_id}, "admin")
    tx.enlist(board_id, board)
    return board


@dataclass(frozen=True)
class BoardRecord:
    """A board as it is read: its wire form, and the state of its log."""

    board: Board
    counts: dict[int, int]
    tallies: dict[int, Counters]
    epoch: str
    seq: int
    floor: int
    deleted: bool
    role: Role
    """What the viewer may do on it."""

    def column(self, name: str) -> Column:
        """The column with this name. Refused: `unknown-column`."""
        return column_rules.find_column(self.board.column_settings, name)


def read(tx: ReadTransaction, board_id: int, *, deleted: bool = False) -> BoardRecord:
    """A board; with `deleted`, also a deleted one. Refused: `not-found`."""
    row = READ.one(tx, board_id=board_id)
    if row is None or (row["deleted_at"] and not deleted):
        raise not_found("board", board_id, fix="List the boards.")
    return decode_row(tx, row)


def read_all(tx: ReadTransaction) -> list[BoardRecord]:
    """All boards, oldest first."""
    return [decode_row(tx, row) for row in READ_ALL.all(tx)]


def decode_row(tx: ReadTransaction, row: Row) -> BoardRecord:
    """A board's row as a `BoardRecord`."""
    columns = decode_columns(row["columns"])
    counts = {int(id): count for id, count in orjson.loads(row["counts"]).items()}
    board = Board(
        id=row["id"],
        name=row["name"],
        description=row["description"],
        columns=[column.name for column in columns],
        column_settings=columns,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        ticket_count=sum(counts.values()),
        version=row["version"],
        wip_per_user=row["wip_per_user"],
        review=bool(row["review"]),
        require=orjson.loads(row["require"]),
        counts={column.name: counts.get(column.id, 0) for column in columns},
    )
    return BoardRecord(
        board,
        counts,
        counters.decode_counters(row["tallies"]),
        row["epoch"],
        row["seq"],
        row["floor"],
        bool(row["deleted_at"]),
        tx.viewer.board_role(row.get("member")),
    )

"""Boards: the row that is lock, clock and counter of everything on it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Select, bindparam, func, insert, select, update

from kanban_sdk.wire.boards import Board, Column
from kanban_sdk.wire.tickets import Ticket
from kanban_sdk.wire.users import Role
from kanban_server.rules import access
from kanban_server.rules import columns as column_rules
from kanban_server.rules.events import Logged
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import not_found
from kanban_server.rules.times import clock, timestamp
from kanban_server.store import journal, tallies
from kanban_server.store.seeing import Seeing
from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, tickets
from kanban_server.store.tallies import Tally
from kanban_server.store.transaction import Reading, Row, Transaction

_BOARD = select(boards)
_BY_ID = boards.c.id == bindparam("board_id")
_BY_TICKET = boards.c.id == select(tickets.c.board_id).where(tickets.c.id == bindparam("ticket_id")).scalar_subquery()


def _locking(board: Select[Any]) -> Statement:
    """On PostgreSQL the clock is read above the lock, so that it tells a time after the wait."""
    locked = board.with_for_update(of=boards).subquery("locked")
    return Statement(board, postgresql=select(locked, func.clock_timestamp().label("now")).select_from(locked))


LOCK = Seeing(_BOARD.where(_BY_ID), boards.c.id, "id", _locking)
LOCK_BY_TICKET = Seeing(_BOARD.where(_BY_TICKET), boards.c.id, "id", _locking)
READ = Seeing(_BOARD.where(_BY_ID), boards.c.id, "id")
READ_ALL = Seeing(_BOARD.where(boards.c.deleted_at.is_(None)).order_by(boards.c.id), boards.c.id, "id")
ANY = Statement(select(boards.c.id).limit(1))
HEADS = Seeing(
    select(boards.c.id, boards.c.epoch, boards.c.seq, boards.c.floor, boards.c.deleted_at), boards.c.id, "id"
)
INSERT = Statement(
    insert(boards)
    .values(
        {
            name: bindparam(name)
            for name in (
                "name", "description", "columns", "counts", "next_column_id", "created_at", "updated_at", "version",
                "epoch", "seq", "last_at",
            )
        }
    )
    .returning(boards.c.id)
)  # fmt: skip
SAVE = Statement(
    update(boards)
    .where(_BY_ID)
    .values(
        {
            name: bindparam(name)
            for name in (
                "name", "description", "columns", "counts", "next_column_id", "updated_at", "deleted_at", "version",
                "seq", "last_at", "wip_per_user", "review", "tallies",
            )
        }
    )
)  # fmt: skip


@dataclass
class Mark:
    """A board as it was when part of a change began."""

    events: int
    counts: dict[int, int]
    tallies: dict[int, Tally]
    columns: list[Column]
    scalars: dict[str, Any]


_SCALARS = ("name", "description", "next_column_id", "updated_at", "deleted_at", "version", "wip_per_user", "review")


@dataclass
class LockedBoard:
    """A board that nobody else can change until the transaction ends."""

    tx: Transaction
    id: int
    name: str
    description: str | None
    columns: list[Column]
    counts: dict[int, int]
    tallies: dict[int, Tally]
    next_column_id: int
    created_at: str
    updated_at: str
    deleted_at: str | None
    version: int
    epoch: str
    seq: int
    floor: int
    last_at: str
    wip_per_user: int | None
    review: bool
    role: Role
    """What the one who asks may do on it."""
    now: str
    """The time of this change; never before the board's last event."""
    events: list[journal.Unnumbered] = field(default_factory=list)

    def forced_by(self, actor: Actor) -> bool:
        """Whether what others hold, and limits, are overridden. Refused: `not-allowed`, to others than its admins."""
        if actor.force:
            access.check_force(self.role)
        return actor.force

    def column(self, name: str) -> Column:
        """The column that the name means. Refused: `unknown-column`."""
        return column_rules.find(self.columns, name)

    def column_with(self, id: int) -> Column:
        """The column with this id."""
        return next(column for column in self.columns if column.id == id)

    def count(self, column: Column) -> int:
        """How many tickets the column holds."""
        return self.counts.get(column.id, 0)

    def tally(self, column: Column) -> Tally:
        """How many tickets of the column are ready, blocked and held."""
        return self.tallies.get(column.id, tallies.NONE)

    def recount(self, before: Ticket | None, after: Ticket | None) -> None:
        """Keep the counts when a ticket comes, goes, or is another than before: elsewhere, held, blocked, labelled."""
        if before is not None:
            column = self.column(before.current_column)
            self.counts[column.id] = self.count(column) - 1
            self.tallies[column.id] = self.tally(column) - tallies.of(before)
        if after is not None:
            column = self.column(after.current_column)
            self.counts[column.id] = self.count(column) + 1
            self.tallies[column.id] = self.tally(column) + tallies.of(after)

    @property
    def newest(self) -> int:
        """The number of the board's newest event, of this transaction too."""
        return self.seq + len(self.events)

    def record(self, actor: Actor, name: str, data: dict[str, Any], *, ticket_id: int | None = None) -> None:
        """Append an event to the board's log, in this transaction. That somebody forced it stands in it."""
        data = {**data, "forced": True} if actor.force else data
        self.events.append(journal.Unnumbered(name, data, actor, ticket_id))

    def wire(self) -> Board:
        """The board as clients see it."""
        return Board(
            id=self.id,
            name=self.name,
            description=self.description,
            columns=[column.name for column in self.columns],
            column_settings=self.columns,
            created_at=self.created_at,
            updated_at=self.updated_at,
            ticket_count=sum(self.counts.values()),
            version=self.version,
            wip_per_user=self.wip_per_user,
            review=self.review,
            counts={column.name: self.count(column) for column in self.columns},
        )

    def mark(self) -> Mark:
        """Where part of a change begins."""
        scalars = {name: getattr(self, name) for name in _SCALARS}
        return Mark(len(self.events), dict(self.counts), dict(self.tallies), list(self.columns), scalars)

    def back_to(self, mark: Mark) -> None:
        """Forget what was done since the mark."""
        del self.events[mark.events :]
        self.counts, self.tallies = dict(mark.counts), dict(mark.tallies)
        self.columns = list(mark.columns)
        for name, value in mark.scalars.items():
            setattr(self, name, value)

    def save(self) -> list[Logged]:
        """Number the events and write them with the board. Nothing is written where nothing happened."""
        if not self.events:
            return []
        logged = journal.append(self.tx, self.id, self.epoch, self.seq, self.now, self.events)
        self.seq += len(self.events)
        self.last_at = self.now
        self.events = []
        self.tx.run(
            SAVE,
            board_id=self.id,
            name=self.name,
            description=self.description,
            columns=packed(self.columns),
            counts=orjson.dumps(self.counts, option=orjson.OPT_NON_STR_KEYS).decode(),
            next_column_id=self.next_column_id,
            updated_at=self.updated_at,
            deleted_at=self.deleted_at,
            version=self.version,
            seq=self.seq,
            last_at=self.last_at,
            wip_per_user=self.wip_per_user,
            review=int(self.review),
            tallies=tallies.packed(self.tallies),
        )
        return logged


def packed(columns: Sequence[Column]) -> str:
    """Columns as they are kept."""
    return orjson.dumps(columns).decode()


def unpacked(text: str) -> list[Column]:
    """Columns from what is kept."""
    return list(_unpacked(text))


@lru_cache(maxsize=1024)
def _unpacked(text: str) -> tuple[Column, ...]:
    return tuple(Column(**column) for column in orjson.loads(text))


def _locked(tx: Transaction, row: Row) -> LockedBoard:
    """A board's row, once locked. Refused: `not-allowed`, for those who may only read it."""
    role = tx.viewer.on(row.pop("member", None))
    access.check_change(role, row["id"])
    return load(tx, row, role)


def load(tx: Transaction, row: Row, role: Role) -> LockedBoard:
    """A board's row, as it is changed."""
    moment = row.pop("now", None)
    now = clock() if moment is None else timestamp(moment)
    row["columns"] = unpacked(row["columns"])
    row["counts"] = {int(id): count for id, count in orjson.loads(row["counts"]).items()}
    row["tallies"] = tallies.unpacked(row["tallies"])
    row["review"] = bool(row["review"])
    return LockedBoard(tx=tx, role=role, now=max(now, row["last_at"]), **row)


def lock(tx: Transaction, board_id: int) -> LockedBoard:
    """Lock a board. Refused: `not-found`, and `not-allowed` for those who may only read it."""
    board = tx.boards.get(board_id)
    if board is None:
        row = LOCK.one(tx, board_id=board_id)
        if row is None or row["deleted_at"]:
            raise not_found("board", board_id, fix="List the boards.")
        board = tx.boards[board_id] = _locked(tx, row)
    return board


def lock_of_ticket(tx: Transaction, ticket_id: int) -> LockedBoard:
    """Lock the board of a ticket, deleted or not. Refused: `not-found`, `not-allowed`."""
    row = LOCK_BY_TICKET.one(tx, ticket_id=ticket_id)
    if row is None or row["deleted_at"]:
        raise not_found("ticket", ticket_id)
    return tx.boards.get(row["id"]) or tx.boards.setdefault(row["id"], _locked(tx, row))


def make(tx: Transaction, name: str, description: str | None, columns: list[Column]) -> LockedBoard:
    """Write a new board, with an empty log."""
    now = clock()
    row: Row = {
        "name": name,
        "description": description,
        "columns": packed(columns),
        "counts": "{}",
        "next_column_id": len(columns) + 1,
        "created_at": now,
        "updated_at": now,
        "version": 1,
        "epoch": secrets.token_hex(4),
        "seq": 0,
        "last_at": now,
    }
    board_id = tx.value(INSERT, **row)
    unset = {"floor": 0, "deleted_at": None, "wip_per_user": None, "review": 0, "tallies": "{}"}
    board = load(tx, {**row, **unset, "id": board_id}, "admin")
    tx.boards[board_id] = board
    return board


@dataclass(frozen=True)
class BoardRow:
    """A board as it is read: what clients see, and where its log stands."""

    board: Board
    counts: dict[int, int]
    tallies: dict[int, Tally]
    epoch: str
    seq: int
    floor: int
    deleted: bool
    role: Role
    """What the one who asks may do on it."""

    def column(self, name: str) -> Column:
        """The column that the name means. Refused: `unknown-column`."""
        return column_rules.find(self.board.column_settings, name)


def read(tx: Reading, board_id: int, *, deleted: bool = False) -> BoardRow:
    """A board. With `deleted`, also one that was deleted. Refused: `not-found`."""
    row = READ.one(tx, board_id=board_id)
    if row is None or (row["deleted_at"] and not deleted):
        raise not_found("board", board_id, fix="List the boards.")
    return seen(tx, row)


def read_all(tx: Reading) -> list[BoardRow]:
    """All boards, oldest first."""
    return [seen(tx, row) for row in READ_ALL.all(tx)]


def seen(tx: Reading, row: Row) -> BoardRow:
    """A board's row, as it is read."""
    columns = unpacked(row["columns"])
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
        counts={column.name: counts.get(column.id, 0) for column in columns},
    )
    return BoardRow(
        board,
        counts,
        tallies.unpacked(row["tallies"]),
        row["epoch"],
        row["seq"],
        row["floor"],
        bool(row["deleted_at"]),
        tx.viewer.on(row.get("member")),
    )

"""The base of a trimmed log: a snapshot that replaces the deleted events."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, update

from kanban_server.store.statements import Statement
from kanban_server.store.tables import bases, boards, events
from kanban_server.store.transaction import ReadTransaction, Transaction

_BOARD: BindParameter[int] = bindparam("board_id")
READ = Statement(select(bases).where(bases.c.board_id == _BOARD))
READ_TIME = Statement(select(bases.c.at).where(bases.c.board_id == _BOARD))
LAST_EVENT_BEFORE = Statement(
    select(func.max(events.c.seq).label("seq"), func.max(events.c.at).label("at")).where(
        events.c.board_id == _BOARD, events.c.at < bindparam("before")
    )
)
DELETE = Statement(delete(bases).where(bases.c.board_id == bindparam("of_board")))
INSERT = Statement(insert(bases).values({column.name: bindparam(column.name) for column in bases.c}))
SET_FLOOR = Statement(update(boards).where(boards.c.id == bindparam("of_board")).values(floor=bindparam("floor")))
FIRST_REDACTION = Statement(
    select(events.c.seq)
    .where(events.c.board_id == _BOARD, events.c.seq > bindparam("after"), events.c.name == "ticket_redacted")
    .limit(1)
)
LOWEST_SEQ = Statement(select(func.min(events.c.seq)).where(events.c.board_id == _BOARD))
DELETE_EVENTS = Statement(
    delete(events).where(events.c.board_id == bindparam("of_board"), events.c.seq <= bindparam("upto"))
)


class BaseSnapshot(NamedTuple):
    """A board at the floor of its log, as JSON of a snapshot. `at` is the time of its last event."""

    seq: int
    at: str
    data: str


def read_base(tx: ReadTransaction, board_id: int) -> BaseSnapshot | None:
    """The base of a board's log; None if the log was never trimmed."""
    row = tx.one(READ, board_id=board_id)
    return None if row is None else BaseSnapshot(row["seq"], row["at"], row["data"])


def log_start(tx: ReadTransaction, board_id: int) -> str | None:
    """The time at which the log of a board begins; None if it was never trimmed."""
    started_at: str | None = tx.value(READ_TIME, board_id=board_id)
    return started_at


def last_event_before(tx: ReadTransaction, board_id: int, before: str) -> tuple[int, str] | None:
    """The seq and the time of the last event before a time. All events of one change have the same time."""
    row = tx.one(LAST_EVENT_BEFORE, board_id=board_id, before=before)
    return None if row is None or row["seq"] is None else (row["seq"], row["at"])


def has_redaction_since(tx: ReadTransaction, board_id: int, seq: int) -> bool:
    """Whether the log was redacted after an event."""
    return tx.value(FIRST_REDACTION, board_id=board_id, after=seq) is not None


def replace_base(tx: Transaction, board_id: int, base: BaseSnapshot) -> None:
    """Begin the log after the base. Events up to it can no longer be read."""
    tx.run(DELETE, of_board=board_id)
    tx.run(INSERT, board_id=board_id, seq=base.seq, at=base.at, data=base.data)
    tx.run(SET_FLOOR, of_board=board_id, floor=base.seq)


def delete_events(tx: Transaction, board_id: int, floor: int, limit: int) -> int:
    """Delete at most `limit` of the events up to the floor, the oldest first, and return their number."""
    lowest = tx.value(LOWEST_SEQ, board_id=board_id)
    if lowest is None or lowest > floor:
        return 0
    return tx.run(DELETE_EVENTS, of_board=board_id, upto=min(floor, lowest + limit - 1))

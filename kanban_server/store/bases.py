"""Where a trimmed log begins: the events below are gone, and a snapshot stands in their place."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, update

from kanban_server.store.statements import Statement
from kanban_server.store.tables import bases, boards, events
from kanban_server.store.transaction import Reading, Transaction

_BOARD: BindParameter[int] = bindparam("board_id")
READ = Statement(select(bases).where(bases.c.board_id == _BOARD))
SINCE = Statement(select(bases.c.at).where(bases.c.board_id == _BOARD))
LAST_BEFORE = Statement(
    select(func.max(events.c.seq).label("seq"), func.max(events.c.at).label("at")).where(
        events.c.board_id == _BOARD, events.c.at < bindparam("before")
    )
)
FORGET = Statement(delete(bases).where(bases.c.board_id == bindparam("of_board")))
KEEP = Statement(insert(bases).values({column.name: bindparam(column.name) for column in bases.c}))
RAISE = Statement(update(boards).where(boards.c.id == bindparam("of_board")).values(floor=bindparam("floor")))
REDACTED = Statement(
    select(events.c.seq)
    .where(events.c.board_id == _BOARD, events.c.seq > bindparam("after"), events.c.name == "ticket_redacted")
    .limit(1)
)
LOWEST = Statement(select(func.min(events.c.seq)).where(events.c.board_id == _BOARD))
CUT = Statement(delete(events).where(events.c.board_id == bindparam("of_board"), events.c.seq <= bindparam("upto")))


class Base(NamedTuple):
    """A board at the floor of its log, as JSON of a snapshot; `at` is when its last event was."""

    seq: int
    at: str
    data: str


def read(tx: Reading, board_id: int) -> Base | None:
    """The base of a board's log; None where the log is whole."""
    row = tx.one(READ, board_id=board_id)
    return None if row is None else Base(row["seq"], row["at"], row["data"])


def since(tx: Reading, board_id: int) -> str | None:
    """From when on the log of a board speaks; None where it is whole."""
    found: str | None = tx.value(SINCE, board_id=board_id)
    return found


def last_before(tx: Reading, board_id: int, moment: str) -> tuple[int, str] | None:
    """The number and the time of the last event before a moment. Events of one change have one time."""
    row = tx.one(LAST_BEFORE, board_id=board_id, before=moment)
    return None if row is None or row["seq"] is None else (row["seq"], row["at"])


def redacted_since(tx: Reading, board_id: int, seq: int) -> bool:
    """Whether anything was blanked in the log behind an event."""
    return tx.value(REDACTED, board_id=board_id, after=seq) is not None


def put(tx: Transaction, board_id: int, base: Base) -> None:
    """Let the log begin behind the base. What lies below is nothing that anybody can ask for any longer."""
    tx.run(FORGET, of_board=board_id)
    tx.run(KEEP, board_id=board_id, seq=base.seq, at=base.at, data=base.data)
    tx.run(RAISE, of_board=board_id, floor=base.seq)


def cut(tx: Transaction, board_id: int, floor: int, most: int) -> int:
    """Delete some of the events up to the floor, the oldest first, and say how many."""
    lowest = tx.value(LOWEST, board_id=board_id)
    if lowest is None or lowest > floor:
        return 0
    return tx.run(CUT, of_board=board_id, upto=min(floor, lowest + most - 1))

"""Statements for checking and repairing what is stored of a board in more than one place.

Everything is read in pages, so that memory does not grow with a board or its log.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import and_, bindparam, case, func, insert, or_, select, text, update

from kanban_sdk.wire import limits
from kanban_sdk.wire.events import Event
from kanban_server.store.counters import Counters
from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, blocked, boards, comments, dependencies, events, held, ready, tickets
from kanban_server.store.tables import ticket_labels as labels
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

PAGE_SIZE = 500
"""Events read at a time."""
Rows = Sequence[Mapping[str, Any]]
CHUNK_SIZE = 200
"""Tickets compared at a time."""

_t, _e = tickets.c, events.c
_blocker = tickets.alias("blocker")
_child = tickets.alias("child")
_ids = select(_t.id).where(_t.board_id == bindparam("board_id"), _t.id > bindparam("above"), _t.id <= bindparam("upto"))
_BY_ID = _t.id == bindparam("of_ticket")

BOARDS = Statement(select(boards).order_by(boards.c.id))
BOARD = Statement(select(boards).where(boards.c.id == bindparam("board_id")))
TICKET_ROWS = Statement(
    select(tickets)
    .where(_t.board_id == bindparam("board_id"), _t.id > bindparam("above"))
    .order_by(_t.id)
    .limit(bindparam("most"))
)
COLUMN_COUNTS = Statement(
    select(
        _t.column_id,
        func.count().label("count"),
        *(func.sum(case((kind, 1), else_=0)).label(name) for name, kind in (
            ("ready", ready), ("blocked", blocked), ("held", held),
        )),
    )
    .where(_t.board_id == bindparam("board_id"), alive)
    .group_by(_t.column_id)
)  # fmt: skip

EVENT_TIMES = Statement(
    select(_e.seq, _e.at)
    .where(_e.board_id == bindparam("board_id"), _e.seq > bindparam("above"), _e.seq <= bindparam("upto"))
    .order_by(_e.seq)
    .limit(bindparam("most"))
)
EVENTS_OF_TICKETS = Statement(
    select(_e.ticket_id, _e.seq, _e.name, _e.data)
    .where(
        _e.ticket_id.in_(_ids),
        _e.board_id == bindparam("board_id"),
        _e.seq > bindparam("floor"),
        or_(
            _e.ticket_id > bindparam("ticket_id"),
            and_(_e.ticket_id == bindparam("ticket_id"), _e.seq > bindparam("seq")),
        ),
    )
    .order_by(_e.ticket_id, _e.seq)
    .limit(bindparam("most"))
)
EVENTS_OF_TICKET = Statement(
    select(_e.ticket_id, _e.seq, _e.name, _e.data)
    .where(_e.ticket_id == bindparam("ticket_id"), _e.board_id == bindparam("board_id"), _e.seq > bindparam("floor"))
    .order_by(_e.seq)
)
EVENTS_OF_BOARD = Statement(
    select(_e.ticket_id, _e.seq, _e.name, _e.data)
    .where(_e.board_id == bindparam("board_id"), _e.seq > bindparam("seq"), _e.ticket_id.is_(None))
    .order_by(_e.seq)
    .limit(bindparam("most"))
)
TICKETS_WITHOUT_ROW = Statement(
    select(_e.ticket_id)
    .where(
        _e.board_id == bindparam("board_id"),
        _e.ticket_id.is_not(None),
        _e.ticket_id.not_in(select(_t.id).where(_t.board_id == bindparam("board_id"))),
    )
    .distinct()
)
"""Tickets that have events but no row."""

LABELS = Statement(select(labels.c.ticket_id, labels.c.label).where(labels.c.ticket_id.in_(_ids)))
COMMENT_COUNTS = Statement(
    select(comments.c.ticket_id, func.count().label("count"))
    .where(comments.c.ticket_id.in_(_ids), comments.c.deleted_at.is_(None))
    .group_by(comments.c.ticket_id)
)
BLOCKERS = Statement(
    select(dependencies.c.ticket_id, _blocker.c.id, _blocker.c.column_id, _blocker.c.deleted_at, _blocker.c.archived_at)
    .join(_blocker, _blocker.c.id == dependencies.c.blocker_id)
    .where(dependencies.c.ticket_id.in_(_ids))
    .order_by(dependencies.c.ticket_id, _blocker.c.id)
)
CHILDREN = Statement(
    select(_child.c.parent, _child.c.column_id, _child.c.archived_at)
    .where(_child.c.parent.in_(_ids), _child.c.deleted_at.is_(None))
)  # fmt: skip
SEARCH_WORDS = Statement(
    text(
        "SELECT rowid AS ticket_id, words FROM ticket_search WHERE rowid IN"
        " (SELECT id FROM tickets WHERE board_id = :board_id AND id > :above AND id <= :upto)"
    ),
    postgresql=text(
        "SELECT ticket_id, array_to_string(tsvector_to_array(words), ' ') AS words FROM ticket_search"
        " WHERE ticket_id IN (SELECT id FROM tickets WHERE board_id = :board_id AND id > :above AND id <= :upto)"
    ),
    reads=["ticket_search", "tickets"],
)

UPDATE_VERSION = Statement(update(tickets).where(_BY_ID).values(version=bindparam("version")))
INSERT_EVENT = Statement(
    insert(events).values({name: bindparam(name) for name in ("board_id", "seq", "name", "actor", "tx", "at", "data")})
)


def read_board_ids(tx: ReadTransaction) -> list[int]:
    """The ids of all boards, deleted ones included."""
    return [row["id"] for row in tx.all(BOARDS)]


def read_chunks(tx: ReadTransaction, board_id: int) -> Iterator[list[Row]]:
    """Yield the rows of a board's tickets in chunks, by id, deleted and archived ones included."""
    above = 0
    while rows := tx.all(TICKET_ROWS, board_id=board_id, above=above, most=CHUNK_SIZE):
        yield rows
        above = rows[-1]["id"]


def read_ticket(tx: ReadTransaction, board_id: int, ticket_id: int) -> Row | None:
    """The row of a ticket of the board, deleted or not; None if there is none."""
    row = tx.one(TICKET_ROWS, board_id=board_id, above=ticket_id - 1, most=1)
    return row if row is not None and row["id"] == ticket_id else None


def chunk_parameters(rows: Rows) -> dict[str, object]:
    """The statement parameters for the tickets of a chunk."""
    return {"board_id": rows[0]["board_id"], "above": rows[0]["id"] - 1, "upto": rows[-1]["id"]}


def group_by_ticket(
    tx: ReadTransaction, statement: Statement, rows: Rows, key: str = "ticket_id"
) -> dict[int, list[Row]]:
    """The rows of a statement for the tickets of a chunk, grouped by ticket."""
    grouped: dict[int, list[Row]] = {}
    for row in tx.all(statement, **chunk_parameters(rows)):
        grouped.setdefault(row[key], []).append(row)
    return grouped


def read_events_of_chunk(tx: ReadTransaction, rows: Rows, floor: int) -> Iterator[tuple[int, Event]]:
    """The events of a chunk's tickets after the log's floor, by ticket and seq, each with its ticket's id."""
    ticket_id = seq = 0
    while page := tx.all(
        EVENTS_OF_TICKETS, **chunk_parameters(rows), floor=floor, ticket_id=ticket_id, seq=seq, most=PAGE_SIZE
    ):
        for row in page:
            yield row["ticket_id"], _event_of_row(row)
        ticket_id, seq = page[-1]["ticket_id"], page[-1]["seq"]


def read_events_of_ticket(tx: ReadTransaction, board_id: int, ticket_id: int, floor: int) -> list[Event]:
    """The events of a ticket after the log's floor, whether the ticket has a row or not."""
    return [_event_of_row(row) for row in tx.all(EVENTS_OF_TICKET, board_id=board_id, ticket_id=ticket_id, floor=floor)]


def read_events_of_board(tx: ReadTransaction, board_id: int, floor: int) -> Iterator[Event]:
    """The events after the log's floor that belong to no single ticket."""
    seq = floor
    while page := tx.all(EVENTS_OF_BOARD, board_id=board_id, seq=seq, most=PAGE_SIZE):
        yield from map(_event_of_row, page)
        seq = page[-1]["seq"]


def _event_of_row(row: Row) -> Event:
    """An event with only the fields that folding uses."""
    return Event(row["name"], 0, row["seq"], "", "", "", data=orjson.loads(row["data"]))


def find_gaps(tx: ReadTransaction, board_id: int, floor: int, head: int) -> Iterator[tuple[range, str | None]]:
    """The missing seqs between a log's floor and its head, each with the time of the event before."""
    expected_seq, previous_at = floor + 1, None
    for row in _read_event_times(tx, board_id, floor, head):
        if row["seq"] > expected_seq:
            yield range(expected_seq, row["seq"]), previous_at
        expected_seq, previous_at = row["seq"] + 1, row["at"]
    if expected_seq <= head:
        yield range(expected_seq, head + 1), previous_at


def find_newest(tx: ReadTransaction, board_id: int, last_seq: int) -> tuple[int, str] | None:
    """The newest event with a higher seq than the board's row has; None if there is none."""
    newest = None
    for row in _read_event_times(tx, board_id, last_seq, limits.ID_MOST):
        newest = row["seq"], row["at"]
    return newest


def _read_event_times(tx: ReadTransaction, board_id: int, above: int, upto: int) -> Iterator[Row]:
    while page := tx.all(EVENT_TIMES, board_id=board_id, above=above, upto=upto, most=PAGE_SIZE):
        yield from page
        above = page[-1]["seq"]


def count_tickets(tx: ReadTransaction, board_id: int) -> tuple[dict[int, int], dict[int, Counters]]:
    """How many tickets each column has, and how many of them are ready, blocked and held."""
    rows = tx.all(COLUMN_COUNTS, board_id=board_id)
    counters_by_column = {
        row["column_id"]: Counters(*(int(row[name]) for name in ("ready", "blocked", "held"))) for row in rows
    }
    return {row["column_id"]: row["count"] for row in rows}, counters_by_column


def fill_gap(tx: Transaction, board_id: int, gap: range, at: str, name: str, data: dict[str, object]) -> None:
    """Write an event for each missing seq, as a separate change, so that the events after it can be read."""
    row = {"board_id": board_id, "name": name, "actor": "system", "tx": secrets.token_hex(8), "at": at}
    for seq in gap:
        tx.run(INSERT_EVENT, **row, seq=seq, data=orjson.dumps(data).decode())

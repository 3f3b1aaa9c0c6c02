"""The event log of each board: events numbered 1, 2, 3 …, written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, or_, select

from kanban_server.rules import flow_statistics
from kanban_server.rules.actors import Actor
from kanban_server.rules.events import EncodedEvent, encode_event
from kanban_server.store.bulk import bulk_insert
from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, events
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

_AUDIT_COLUMNS = ("seq", "name", "ticket_id", "actor", "actor_id", "token", "client", "address", "agent", "tx", "at")

INSERT = bulk_insert(events, [column.name for column in events.c], order=5)
EVENTS_AFTER = Statement(
    select(events, boards.c.epoch)
    .join(boards, boards.c.id == events.c.board_id)
    .where(events.c.board_id == bindparam("board_id"), events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
    .limit(bindparam("most"))
)
FLOW_AFTER = Statement(
    select(events.c.seq, events.c.name, events.c.actor, events.c.at, events.c.data)
    .where(
        events.c.board_id == bindparam("board_id"),
        events.c.seq > bindparam("after"),
        or_(*(events.c.name == name for name in flow_statistics.FLOW_EVENTS)),
    )
    .order_by(events.c.seq)
    .limit(bindparam("most"))
)
EVENTS_OF_TICKET = Statement(select(events).where(events.c.ticket_id == bindparam("ticket_id")).order_by(events.c.seq))
BOARD_EDITS = Statement(
    select(events)
    .where(events.c.board_id == bindparam("board_id"), events.c.name == "board_updated")
    .order_by(events.c.seq.desc())
    .limit(100)
)
BOARD_HEADS = Statement(
    select(boards.c.id, boards.c.seq).where(
        or_(boards.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))), boards.c.id > bindparam("above"))
    )
)
FIRST_EPOCH = Statement(select(boards.c.epoch).order_by(boards.c.id).limit(1))
AUDIT_PAGE = Statement(
    select(*(events.c[name] for name in _AUDIT_COLUMNS))
    .where(
        events.c.board_id == bindparam("board_id"),
        events.c.seq < bindparam("before"),
        (events.c.ticket_id == bindparam("of_ticket")) | (bindparam("of_ticket", type_=BigInteger) == 0),
    )
    .order_by(events.c.seq.desc())
    .limit(bindparam("most"))
)


class PendingEvent(NamedTuple):
    """An event of a transaction that has not ended yet."""

    name: str
    data: dict[str, object]
    actor: Actor
    ticket_id: int | None


def append(
    tx: Transaction, board_id: int, epoch: str, seq: int, at: str, pending: Sequence[PendingEvent]
) -> list[EncodedEvent]:
    """Add events after event `seq` of a locked board, and return them as they are sent to readers."""
    logged = []
    for number, event in enumerate(pending, seq + 1):
        data = orjson.dumps(event.data)
        tx.enqueue(
            INSERT,
            {
                "board_id": board_id,
                "seq": number,
                "name": event.name,
                "ticket_id": event.ticket_id,
                "actor": event.actor.name,
                "actor_id": event.actor.id,
                "client": event.actor.client,
                "token": event.actor.token,
                "address": event.actor.address,
                "agent": event.actor.agent,
                "tx": tx.id,
                "at": at,
                "data": data.decode(),
            },
        )
        json = encode_event(
            board_id=board_id, epoch=epoch, seq=number, name=event.name, actor=event.actor.name,
            actor_id=event.actor.id, tx=tx.id, at=at, data=data,
        )  # fmt: skip
        logged.append(EncodedEvent(board_id, number, event.name, json))
    return logged


def read_after(tx: ReadTransaction, board_id: int, seq: int, limit: int) -> list[EncodedEvent]:
    """The board's events after `seq`, in order, at most `limit`."""
    return [_to_logged(row) for row in tx.all(EVENTS_AFTER, board_id=board_id, after=seq, most=limit)]


def read_flow_after(tx: ReadTransaction, board_id: int, seq: int, limit: int) -> list[Row]:
    """The board's events after `seq` that flow statistics use, in order, at most `limit`. Their data is JSON."""
    return tx.all(FLOW_AFTER, board_id=board_id, after=seq, most=limit)


def read_heads(tx: ReadTransaction, ids: list[int], above: int) -> list[tuple[int, int]]:
    """The last seq of these boards and of all boards with an id above `above`, deleted ones too (PostgreSQL)."""
    return [(row["id"], row["seq"]) for row in tx.all(BOARD_HEADS, ids=ids, above=above)]


def database_key(tx: ReadTransaction) -> str:
    """A key that is unique to this database: the epoch of its first board."""
    return str(tx.value(FIRST_EPOCH))


def read_ticket_events(tx: ReadTransaction, ticket_id: int) -> list[Row]:
    """All events of a ticket, oldest first, with their data decoded."""
    return [{**row, "data": orjson.loads(row["data"])} for row in tx.all(EVENTS_OF_TICKET, ticket_id=ticket_id)]


def read_board_edits(tx: ReadTransaction, board_id: int) -> list[Row]:
    """The last hundred changes of the board itself, oldest first, with their data decoded."""
    rows = tx.all(BOARD_EDITS, board_id=board_id)
    return [{**row, "data": orjson.loads(row["data"])} for row in reversed(rows)]


def column_name(tx: ReadTransaction, board_id: int, column_id: int) -> str | None:
    """The last name of a deleted column; None if the board's last hundred changes do not contain it."""
    for event in reversed(read_board_edits(tx, board_id)):
        before = event["data"]["changes"].get("column_settings", {}).get("from") or []
        for column in before:
            if column["id"] == column_id:
                return str(column["name"])
    return None


def _to_logged(row: Row) -> EncodedEvent:
    json = encode_event(
        board_id=row["board_id"], epoch=row["epoch"], seq=row["seq"], name=row["name"], actor=row["actor"],
        actor_id=row["actor_id"], tx=row["tx"], at=row["at"], data=row["data"],
    )  # fmt: skip
    return EncodedEvent(row["board_id"], row["seq"], row["name"], json)

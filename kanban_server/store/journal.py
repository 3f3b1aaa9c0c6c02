"""The log of each board: events numbered 1, 2, 3 …, written with the change that they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, insert, or_, select

from kanban_server.rules import flow
from kanban_server.rules.events import Logged, encoded
from kanban_server.rules.names import Actor
from kanban_server.store import users
from kanban_server.store.statements import Statement
from kanban_server.store.tables import boards, events
from kanban_server.store.transaction import Reading, Row, Transaction

_AUDITED = ("seq", "name", "ticket_id", "actor", "actor_id", "token", "client", "address", "agent", "tx", "at")

INSERT = Statement(insert(events).values({column.name: bindparam(column.name) for column in events.c}))
AFTER = Statement(
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
        or_(*(events.c.name == name for name in flow.EVENTS)),
    )
    .order_by(events.c.seq)
    .limit(bindparam("most"))
)
OF_TICKET = Statement(select(events).where(events.c.ticket_id == bindparam("ticket_id")).order_by(events.c.seq))
EDITS_OF_BOARD = Statement(
    select(events)
    .where(events.c.board_id == bindparam("board_id"), events.c.name == "board_updated")
    .order_by(events.c.seq.desc())
    .limit(100)
)
HEADS = Statement(
    select(boards.c.id, boards.c.seq).where(
        or_(boards.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))), boards.c.id > bindparam("above"))
    )
)
FIRST_EPOCH = Statement(select(boards.c.epoch).order_by(boards.c.id).limit(1))
AUDITED = Statement(
    select(*(events.c[name] for name in _AUDITED))
    .where(
        events.c.board_id == bindparam("board_id"),
        events.c.seq < bindparam("before"),
        (events.c.ticket_id == bindparam("of_ticket")) | (bindparam("of_ticket", type_=BigInteger) == 0),
    )
    .order_by(events.c.seq.desc())
    .limit(bindparam("most"))
)
MADE = Statement(
    select(events.c.actor_id, events.c.data)
    .where(events.c.ticket_id == bindparam("ticket_id"), events.c.name == bindparam("event"))
    .order_by(events.c.seq)
)


class Unnumbered(NamedTuple):
    """An event of a transaction that has not ended yet."""

    name: str
    data: dict[str, Any]
    actor: Actor
    ticket_id: int | None


def append(
    tx: Transaction, board_id: int, epoch: str, seq: int, at: str, happened: Sequence[Unnumbered]
) -> list[Logged]:
    """Write events behind event `seq` of a board that is locked, and give them back as readers get them."""
    logged, rows = [], []
    for number, event in enumerate(happened, seq + 1):
        data = orjson.dumps(event.data)
        rows.append(
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
            }
        )
        json = encoded(
            board_id=board_id, epoch=epoch, seq=number, name=event.name, actor=event.actor.name,
            actor_id=event.actor.id, tx=tx.id, at=at, data=data,
        )  # fmt: skip
        logged.append(Logged(board_id, number, event.name, json))
    tx.run_many(INSERT, rows)
    return logged


def after(tx: Reading, board_id: int, seq: int, most: int) -> list[Logged]:
    """The board's events behind `seq`, in order, at most so many."""
    return [_logged(row) for row in tx.all(AFTER, board_id=board_id, after=seq, most=most)]


def flow_after(tx: Reading, board_id: int, seq: int, most: int) -> list[Row]:
    """The board's events behind `seq` that tell of its flow, in order, at most so many; their data is JSON."""
    return tx.all(FLOW_AFTER, board_id=board_id, after=seq, most=most)


def heads(tx: Reading, ids: list[int], above: int) -> list[tuple[int, int]]:
    """How far the logs of these boards have come, and of all with a higher number, deleted ones too (PostgreSQL)."""
    return [(row["id"], row["seq"]) for row in tx.all(HEADS, ids=ids, above=above)]


def key(tx: Reading) -> str:
    """What tells this database from all others: the epoch of its first board."""
    return str(tx.value(FIRST_EPOCH))


def of_ticket(tx: Reading, ticket_id: int) -> list[Row]:
    """All events of a ticket, oldest first, with their data decoded."""
    return [{**row, "data": orjson.loads(row["data"])} for row in tx.all(OF_TICKET, ticket_id=ticket_id)]


def made_ticket(tx: Reading, user_id: int, ticket_id: int, name: str) -> bool:
    """Whether a user made a ticket: the log knows them by their id, whatever they are called by now.

    Where the log was trimmed, it is the one whose name it is, or was, that stands on the ticket.
    """
    rows = tx.all(MADE, ticket_id=ticket_id, event="ticket_created")
    return bool(rows[0]["actor_id"] == user_id if rows else users.was_called(tx, user_id, name))


def wrote_comment(tx: Reading, user_id: int, ticket_id: int, comment_id: int, name: str) -> bool:
    """Whether a user wrote a comment; see `made_ticket`."""
    rows = tx.all(MADE, ticket_id=ticket_id, event="comment_added")
    by = [row["actor_id"] for row in rows if orjson.loads(row["data"])["id"] == comment_id]
    return bool(by[0] == user_id if by else users.was_called(tx, user_id, name))


def edits_of_board(tx: Reading, board_id: int) -> list[Row]:
    """The last hundred changes of the board itself, oldest first, with their data decoded."""
    rows = tx.all(EDITS_OF_BOARD, board_id=board_id)
    return [{**row, "data": orjson.loads(row["data"])} for row in reversed(rows)]


def column_name(tx: Reading, board_id: int, column_id: int) -> str | None:
    """What a column was called that the board had once; None where its last hundred changes do not tell it."""
    for event in reversed(edits_of_board(tx, board_id)):
        before = event["data"]["changes"].get("column_settings", {}).get("from") or []
        for column in before:
            if column["id"] == column_id:
                return str(column["name"])
    return None


def _logged(row: Row) -> Logged:
    json = encoded(
        board_id=row["board_id"], epoch=row["epoch"], seq=row["seq"], name=row["name"], actor=row["actor"],
        actor_id=row["actor_id"], tx=row["tx"], at=row["at"], data=row["data"],
    )  # fmt: skip
    return Logged(row["board_id"], row["seq"], row["name"], json)

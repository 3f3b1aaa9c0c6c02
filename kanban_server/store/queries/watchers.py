"""Who watches a ticket, and whether it was done meanwhile. A user watches under the name of that time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, insert, select, update

from kanban_server.store.statements import Statement
from kanban_server.store.tables import watchers
from kanban_server.store.transaction import ReadTransaction, Transaction

_w = watchers.c
_OF_TICKET = _w.ticket_id == bindparam("of_ticket")
_ENTRY = (_w.name == bindparam("of_name"), _OF_TICKET)

INSERT = Statement(insert(watchers).values({name: bindparam(name) for name in ("name", "ticket_id", "board_id")}))
DELETE = Statement(delete(watchers).where(*_ENTRY))
HAS = Statement(select(_w.name).where(*_ENTRY))
NAMES = Statement(select(_w.name).where(_OF_TICKET).order_by(_w.name))
SET_DONE = Statement(
    update(watchers)
    .where(_OF_TICKET)
    .values(done_seq=bindparam("seq"), done_by=bindparam("by"), done_at=bindparam("at"))
)


def read_names(tx: ReadTransaction, ticket_id: int) -> list[str]:
    """The names of those who watch a ticket."""
    return [row["name"] for row in tx.all(NAMES, of_ticket=ticket_id)]


def watching_names(tx: ReadTransaction, names: Iterable[str], ticket_id: int) -> list[str]:
    """Those of a user's names under which they watch a ticket."""
    return [name for name in names if tx.value(HAS, of_name=name, of_ticket=ticket_id) is not None]


def add(tx: Transaction, name: str, board_id: int, ticket_id: int) -> None:
    """Let a user watch a ticket that they do not watch yet."""
    tx.run(INSERT, name=name, ticket_id=ticket_id, board_id=board_id)


def remove(tx: Transaction, name: str, ticket_id: int) -> None:
    """Let a user no longer watch a ticket."""
    tx.run(DELETE, of_name=name, of_ticket=ticket_id)


def set_done(tx: Transaction, ticket_id: int, *, seq: int | None, by: str | None, at: str | None) -> None:
    """Note for all who watch a ticket by which event it was done, or with None that it is open again."""
    tx.run(SET_DONE, of_ticket=ticket_id, seq=seq, by=by, at=at)

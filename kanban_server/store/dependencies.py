"""Which ticket waits for which: the statements that read and write it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, text, update

from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, dependencies, tickets
from kanban_server.store.transaction import Reading, Row, Transaction

_d, _t = dependencies.c, tickets.c
_child = tickets.alias("child")
_BY_ID = _t.id == bindparam("of_ticket")

ADD = Statement(insert(dependencies).values(ticket_id=bindparam("ticket_id"), blocker_id=bindparam("blocker_id")))
DROP = Statement(delete(dependencies).where(_d.ticket_id == bindparam("of_ticket")))
BLOCKERS = Statement(
    select(_t.id, _t.column_id, alive.label("alive"))
    .join(dependencies, _d.blocker_id == _t.id)
    .where(_d.ticket_id == bindparam("of_ticket"))
    .order_by(_t.id)
)
DEPENDENTS = Statement(
    select(_t.id, alive.label("alive"))
    .join(dependencies, _d.ticket_id == _t.id)
    .where(_d.blocker_id == bindparam("of_ticket"))
    .order_by(_t.id)
)
CHILDREN = Statement(
    select(_t.column_id, func.count().label("count"), func.count().filter(alive).label("alive"))
    .where(_t.parent == bindparam("of_ticket"), _t.deleted_at.is_(None))
    .group_by(_t.column_id)
)
_blockers = select(_d.blocker_id).where(_d.ticket_id == bindparam("of_ticket"))
_children = select(_child.c.id).where(_child.c.parent == bindparam("of_ticket"))
WAITED_FOR = Statement(
    select(_t.id, _t.column_id, alive.label("alive")).where(_t.id.in_(_blockers.union(_children))).order_by(_t.id)
)
WAITS_FOR = Statement(_blockers.union(_children))
REACHES = Statement(
    text(
        "WITH RECURSIVE reached (id) AS (SELECT :start"
        " UNION SELECT d.blocker_id FROM reached JOIN dependencies d ON d.ticket_id = reached.id"
        " UNION SELECT t.id FROM reached JOIN tickets t ON t.parent = reached.id)"
        " SELECT 1 FROM reached WHERE id = :target LIMIT 1"
    ),
    postgresql=text(
        "WITH RECURSIVE reached (id) AS (SELECT CAST(:start AS bigint) UNION SELECT further.id FROM reached,"
        " LATERAL (SELECT blocker_id AS id FROM dependencies WHERE ticket_id = reached.id"
        " UNION ALL SELECT id FROM tickets WHERE parent = reached.id) further)"
        " SELECT 1 FROM reached WHERE id = :target LIMIT 1"
    ),
)
COUNT_BLOCKERS = Statement(update(tickets).where(_BY_ID).values(open_blockers=bindparam("open")))
COUNT_CHILDREN = Statement(
    update(tickets).where(_BY_ID).values(children=bindparam("all"), open_children=bindparam("open"))
)
LINKS = Statement(
    update(tickets).where(_BY_ID).values(blocked_by=bindparam("blocked_by"), parent=bindparam("parent_id"))
)


def write(tx: Transaction, ticket_id: int, blocked_by: Iterable[int], parent: int | None) -> None:
    """Write what a ticket waits for, and what it is part of."""
    blockers = list(blocked_by)
    tx.run(LINKS, of_ticket=ticket_id, blocked_by=orjson.dumps(blockers).decode(), parent_id=parent)
    tx.run(DROP, of_ticket=ticket_id)
    for blocker in blockers:
        tx.run(ADD, ticket_id=ticket_id, blocker_id=blocker)


def blockers(tx: Reading, ticket_id: int) -> list[dict[str, Any]]:
    """The tickets that a ticket waits for: id, column and whether they are on the board."""
    return tx.all(BLOCKERS, of_ticket=ticket_id)


def dependents(tx: Reading, ticket_id: int) -> list[int]:
    """The tickets on the board that wait for a ticket.

    Asked for in the database, "on the board" would have PostgreSQL walk the board as long as it has no statistics.
    """
    return [row["id"] for row in tx.all(DEPENDENTS, of_ticket=ticket_id) if row["alive"]]


def waited_for(tx: Reading, ticket_id: int) -> list[Row]:
    """The blockers and children of a ticket that are on the board: id and column."""
    return [row for row in tx.all(WAITED_FOR, of_ticket=ticket_id) if row["alive"]]


def waits_for(tx: Reading, ticket_id: int) -> list[int]:
    """The blockers and children of a ticket, wherever they are."""
    return [next(iter(row.values())) for row in tx.all(WAITS_FOR, of_ticket=ticket_id)]


def reaches(tx: Reading, start: int, target: int) -> bool:
    """Whether a ticket is another, or waits for it, be it over others."""
    return tx.value(REACHES, start=start, target=target) is not None

"""Dependencies between tickets: the statements that read and write them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, insert, select, text

from kanban_server.store.statements import Statement
from kanban_server.store.tables import alive, dependencies, tickets
from kanban_server.store.transaction import ReadTransaction, Row, Transaction

_d, _t = dependencies.c, tickets.c
_child = tickets.alias("child")

INSERT = Statement(insert(dependencies).values(ticket_id=bindparam("ticket_id"), blocker_id=bindparam("blocker_id")))
DELETE = Statement(
    delete(dependencies).where(_d.ticket_id == bindparam("of_ticket"), _d.blocker_id == bindparam("of_blocker"))
)
DELETE_ALL = Statement(delete(dependencies).where(_d.ticket_id == bindparam("of_ticket")))
DEPENDENTS = Statement(
    text(
        "SELECT blocker_id, ticket_id FROM dependencies WHERE blocker_id IN (SELECT value FROM json_each(:ids))"
        " ORDER BY ticket_id"
    ),
    postgresql=text("SELECT blocker_id, ticket_id FROM dependencies WHERE blocker_id = ANY(:ids) ORDER BY ticket_id"),
    reads=["dependencies"],
)
CHILDREN = Statement(
    text(
        "SELECT parent, column_id, count(*) AS count, count(*) FILTER (WHERE archived_at IS NULL) AS alive FROM tickets"
        " WHERE parent IN (SELECT value FROM json_each(:ids)) AND deleted_at IS NULL GROUP BY parent, column_id"
    ),
    postgresql=text(
        "SELECT parent, column_id, count(*) AS count, count(*) FILTER (WHERE archived_at IS NULL) AS alive FROM tickets"
        " WHERE parent = ANY(:ids) AND deleted_at IS NULL GROUP BY parent, column_id"
    ),
    reads=["tickets"],
)
_blockers = select(_d.blocker_id).where(_d.ticket_id == bindparam("of_ticket"))
_children = select(_child.c.id).where(_child.c.parent == bindparam("of_ticket"))
BLOCKERS_AND_CHILDREN = Statement(
    select(_t.id, _t.column_id, alive.label("alive")).where(_t.id.in_(_blockers.union(_children))).order_by(_t.id)
)
DEPENDENT_EDGES = Statement(
    text(
        "SELECT waiting, blocker FROM (WITH RECURSIVE reached (id) AS (SELECT value FROM json_each(:ids)"
        " UNION SELECT d.ticket_id FROM reached JOIN dependencies d ON d.blocker_id = reached.id"
        " UNION SELECT t.parent FROM reached JOIN tickets t ON t.id = reached.id WHERE t.parent IS NOT NULL)"
        " SELECT d.ticket_id AS waiting, d.blocker_id AS blocker"
        " FROM reached JOIN dependencies d ON d.blocker_id = reached.id"
        " UNION ALL SELECT t.parent, t.id FROM reached JOIN tickets t ON t.id = reached.id"
        " WHERE t.parent IS NOT NULL) edges"
    ),
    postgresql=text(  # LATERAL makes PostgreSQL look each ticket up: a join would make it read the whole tables
        "SELECT waiting, blocker FROM (WITH RECURSIVE reached (id) AS (SELECT unnest(CAST(:ids AS bigint[]))"
        " UNION SELECT further.waiting FROM reached, LATERAL ("
        "SELECT ticket_id AS waiting FROM dependencies WHERE blocker_id = reached.id"
        " UNION ALL SELECT parent FROM tickets WHERE id = reached.id AND parent IS NOT NULL) further)"
        " SELECT further.waiting, reached.id AS blocker FROM reached, LATERAL ("
        "SELECT ticket_id AS waiting FROM dependencies WHERE blocker_id = reached.id"
        " UNION ALL SELECT parent FROM tickets WHERE id = reached.id AND parent IS NOT NULL) further) edges"
    ),
    replanned=True,
    reads=["dependencies", "tickets"],
)
"""The tickets that wait for these tickets, directly or indirectly: a row for each dependency and each child."""
TICKET_STATES = Statement(
    text(
        "SELECT id, board_id, column_id, deleted_at IS NULL AND archived_at IS NULL AS alive FROM tickets"
        " WHERE id IN (SELECT value FROM json_each(:ids))"
    ),
    postgresql=text(
        "SELECT id, board_id, column_id, deleted_at IS NULL AND archived_at IS NULL AS alive FROM tickets"
        " WHERE id = ANY(:ids)"
    ),
    reads=["tickets"],
)


def write_links(tx: Transaction, deleted: Iterable[tuple[int, int]], inserted: Iterable[tuple[int, int]]) -> None:
    """Delete and insert dependencies, each a ticket and its blocker."""
    tx.run_many(DELETE, [{"of_ticket": ticket, "of_blocker": blocker} for ticket, blocker in deleted])
    tx.run_many(INSERT, [{"ticket_id": ticket, "blocker_id": blocker} for ticket, blocker in inserted])


def rebuild_index(tx: Transaction, ticket_id: int, blocked_by: Iterable[int]) -> None:
    """Rebuild the index of a ticket's blockers from the ticket's row."""
    tx.run(DELETE_ALL, of_ticket=ticket_id)
    tx.run_many(INSERT, [{"ticket_id": ticket_id, "blocker_id": blocker_id} for blocker_id in blocked_by])


def read_dependent_edges(tx: ReadTransaction, ticket_ids: Iterable[int]) -> list[tuple[int, int]]:
    """The tickets that wait for these tickets, directly or indirectly, each with the blocker or child it waits for.

    One statement, whose cost grows with the number of waiting tickets.
    """
    rows = tx.all(DEPENDENT_EDGES, ids=tx.array_parameter(ticket_ids))
    return list({(row["waiting"], row["blocker"]) for row in rows})


def read_states(tx: ReadTransaction, ticket_ids: Iterable[int]) -> dict[int, Row]:
    """Tickets by id, deleted ones too: board, column, and whether the ticket is on its board (`alive`)."""
    return {row["id"]: row for row in tx.all(TICKET_STATES, ids=tx.array_parameter(ticket_ids))}


def read_dependents(tx: Transaction, ticket_id: int) -> list[int]:
    """The ids of the tickets that wait for a ticket, whether on the board or not."""
    if ticket_id not in tx.unit.dependents:
        rows = tx.all(DEPENDENTS, ids=tx.array_parameter([ticket_id]))
        tx.unit.dependents[ticket_id] = [row["ticket_id"] for row in rows]
    return tx.unit.dependents[ticket_id]


def read_blockers_and_children(tx: ReadTransaction, ticket_id: int) -> list[Row]:
    """The blockers and children of a ticket that are on the board: id and column."""
    return [row for row in tx.all(BLOCKERS_AND_CHILDREN, of_ticket=ticket_id) if row["alive"]]

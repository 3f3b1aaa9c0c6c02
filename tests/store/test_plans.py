"""PostgreSQL reads tickets in the order of an index also when it has no statistics: it sorts no board."""

from __future__ import annotations

import pytest

from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from kanban_server.store.queries import ready_queue, ticket_pages, tickets
from kanban_server.store.statements import Statement
from tests.support.databases import Databases

pytestmark = pytest.mark.postgres

# Places are long, so that their indexes have a level more than the one of assignees, and are estimated to cost more.
FILL = (
    "ALTER TABLE tickets SET (autovacuum_enabled = off)",
    "INSERT INTO boards (id, name, columns, counts, next_column_id, created_at, updated_at, version, epoch, seq,"
    " last_at) VALUES (9, 'Large', '[]', '{}', 2, '', '', 1, '', 0, '')",
    "INSERT INTO tickets (board_id, column_id, place, title, priority, priority_key, assignee, labels, created_by,"
    " updated_by, created_at, updated_at, column_entered_at, version)"
    " SELECT 9, 1, lpad(n::text, 100, '0'), 'One', 'high', '2', CASE n % 2 WHEN 0 THEN 'ada' END, '[]', 'ada',"
    " 'ada', '', '', '', 1 FROM generate_series(1, 20000) AS n",
)
PARAMETERS = {
    "board_id": 9, "column_id": 1, "most": 50, "skip": 0, "ticket_id": 1, "mark": "0" * 50, "names": ["ada"],
}  # fmt: skip
IN_ORDER, READY_IN_ORDER, READY = "ix_tickets_in_order", "ix_tickets_ready_in_order", "ix_tickets_ready"


def test_pages_ready_tickets_and_places_are_read_in_order_without_statistics(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    indexes: dict[Statement, str] = {
        ticket_pages._statements(("alive",), None).slice: IN_ORDER,
        ticket_pages._statements(("alive", "ready"), None).slice: READY_IN_ORDER,
        ready_queue._best_statement(0, assigned=False): READY,
        ready_queue._best_statement(0, assigned=True): READY,
        tickets.COLUMN_END: IN_ORDER,
        tickets.FIRST_PLACE: IN_ORDER,
        tickets.PREVIOUS_PLACE: IN_ORDER,
        tickets.NEXT_PLACE: IN_ORDER,
    }
    driver = driver_for(Settings(database_url=databases.make("postgresql", pytestconfig)))
    connection = driver.writer()
    for sql in FILL:
        connection.execute(sql)
    assert connection.execute("SELECT count(*) FROM pg_stats WHERE tablename = 'tickets'").fetchone() == (0,)
    for statement, index in indexes.items():
        sql, defaults = statement.on("postgresql")
        rows = connection.execute(f"EXPLAIN {sql}", {**defaults, **PARAMETERS}).fetchall()
        plan = "\n".join(row[0] for row in rows)
        assert f"using {index} on tickets" in plan, plan
        assert "Sort" not in plan, plan
    connection.close()


def test_the_tickets_of_an_assignee_are_read_by_their_index(databases: Databases, pytestconfig: pytest.Config) -> None:
    for kind in ("sqlite", "postgresql"):
        driver = driver_for(Settings(database_url=databases.make(kind, pytestconfig)))
        connection = driver.writer()
        sql, defaults = ticket_pages._statements(("alive", "assignee"), None).slice.on(driver.dialect)
        explain = "EXPLAIN QUERY PLAN" if kind == "sqlite" else "EXPLAIN"
        rows = connection.execute(f"{explain} {sql}", {**defaults, **PARAMETERS, "assignee": "ada"}).fetchall()
        assert "ix_tickets_assignee" in str(rows)
        connection.close()
        driver.release()

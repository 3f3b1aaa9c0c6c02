"""PostgreSQL reads tickets in the order of an index also when it has no statistics: it sorts no board."""

from __future__ import annotations

import pytest

from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from kanban_server.store.queries import page_statements, ready_queue, search, tickets
from kanban_server.store.queries.page_statements import SEARCHED, Source
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
    "ALTER TABLE ticket_labels SET (autovacuum_enabled = off)",
    "INSERT INTO ticket_labels SELECT 9, 'common', id FROM tickets WHERE board_id = 9",
    "ALTER TABLE ticket_search SET (autovacuum_enabled = off)",
    "INSERT INTO ticket_search SELECT id, array_to_tsvector(ARRAY['ordinary']) FROM tickets WHERE board_id = 9",
)
PARAMETERS = {
    "board_id": 9, "column_id": 1, "most": 50, "skip": 0, "ticket_id": 1, "mark": "0" * 50, "names": ["ada"],
    "priority": "2", "created_by": "ada", "since": "", "label": "common", "columns": [1], "wanted": "'ordinary':*",
    "boards": [9], "before": 2**53,
}  # fmt: skip
IN_ORDER, READY_IN_ORDER, READY = "ix_tickets_in_order", "ix_tickets_ready_in_order", "ix_tickets_ready"


def test_pages_ready_tickets_and_places_are_read_in_order_without_statistics(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    indexes: dict[Statement, str] = {
        page_statements.column_statement(("alive",), "board"): IN_ORDER,
        page_statements.column_statement(("alive",), "board", reverse=True): IN_ORDER,
        page_statements.column_statement(("alive", "priority"), "board"): IN_ORDER,
        page_statements.column_statement(("alive", "created_by", "since"), "board"): IN_ORDER,
        page_statements.column_statement(("alive", "label"), "board"): IN_ORDER,
        page_statements.column_statement(("alive", "ready"), "board"): READY_IN_ORDER,
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
        assert f"using {index} on tickets" in plan.replace("Scan Backward", "Scan"), plan
        assert "Sort" not in plan, plan
    connection.close()


@pytest.mark.parametrize("vacuumed", [False, True])
@pytest.mark.parametrize("source", ["labels", "search"])
def test_tickets_with_a_label_or_a_word_are_looked_up_by_id_without_statistics(
    databases: Databases, pytestconfig: pytest.Config, source: Source, vacuumed: bool
) -> None:
    names = ("alive", "label" if source == "labels" else SEARCHED)
    driver = driver_for(Settings(database_url=databases.make("postgresql", pytestconfig)))
    connection = driver.writer()
    for sql in FILL:
        connection.execute(sql)
    if vacuumed:
        connection.execute("VACUUM tickets, ticket_labels, ticket_search")
    statements = [
        page_statements.count_statement(names),
        page_statements.column_statement(names, source),
        page_statements.sorted_statement(names, "title"),
    ]
    for statement in [*statements, search.FIND] if source == "search" else statements:
        sql, defaults = statement.on("postgresql")
        rows = connection.execute(f"EXPLAIN (ANALYZE, TIMING off) {sql}", {**defaults, **PARAMETERS}).fetchall()
        plan = "\n".join(row[0] for row in rows)
        assert "using pk_tickets on tickets" in plan, plan
        assert source == "search" or "pk_ticket_labels" in plan, plan
        assert "Join Filter" not in plan, plan
        assert "ticket_search_pkey" not in plan, plan
    connection.close()


def test_the_tickets_of_an_assignee_are_read_by_their_index(databases: Databases, pytestconfig: pytest.Config) -> None:
    for kind in ("sqlite", "postgresql"):
        driver = driver_for(Settings(database_url=databases.make(kind, pytestconfig)))
        connection = driver.writer()
        sql, defaults = page_statements.column_statement(("alive", "assignee"), "board").on(driver.dialect)
        explain = "EXPLAIN QUERY PLAN" if kind == "sqlite" else "EXPLAIN"
        rows = connection.execute(f"{explain} {sql}", {**defaults, **PARAMETERS, "assignee": "ada"}).fetchall()
        assert "ix_tickets_assignee" in str(rows)
        connection.close()
        driver.release()

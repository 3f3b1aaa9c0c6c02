"""PostgreSQL has statistics after a large import, without its autovacuum."""

from __future__ import annotations

import psycopg
import pytest

from kanban_sdk.wire.limits import IMPORT_TICKETS
from kanban_server.store.maintenance.analysis import MIN_TICKETS
from tests.support.databases import Databases
from tests.support.servers import running
from tests.support.waiting import until

ANALYZED = "SELECT relname FROM pg_stat_user_tables WHERE analyze_count > 0"
"""Tables that a command has analyzed; autovacuum has a count of its own."""


@pytest.mark.postgres
def test_the_tables_that_an_import_fills_are_analyzed_after_a_thousand_tickets(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = databases.make("postgresql", pytestconfig)

    def analyzed() -> set[str]:
        with psycopg.connect(database) as connection:
            return {row[0] for row in connection.execute(ANALYZED)}

    with running(database) as server, server.kanban("ada") as kanban:
        board = kanban.boards.create("Imported").id
        for start in range(0, MIN_TICKETS, IMPORT_TICKETS):
            tickets = [{"source_id": str(number), "title": "One"} for number in range(start, start + IMPORT_TICKETS)]
            assert analyzed() == set()
            kanban.boards.import_tickets(board, tickets)
        until(lambda: {"tickets", "ticket_labels", "ticket_search", "events"} <= analyzed(), what="statistics")

"""Servers that reach PostgreSQL through PgBouncer, which gives each transaction another session."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import psycopg
import pytest

from kanban_sdk import Kanban
from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from tests.faults.instances import instances
from tests.faults.test_instances import claim_all
from tests.faults.trial import trial
from tests.faults.validators import check_log
from tests.support.databases import Databases
from tests.support.pgbouncer import PgBouncer, own_pgbouncer
from tests.support.servers import postgres_database, running

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

POOLED = {"KANBAN_TRANSACTION_POOLING": "true"}


@pytest.fixture(scope="module")
def bouncer() -> Iterator[PgBouncer]:
    with own_pgbouncer() as own:
        yield own


@pytest.fixture
def direct(databases: Databases, pytestconfig: pytest.Config) -> str:
    """An empty database, without the pooler."""
    return databases.make("postgresql", pytestconfig)


def test_all_promises_hold_on_shared_sessions_also_when_the_pooler_is_killed(bouncer: PgBouncer, direct: str) -> None:
    with instances(bouncer.address(direct), 2, **POOLED) as servers:
        with servers[0].kanban("ada") as kanban:
            assert len(kanban.boards.all()) == 1  # both servers wanted to create the first board
        claim_all(servers, 16, 100)
        with trial(servers, writers=8, readers=3) as busy:
            busy.work(200)
            bouncer.kill()
            bouncer.start()
            busy.work(100, "the pooler is back")


def test_a_new_database_gets_its_tables_through_the_pooler(bouncer: PgBouncer) -> None:
    with postgres_database() as empty, running(bouncer.address(empty), **POOLED) as server:
        with server.kanban("ada") as kanban:
            kanban.tickets.create("One", board=1)
            check_log(kanban, 1)


def test_each_transaction_has_the_settings_of_a_session_and_leaves_none_behind(bouncer: PgBouncer, direct: str) -> None:
    driver = driver_for(
        Settings(database_url=bouncer.address(direct), transaction_pooling=True, lock_seconds=3, writers=1)
    )
    writer, reader = driver.writer(), driver.reader()

    def setting(name: str) -> list[str]:
        return [connection.execute(f"SHOW {name}").fetchone()[0] for connection in (writer, reader)]

    writer.execute(driver.begin_writing)
    reader.execute(driver.begin_reading)
    assert setting("lock_timeout") == ["3s", "3s"]
    assert setting("idle_in_transaction_session_timeout") == ["1min", "1min"]
    assert setting("jit") == ["off", "off"]
    assert setting("transaction_isolation") == ["read committed", "repeatable read"]
    writer.execute("COMMIT")
    reader.execute("COMMIT")
    assert setting("lock_timeout") == ["0", "0"]
    writer.close()
    reader.close()


def test_without_the_setting_the_pooler_refuses_our_sessions(bouncer: PgBouncer, direct: str) -> None:
    driver = driver_for(Settings(database_url=bouncer.address(direct)))
    with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter"):
        driver.writer()


def median_ms(kanban: Kanban, board: int) -> float:
    times = []
    for number in range(100):
        began = time.perf_counter()
        kanban.tickets.create(f"t{number}", board=board)
        times.append(time.perf_counter() - began)
    return median(times) * 1000


def test_the_cost_of_the_pooler_is_printed(bouncer: PgBouncer, direct: str) -> None:
    with running(direct) as near, running(bouncer.address(direct), **POOLED) as far:
        with near.kanban("ada") as directly, far.kanban("ada") as pooled:
            board = directly.boards.create("Cost").id
            ratios = [median_ms(pooled, board) / median_ms(directly, board) for _ in range(5)]
            print(f"a change through PgBouncer takes {median(ratios):.2f} times as long, one after the other")
            assert directly.boards.get(board).ticket_count == 1000

"""Alive and ready are two questions."""

from __future__ import annotations

import sqlite3

import httpx
import pytest

from tests.server.rest import done, problem
from tests.support.servers import Server


def test_a_server_that_can_carry_out_requests_is_alive_and_ready(server: Server, rest: httpx.Client) -> None:
    health = done(rest.get("/health"))
    ready = done(rest.get("/ready"))
    assert (health["status"], ready["status"]) == ("healthy", "ready")
    dialect = "postgresql" if server.database.startswith("postgresql") else "sqlite"
    assert health["database"] == ready["database"] == dialect


def test_a_server_whose_database_went_to_another_revision_is_alive_and_not_ready(log_server: Server) -> None:
    with sqlite3.connect(log_server.database) as other, httpx.Client(base_url=log_server.url) as rest:
        (revision,) = other.execute("SELECT version_num FROM alembic_version").fetchone()
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
        refused = problem(rest.get("/ready"), "not-ready")
        assert (refused["revision"], refused["needed"]) == ("9999", revision)
        assert rest.get("/health").status_code == 200
        other.execute("UPDATE alembic_version SET version_num = ?", [revision])
        other.commit()
        assert rest.get("/ready").status_code == 200


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_server_whose_postgresql_takes_no_changes_is_not_ready_until_it_does_again(own_server: Server) -> None:
    import psycopg

    name = own_server.database.rpartition("/")[2]
    with (
        httpx.Client(base_url=own_server.url) as rest,
        psycopg.connect(own_server.database, autocommit=True) as admin,
    ):
        add = {"title": "t", "board_id": 1}
        assert rest.post("/api/tickets/", json=add).status_code == 201
        assert rest.get("/ready").status_code == 200
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        assert problem(rest.get("/ready"), "not-ready")["reason"] == "read-only"
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        admin.execute(others, [name])
        assert "read-only" in problem(rest.post("/api/tickets/", json=add), "busy")["detail"]
        assert problem(rest.get("/ready"), "not-ready")["reason"] == "read-only"
        assert rest.get("/health").status_code == 200
        assert len(rest.get("/api/boards/1/tickets").json()["tickets"]) == 1
        admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        assert rest.get("/ready").status_code == 200, "although its connections were made while it was read-only"
        assert rest.post("/api/tickets/", json=add).status_code == 201

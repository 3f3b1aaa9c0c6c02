"""Alive and ready are two questions."""

from __future__ import annotations

import sqlite3

import httpx

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

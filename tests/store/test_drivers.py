"""What an error of a database means for whoever asked."""

from __future__ import annotations

import pytest

from kanban_server.settings import Settings
from kanban_server.store.database import driver_for


def test_an_error_of_postgresql_is_told_as_what_can_be_done_about_it() -> None:
    errors = pytest.importorskip("psycopg.errors")
    driver = driver_for(Settings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    nul = errors.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    types = {
        nul: "invalid-request",
        errors.DataError("another"): None,
        ValueError("NUL"): None,
        errors.DiskFull("full"): "storage-full",
        errors.OperationalError("gone"): "busy",
        errors.LockNotAvailable("locked"): "busy",
        errors.ReadOnlySqlTransaction("a standby"): "busy",
        errors.UniqueViolation("twice"): None,
    }
    refusals = {error: driver.refusal(error) for error in types}
    assert {error: refused and refused.type for error, refused in refusals.items()} == types

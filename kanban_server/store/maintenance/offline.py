"""Run one change without a server: for a command that has the database to itself, or runs beside PostgreSQL servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.store.drivers import Driver
from kanban_server.store.transaction import Transaction
from kanban_server.store.unit_of_work import UnitOfWork

T = TypeVar("T")


def run_change(driver: Driver, work: Callable[[Transaction], T]) -> T:
    """Run a change with the rights of the server itself, in one transaction."""
    connection = driver.writer()
    try:
        connection.execute(driver.begin_writing)
        try:
            unit = UnitOfWork(connection, driver.dialect, savepoints=True)
            tx = Transaction(unit, SYSTEM_VIEWER)
            result = work(tx)
            tx.finish()
            unit.flush(commit=True)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return result
    finally:
        connection.close()

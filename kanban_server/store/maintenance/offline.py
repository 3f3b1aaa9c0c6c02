"""One change without a server: by a command that has the database to itself, or beside servers on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.store.drivers import Driver
from kanban_server.store.transaction import Batch, Transaction

T = TypeVar("T")


def run_change(driver: Driver, work: Callable[[Transaction], T]) -> T:
    """Run a change as the server itself, whole or not at all."""
    connection = driver.writer()
    try:
        connection.execute(driver.begin_writing)
        try:
            batch = Batch(connection, driver.dialect)
            tx = Transaction(batch, SYSTEM_VIEWER)
            result = work(tx)
            tx.finish()
            batch.write()
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result
    finally:
        connection.close()

"""One change without a server: by a command that has the database to itself, or beside servers on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kanban_server.rules.access import THE_SERVER
from kanban_server.store.drivers import Driver
from kanban_server.store.transaction import Transaction

T = TypeVar("T")


def change(driver: Driver, work: Callable[[Transaction], T]) -> T:
    """Run a change as the server itself, whole or not at all."""
    connection = driver.writer()
    try:
        connection.execute(driver.begin_writing)
        try:
            tx = Transaction(connection, driver.dialect, THE_SERVER)
            result = work(tx)
            tx.finish()
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result
    finally:
        connection.close()

"""Bare commits: the minimum that a move writes, one durable transaction after the other on one connection."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

CREATE = (
    "CREATE TABLE bare_tickets (id INTEGER PRIMARY KEY, moves INTEGER)",
    "CREATE TABLE bare_events (seq INTEGER, data TEXT)",
    "INSERT INTO bare_tickets VALUES (1, 0)",
)
MOVE = (
    "BEGIN",
    "UPDATE bare_tickets SET moves = moves + 1 WHERE id = 1",
    f"INSERT INTO bare_events VALUES (1, '{'x' * 400}')",
    "COMMIT",
)


class Commits:
    """A database with a table of tickets and one of events. Create it once; measure any number of times."""

    def __init__(self, database: str) -> None:
        self._database = database
        with closing(self._connect()) as connection:
            for statement in CREATE:
                connection.execute(statement)

    def rate(self, seconds: float) -> float:
        """Return commits per second."""
        with closing(self._connect()) as connection:
            done, start = 0, time.perf_counter()
            while (now := time.perf_counter()) < start + seconds:
                for statement in MOVE:
                    connection.execute(statement)
                done += 1
        return done / (now - start)

    def _connect(self) -> Any:
        if "://" in self._database:
            import psycopg

            return psycopg.connect(self._database, autocommit=True)
        connection = sqlite3.connect(self._database, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

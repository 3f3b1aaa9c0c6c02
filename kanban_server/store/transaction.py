"""The transaction that a change, or a reading, runs in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import text

from kanban_server.rules.times import clock, timestamp
from kanban_server.store.statements import DialectName, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kanban_server.rules.access import Viewer
    from kanban_server.rules.events import Logged
    from kanban_server.store.locked import LockedBoard

Row = dict[str, Any]


class Cursor(Protocol):
    """What both drivers give back for a statement."""

    description: Any
    rowcount: int

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""


class Connection(Protocol):
    """What both drivers call a connection."""

    def execute(self, sql: Any, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def close(self) -> None:
        """End it."""


CLOCK = Statement(text("SELECT clock_timestamp()"))
ALONE = Statement(text("SELECT pg_advisory_xact_lock(:number)"))


class Reading:
    """A consistent view of the database, for one who asks: what `viewer` may not see is not there."""

    def __init__(self, connection: Connection, dialect: DialectName, viewer: Viewer) -> None:
        self.connection = connection
        self.dialect: DialectName = dialect
        self.viewer = viewer

    def _execute(self, statement: Statement, parameters: Mapping[str, Any]) -> Cursor:
        sql, own = statement.on(self.dialect)
        cursor: Cursor = self.connection.execute(sql, {**own, **parameters} if own else parameters)
        return cursor

    def now(self) -> str:
        """The database's time."""
        return clock() if self.dialect == "sqlite" else timestamp(self.value(CLOCK))

    def one(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row, by column name, or None."""
        cursor = self._execute(statement, parameters)
        row = cursor.fetchone()
        return None if row is None else dict(zip([column[0] for column in cursor.description], row, strict=True))

    def all(self, statement: Statement, **parameters: Any) -> list[Row]:
        """All rows, by column name."""
        cursor = self._execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def value(self, statement: Statement, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._execute(statement, parameters).fetchone()
        return None if row is None else row[0]


class Transaction(Reading):
    """A change. What it does is kept as a whole or not at all.

    A board is locked when it is first asked for and written when the transaction ends, with its new events.
    """

    def __init__(self, connection: Connection, dialect: DialectName, viewer: Viewer) -> None:
        super().__init__(connection, dialect, viewer)
        self.id = secrets.token_hex(8)
        self.boards: dict[int, LockedBoard] = {}

    def run(self, statement: Statement, **parameters: Any) -> int:
        """Run a statement that gives no rows back, and count the rows that it touched."""
        return self._execute(statement, parameters).rowcount

    def alone(self, number: int) -> None:
        """Let no other transaction that asks for this number go on before this one ends."""
        if self.dialect == "postgresql":
            self.run(ALONE, number=number)

    def finish(self) -> list[Logged]:
        """Write each board that changed, with its events, and give these back, numbered."""
        return [event for board in self.boards.values() for event in board.save()]

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Part of a change: undone alone where it raises."""
        before = {id: board.mark() for id, board in self.boards.items()}
        self.connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO SAVEPOINT attempt")
            # A lock that was taken since the savepoint is gone with it.
            self.boards = {id: board for id, board in self.boards.items() if id in before}
            for id, board in self.boards.items():
                board.back_to(before[id])
            raise
        finally:
            self.connection.execute("RELEASE SAVEPOINT attempt")

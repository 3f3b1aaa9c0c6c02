"""The transaction in which a change or a read runs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Protocol

import orjson
from sqlalchemy import text

from kanban_server.clock import utc_now
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.permissions import Viewer
from kanban_server.rules.timestamps import format_timestamp
from kanban_server.store.bulk import BulkRow, BulkStatement
from kanban_server.store.statements import DialectName, Statement
from kanban_server.store.unit_of_work import BoardState, Connection, UnitOfWork, WrittenAlready

Row = dict[str, Any]
WARNINGS_MOST = 20
"""Maximum number of warnings in one response."""


class Cursor(Protocol):
    """The cursor of both drivers."""

    description: Any
    rowcount: int

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All remaining rows."""


CLOCK = Statement(text("SELECT clock_timestamp()"), reads=[])
ADVISORY_LOCK = Statement(text("SELECT pg_advisory_xact_lock(:number)"), reads=[])


class ReadTransaction:
    """A consistent view of the database for a viewer. Queries that check visibility return only what they may see."""

    def __init__(self, connection: Connection, dialect: DialectName, viewer: Viewer) -> None:
        self.connection = connection
        self.dialect: DialectName = dialect
        self.viewer = viewer

    def send(self, statement: Statement, parameters: Mapping[str, object]) -> Cursor:
        """Run a statement; `fetch` reads its rows."""
        sql, defaults = statement.on(self.dialect)
        if defaults:
            parameters = {**defaults, **parameters}
        execute: Any = self.connection.execute
        if statement.replanned and self.dialect == "postgresql":
            execute = partial(execute, prepare=False)
        cursor: Cursor = execute(sql, parameters)
        return cursor

    def now(self) -> str:
        """The database's time."""
        return utc_now() if self.dialect == "sqlite" else format_timestamp(self.value(CLOCK))

    def one(self, statement: Statement, **parameters: object) -> Row | None:
        """The first row, by column name, or None."""
        cursor = self.send(statement, parameters)
        row = cursor.fetchone()
        return None if row is None else dict(zip(self._names(statement, cursor), row, strict=True))

    def all(self, statement: Statement, **parameters: object) -> list[Row]:
        """All rows, by column name."""
        return self.fetch(statement, self.send(statement, parameters))

    def fetch(self, statement: Statement, cursor: Cursor) -> list[Row]:
        """All rows of a statement that was sent, by column name."""
        names = self._names(statement, cursor)
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _names(self, statement: Statement, cursor: Cursor) -> Sequence[str]:
        """The names of the columns, cached: a statement returns the same each time."""
        cached_names = statement.names.get(self.dialect)
        return cached_names or statement.names.setdefault(self.dialect, [column[0] for column in cursor.description])

    def array_parameter(self, values: Iterable[object]) -> object:
        """Values as the parameter of `= ANY(:values)`, or of `IN (SELECT value FROM json_each(:values))` on SQLite."""
        return list(values) if self.dialect == "postgresql" else orjson.dumps(list(values)).decode()

    def value(self, statement: Statement, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.send(statement, parameters).fetchone()
        return None if row is None else row[0]


class Transaction(ReadTransaction):
    """A change. All of it is committed, or nothing.

    It shares its unit of work with the other changes of the commit. A board is locked when it is first used.
    """

    def __init__(self, unit: UnitOfWork, viewer: Viewer) -> None:
        super().__init__(unit.connection, unit.dialect, viewer)
        self.id = secrets.token_hex(8)
        self.unit = unit
        self.boards: dict[int, BoardState] = {}
        """The boards that this change has locked."""
        self.warnings: list[dict[str, object]] = []
        """Warnings for the caller about a change that succeeded."""
        self._job = unit.begin({})

    def send(self, statement: Statement, parameters: Mapping[str, object]) -> Cursor:
        """Run a statement, after the pending changes of its tables are written; `fetch` reads its rows."""
        self.unit.prepare(statement)
        return super().send(statement, parameters)

    def run(self, statement: Statement, **parameters: object) -> int:
        """Run a statement that returns no rows, and return the number of affected rows."""
        return self.send(statement, parameters).rowcount

    def run_many(self, statement: Statement, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement that returns no rows once for each row of parameters: on PostgreSQL in one round trip."""
        if len(rows) == 1:
            self.run(statement, **rows[0])
        elif rows:
            self.unit.prepare(statement)
            sql, defaults = statement.on(self.dialect)
            self.connection.cursor().executemany(sql, [{**defaults, **row} for row in rows] if defaults else rows)

    def enqueue(self, statement: BulkStatement, row: BulkRow) -> None:
        """Write a row together with those of the other changes of the commit."""
        self.unit.enqueue(statement, row)

    def enlist(self, board_id: int, board: BoardState) -> None:
        """Take part in the change: the board's state is restored if the change is undone."""
        self.boards[board_id] = board
        self.unit.enlist(board_id, board)

    def warn(self, type: str, detail: str, **facts: object) -> None:
        """Add a warning to the response, each only once; see `WARNINGS` in the wire."""
        warning = {"type": type, "detail": detail, **facts}
        if warning not in self.warnings and len(self.warnings) < WARNINGS_MOST:
            self.warnings.append(warning)

    def advisory_lock(self, number: int) -> None:
        """Hold the lock with this number until the transaction ends, waiting for others that have it (PostgreSQL)."""
        if self.dialect == "postgresql":
            self.run(ADVISORY_LOCK, number=number)

    def finish(self) -> list[EncodedEvent]:
        """Keep the change, and return its events, numbered."""
        events = [event for board in self.boards.values() for event in board.save_events()]
        self.unit.end(self._job)
        return events

    def undo(self) -> bool:
        """Undo the change in memory. False if part of it was written, which only a rollback undoes."""
        self.unit.undo(self._job, self.boards)
        return not self._job.written

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a change that is undone alone if it raises.

        Raises WrittenAlready where part of it was written, unless the unit of work uses savepoints.
        """
        if self.unit.savepoints:
            self.unit.flush()
            self.connection.execute("SAVEPOINT part")
        locked, warnings = dict(self.boards), len(self.warnings)
        part = self.unit.begin(self.boards)
        try:
            yield
        except Exception as error:
            self.unit.undo(part, self.boards)
            del self.warnings[warnings:]
            if self.unit.savepoints:
                self._roll_back_to(locked)
            elif part.written:
                raise WrittenAlready from error
            raise
        self.unit.end(part)
        if self.unit.savepoints:
            self.connection.execute("RELEASE SAVEPOINT part")

    def _roll_back_to(self, locked: dict[int, BoardState]) -> None:
        """Undo a part of the change in the database, with the locks of boards that it has locked."""
        with suppress(Exception):  # if the database aborted the whole transaction, the original error says why
            self.connection.execute("ROLLBACK TO SAVEPOINT part")
            self.connection.execute("RELEASE SAVEPOINT part")
        self.boards = locked
        self.unit.reset(locked)

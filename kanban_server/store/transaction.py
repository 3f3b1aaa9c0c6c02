"""The transaction in which a change or a read runs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson
from sqlalchemy import text

from kanban_server.rules.timestamps import format_timestamp, utc_now
from kanban_server.store.statements import CompiledStatement, DialectName, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kanban_server.rules.events import EncodedEvent
    from kanban_server.rules.permissions import Viewer
    from kanban_server.store.locked_board import LockedBoard, Savepoint

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


class Connection(Protocol):
    """The connection of both drivers."""

    def execute(self, sql: Any, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def cursor(self) -> Any:
        """A cursor, for a statement with many rows of parameters."""

    def close(self) -> None:
        """Close the connection."""


CLOCK = Statement(text("SELECT clock_timestamp()"))
ADVISORY_LOCK = Statement(text("SELECT pg_advisory_xact_lock(:number)"))


class ReadTransaction:
    """A consistent view of the database for a viewer. Queries that check visibility return only what they may see."""

    def __init__(self, connection: Connection, dialect: DialectName, viewer: Viewer) -> None:
        self.connection = connection
        self.dialect: DialectName = dialect
        self.viewer = viewer
        self.prefetched_ticket: Row | None = None
        """A ticket that was read to find its board, kept for the next reader."""

    def take_prefetched(self, ticket_id: int) -> Row | None:
        """The row of a ticket, if it was read already and nothing was written since."""
        row, self.prefetched_ticket = self.prefetched_ticket, None
        return row if row is not None and row["id"] == ticket_id else None

    def _execute(self, statement: Statement, parameters: Mapping[str, Any]) -> Cursor:
        sql, defaults, *_ = statement.on(self.dialect)
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

    def one(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row, by column name, or None."""
        cursor = self._execute(statement, parameters)
        row = cursor.fetchone()
        return None if row is None else dict(zip(self._names(statement, cursor), row, strict=True))

    def all(self, statement: Statement, **parameters: Any) -> list[Row]:
        """All rows, by column name."""
        cursor = self._execute(statement, parameters)
        names = self._names(statement, cursor)
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _names(self, statement: Statement, cursor: Cursor) -> Sequence[str]:
        """The names of the columns, cached: a statement returns the same each time."""
        cached_names = statement.names.get(self.dialect)
        return cached_names or statement.names.setdefault(self.dialect, [column[0] for column in cursor.description])

    def array_parameter(self, values: Iterable[Any]) -> Any:
        """Values as the parameter of `= ANY(:values)`, or of `IN (SELECT value FROM json_each(:values))` on SQLite."""
        return list(values) if self.dialect == "postgresql" else orjson.dumps(list(values)).decode()

    def value(self, statement: Statement, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._execute(statement, parameters).fetchone()
        return None if row is None else row[0]


class Batch:
    """Changes that share a commit. The first that locks a board reads its row; the row is written after the last.

    Any other statement on boards' rows writes the changed rows first (docs/decisions/0011-boards-of-a-batch.md).
    """

    def __init__(self, connection: Connection, dialect: DialectName) -> None:
        self.connection = connection
        self.dialect: DialectName = dialect
        self.boards: dict[int, LockedBoard] = {}
        """The locked boards, in their current state."""
        self.dirty_boards: dict[int, LockedBoard] = {}
        """Changed boards whose rows are not written yet."""
        self.truncate_log = False
        """Whether the write-ahead log must be truncated after the commit, to remove overwritten data (SQLite)."""

    def write(self) -> None:
        """Write the rows of all changed boards."""
        dirty_boards, self.dirty_boards = self.dirty_boards, {}
        for board in dirty_boards.values():
            board.write()


class Transaction(ReadTransaction):
    """A change. All of it is committed, or nothing.

    A board is locked when it is first used. Its new events are written when the transaction ends.
    """

    def __init__(self, batch: Batch, viewer: Viewer) -> None:
        super().__init__(batch.connection, batch.dialect, viewer)
        self.id = secrets.token_hex(8)
        self.batch = batch
        self.boards: dict[int, LockedBoard] = {}
        self.has_written = False
        """Whether anything was written. If so, undoing the change requires a rollback in the database."""
        self.warnings: list[dict[str, Any]] = []
        """Warnings for the caller about a change that succeeded."""
        self._adopted: dict[int, Savepoint] = {}
        self._initial_state = self._capture_state()

    def _execute(self, statement: Statement, parameters: Mapping[str, Any]) -> Cursor:
        self._prepare(statement)
        return super()._execute(statement, parameters)

    def _prepare(self, statement: Statement) -> CompiledStatement:
        """Compile a statement before it runs. If it touches boards' rows, the changed ones are written first."""
        compiled = statement.on(self.dialect)
        if compiled.touches_boards:
            self.batch.write()
            if compiled.writes:
                self.batch.boards.clear()
        if compiled.writes:
            self.has_written, self.prefetched_ticket = True, None
        return compiled

    def adopt(self, board: LockedBoard) -> None:
        """Remember the state of a board that an earlier change of the batch has locked, to roll back to."""
        self._adopted[board.id] = board.savepoint()

    def write_board_row(self, statement: Statement, **parameters: Any) -> None:
        """Write a board's row from the batch, without the checks of `_execute`."""
        super()._execute(statement, parameters)

    def run(self, statement: Statement, **parameters: Any) -> int:
        """Run a statement that returns no rows, and return the number of affected rows."""
        return self._execute(statement, parameters).rowcount

    def run_many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that returns no rows once for each row of parameters: on PostgreSQL in one round trip."""
        if len(rows) == 1:
            self.run(statement, **rows[0])
        elif rows:
            sql, defaults, *_ = self._prepare(statement)
            self.connection.cursor().executemany(sql, [{**defaults, **row} for row in rows] if defaults else rows)

    def warn(self, type: str, detail: str, **facts: Any) -> None:
        """Add a warning to the response, each only once; see `WARNINGS` in the wire."""
        warning = {"type": type, "detail": detail, **facts}
        if warning not in self.warnings and len(self.warnings) < WARNINGS_MOST:
            self.warnings.append(warning)

    def advisory_lock(self, number: int) -> None:
        """Hold the lock with this number until the transaction ends, waiting for others that have it (PostgreSQL)."""
        if self.dialect == "postgresql":
            self.run(ADVISORY_LOCK, number=number)

    def finish(self) -> list[EncodedEvent]:
        """Write the events of each changed board and return them, numbered."""
        return [event for board in self.boards.values() for event in board.save_events()]

    def undo(self) -> None:
        """Reset the state in memory. Call when nothing was written, or after the database has rolled back."""
        self._restore_state(self._initial_state)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a change that is rolled back alone if it raises."""
        before = self._capture_state()
        self.connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            with suppress(Exception):  # if the database aborted the whole transaction, the original error says why
                self.connection.execute("ROLLBACK TO SAVEPOINT attempt")
                self.connection.execute("RELEASE SAVEPOINT attempt")
            self._restore_state(before)
            raise
        self.connection.execute("RELEASE SAVEPOINT attempt")

    def _capture_state(self) -> _BatchState:
        savepoints = {id: board.savepoint() for id, board in self.boards.items()}
        return _BatchState(
            dict(self.boards), dict(self.batch.boards), dict(self.batch.dirty_boards), savepoints, len(self.warnings)
        )

    def _restore_state(self, before: _BatchState) -> None:
        """Restore the boards. One that was locked since is dropped: its lock may be gone with a savepoint."""
        for id, board in self.boards.items():
            if savepoint := before.savepoints.get(id) or self._adopted.get(id):
                board.rollback_to(savepoint)
        self.boards, self.batch.boards, self.batch.dirty_boards = before.locked, before.in_batch, before.dirty_boards
        self.prefetched_ticket = None
        del self.warnings[before.warnings :]


class _BatchState(NamedTuple):
    locked: dict[int, LockedBoard]
    in_batch: dict[int, LockedBoard]
    dirty_boards: dict[int, LockedBoard]
    savepoints: dict[int, Savepoint]
    warnings: int

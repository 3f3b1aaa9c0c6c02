"""The differences between SQLite and PostgreSQL."""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.engine import URL

from kanban_server.rules.problems import Refusal
from kanban_server.store.file_identity import FileIdentity, check_single_link
from kanban_server.store.file_lock import FileLock
from kanban_server.store.postgresql_sessions import check_client, session_settings
from kanban_server.store.statements import DialectName
from kanban_server.store.unit_of_work import Connection

log = logging.getLogger("kanban.store")

BUSY_FIX = "Try again in a moment."


class Driver(Protocol):
    """The interface to one kind of database."""

    dialect: DialectName
    begin_writing: str
    """One statement, or several with a semicolon between them."""
    begin_reading: str
    lanes: bool
    """Whether several threads may write at once, each to its own boards."""
    survives_errors: bool
    """Whether a transaction can continue after a statement in it failed."""
    engine_url: URL
    """The URL for SQLAlchemy's engine, for migrations."""
    engine_arguments: dict[str, object]

    def writer(self) -> Connection:
        """Open a connection for writing."""

    def reader(self) -> Connection:
        """Open a connection for reading."""

    def in_transaction(self, connection: Any) -> bool:
        """Whether a transaction is open on the connection."""

    def broken(self, connection: Any) -> bool:
        """Whether the connection is no longer usable."""

    def truncate_log(self, connection: Any, *, wait: bool) -> bool:
        """Remove overwritten data from the write-ahead log. False if that is not possible yet.

        With `wait`, wait up to a second for readers that prevent it.
        """

    def refusal(self, error: BaseException) -> Refusal | None:
        """The database's error as a refusal, if a client can do something about it; else None."""

    def outlived(self, error: BaseException) -> bool:
        """Whether the error is caused by the connection itself, so that a new connection may succeed."""

    def key_taken(self, error: BaseException) -> bool:
        """Whether the commit failed because a request with the same idempotency key was committed meanwhile."""

    def lock_timed_out(self, error: BaseException) -> bool:
        """Whether the error is that a lock was not granted in time."""

    def replaced(self, within: float = 0.0) -> Refusal | None:
        """`database-replaced`, if the opened database was replaced. A check less than `within` seconds old counts."""

    def close(self, connection: object) -> None:
        """Close a connection without writing to a database that was replaced."""

    def release(self) -> None:
        """Release the database after all connections are closed."""


class SQLite:
    """A database file. One server process has it at a time, with one writing connection."""

    dialect: DialectName = "sqlite"
    begin_writing = "BEGIN IMMEDIATE"
    begin_reading = "BEGIN"
    lanes = False
    survives_errors = True

    def __init__(self, path: Path, *, lock_seconds: float) -> None:
        link, path = path.absolute(), Path(os.path.realpath(path))  # the lock is beside the file itself
        self.path = path
        self.engine_url = URL.create("sqlite", database=str(path))
        self.engine_arguments: dict[str, object] = {"isolation_level": None, "timeout": lock_seconds}
        self._lock_seconds = lock_seconds
        check_single_link(path)
        self.lock = FileLock(path)
        self._identity = FileIdentity(path, link=link)

    def writer(self) -> Connection:
        """The only connection that writes, and therefore the only one that checkpoints."""
        return self._connect("PRAGMA synchronous=FULL")

    def reader(self) -> Connection:
        """A connection that can't write."""
        return self._connect("PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0")

    def _connect(self, *pragmas: str) -> Connection:
        self._check_not_replaced()  # a new connection would open, and configure, the file that the path names now
        connection = sqlite3.connect(
            self.path, timeout=self._lock_seconds, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for pragma in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA foreign_keys=ON",
            "PRAGMA trusted_schema=OFF",
            "PRAGMA cache_size=-8000",
            "PRAGMA temp_store=MEMORY",
            "PRAGMA secure_delete=ON",  # free pages keep no text that was edited before its redaction
            *pragmas,
        ):
            connection.execute(pragma)
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()  # opens the log too, while it has its name
        self._identity.record_opened()
        return connection

    def _check_not_replaced(self) -> None:
        if (problem := self.replaced()) is not None:
            raise problem

    def in_transaction(self, connection: sqlite3.Connection) -> bool:
        """Asked of SQLite, which ends a transaction by itself if the disk is full or fails."""
        return connection.in_transaction

    def broken(self, connection: sqlite3.Connection) -> bool:
        """Always False: a connection to a file can't be lost."""
        return False

    def truncate_log(self, connection: sqlite3.Connection, *, wait: bool) -> bool:
        """Runs on the writing connection, because no other connection may write at the same time."""
        try:
            connection.execute(f"PRAGMA busy_timeout = {1000 if wait else 0}")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute(f"PRAGMA busy_timeout = {int(self._lock_seconds * 1000)}")
        except sqlite3.Error as error:  # committed data is kept
            log.warning("The write-ahead log was not truncated: %r", error)
            return False
        return not busy

    def refusal(self, error: BaseException) -> Refusal | None:
        """`database-replaced`, `storage-full` and `busy`."""
        if not isinstance(error, sqlite3.Error):
            return None
        if (problem := self.replaced()) is not None:
            return problem
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return Refusal(
                "storage-full",
                "The disk with the database is full; nothing was changed.",
                fix="Free some room on the server's disk, then try again.",
            )
        if code in {
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
        }:
            return Refusal("busy", f"The database can't be written now ({error}).", fix=BUSY_FIX, retry_after=1)
        return None

    def outlived(self, error: BaseException) -> bool:
        """Always False: all connections use one file."""
        return False

    def key_taken(self, error: BaseException) -> bool:
        """Always False: there is one writer."""
        return False

    def lock_timed_out(self, error: BaseException) -> bool:
        """Always False: no statement waits for a lock once the transaction has begun."""
        return False

    def replaced(self, within: float = 0.0) -> Refusal | None:
        """`database-replaced`, checked with one `stat`, unless the last check is at most `within` seconds old."""
        return self._identity.problem(within)

    def close(self, connection: Any) -> None:
        """Close a connection, but not if the file was replaced: closing the last one would write the log into it."""
        if self.replaced() is None:
            connection.close()
        else:
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))  # it is never collected, and so never closed

    def release(self) -> None:
        """Release the lock, so that another server can use the file."""
        self.lock.release()


class PostgreSQL:
    """A PostgreSQL database. Any number of our processes may use it at once: the board's row is the lock."""

    dialect: DialectName = "postgresql"
    begin_writing = "BEGIN ISOLATION LEVEL READ COMMITTED"
    begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    lanes = True
    survives_errors = False

    def __init__(self, url: URL, *, lock_seconds: float, transaction_pooling: bool = False) -> None:
        check_client()
        session = session_settings(lock_seconds, transaction_pooling=transaction_pooling)
        self.begin_writing += session.after_begin
        self.begin_reading += session.after_begin
        self.engine_url = url.set(drivername="postgresql+psycopg")
        self.engine_arguments: dict[str, Any] = {"connect_timeout": 5}
        if transaction_pooling:
            self.engine_arguments |= session.connect_arguments
        self._connect_arguments = {"connect_timeout": 5, "application_name": "kanban", **session.connect_arguments}
        self._url = url.set(drivername="postgresql").render_as_string(hide_password=False)

    def writer(self) -> Connection:
        """A connection that waits at most `lock_seconds` for a lock."""
        return self._connect()

    def reader(self) -> Connection:
        """A connection for reading transactions."""
        return self._connect()

    def _connect(self) -> Connection:
        import psycopg

        connection: Connection = psycopg.connect(self._url, autocommit=True, **self._connect_arguments)
        return connection

    def in_transaction(self, connection: Any) -> bool:
        """True also for a transaction that failed."""
        from psycopg.pq import TransactionStatus

        return connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}

    def broken(self, connection: Any) -> bool:
        """True if the server went away or ended the session."""
        return bool(connection.closed or connection.broken)

    def truncate_log(self, connection: object, *, wait: bool) -> bool:
        """Does nothing: PostgreSQL's files are managed by its administrator."""
        return True

    def refusal(self, error: BaseException) -> Refusal | None:
        """`storage-full`, `busy`, and `invalid-request` for a text with a NUL character, which PostgreSQL rejects."""
        from psycopg import errors

        unavailable_errors = (errors.OperationalError, errors.InterfaceError, errors.IdleInTransactionSessionTimeout)
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return Refusal("busy", "The database takes no changes now: it is read-only.", fix=BUSY_FIX, retry_after=5)
        if isinstance(error, errors.DiskFull):
            return Refusal(
                "storage-full",
                "The disk with the database is full; nothing was changed.",
                fix="Free some room on the database's disk, then try again.",
            )
        if isinstance(error, errors.DataError) and "NUL" in str(error):
            return Refusal("invalid-request", "A text holds a NUL character.", fix="Take it out.")
        if isinstance(error, unavailable_errors):
            return Refusal("busy", "The database is busy or out of reach.", fix=BUSY_FIX, retry_after=1)
        return None

    def outlived(self, error: BaseException) -> bool:
        """True if the session is read-only: the server was the primary, or was set so when the session began."""
        from psycopg import errors

        return isinstance(error, errors.ReadOnlySqlTransaction)

    def key_taken(self, error: BaseException) -> bool:
        """True if the table of idempotency keys had the key already."""
        from psycopg import errors

        return isinstance(error, errors.UniqueViolation) and error.diag.table_name == "answers"

    def lock_timed_out(self, error: BaseException) -> bool:
        """True after `lock_seconds`."""
        from psycopg import errors

        return isinstance(error, errors.LockNotAvailable)

    def replaced(self, within: float = 0.0) -> Refusal | None:
        """Always None: the loss of a server shows as an error."""
        return None

    def close(self, connection: Any) -> None:
        """Close a connection."""
        connection.close()

    def release(self) -> None:
        """Does nothing: no lock is held."""

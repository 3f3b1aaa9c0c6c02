"""`python -m kanban_server doctor`: check the server's own files, its boards, and PostgreSQL and Redis.

Changes nothing without `--repair`. Each finding has a name (docs/operations.md lists them), a level, a message, and a
fix.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

from kanban_server.commands import consistency
from kanban_server.commands.findings import Finding, counted
from kanban_server.commands.running_server import check_server_database, make_parser
from kanban_server.commands.stored_checks import check_stored
from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings, from_environment
from kanban_server.store.database import database_url
from kanban_server.store.file_identity import check_single_link
from kanban_server.store.migrations import HEAD

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow

SAFE_SQLITE_VERSION = (3, 51, 3)
"""Earlier versions can damage a file that two programs write and checkpoint at the same instant."""
LOW_DISK_BYTES, FULL_DISK_BYTES = 1 << 30, 100 << 20


def main(arguments: Sequence[str]) -> None:
    """Print the findings as JSON lines."""
    parser = make_parser("doctor", "Check the server's own files. Nothing is changed without --repair.")
    parser.add_argument("--repair", action="store_true", help="repair boards, and remove contents that no file has")
    options = parser.parse_args(arguments)
    try:
        check_server_database(options)
    except Refusal as refusal:
        level = "bad" if options.repair else "warning"  # the requested repair is not done
        print(Finding("database", level, refusal.detail, refusal.fix).json())
        return
    repairs = list(_repair_boards(options)) if options.repair else []
    for finding in (*repairs, *run_checks(options.database_url)):
        print(finding.json())


def _repair_boards(options: argparse.Namespace) -> Iterator[Finding]:
    """A finding for each repaired board."""
    try:
        repaired = consistency.repair(options)
    except Refusal as refusal:
        yield Finding("repair", "bad", refusal.detail, refusal.fix or "kanban doctor")
        return
    for board in repaired["boards"]:
        counts = ", ".join(f"{name}: {number}" for name, number in board["mended"].items())
        yield Finding("repair", "ok", f"Board {board['board_id']} was mended ({counts}).")
    if count := repaired.get("contents"):
        yield Finding("repair", "ok", f"{counted(count, 'content')} that no file has: removed.")


def run_checks(database: str | None) -> Iterator[Finding]:
    """Run all checks that are possible on the server's machine."""
    try:
        settings = from_environment(None, database_url=database)
        url = database_url(settings)
    except ValueError as error:
        yield Finding("settings", "bad", str(error), "Correct the variable; docs/operations.md lists them.")
        return
    if url.get_backend_name() == "sqlite":
        yield from _check_file(Path(os.path.realpath(str(url.database))), settings)
    else:
        yield from _check_postgresql(url.set(drivername="postgresql").render_as_string(hide_password=False), settings)
    if settings.redis_url:
        yield _check_redis(settings)


def _check_file(path: Path, settings: Settings) -> Iterator[Finding]:
    """Check a database file. It is opened in a mode that creates no files beside it."""
    if not path.exists():
        fix = "kanban up makes it; name another with --database."
        yield Finding("database", "hint", f"There is no {path} yet.", fix)
        return
    if not os.access(path, os.R_OK | os.W_OK):
        yield Finding("database", "bad", f"{path} can't be read and written by this user.", "Run as the server's user.")
        return
    try:
        check_single_link(path)
    except Refusal as refusal:
        yield Finding("database", "bad", refusal.detail, refusal.fix)
        return
    is_locked = _is_locked(path)
    yield _check_permissions(path)
    yield Finding("lock", "ok", f"A server has {path} open." if is_locked else f"No server has {path} open.")
    wal = path.with_name(f"{path.name}-wal")
    open_mode = "mode=ro" if is_locked or (wal.exists() and wal.stat().st_size) else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{open_mode}", uri=True, isolation_level=None)) as database:
            (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
            (last_event_at,) = database.execute("SELECT max(last_at) FROM boards").fetchone()
            boards = [*check_stored(database, "sqlite", settings)] if revision == HEAD else []
    except (sqlite3.Error, TypeError) as error:
        fix = "kanban restore FILE puts a backup in its place."
        yield Finding("database", "bad", f"{path} is no whole database of a kanban server ({error}).", fix)
        return
    yield Finding("database", "ok", f"{path}, {path.stat().st_size:,} bytes.")
    yield _check_revision(revision)
    yield from boards
    yield _check_clock(last_event_at, datetime.now(UTC))
    yield _check_sqlite_version()
    yield _check_disk_space(path)


def _is_locked(path: Path) -> bool:
    """Whether a server has locked the file."""
    try:
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _check_permissions(path: Path) -> Finding:
    files = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", ".lock")]
    readable_files = [file.name for file in files if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077]
    if not readable_files:
        return Finding("permissions", "ok", "Only its owner can read the database.")
    fix = f"chmod 600 {' '.join(str(path.with_name(name)) for name in readable_files)}"
    return Finding("permissions", "warning", f"Others on this machine can read {', '.join(readable_files)}.", fix)


def _check_revision(revision: str) -> Finding:
    if revision == HEAD:
        return Finding("revision", "ok", f"The database has revision {revision}, as this program needs.")
    if revision < HEAD:
        fix = "Start the server: it copies the file and brings it to its revision."
        return Finding("revision", "hint", f"The database has revision {revision}; this program needs {HEAD}.", fix)
    detail = f"The database has revision {revision}, which is newer than this program ({HEAD})."
    return Finding("revision", "bad", detail, "Install the program that wrote it, or a newer one.")


def _check_clock(last_event_at: str | None, current_time: datetime) -> Finding:
    if last_event_at is None or datetime.fromisoformat(last_event_at) <= current_time + timedelta(seconds=5):
        return Finding("time", "ok", "The clock is not behind the boards.")
    now = current_time.isoformat(timespec="seconds")
    detail = f"The newest change was at {last_event_at}, and this machine's time is {now}: the clock went back."
    return Finding("time", "warning", detail, "Let the machine keep its time (timedatectl set-ntp true).")


def _check_sqlite_version() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= SAFE_SQLITE_VERSION:
        return Finding("sqlite", "ok", f"SQLite {version}.")
    safe_version = ".".join(map(str, SAFE_SQLITE_VERSION))
    detail = (
        f"SQLite {version} can damage a file that two programs write and checkpoint at one instant "
        f"({safe_version} can't). The server alone never does that."
    )
    return Finding("sqlite", "hint", detail, "Let no other program, such as Litestream, write to the file.")


def _check_disk_space(path: Path) -> Finding:
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    message = f"{free // (1 << 20):,} MiB are free beside the database."
    if free < FULL_DISK_BYTES:
        return Finding("disk", "bad", message, "Make room: changes are refused once the disk is full.")
    if free < max(LOW_DISK_BYTES, 2 * size):
        return Finding("disk", "warning", message, "Make room: an upgrade and a backup each copy the database.")
    return Finding("disk", "ok", message)


def _check_postgresql(url: str, settings: Settings) -> Iterator[Finding]:
    try:
        import psycopg

        with psycopg.connect(url, connect_timeout=5) as connection:
            table, database_time = _row(connection, "SELECT to_regclass('alembic_version'), clock_timestamp()")
            local_time = datetime.now(UTC)
            if table is None:
                yield Finding("database", "hint", "PostgreSQL answers; the database is empty.", "Start the server.")
                return
            (revision,) = _row(connection, "SELECT version_num FROM alembic_version")
            (size,) = _row(connection, "SELECT pg_database_size(current_database())")
            (autovacuum,) = _row(connection, "SHOW autovacuum")
            connection.rollback()
            connection.autocommit = True
            boards = [*check_stored(connection, "postgresql", settings)] if revision == HEAD else []
    except ImportError:
        fix = "pip install 'agent-kanban[postgres]'"
        yield Finding("database", "bad", "The client of PostgreSQL is not installed.", fix)
        return
    except Exception as error:
        detail = f"PostgreSQL does not answer: {str(error).splitlines()[0]}."
        yield Finding("database", "bad", detail, "Start it, or correct KANBAN_DATABASE_URL.")
        return
    yield Finding("database", "ok", f"PostgreSQL, {size:,} bytes.")
    yield _check_revision(revision)
    yield from boards
    if autovacuum != "on":
        detail = "PostgreSQL's autovacuum is off, so that it plans with old statistics: large boards get slow."
        yield Finding("statistics", "warning", detail, "Turn it on, or run ANALYZE after a board has grown.")
    clock_skew = abs((database_time - local_time).total_seconds())
    if clock_skew > 5:
        detail = f"This machine's clock and PostgreSQL's are {clock_skew:.0f} s apart."
        yield Finding("time", "warning", detail, "Let both keep their time; claims go by PostgreSQL's.")
    else:
        yield Finding("time", "ok", "This machine and PostgreSQL agree on the time.")


def _row(connection: psycopg.Connection[TupleRow], query: LiteralString) -> TupleRow:
    """The first row of a query that has one."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def _check_redis(settings: Settings) -> Finding:
    try:
        import redis

        with redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except ImportError:
        return Finding("redis", "bad", "The client of Redis is not installed.", "pip install 'agent-kanban[redis]'")
    except Exception as error:
        detail = f"Redis does not answer: {str(error).splitlines()[0]}."
        return Finding("redis", "warning", detail, "Start it. Until then instances look each quarter second instead.")
    return Finding("redis", "ok", "Redis answers.")

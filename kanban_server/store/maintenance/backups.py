"""Backup of a whole database while it is in use, and restore."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kanban_server.rules.problems import Refusal
from kanban_server.store.atomic_file import arriving
from kanban_server.store.drivers import Driver, PostgreSQL, SQLite
from kanban_server.store.maintenance import file_folders
from kanban_server.store.migrations import HEAD
from kanban_server.store.statements import DialectName

CLAIM_FLOOR_REVISION = "0007"
"""The first revision whose boards have a `claim_floor`. Migrating to it sets the column too."""
_RESET_SQL: dict[DialectName, tuple[str, str]] = {
    "sqlite": ("UPDATE boards SET epoch = ? WHERE id = ?", "UPDATE boards SET claim_floor = ?"),
    "postgresql": ("UPDATE boards SET epoch = %s WHERE id = %s", "UPDATE boards SET claim_floor = %s"),
}


@dataclass(frozen=True)
class BackupResult:
    """A finished backup."""

    file: str
    bytes: int
    seconds: float
    contents: int = 0
    """Contents of files in the folder beside it."""


@dataclass(frozen=True)
class RestoreResult:
    """A restored database. `replaced` is the new path of the previous database file."""

    database: str
    replaced: str | None
    revision: str
    boards: int
    contents: int = 0
    """Contents of files that were in the folder beside the backup."""


def back_up(driver: Driver, target: Path, force: bool = False, folder: Path | None = None) -> BackupResult:
    """Copy the database to a file that only its owner can read. The file appears complete, or not at all.

    `folder` has contents of files outside the database: they are copied to a folder beside the backup, before it and
    again after it, so that it has all that the copy of the database names. Refused: `file-exists`, `backup-failed`
    (also for errors of the disk).
    """
    started_at = time.monotonic()
    target = target.absolute()
    if isinstance(driver, SQLite) and target.exists() and target.samefile(driver.path):
        raise _backup_failed(f"{target} is the database itself.", fix="Name another file.")
    if target.exists() and not force:
        raise Refusal("file-exists", f"{target} is there already.", fix="Name another file.", file=str(target))
    contents = 0
    with _atomic_file(target) as temporary:
        if folder is not None:
            file_folders.copy_contents(folder, file_folders.beside(target))
        if isinstance(driver, SQLite):
            _copy_file(driver, temporary)
        else:
            assert isinstance(driver, PostgreSQL)
            _run_pg_dump(driver, temporary)
        if folder is not None:
            contents = file_folders.copy_contents(folder, file_folders.beside(target))
            file_folders.remove_others(file_folders.beside(target), folder)
    return BackupResult(str(target), target.stat().st_size, round(time.monotonic() - started_at, 3), contents)


def _copy_file(driver: SQLite, temporary: Path) -> None:
    with closing(driver.reader()) as reader:
        reader.execute("PRAGMA query_only=OFF")  # it forbids VACUUM INTO too, which writes only to another file
        reader.execute("VACUUM INTO ?", (str(temporary),))
    check_file(temporary)


def check_file(path: Path) -> str:
    """Check that a database file is intact and return its revision. Refused: `backup-failed`."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            findings = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            if findings != ["ok"]:
                raise _backup_failed(f"{path} is damaged: {'; '.join(findings)}.")
            revision: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            return revision
    except (sqlite3.DatabaseError, TypeError) as error:
        raise _backup_failed(f"{path} is no database of a kanban server ({error}).") from error


def restore(driver: Driver, source: Path, folder: Path | None = None) -> RestoreResult:
    """Replace the database, which no other process may have open, with a backup; begin a new epoch on each board.

    A replaced SQLite file is kept beside the new one. PostgreSQL is restored into an empty database only. Contents of
    files beside the backup are copied to `folder`. Refused: `backup-failed`.
    """
    contents = _restore_contents(file_folders.beside(source), folder)
    if isinstance(driver, SQLite):
        return replace(_restore_file(driver, source), contents=contents)
    assert isinstance(driver, PostgreSQL)
    return replace(_run_pg_restore(driver, source), contents=contents)


def _restore_contents(source: Path, folder: Path | None) -> int:
    if not source.is_dir():
        return 0
    if folder is None:
        raise _backup_failed(
            f"The backup has contents of files in {source}, and there is no folder for them.",
            fix="Set KANBAN_FILES_FOLDER to the folder that the server will use.",
        )
    try:
        return file_folders.copy_contents(source, folder)
    except OSError as error:
        raise _backup_failed(f"{folder} can't be written: {error.strerror or error}.") from error


def _restore_file(driver: SQLite, source: Path) -> RestoreResult:
    revision = check_file(source)
    if revision > HEAD:
        raise _backup_failed(f"{source} has revision {revision}, which is newer than this program ({HEAD}).")
    with _atomic_file(driver.path) as temporary:
        shutil.copyfile(source, temporary)
        with closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            boards = _reset_epochs(driver, connection, revision)
            connection.execute("COMMIT")
        replaced = _move_aside(driver.path)
    return RestoreResult(str(driver.path), replaced, revision, boards)


def _reset_epochs(driver: Driver, connection: Any, revision: str) -> int:
    """Give each board a new epoch and the current time as its claim floor, and return the number of boards.

    The floor is higher than all claim numbers that were given after the backup and are lost.
    """
    set_epoch, set_floor = _RESET_SQL[driver.dialect]
    boards = connection.execute("SELECT id FROM boards").fetchall()
    for (board_id,) in boards:
        connection.execute(set_epoch, (secrets.token_hex(4), board_id))
    if revision >= CLAIM_FLOOR_REVISION:
        connection.execute(set_floor, (int(time.time()),))
    return len(boards)


def _move_aside(path: Path) -> str | None:
    """Rename a database file together with its WAL, so that none of its data is lost."""
    if not path.exists():
        return None
    target = path.with_name(f"{path.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(target.with_name(target.name + suffix))
    return str(target)


@contextmanager
def _atomic_file(target: Path) -> Iterator[Path]:
    """A temporary file that is renamed to the target at the end of the block. Refused: `backup-failed`."""
    try:
        with arriving(target) as temporary:
            yield temporary
    except OSError as error:
        raise _backup_failed(f"{target} can't be written: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        raise _backup_failed(f"The database can't be copied to {target}: {error}.") from error


def _run_pg_dump(driver: PostgreSQL, temporary: Path) -> None:
    _run_program("pg_dump", driver, "--format=custom", "--no-owner", "--no-acl", f"--file={temporary}")


def _run_pg_restore(driver: PostgreSQL, source: Path) -> RestoreResult:
    with closing(driver.writer()) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone()[0] is not None:
            raise _backup_failed(
                f"The database '{driver.engine_url.database}' is not empty, and is not written over.",
                fix="Make a new one (createdb NAME), restore into it, and start the servers with it.",
            )
        _run_program(
            "pg_restore", driver, "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", str(source)
        )
        connection.execute("BEGIN")
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        boards = _reset_epochs(driver, connection, revision)
        connection.execute("COMMIT")
    return RestoreResult(str(driver.engine_url.database), None, revision, boards)


def _run_program(program: str, driver: PostgreSQL, *arguments: str) -> None:
    """Run a PostgreSQL program. The password is passed in the environment, which other users can't see."""
    if shutil.which(program) is None:
        raise _backup_failed(
            f"{program} is not installed here.", fix=f"Install PostgreSQL's client programs ({program})."
        )
    url = driver.engine_url.set(drivername="postgresql")
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    url_without_password = url.set(password=None).render_as_string(hide_password=False)
    process = subprocess.run(
        [program, *arguments, f"--dbname={url_without_password}"], env=environment, capture_output=True, text=True
    )
    if process.returncode != 0:
        raise _backup_failed(f"{program} failed: {_last_lines(process.stderr.splitlines())}")


def _last_lines(lines: Sequence[str]) -> str:
    return " ".join(lines[-3:])[:500]


def _backup_failed(detail: str, *, fix: str | None = None) -> Refusal:
    return Refusal("backup-failed", detail, fix=fix or "Put this right, then try again.")

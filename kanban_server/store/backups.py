"""Copies of a whole database, made while it is in use; and the way back."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kanban_server.rules.refusals import Refusal
from kanban_server.store.drivers import Driver, PostgreSQL, SQLite
from kanban_server.store.migrations import HEAD
from kanban_server.store.part_files import arriving
from kanban_server.store.statements import DialectName

FLOORS_SINCE = "0007"
"""The revision since which boards say from which number on their claims are counted. Coming to it sets that too."""
_ANEW: dict[DialectName, tuple[str, str]] = {
    "sqlite": ("UPDATE boards SET epoch = ? WHERE id = ?", "UPDATE boards SET claim_floor = ?"),
    "postgresql": ("UPDATE boards SET epoch = %s WHERE id = %s", "UPDATE boards SET claim_floor = %s"),
}


@dataclass(frozen=True)
class Copied:
    """A backup that was made."""

    file: str
    bytes: int
    seconds: float


@dataclass(frozen=True)
class Restored:
    """A database that was put in place; `replaced` is where the one before it lies."""

    database: str
    replaced: str | None
    revision: str
    boards: int


def back_up(driver: Driver, target: Path, force: bool = False) -> Copied:
    """Copy the database to a file that only its owner can read. It is there whole, or not at all.

    Refused: `file-exists`, `backup-failed`, and what the disk says.
    """
    began = time.monotonic()
    target = target.absolute()
    if isinstance(driver, SQLite) and target.exists() and target.samefile(driver.path):
        raise _failed(f"{target} is the database itself.", fix="Name another file.")
    if target.exists() and not force:
        raise Refusal("file-exists", f"{target} is there already.", fix="Name another file.", file=str(target))
    with _arriving(target) as part:
        if isinstance(driver, SQLite):
            _copy_file(driver, part)
        else:
            assert isinstance(driver, PostgreSQL)
            _dump(driver, part)
    return Copied(str(target), target.stat().st_size, round(time.monotonic() - began, 3))


def _copy_file(driver: SQLite, part: Path) -> None:
    with closing(driver.reader()) as reader:
        reader.execute("PRAGMA query_only=OFF")  # it forbids this too, which writes to another file only
        reader.execute("VACUUM INTO ?", (str(part),))
    check_file(part)


def check_file(path: Path) -> str:
    """The revision of a database file that is whole. Refused: `backup-failed`."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            found = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
            if found != ["ok"]:
                raise _failed(f"{path} is damaged: {'; '.join(found)}.")
            revision: str = copy.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            return revision
    except (sqlite3.DatabaseError, TypeError) as error:
        raise _failed(f"{path} is no database of a kanban server ({error}).") from error


def restore(driver: Driver, source: Path) -> Restored:
    """Put a backup in the place of the database, which nobody else may have, and begin new epochs on all boards.

    An SQLite file that is replaced is kept beside. PostgreSQL is restored into an empty database only.
    Refused: `backup-failed`.
    """
    if isinstance(driver, SQLite):
        return _put_file(driver, source)
    assert isinstance(driver, PostgreSQL)
    return _load(driver, source)


def _put_file(driver: SQLite, source: Path) -> Restored:
    revision = check_file(source)
    if revision > HEAD:
        raise _failed(f"{source} has revision {revision}, which is newer than this program ({HEAD}).")
    with _arriving(driver.path) as part:
        shutil.copyfile(source, part)
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            copy.execute("BEGIN IMMEDIATE")
            boards = _begin_anew(driver, copy, revision)
            copy.execute("COMMIT")
        replaced = _put_aside(driver.path)
    return Restored(str(driver.path), replaced, revision, boards)


def _begin_anew(driver: Driver, connection: Any, revision: str) -> int:
    """Give each board a new epoch, and claims numbered by the time: above all that the time which is lost may have
    given. How many boards there are."""
    set_epoch, set_floor = _ANEW[driver.dialect]
    boards = connection.execute("SELECT id FROM boards").fetchall()
    for (board,) in boards:
        connection.execute(set_epoch, (secrets.token_hex(4), board))
    if revision >= FLOORS_SINCE:
        connection.execute(set_floor, (int(time.time()),))
    return len(boards)


def _put_aside(path: Path) -> str | None:
    """Rename a database file, with what SQLite keeps beside it, and so with all that it holds."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(kept.with_name(kept.name + end))
    return str(kept)


@contextmanager
def _arriving(target: Path) -> Iterator[Path]:
    """A file that takes the target's name when the block has filled it. Refused: `backup-failed`."""
    try:
        with arriving(target) as part:
            yield part
    except OSError as error:
        raise _failed(f"{target} can't be written: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        raise _failed(f"The database can't be copied to {target}: {error}.") from error


def _dump(driver: PostgreSQL, part: Path) -> None:
    _run("pg_dump", driver, "--format=custom", "--no-owner", "--no-acl", f"--file={part}")


def _load(driver: PostgreSQL, source: Path) -> Restored:
    with closing(driver.writer()) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone()[0] is not None:
            raise _failed(
                f"The database '{driver.engine_url.database}' is not empty, and is not written over.",
                fix="Make a new one (createdb NAME), restore into it, and start the servers with it.",
            )
        _run("pg_restore", driver, "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", str(source))
        connection.execute("BEGIN")
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        boards = _begin_anew(driver, connection, revision)
        connection.execute("COMMIT")
    return Restored(str(driver.engine_url.database), None, revision, boards)


def _run(program: str, driver: PostgreSQL, *arguments: str) -> None:
    """Run a program of PostgreSQL's; the password goes by the environment, which others can't see."""
    if shutil.which(program) is None:
        raise _failed(f"{program} is not installed here.", fix=f"Install PostgreSQL's client programs ({program}).")
    url = driver.engine_url.set(drivername="postgresql")
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    shown = url.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run([program, *arguments, f"--dbname={shown}"], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise _failed(f"{program} failed: {_tail(done.stderr.splitlines())}")


def _tail(lines: Sequence[str]) -> str:
    return " ".join(lines[-3:])[:500]


def _failed(detail: str, *, fix: str | None = None) -> Refusal:
    return Refusal("backup-failed", detail, fix=fix or "Put this right, then try again.")

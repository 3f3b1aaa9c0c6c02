"""A whole database, moved from a file to PostgreSQL: every row as it is, so that cursors and versions stay valid."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import Table, select

from kanban_server.rules.refusals import Refusal
from kanban_server.store.drivers import PostgreSQL, SQLite
from kanban_server.store.migrate import MigrationFailed, migrate
from kanban_server.store.statements import Statement
from kanban_server.store.tables import metadata

ROWS = 1000
"""Rows that are read at a time."""
INDEX = (
    "INSERT INTO ticket_search (ticket_id, words)"
    " VALUES (%s, array_to_tsvector(string_to_array(CAST(%s AS text), ' ')))"
)
HOLES = """
SELECT id FROM boards
WHERE seq - floor <> (SELECT count(*) FROM events WHERE board_id = boards.id AND events.seq > boards.floor)
"""
SEQUENCES = """
SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
FROM information_schema.columns
WHERE table_schema = current_schema() AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL
"""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Transferred:
    """What was moved: how many rows of which table."""

    database: str
    rows: dict[str, int]
    seconds: float


def transfer(source: SQLite, target: PostgreSQL) -> Transferred:
    """Copy everything, compare it, and only then keep it. The file stays as it is.

    Both belong to nobody else meanwhile. Refused: `transfer-failed`, where the target is not empty, or not the same.
    """
    began = time.monotonic()
    _check_empty(target)
    try:
        migrate(source)
        migrate(target)
    except MigrationFailed as error:
        raise _failed(str(error)) from error
    old: Any
    new: Any
    with closing(source.reader()) as old, closing(target.writer()) as new:
        old.execute(source.begin_reading)
        with new.transaction():
            rows = {table.name: _copy(table, old, new) for table in _emptied(new)}
            new.cursor().executemany(INDEX, old.execute("SELECT rowid, words FROM ticket_search"))
            _set_sequences(new)
            if holes := [row[0] for row in new.execute(HOLES)]:
                raise _failed(f"The logs of the boards {holes} have holes.", fix="kanban restore a good backup first")
        new.execute("ANALYZE")
    return Transferred(str(target.engine_url.database), rows, round(time.monotonic() - began, 3))


def _check_empty(target: PostgreSQL) -> None:
    try:
        connection = target.writer()
    except Exception as error:
        raise _failed(f"PostgreSQL can't be reached: {error}") from error
    with closing(connection):
        made = connection.execute("SELECT to_regclass('boards')").fetchone()[0]
        if made and connection.execute("SELECT id FROM boards LIMIT 1").fetchone():
            raise _failed(
                f"The database '{target.engine_url.database}' has boards already, and is not written over.",
                fix="Make a new one (createdb NAME), and move into that before a server uses it.",
            )


def _emptied(new: Any) -> list[Table]:
    """All tables, those that others refer to first, without what the migrations put in them."""
    tables = metadata.sorted_tables
    for table in reversed(tables):
        sql, *_ = Statement(table.delete()).on("postgresql")
        new.execute(sql)
    return tables


def _copy(table: Table, old: Any, new: Any) -> int:
    """Copy a table, and count its rows. Refused: `transfer-failed`, where they are not the same there."""
    from psycopg import sql

    names = [column.name for column in table.columns]
    read, *_ = Statement(select(table)).on("sqlite")
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    sent = Digest()
    with new.cursor() as cursor, cursor.copy(copy) as pipe:
        for row in sent.of(_rows(old.execute(read))):
            pipe.write_row(row)
    arrived = Digest()
    read_back, *_ = Statement(select(table)).on("postgresql")
    with new.cursor(name="arrived") as cursor:
        for _ in arrived.of(_rows(cursor.execute(read_back))):
            pass
    if sent != arrived:
        raise _failed(f"The rows of {table.name} are not the same there.")
    return sent.count


def _rows(cursor: Any) -> Iterator[Row]:
    while rows := cursor.fetchmany(ROWS):
        yield from map(tuple, rows)


class Digest:
    """What tells rows from others, in whatever order they come."""

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0

    def of(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, counted and summed as they pass."""
        for row in rows:
            self.count += 1
            self.sum += int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest())
            yield row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Digest) and (self.count, self.sum) == (other.count, other.sum)

    __hash__ = None  # type: ignore[assignment]


def _set_sequences(new: Any) -> None:
    """Let the next number that PostgreSQL gives out be one that no row has."""
    from psycopg import sql

    for table, column, sequence in new.execute(SEQUENCES).fetchall():
        highest = sql.SQL("SELECT max({}) FROM {}").format(sql.Identifier(column), sql.Identifier(table))
        if (most := new.execute(highest).fetchone()[0]) is not None:
            new.execute("SELECT setval(%s, %s)", (sequence, most))


def _failed(detail: str, *, fix: str | None = None) -> Refusal:
    return Refusal("transfer-failed", detail, fix=fix or "Put this right, then try again.")

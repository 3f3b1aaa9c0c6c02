"""Copy a whole database from a file to PostgreSQL, every row unchanged, so that cursors and versions stay valid."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import Table, select

from kanban_server.rules.problems import Refusal
from kanban_server.store.drivers import PostgreSQL, SQLite
from kanban_server.store.maintenance.migrate import MigrationFailed, migrate
from kanban_server.store.statements import Statement
from kanban_server.store.tables import blob_chunks, metadata

FETCH_SIZE = 1000
"""Rows read at a time."""
FETCH_CHUNKS = 16
"""The same for parts of files, which have 256 KiB each."""
INSERT_SEARCH = (
    "INSERT INTO ticket_search (ticket_id, words)"
    " VALUES (%s, array_to_tsvector(string_to_array(CAST(%s AS text), ' ')))"
)
BOARDS_WITH_GAPS = """
SELECT id FROM boards
WHERE seq - floor <> (SELECT count(*) FROM events WHERE board_id = boards.id AND events.seq > boards.floor)
"""
SERIAL_SEQUENCES = """
SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
FROM information_schema.columns
WHERE table_schema = current_schema() AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL
"""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class TransferResult:
    """The number of copied rows by table."""

    database: str
    rows: dict[str, int]
    seconds: float


def transfer(source: SQLite, target: PostgreSQL) -> TransferResult:
    """Copy all rows, compare them, and only then commit. The file is unchanged.

    No other process may use either database. Refused: `transfer-failed`, if the target is not empty, or its rows
    differ.
    """
    started_at = time.monotonic()
    _check_empty(target)
    try:
        migrate(source)
        migrate(target)
    except MigrationFailed as error:
        raise _transfer_failed(str(error)) from error
    source_connection: Any
    target_connection: Any
    with closing(source.reader()) as source_connection, closing(target.writer()) as target_connection:
        source_connection.execute(source.begin_reading)
        with target_connection.transaction():
            rows = {
                table.name: _copy_table(table, source_connection, target_connection)
                for table in _empty_tables(target_connection)
            }
            target_connection.cursor().executemany(
                INSERT_SEARCH, source_connection.execute("SELECT rowid, words FROM ticket_search")
            )
            _set_sequences(target_connection)
            if board_ids := [row[0] for row in target_connection.execute(BOARDS_WITH_GAPS)]:
                raise _transfer_failed(
                    f"The logs of the boards {board_ids} have holes.", fix="kanban restore a good backup first"
                )
        target_connection.execute("ANALYZE")
    return TransferResult(str(target.engine_url.database), rows, round(time.monotonic() - started_at, 3))


def _check_empty(target: PostgreSQL) -> None:
    try:
        connection = target.writer()
    except Exception as error:
        raise _transfer_failed(f"PostgreSQL can't be reached: {error}") from error
    with closing(connection):
        has_boards_table = connection.execute("SELECT to_regclass('boards')").fetchone()[0]
        if has_boards_table and connection.execute("SELECT id FROM boards LIMIT 1").fetchone():
            raise _transfer_failed(
                f"The database '{target.engine_url.database}' has boards already, and is not written over.",
                fix="Make a new one (createdb NAME), and move into that before a server uses it.",
            )


def _empty_tables(target_connection: Any) -> list[Table]:
    """All tables, referenced tables first, emptied of the rows that migrations insert."""
    tables = metadata.sorted_tables
    for table in reversed(tables):
        sql, *_ = Statement(table.delete()).on("postgresql")
        target_connection.execute(sql)
    return tables


def _copy_table(table: Table, source_connection: Any, target_connection: Any) -> int:
    """Copy a table and return the number of rows. Refused: `transfer-failed`, if the copied rows differ."""
    from psycopg import sql

    column_names = [column.name for column in table.columns]
    source_select, *_ = Statement(select(table)).on("sqlite")
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, column_names))
    )
    size = FETCH_CHUNKS if table is blob_chunks else FETCH_SIZE
    source_digest = RowDigest()
    with target_connection.cursor() as cursor, cursor.copy(copy) as copy_stream:
        for row in source_digest.consume(_fetch_rows(source_connection.execute(source_select), size)):
            copy_stream.write_row(row)
    target_digest = RowDigest()
    target_select, *_ = Statement(select(table)).on("postgresql")
    with target_connection.cursor(name="arrived") as cursor:
        for _ in target_digest.consume(_fetch_rows(cursor.execute(target_select), size)):
            pass
    if source_digest != target_digest:
        raise _transfer_failed(f"The rows of {table.name} are not the same there.")
    return source_digest.count


def _fetch_rows(cursor: Any, size: int) -> Iterator[Row]:
    while rows := cursor.fetchmany(size):
        yield from map(tuple, rows)


class RowDigest:
    """A digest of a set of rows that does not depend on their order."""

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0

    def consume(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows, counting and summing them."""
        for row in rows:
            self.count += 1
            self.sum += int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest())
            yield row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowDigest) and (self.count, self.sum) == (other.count, other.sum)

    __hash__ = None  # type: ignore[assignment]


def _set_sequences(connection: Any) -> None:
    """Set PostgreSQL's sequences to numbers that no row has."""
    from psycopg import sql

    for table, column, sequence in connection.execute(SERIAL_SEQUENCES).fetchall():
        highest_query = sql.SQL("SELECT max({}) FROM {}").format(sql.Identifier(column), sql.Identifier(table))
        if (highest_id := connection.execute(highest_query).fetchone()[0]) is not None:
            connection.execute("SELECT setval(%s, %s)", (sequence, highest_id))


def _transfer_failed(detail: str, *, fix: str | None = None) -> Refusal:
    return Refusal("transfer-failed", detail, fix=fix or "Put this right, then try again.")

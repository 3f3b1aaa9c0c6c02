"""Statements that write many rows at once, when the unit of work is flushed.

SQLite runs such a statement once a row. PostgreSQL gets all rows in one statement, with an array for each column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Executable,
    FromClause,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.types import TypeEngine

from kanban_server.store.statements import DialectName, Statement

BulkRow = Mapping[str, object]


class BulkStatement:
    """A statement on one table that is run for many rows.

    `order` is its position in a flush. Of several rows with the same value of `unique`, the last one counts.
    """

    def __init__(
        self,
        table: str,
        one_row: Executable,
        all_rows: Executable,
        columns: Sequence[str],
        order: int,
        *,
        unique: str | None = None,
    ) -> None:
        self.table = table
        self.order = order
        self._one_row = Statement(one_row, reads=[table], writes=[table])
        self._all_rows = Statement(one_row, postgresql=all_rows, reads=[table], writes=[table])
        self._columns = columns
        self._unique = unique

    def on(self, dialect: DialectName, rows: Sequence[BulkRow]) -> tuple[str, BulkRow | Sequence[BulkRow]]:
        """The statement's text, with its only set of parameters (PostgreSQL) or one set for each row (SQLite)."""
        if self._unique is not None:
            rows = [*{row[self._unique]: row for row in rows}.values()]
        if dialect == "sqlite":
            return self._one_row.on(dialect).sql, rows
        return self._all_rows.on(dialect).sql, {f"all_{name}": [row[name] for row in rows] for name in self._columns}


def bulk_insert(table: Table, columns: Sequence[str], *, order: int) -> BulkStatement:
    """Insert rows with these columns."""
    rows = _unnested(table, columns)
    return BulkStatement(
        table.name,
        insert(table).values({name: bindparam(name) for name in columns}),
        insert(table).from_select(list(columns), select(*(rows.c[name] for name in columns))),
        columns,
        order,
    )


@cache
def bulk_update(table: Table, keys: tuple[str, ...], columns: tuple[str, ...], *, order: int) -> BulkStatement:
    """Update `columns` of the rows with these `keys`. The parameters are named as the columns, keys as `of_` them."""
    rows = _unnested(table, (*keys, *columns), keys)
    return BulkStatement(
        table.name,
        update(table)
        .where(*(table.c[name] == bindparam(f"of_{name}") for name in keys))
        .values({name: bindparam(name) for name in columns}),
        update(table)
        .where(and_(*(table.c[name] == rows.c[f"of_{name}"] for name in keys)))
        .values({name: rows.c[name] for name in columns}),
        (*(f"of_{name}" for name in keys), *columns),
        order,
    )


def bulk_delete(table: Table, keys: tuple[str, ...], *, order: int) -> BulkStatement:
    """Delete the rows with these `keys`, named `of_` the columns."""
    rows = _unnested(table, keys, keys)
    return BulkStatement(
        table.name,
        delete(table).where(*(table.c[name] == bindparam(f"of_{name}") for name in keys)),
        delete(table).where(and_(*(table.c[name] == rows.c[f"of_{name}"] for name in keys))),
        [f"of_{name}" for name in keys],
        order,
    )


def _unnested(table: Table, columns: Sequence[str], keys: Sequence[str] = ()) -> FromClause:
    """The rows as PostgreSQL's table-valued function `unnest`, with one array parameter for each column."""
    names = [f"of_{name}" if name in keys else name for name in columns]
    arrays = [
        cast(bindparam(f"all_{name}"), ARRAY(_plain_type(table.c[column].type)))
        for name, column in zip(names, columns, strict=True)
    ]
    return func.unnest(*arrays).table_valued(*names, name="rows").render_derived()


def _plain_type(column_type: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type without its collation, which an array can't have."""
    for kind in (BigInteger, Integer, LargeBinary, Text):
        if isinstance(column_type, kind):
            return kind()
    raise TypeError(f"No array type for {column_type!r}")

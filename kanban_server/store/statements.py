"""SQLAlchemy statements, compiled once for each database.

Running a compiled statement on the driver's own connection takes a tenth of the time of building it again
(docs/decisions/0002-compiled-statements.md). A statement knows which tables it reads and writes, so that the unit of
work can flush its pending changes of those tables first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from sqlalchemy import Executable, Insert, Table, TextClause, UpdateBase
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import visitors

DialectName = Literal["sqlite", "postgresql"]


@cache
def _dialect(name: DialectName) -> Dialect:
    """Only the dialect in use is loaded: each takes 30 ms of a server's start."""
    if name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.dialect(paramstyle="named")
    from sqlalchemy.dialects.postgresql import psycopg

    return psycopg.dialect()  # type: ignore[no-untyped-call]


class CompiledStatement(NamedTuple):
    """A statement's text and default parameters."""

    sql: str
    defaults: dict[str, object]


class Statement:
    """A statement that is compiled to text and default parameters for each database.

    `tables` are the tables that it reads or writes, and `writes` those that it writes. Both follow from a Core
    statement; a text must name them, else ValueError is raised where it is defined.

    PostgreSQL plans a statement a few times and then keeps the plan, though tables that were small may have grown. A
    `replanned` statement is planned each time.
    """

    def __init__(
        self,
        core: Executable,
        *,
        postgresql: Executable | None = None,
        replanned: bool = False,
        reads: Sequence[str] | None = None,
        writes: Sequence[str] | None = None,
    ) -> None:
        self.replanned = replanned
        self._core: dict[DialectName, Executable] = {
            "sqlite": core,
            "postgresql": postgresql if postgresql is not None else core,
        }
        self._compiled: dict[DialectName, CompiledStatement] = {}
        self.names: dict[DialectName, list[str]] = {}
        """The names of its columns, once it has run."""
        self.writes = _written_tables(core) if writes is None else frozenset(writes)
        self.inserts = isinstance(core, Insert)
        """Whether it only adds rows."""
        self.tables = self.writes | (_read_tables(core) if reads is None else frozenset(reads))

    def on(self, dialect: DialectName) -> CompiledStatement:
        """The statement, compiled for the database."""
        try:
            return self._compiled[dialect]
        except KeyError:
            compiled_core = self._core[dialect].compile(dialect=_dialect(dialect))  # type: ignore[attr-defined]
            defaults = {name: value for name, value in compiled_core.params.items() if value is not None}
            return self._compiled.setdefault(dialect, CompiledStatement(str(compiled_core), defaults))


def _written_tables(core: Executable) -> frozenset[str]:
    if isinstance(core, TextClause):
        return frozenset()
    return frozenset({str(core.table)} if isinstance(core, UpdateBase) else ())


def _read_tables(core: Executable) -> frozenset[str]:
    if isinstance(core, TextClause):
        raise ValueError(f"A statement in text must name the tables that it reads and writes: {core.text}")
    return frozenset(element.name for element in visitors.iterate(core) if isinstance(element, Table))  # type: ignore[arg-type]

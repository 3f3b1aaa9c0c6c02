"""SQLAlchemy statements, compiled once for each database.

Running a compiled statement on the driver's own connection takes a tenth of the time of building it again
(docs/decisions/0002-compiled-statements.md).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Executable
from sqlalchemy.engine import Dialect

DialectName = Literal["sqlite", "postgresql"]

_BOARDS_TABLE = re.compile(r"\bboards\b")


@cache
def _dialect(name: DialectName) -> Dialect:
    """Only the dialect in use is loaded: each takes 30 ms of a server's start."""
    if name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.dialect(paramstyle="named")
    from sqlalchemy.dialects.postgresql import psycopg

    return psycopg.dialect()  # type: ignore[no-untyped-call]


class CompiledStatement(NamedTuple):
    """A statement's text and default parameters, whether it writes, and whether it touches rows of boards."""

    sql: str
    defaults: dict[str, Any]
    writes: bool
    touches_boards: bool


class Statement:
    """A statement that is compiled to text and default parameters for each database.

    PostgreSQL plans a statement a few times and then keeps the plan, though tables that were small may have grown. A
    `replanned` statement is planned each time.
    """

    def __init__(self, core: Executable, *, postgresql: Executable | None = None, replanned: bool = False) -> None:
        self.replanned = replanned
        self._core: dict[DialectName, Executable] = {
            "sqlite": core,
            "postgresql": postgresql if postgresql is not None else core,
        }
        self._compiled: dict[DialectName, CompiledStatement] = {}
        self.names: dict[DialectName, list[str]] = {}
        """The names of its columns, once it has run."""

    def on(self, dialect: DialectName) -> CompiledStatement:
        """The statement, compiled for the database."""
        try:
            return self._compiled[dialect]
        except KeyError:
            compiled_core = self._core[dialect].compile(dialect=_dialect(dialect))  # type: ignore[attr-defined]
            defaults = {name: value for name, value in compiled_core.params.items() if value is not None}
            sql = str(compiled_core)
            compiled = CompiledStatement(sql, defaults, not sql.startswith("SELECT"), bool(_BOARDS_TABLE.search(sql)))
            return self._compiled.setdefault(dialect, compiled)

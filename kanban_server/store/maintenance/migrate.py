"""Bring a database to the newest revision, from any older one, or from nothing.

An empty database gets the newest schema at once. The revision is compared by plain SQL. Alembic, which is slow to load,
is imported only if there is something to do. A non-empty SQLite file is copied first. Either database is changed in one
transaction, PostgreSQL under a lock that all servers share.
"""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, event, inspect, text

from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.store.drivers import Driver, PostgreSQL, SQLite
from kanban_server.store.migrations import HEAD
from kanban_server.store.statements import Statement
from kanban_server.store.transaction import ReadTransaction

log = logging.getLogger("kanban.store")

MIGRATION_LOCK = 7_265_312
"""The number of PostgreSQL's advisory lock for migrations."""


REVISION = Statement(text("SELECT version_num FROM alembic_version"), reads=[])
READ_ONLY = Statement(
    text(
        """
        SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean OR EXISTS (
            SELECT FROM pg_db_role_setting
            WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
              AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
              AND 'default_transaction_read_only=on' = ANY (setconfig)
        )
        """
    ),
    reads=[],
)
"""Whether new connections are read-only. An open connection does not show what is set for the database later."""


class MigrationFailed(Exception):
    """The database could not be brought to the newest revision; it is unchanged."""


def migrate(driver: Driver) -> str | None:
    """Bring the database to the newest revision and return its previous one; None if it was empty.

    Raises MigrationFailed, also if the database is newer than this program, or does not store text as UTF-8.
    """
    engine = create_engine(driver.engine_url, poolclass=NullPool, connect_args=driver.engine_arguments)
    if driver.dialect == "sqlite":
        # The transactions that Python opens by default exclude DDL.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        if isinstance(driver, PostgreSQL):
            _check_encoding(driver)
        with engine.connect() as connection:
            revision = _current_revision(connection)
            connection.rollback()
            if revision == HEAD:
                return revision
            if revision is not None and revision > HEAD:
                raise MigrationFailed(f"The database has revision {revision}, which is newer than this program.")
            if revision is not None and isinstance(driver, SQLite):
                _back_up_file(connection, driver.path, revision)
            with connection.begin():
                if driver.dialect == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
                    revision = _current_revision(connection)  # another server may have migrated meanwhile
                if revision is None:
                    from kanban_server.store.maintenance.create import create_schema  # only a first start needs it

                    create_schema(connection)
                elif revision != HEAD:
                    log.warning("The database is brought from revision %s to %s.", revision, HEAD)
                    _upgrade(connection)
            return revision
    except MigrationFailed:
        raise
    except Exception as error:
        raise MigrationFailed(f"The database can't be brought to revision {HEAD}: {error}") from error


def read_revision(tx: ReadTransaction) -> str | None:
    """The database's current revision."""
    revision: str | None = tx.value(REVISION)
    return revision


def read_only(tx: ReadTransaction) -> bool:
    """Whether the database is read-only: PostgreSQL that is a standby, or is set so for new connections.

    A connection that was opened while it was set so remains read-only; `read_only_anew` checks with a new one.
    """
    return tx.dialect == "postgresql" and bool(tx.value(READ_ONLY))


def read_only_anew(driver: Driver) -> bool:
    """The same check on a new connection."""
    with closing(driver.reader()) as connection:
        return read_only(ReadTransaction(connection, driver.dialect, SYSTEM_VIEWER))


def _check_encoding(driver: PostgreSQL) -> None:
    connection: Any
    with closing(driver.reader()) as connection:
        encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise MigrationFailed(
            f"The database '{driver.engine_url.database}' keeps text as {encoding}, not as UTF8."
            " Make one that does: createdb --template template0 --encoding UTF8 NAME"
        )


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _back_up_file(connection: Connection, path: Path, revision: str) -> None:
    target = path.with_name(f"{path.name}.before-{HEAD}-from-{revision}")
    target.unlink(missing_ok=True)
    driver_connection: Any = connection.connection.driver_connection
    driver_connection.execute("VACUUM INTO ?", (str(target),))
    log.warning("The database was copied to %s before it is changed.", target)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

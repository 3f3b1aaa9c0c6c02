"""Identify the database, so that a command can tell whether the server at a URL uses the same one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy.engine import URL

from kanban_server.settings import Settings
from kanban_server.store.database import database_url

_POSTGRES = (
    "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())"
    " FROM pg_control_system()"
)


def database_id(settings: Settings) -> str | None:
    """A digest that is the same for everyone who opens the same database; None if there is none, or none is computable.

    For a file it is computed from device and inode, whatever the path; for PostgreSQL, from cluster and database.
    Raises what the client of PostgreSQL raises if the server can't be reached.
    """
    url = database_url(settings)
    if url.get_backend_name() == "sqlite":
        return _of_file(Path(str(url.database)).absolute())
    return _of_postgres(url)


def _of_file(path: Path) -> str | None:
    try:
        found = path.stat()  # not by opening the file, which would drop the locks of a server in this process
    except OSError:
        return None
    return _digest("sqlite", found.st_dev, found.st_ino)


def _of_postgres(url: URL) -> str | None:
    import psycopg

    where = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(where, autocommit=True, connect_timeout=5) as connection:
        try:
            row = connection.execute(_POSTGRES).fetchone()
        except psycopg.errors.InsufficientPrivilege:
            return None
    return _digest("postgresql", *row) if row else None


def _digest(*facts: object) -> str:
    return hashlib.sha256(" ".join(map(str, facts)).encode()).hexdigest()[:16]

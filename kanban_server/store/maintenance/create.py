"""Create an empty database with the newest schema at once, without its migrations, which take most of a first start."""

from __future__ import annotations

from sqlalchemy import Connection, text

from kanban_server.store.indexes import metadata
from kanban_server.store.migrations import HEAD
from kanban_server.store.tables import roster

_SEARCH = {
    "sqlite": [
        # All characters but ASCII ones belong to words: nothing splits what `rules/search_words.py` made.
        """CREATE VIRTUAL TABLE ticket_search USING fts5(words, prefix='2 3', tokenize="ascii tokenchars '+#'")"""
    ],
    "postgresql": [
        "CREATE TABLE ticket_search (ticket_id BIGINT PRIMARY KEY REFERENCES tickets (id), words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_ticket_search_words ON ticket_search USING gin (words)",
    ],
}
_REVISION_TABLE = (
    "CREATE TABLE alembic_version"
    " (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def create_schema(connection: Connection) -> None:
    """Create all tables and indexes, and record the newest revision. A test compares them with the migrations'."""
    metadata.create_all(connection, checkfirst=False)
    for statement in [*_SEARCH[connection.dialect.name], _REVISION_TABLE]:
        connection.execute(text(statement))
    connection.execute(roster.insert().values(id=1, version=0))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:revision)"), {"revision": HEAD})

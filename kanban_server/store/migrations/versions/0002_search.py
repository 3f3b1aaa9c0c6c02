"""Full-text search, over the tickets that are there already too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kanban_server.store.queries.search import tokenize

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE ticket_search"
            " USING fts5(words, prefix='2 3', tokenize='unicode61 remove_diacritics 0')"
        )
        insert = sa.text("INSERT INTO ticket_search (rowid, words) VALUES (:id, :words)")
    else:
        op.execute(
            "CREATE TABLE ticket_search (ticket_id BIGINT PRIMARY KEY REFERENCES tickets (id), words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_ticket_search_words ON ticket_search USING gin (words)")
        insert = sa.text(
            "INSERT INTO ticket_search (ticket_id, words)"
            " VALUES (:id, array_to_tsvector(string_to_array(CAST(:words AS text), ' ')))"
        )
    tickets = sa.text("SELECT id, title, description, acceptance_criteria FROM tickets WHERE deleted_at IS NULL")
    comments = sa.text("SELECT text FROM comments WHERE ticket_id = :id AND deleted_at IS NULL")
    for id, *texts in connection.execute(tickets).all():
        said = [text for (text,) in connection.execute(comments, {"id": id})]
        connection.execute(insert, {"id": id, "words": " ".join(tokenize([*texts, *said]))})


def downgrade() -> None:
    op.drop_table("ticket_search")

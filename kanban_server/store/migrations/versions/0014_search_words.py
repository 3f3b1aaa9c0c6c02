"""The search index has pairs of letters for scripts without spaces, symbols, and the `+` and `#` behind words.

It is made anew from the texts of all tickets.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kanban_server.store.queries.search import tokenize

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CHUNK = 500
"""Tickets read at a time."""


def upgrade() -> None:
    _create("ascii tokenchars '+#'")


def downgrade() -> None:
    _create("unicode61 remove_diacritics 0")


def _create(tokenizer: str) -> None:
    """Make the index anew. `tokenizer` is that of SQLite."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("DROP TABLE ticket_search")
        op.execute(f"""CREATE VIRTUAL TABLE ticket_search USING fts5(words, prefix='2 3', tokenize="{tokenizer}")""")
        insert = sa.text("INSERT INTO ticket_search (rowid, words) VALUES (:id, :words)")
    else:
        op.execute("DROP INDEX ix_ticket_search_words")
        op.execute("TRUNCATE ticket_search")
        insert = sa.text(
            "INSERT INTO ticket_search (ticket_id, words)"
            " VALUES (:id, array_to_tsvector(string_to_array(CAST(:words AS text), ' ')))"
        )
    tickets = sa.text(
        "SELECT id, title, description, acceptance_criteria FROM tickets"
        " WHERE deleted_at IS NULL AND id > :above ORDER BY id LIMIT :most"
    )
    comments = sa.text(
        "SELECT ticket_id, text FROM comments"
        " WHERE ticket_id >= :first AND ticket_id <= :last AND deleted_at IS NULL ORDER BY id"
    )
    above = 0
    while rows := connection.execute(tickets, {"above": above, "most": CHUNK}).all():
        texts = {id: list(of_ticket) for id, *of_ticket in rows}
        above = rows[-1][0]
        for id, comment in connection.execute(comments, {"first": rows[0][0], "last": above}):
            if id in texts:
                texts[id].append(comment)
        connection.execute(insert, [{"id": id, "words": " ".join(tokenize(of))} for id, of in texts.items()])
    if connection.dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_ticket_search_words ON ticket_search USING gin (words)")

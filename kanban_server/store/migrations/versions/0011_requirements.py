"""What a board requires of tickets that are done, and the question of a ticket that waits for its answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("boards", sa.Column("require", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("tickets", sa.Column("open_question", sa.BigInteger(), nullable=True))
    # A question is answered by the next comment of somebody else.
    op.execute(
        "UPDATE tickets SET open_question = (SELECT max(c.id) FROM inbox i JOIN comments c ON c.id = i.comment_id"
        " WHERE i.ticket_id = tickets.id AND i.kind = 'ask' AND c.deleted_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM comments a WHERE a.ticket_id = c.ticket_id AND a.id > c.id AND a.author <> c.author))"
        " WHERE id IN (SELECT ticket_id FROM inbox WHERE kind = 'ask')"
    )


def downgrade() -> None:
    with op.batch_alter_table("tickets") as table:
        table.drop_column("open_question")
    with op.batch_alter_table("boards") as table:
        table.drop_column("require")

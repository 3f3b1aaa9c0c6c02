"""Who watches a ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("watchers", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "watchers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("board_id", ID, nullable=False),
        sa.Column("done_seq", sa.BigInteger(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_watchers_ticket_id"),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_watchers_board_id"),
        sa.PrimaryKeyConstraint("name", "ticket_id", name="pk_watchers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_watchers_ticket_id", "watchers", ["ticket_id"])


def downgrade() -> None:
    op.drop_table("watchers")
    with op.batch_alter_table("tickets") as table:
        table.drop_column("watchers")

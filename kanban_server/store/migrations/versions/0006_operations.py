"""Where a trimmed log begins, and webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bases",
        sa.Column("board_id", ID, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_bases_board_id"),
        sa.PrimaryKeyConstraint("board_id", name="pk_bases"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", ID, nullable=False),
        sa.Column("board_id", ID, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("url", "secret", "events")),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("created_by", "created_at")),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=True)
            for name in ("due_at", "failing_since", "problem", "disabled_at", "taken_until")
        ),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_webhooks_board_id"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_board_id", "webhooks", ["board_id"])


def downgrade() -> None:
    op.drop_table("webhooks")
    op.drop_table("bases")

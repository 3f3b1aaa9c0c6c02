"""Answers to idempotency keys stand in the order they were given, and only their keys in a tree.

See docs/decisions/0013-answers-in-order.md. On PostgreSQL they always did.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_anew()


def downgrade() -> None:
    _make_anew(sqlite_with_rowid=False)


def _make_anew(**how: Any) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.drop_index("ix_answers_created_at")
    op.rename_table("answers", "answers_before")
    op.create_table(
        "answers",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "key")),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_answers"),
        **how,
    )
    op.execute("INSERT INTO answers SELECT * FROM answers_before ORDER BY created_at")
    op.drop_table("answers_before")
    op.create_index("ix_answers_created_at", "answers", ["created_at"])

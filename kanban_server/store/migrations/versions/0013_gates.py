"""Tickets that nobody takes before a time, what tickets need and users can, and whom open questions ask."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ALIVE = "deleted_at IS NULL AND archived_at IS NULL"
FREE = f"{ALIVE} AND claim_holder IS NULL AND open_blockers = 0 AND open_children = 0 AND needs_human = 0"
READY_INDEXES = {
    "ix_tickets_ready": ["board_id", "column_id", "assignee", "priority_key", "place"],
    "ix_tickets_ready_in_order": ["board_id", "column_id", "place", "id"],
}


def upgrade() -> None:
    op.add_column("tickets", sa.Column("not_before", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("needs", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("tickets", sa.Column("asked", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("users", sa.Column("can", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("tokens", sa.Column("can", sa.Text(), nullable=True))
    _index_ready(f"{FREE} AND not_before IS NULL")
    _create_index("ix_tickets_not_before", ["board_id", "not_before"], f"{ALIVE} AND not_before IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_tickets_not_before", "tickets")
    _index_ready(FREE)
    for name in ("tokens", "users"):
        with op.batch_alter_table(name) as table:
            table.drop_column("can")
    with op.batch_alter_table("tickets") as table:
        table.drop_column("asked")
        table.drop_column("needs")
        table.drop_column("not_before")


def _index_ready(condition: str) -> None:
    """Index the ready tickets anew, with another condition."""
    for name, columns in READY_INDEXES.items():
        op.drop_index(name, "tickets")
        _create_index(name, columns, condition)


def _create_index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "tickets", columns, sqlite_where=where, postgresql_where=where)

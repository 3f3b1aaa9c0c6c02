"""The index of assignees serves only queries that name its condition.

Without statistics, PostgreSQL also used it for pages and ready tickets, and then sorted all tickets of a board.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ALIVE = "deleted_at IS NULL AND archived_at IS NULL"


def upgrade() -> None:
    _create_index(f"{ALIVE} AND assignee > ''")


def downgrade() -> None:
    _create_index(ALIVE)


def _create_index(condition: str) -> None:
    op.drop_index("ix_tickets_assignee", "tickets")
    where = sa.text(condition)
    op.create_index(
        "ix_tickets_assignee", "tickets", ["board_id", "assignee"], sqlite_where=where, postgresql_where=where
    )

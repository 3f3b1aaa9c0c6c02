"""From which number on a board's claims are counted, so that none gets the number of one that a restore took back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("boards", sa.Column("claim_floor", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    # A backup of an earlier revision may have been restored just now: no column told of it.
    op.execute("UPDATE boards SET claim_floor = (SELECT coalesce(max(claim_number), 0) + 1000 FROM tickets)")


def downgrade() -> None:
    op.drop_column("boards", "claim_floor")

"""Claims, attempts, boards and idempotency keys keep a user's id, which outlives a change of name.

Claims and attempts also keep the person (`seat`) whose agents may use the claim's token, and a kept answer keeps the
boards that it is about and the scope of the token that it was given to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = {
    "tickets": (("claim_user_id", sa.BigInteger), ("claim_seat", sa.BigInteger)),
    "attempts": (("seat", sa.BigInteger),),
    "boards": (("made_by", sa.BigInteger),),
    "answers": (("boards", sa.Text), ("scope", sa.Text)),
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind(), nullable=True))
    # A holder who was renamed since is not found here; the holder's names decide for such a claim, as they did before.
    op.execute(
        "UPDATE tickets SET claim_user_id = (SELECT id FROM users WHERE users.name = claim_holder),"
        " claim_seat = (SELECT coalesce(owner_id, id) FROM users WHERE users.name = claim_holder)"
        " WHERE claim_holder IS NOT NULL"
    )
    op.execute("UPDATE attempts SET seat = (SELECT coalesce(owner_id, id) FROM users WHERE users.name = holder)")
    # Keys of users are theirs by id from now on; see `once.owner`.
    op.execute(
        "UPDATE answers SET actor = (SELECT ' ' || id FROM users WHERE users.name = answers.actor)"
        " WHERE EXISTS (SELECT 1 FROM users WHERE users.name = answers.actor)"
    )


def downgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)

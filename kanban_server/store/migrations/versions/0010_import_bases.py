"""What imported tickets were when they were imported last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "import_bases",
        sa.Column("ticket_id", ID, autoincrement=False, nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_import_bases_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_import_bases"),
    )


def downgrade() -> None:
    op.drop_table("import_bases")

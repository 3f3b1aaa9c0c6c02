"""Leases, attempts, dependencies and limits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEXES: dict[str, tuple[list[str], str]] = {
    "ix_tickets_ready": (
        ["board_id", "column_id", "priority_key", "place"],
        "deleted_at IS NULL AND claim_holder IS NULL AND open_blockers = 0 AND open_children = 0 AND needs_human = 0",
    ),
    "ix_tickets_holder": (["board_id", "claim_holder"], "claim_holder IS NOT NULL"),
    "ix_tickets_lease": (["board_id", "claim_expires_at"], "claim_expires_at IS NOT NULL"),
    "ix_tickets_parent": (["parent"], "parent IS NOT NULL"),
}
NUMBERS = ("open_blockers", "children", "open_children", "expiries")
OPTIONAL = ("claim_seconds", "claim_from_column", "claim_to_column")


def upgrade() -> None:
    op.add_column("boards", sa.Column("wip_per_user", sa.BigInteger(), nullable=True))
    op.add_column("boards", sa.Column("review", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("tickets", sa.Column("blocked_by", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("tickets", sa.Column("parent", ID, nullable=True))
    for name in NUMBERS:
        op.add_column("tickets", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("tickets", sa.Column("needs_human", sa.Integer(), server_default=sa.text("0"), nullable=False))
    for name in OPTIONAL:
        op.add_column("tickets", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in ("claim_expires_at", "claim_from_assignee"):
        op.add_column("tickets", sa.Column(name, sa.Text(), nullable=True))
    for name, (columns, where) in INDEXES.items():
        only: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
        op.create_index(name, "tickets", columns, **only)
    op.create_table(
        "dependencies",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("blocker_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_dependencies_ticket_id"),
        sa.ForeignKeyConstraint(["blocker_id"], ["tickets.id"], name="fk_dependencies_blocker_id"),
        sa.PrimaryKeyConstraint("ticket_id", "blocker_id", name="pk_dependencies"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_dependencies_blocker_id", "dependencies", ["blocker_id"])
    op.create_table(
        "attempts",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("ended_at", "reason", "note")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_attempts_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", "number", name="pk_attempts"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("attempts")
    op.drop_table("dependencies")
    for name in INDEXES:
        op.drop_index(name, "tickets")
    with op.batch_alter_table("tickets") as table:
        for name in (
            "blocked_by",
            "parent",
            *NUMBERS,
            "needs_human",
            *OPTIONAL,
            "claim_expires_at",
            "claim_from_assignee",
        ):
            table.drop_column(name)
    with op.batch_alter_table("boards") as table:
        table.drop_column("wip_per_user")
        table.drop_column("review")

"""Boards, tickets, comments, and the log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ALIVE = sa.text("deleted_at IS NULL")


def _text(*names: str, required: bool = True) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=not required) for name in names]


def upgrade() -> None:
    op.create_table(
        "boards",
        sa.Column("id", ID, nullable=False),
        *_text("name"),
        *_text("description", required=False),
        *_text("columns", "counts"),
        sa.Column("next_column_id", sa.BigInteger(), nullable=False),
        *_text("created_at", "updated_at"),
        *_text("deleted_at", required=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *_text("epoch"),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        *_text("last_at"),
        sa.PrimaryKeyConstraint("id", name="pk_boards"),
    )
    op.create_table(
        "tickets",
        sa.Column("id", ID, nullable=False),
        sa.Column("board_id", ID, nullable=False),
        sa.Column("column_id", sa.BigInteger(), nullable=False),
        sa.Column("place", BYTES, nullable=False),
        *_text("title"),
        *_text("description", "acceptance_criteria", required=False),
        *_text("priority"),
        sa.Column("priority_key", BYTES, nullable=False),
        *_text("assignee", required=False),
        *_text("labels", "created_by", "updated_by"),
        *_text("assigned_by", required=False),
        *_text("created_at", "updated_at", "column_entered_at"),
        *_text("deleted_at", required=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("comment_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        *_text("claim_holder", required=False),
        sa.Column("claim_number", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        *_text("source_id", "extra", required=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_tickets_board_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("board_id", "source_id", name="uq_tickets_board_id_source_id"),
    )
    alive: dict[str, Any] = {"sqlite_where": ALIVE, "postgresql_where": ALIVE}
    op.create_index("ix_tickets_in_order", "tickets", ["board_id", "column_id", "place", "id"], **alive)
    op.create_index("ix_tickets_assignee", "tickets", ["board_id", "assignee"], **alive)
    op.create_table(
        "ticket_labels",
        sa.Column("board_id", ID, nullable=False),
        *_text("label"),
        sa.Column("ticket_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_labels_ticket_id"),
        sa.PrimaryKeyConstraint("board_id", "label", "ticket_id", name="pk_ticket_labels"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ticket_labels_ticket_id", "ticket_labels", ["ticket_id"])
    op.create_table(
        "comments",
        sa.Column("id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("board_id", ID, nullable=False),
        *_text("text", "author", "created_at"),
        *_text("updated_at", "deleted_at", required=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_comments_board_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_comments_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_ticket_id", "comments", ["ticket_id", "id"])
    op.create_table(
        "events",
        sa.Column("board_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        *_text("name"),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        *_text("actor"),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        *_text("client", required=False),
        *_text("tx", "at", "data"),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_events_board_id"),
        sa.PrimaryKeyConstraint("board_id", "seq", name="pk_events"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_events_ticket_id", "events", ["ticket_id", "seq"])
    op.create_table(
        "answers",
        *_text("actor", "key"),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        *_text("etag", required=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        *_text("created_at"),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_answers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_answers_created_at", "answers", ["created_at"])


def downgrade() -> None:
    for table in ("answers", "events", "comments", "ticket_labels", "tickets", "boards"):
        op.drop_table(table)

"""Due dates, links, the archive, the inbox; and counts of what is ready, blocked and held, kept for each column."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ALIVE = "deleted_at IS NULL AND archived_at IS NULL"
FREE = "claim_holder IS NULL AND open_blockers = 0 AND open_children = 0 AND needs_human = 0"
BLOCKED = "(open_blockers > 0 OR open_children > 0)"
INDEXES: dict[str, tuple[list[str], str]] = {
    "ix_tickets_in_order": (["board_id", "column_id", "place", "id"], ALIVE),
    "ix_tickets_assignee": (["board_id", "assignee"], ALIVE),
    "ix_tickets_ready": (["board_id", "column_id", "assignee", "priority_key", "place"], f"{ALIVE} AND {FREE}"),
    "ix_tickets_ready_in_order": (["board_id", "column_id", "place", "id"], f"{ALIVE} AND {FREE}"),
    "ix_tickets_blocked": (["board_id", "column_id", "place", "id"], f"{ALIVE} AND {BLOCKED}"),
    "ix_tickets_due": (["board_id", "due_date"], f"{ALIVE} AND due_date IS NOT NULL"),
    "ix_tickets_archived": (
        ["board_id", "column_id", "place", "id"],
        "archived_at IS NOT NULL AND deleted_at IS NULL",
    ),
}
REPLACED = {
    "ix_tickets_in_order": ["board_id", "column_id", "place", "id"],
    "ix_tickets_assignee": ["board_id", "assignee"],
    "ix_tickets_ready": ["board_id", "column_id", "priority_key", "place"],
}
"""Indexes that were there, and left the archive out of sight."""


def upgrade() -> None:
    op.add_column("boards", sa.Column("tallies", sa.Text(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("tickets", sa.Column("due_date", BYTES, nullable=True))
    op.add_column("tickets", sa.Column("links", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("tickets", sa.Column("archived_at", sa.Text(), nullable=True))
    for name in REPLACED:
        op.drop_index(name, "tickets")
    for name, (columns, where) in INDEXES.items():
        _index(name, columns, where)
    op.create_table(
        "inbox",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("board_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_inbox_board_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_inbox_ticket_id"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name="fk_inbox_comment_id"),
        sa.PrimaryKeyConstraint("name", "board_id", "seq", name="pk_inbox"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox_read",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("board_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_inbox_read_board_id"),
        sa.PrimaryKeyConstraint("name", "board_id", name="pk_inbox_read"),
        sqlite_with_rowid=False,
    )
    _count()


def downgrade() -> None:
    op.drop_table("inbox_read")
    op.drop_table("inbox")
    for name in INDEXES:
        op.drop_index(name, "tickets")
    with op.batch_alter_table("tickets") as table:
        for name in ("due_date", "links", "archived_at"):
            table.drop_column(name)
    with op.batch_alter_table("boards") as table:
        table.drop_column("tallies")
    for name, columns in REPLACED.items():
        free = name == "ix_tickets_ready"
        _index(name, columns, f"deleted_at IS NULL AND {FREE}" if free else "deleted_at IS NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    only: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
    op.create_index(name, "tickets", columns, **only)


def _count() -> None:
    """Count, for each column of each board, the tickets that are ready, blocked and held."""
    connection = op.get_bind()
    kinds = (FREE, BLOCKED, "claim_holder IS NOT NULL")
    sums = [sa.func.sum(sa.case((sa.text(kind), 1), else_=0)) for kind in kinds]
    columns: tuple[Any, ...] = (sa.column("board_id"), sa.column("column_id"))
    counting = sa.select(*columns, *sums).select_from(sa.table("tickets")).where(sa.text(ALIVE)).group_by(*columns)
    counted = connection.execute(counting)
    tallies: dict[int, dict[str, list[int]]] = {}
    for board_id, column_id, *numbers in counted.all():
        tallies.setdefault(board_id, {})[str(column_id)] = [int(number) for number in numbers]
    for board_id, tally in tallies.items():
        write = sa.text("UPDATE boards SET tallies = :tallies WHERE id = :id")
        connection.execute(write, {"id": board_id, "tallies": orjson.dumps(tally).decode()})

"""Files on tickets, and their contents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_USE, NOT_IN_USE = sa.text("state = 'attached'"), sa.text("state != 'attached'")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("files", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.create_table(
        "blobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("board_id", ID, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_blobs_board_id"),
        sa.PrimaryKeyConstraint("id", name="pk_blobs"),
    )
    op.create_index(
        "ix_blobs_content", "blobs", ["board_id", "hash"], unique=True, sqlite_where=IN_USE, postgresql_where=IN_USE
    )
    op.create_index("ix_blobs_not_in_use", "blobs", ["state"], sqlite_where=NOT_IN_USE, postgresql_where=NOT_IN_USE)
    op.create_table(
        "blob_chunks",
        sa.Column("blob_id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name="fk_blob_chunks_blob_id"),
        sa.PrimaryKeyConstraint("blob_id", "number", name="pk_blob_chunks"),
    )
    op.create_table(
        "files",
        sa.Column("id", ID, nullable=False),
        sa.Column("board_id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("blob_id", ID, nullable=False),
        sa.Column("thumbnail_id", ID, nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_files_board_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_files_ticket_id"),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name="fk_files_blob_id"),
        sa.ForeignKeyConstraint(["thumbnail_id"], ["blobs.id"], name="fk_files_thumbnail_id"),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("ticket_id", "name", name="uq_files_ticket_id_name"),
    )
    for column in ("board_id", "blob_id", "thumbnail_id"):
        op.create_index(f"ix_files_{column}", "files", [column])


def downgrade() -> None:
    op.drop_table("files")
    op.drop_table("blob_chunks")
    op.drop_table("blobs")
    with op.batch_alter_table("tickets") as table:
        table.drop_column("files")

"""Users, tokens, sessions, members and invites; and who an event was from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AUDIT = ("token", "address", "agent")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def upgrade() -> None:
    for name in AUDIT:
        op.add_column("events", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        *_texts("name"),
        sa.Column("former_names", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        *_texts("display_name", nullable=True),
        *_texts("role", "kind"),
        sa.Column("owner_id", ID, nullable=True),
        *_texts("team", nullable=True),
        sa.Column("theme", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.Column("notifications", sa.Text(), server_default=sa.text("'mentions'"), nullable=False),
        *_texts("avatar_type", nullable=True),
        *_texts("created_at"),
        *_texts("disabled_at", nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_users_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_index("ix_users_owner_id", "users", ["owner_id"])
    op.create_table(
        "avatars",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_avatars_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_avatars"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        *_texts("name", "beginning"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        *_texts("access"),
        *_texts("boards", nullable=True),
        *_texts("created_at"),
        *_texts("expires_at", "last_used_at", "revoked_at", nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])
    op.create_table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("token_id", ID, nullable=False),
        *_texts("created_at", "expires_at"),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name="fk_sessions_token_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sessions_token_id", "sessions", ["token_id"])
    op.create_table(
        "members",
        sa.Column("board_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        *_texts("role", "since"),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name="fk_members_board_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_members_user_id"),
        sa.PrimaryKeyConstraint("board_id", "user_id", name="pk_members"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_members_user_id", "members", ["user_id"])
    op.create_table(
        "invites",
        sa.Column("id", ID, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        *_texts("kind"),
        *_texts("name", nullable=True),
        *_texts("role", "access"),
        *_texts("boards", nullable=True),
        *_texts("created_at", "expires_at"),
        *_texts("used_at", nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name="fk_invites_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
        sa.UniqueConstraint("hash", name="uq_invites_hash"),
    )
    op.create_index("ix_invites_by_id", "invites", ["by_id"])
    roster = op.create_table(
        "roster",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roster"),
    )
    op.bulk_insert(roster, [{"id": 1, "version": 0}])


def downgrade() -> None:
    for gone in ("roster", "invites", "members", "sessions", "tokens", "avatars", "users"):
        op.drop_table(gone)
    with op.batch_alter_table("events") as table:
        for name in AUDIT:
            table.drop_column(name)

"""The tables of users: identity, settings, credentials and memberships."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from kanban_server.store.tables.column_types import Id, metadata

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("former_names", Text, nullable=False, server_default=text("'[]'")),
    Column("display_name", Text),
    Column("role", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner_id", Id, ForeignKey("users.id")),
    Column("team", Text),
    Column("theme", Text, nullable=False, server_default=text("'system'")),
    Column("notifications", Text, nullable=False, server_default=text("'mentions'")),
    Column("avatar_type", Text),
    Column("created_at", Text, nullable=False),
    Column("disabled_at", Text),
    Column("can", Text, nullable=False, server_default=text("'[]'")),
)

avatars = Table(
    "avatars",
    metadata,
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("image", LargeBinary, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("beginning", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("access", Text, nullable=False),
    Column("boards", Text),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text),
    Column("last_used_at", Text),
    Column("revoked_at", Text),
    Column("can", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("token_id", Id, ForeignKey("tokens.id"), nullable=False),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""A browser session, opened by logging in with a token. When the token ends, its sessions end."""

members = Table(
    "members",
    metadata,
    Column("board_id", Id, ForeignKey("boards.id"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("since", Text, nullable=False),
    sqlite_with_rowid=False,
)

invites = Table(
    "invites",
    metadata,
    Column("id", Id, primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("by_id", Id, ForeignKey("users.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    Column("role", Text, nullable=False),
    Column("access", Text, nullable=False),
    Column("boards", Text),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("used_at", Text),
)

roster = Table(
    "roster",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
"""One row. Its version increases with each change of users, tokens and memberships: servers then reload them."""

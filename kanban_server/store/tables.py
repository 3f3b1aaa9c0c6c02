"""The tables.

Times are ISO-8601 texts in UTC with microseconds, which sort as they are and need no conversion anywhere. Lists and
objects are JSON texts. A column's settings and its count stand in its board's row, which every change locks and writes
anyway.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column that is called INTEGER."""
Bytes = Text().with_variant(Text(collation="C"), "postgresql")
"""A text that compares by its bytes."""

boards = Table(
    "boards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("columns", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("next_column_id", BigInteger, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("deleted_at", Text),
    Column("version", BigInteger, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("floor", BigInteger, nullable=False, server_default=text("0")),
    Column("last_at", Text, nullable=False),
    Column("wip_per_user", BigInteger),
    Column("review", Integer, nullable=False, server_default=text("0")),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("board_id", Id, ForeignKey("boards.id"), nullable=False),
    Column("column_id", BigInteger, nullable=False),
    Column("place", Bytes, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("acceptance_criteria", Text),
    Column("priority", Text, nullable=False),
    Column("priority_key", Bytes, nullable=False),
    Column("assignee", Text),
    Column("labels", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("assigned_by", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("column_entered_at", Text, nullable=False),
    Column("deleted_at", Text),
    Column("version", BigInteger, nullable=False),
    Column("comment_count", BigInteger, nullable=False, server_default=text("0")),
    Column("claim_holder", Text),
    Column("claim_number", BigInteger, nullable=False, server_default=text("0")),
    Column("source_id", Text),
    Column("extra", Text),
    Column("blocked_by", Text, nullable=False, server_default=text("'[]'")),
    Column("parent", Id),
    Column("open_blockers", BigInteger, nullable=False, server_default=text("0")),
    Column("children", BigInteger, nullable=False, server_default=text("0")),
    Column("open_children", BigInteger, nullable=False, server_default=text("0")),
    Column("needs_human", Integer, nullable=False, server_default=text("0")),
    Column("expiries", BigInteger, nullable=False, server_default=text("0")),
    Column("claim_seconds", BigInteger),
    Column("claim_expires_at", Text),
    Column("claim_from_column", BigInteger),
    Column("claim_to_column", BigInteger),
    Column("claim_from_assignee", Text),
    UniqueConstraint("board_id", "source_id"),
)
_alive = tickets.c.deleted_at.is_(None)
Index(
    "ix_tickets_in_order",
    tickets.c.board_id,
    tickets.c.column_id,
    tickets.c.place,
    tickets.c.id,
    sqlite_where=_alive,
    postgresql_where=_alive,
)
Index("ix_tickets_assignee", tickets.c.board_id, tickets.c.assignee, sqlite_where=_alive, postgresql_where=_alive)
ready = and_(
    _alive,
    tickets.c.claim_holder.is_(None),
    tickets.c.open_blockers == 0,
    tickets.c.open_children == 0,
    tickets.c.needs_human == 0,
)
"""What makes a ticket of a todo column ready to be taken."""
Index(
    "ix_tickets_ready",
    tickets.c.board_id,
    tickets.c.column_id,
    tickets.c.priority_key,
    tickets.c.place,
    sqlite_where=ready,
    postgresql_where=ready,
)
_held = tickets.c.claim_holder.is_not(None)
Index("ix_tickets_holder", tickets.c.board_id, tickets.c.claim_holder, sqlite_where=_held, postgresql_where=_held)
_leased = tickets.c.claim_expires_at.is_not(None)
Index(
    "ix_tickets_lease",
    tickets.c.board_id,
    tickets.c.claim_expires_at,
    sqlite_where=_leased,
    postgresql_where=_leased,
)
_child = tickets.c.parent.is_not(None)
Index("ix_tickets_parent", tickets.c.parent, sqlite_where=_child, postgresql_where=_child)

dependencies = Table(
    "dependencies",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("blocker_id", Id, ForeignKey("tickets.id"), primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_dependencies_blocker_id", dependencies.c.blocker_id)

attempts = Table(
    "attempts",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("claimed_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("reason", Text),
    Column("note", Text),
    sqlite_with_rowid=False,
)

ticket_labels = Table(
    "ticket_labels",
    metadata,
    Column("board_id", Id, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_ticket_labels_ticket_id", ticket_labels.c.ticket_id)

comments = Table(
    "comments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("board_id", Id, ForeignKey("boards.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text),
    Column("deleted_at", Text),
)
Index("ix_comments_ticket_id", comments.c.ticket_id, comments.c.id)

events = Table(
    "events",
    metadata,
    Column("board_id", Id, ForeignKey("boards.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("ticket_id", BigInteger),
    Column("actor", Text, nullable=False),
    Column("actor_id", BigInteger),
    Column("client", Text),
    Column("token", Text),
    Column("address", Text),
    Column("agent", Text),
    Column("tx", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("data", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_events_ticket_id", events.c.ticket_id, events.c.seq)

answers = Table(
    "answers",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("etag", Text),
    Column("body", LargeBinary),
    Column("created_at", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""The answers to requests that bore an idempotency key."""
Index("ix_answers_created_at", answers.c.created_at)

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
)
Index("ix_users_owner_id", users.c.owner_id)

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
)
Index("ix_tokens_user_id", tokens.c.user_id)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("token_id", Id, ForeignKey("tokens.id"), nullable=False),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""A browser that showed a token at its login; with the token, its sessions end."""
Index("ix_sessions_token_id", sessions.c.token_id)

members = Table(
    "members",
    metadata,
    Column("board_id", Id, ForeignKey("boards.id"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("since", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_members_user_id", members.c.user_id)

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
Index("ix_invites_by_id", invites.c.by_id)

roster = Table(
    "roster",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
"""One row, whose version is one up with each change of who may do what: by it servers know that they have to look."""

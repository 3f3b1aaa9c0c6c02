"""The tables of boards: their contents, their logs, and who is notified of changes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    and_,
    or_,
    text,
)

from kanban_server.store.tables.column_types import Bytes, Id, metadata
from kanban_server.store.tables.conditions import READY

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
    Column("tallies", Text, nullable=False, server_default=text("'{}'")),
    Column("claim_floor", BigInteger, nullable=False, server_default=text("0")),
    Column("made_by", BigInteger),
    Column("require", Text, nullable=False, server_default=text("'[]'")),
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
    Column("claim_user_id", BigInteger),
    Column("claim_seat", BigInteger),
    Column("due_date", Bytes),
    Column("links", Text, nullable=False, server_default=text("'[]'")),
    Column("archived_at", Text),
    Column("open_question", BigInteger),
    Column("not_before", Text),
    Column("needs", Text, nullable=False, server_default=text("'[]'")),
    Column("files", Text, nullable=False, server_default=text("'[]'")),
    Column("asked", Text, nullable=False, server_default=text("'[]'")),
    Column("watchers", BigInteger, nullable=False, server_default=text("0")),
    Column("question_from_column", BigInteger),
    Column("question_to_column", BigInteger),
    UniqueConstraint("board_id", "source_id"),
)
alive = and_(tickets.c.deleted_at.is_(None), tickets.c.archived_at.is_(None))
"""Tickets on the board: neither deleted nor archived."""
archived = and_(tickets.c.archived_at.is_not(None), tickets.c.deleted_at.is_(None))
ready = and_(
    *(
        tickets.c[name].is_(None) if value is None else tickets.c[name] == text(str(value))
        for name, value in READY.items()
    )
)
"""Tickets of a todo column that can be taken."""
blocked = or_(tickets.c.open_blockers > text("0"), tickets.c.open_children > text("0"))
"""Tickets that wait for other tickets: for blockers, or for children that are not done."""
assigned = tickets.c.assignee > text("''")
"""Tickets with an assignee. Only a query with this very condition can use the index of assignees: without statistics,
PostgreSQL would use that index for any page of a board, and sort the board."""
held = tickets.c.claim_holder.is_not(None)

dependencies = Table(
    "dependencies",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("blocker_id", Id, ForeignKey("tickets.id"), primary_key=True),
    sqlite_with_rowid=False,
)

import_bases = Table(
    "import_bases",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
    Column("base", Text, nullable=False),
)
"""The last imported value of each field of a ticket, as JSON of digests; tickets are read more often."""

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
    Column("seat", BigInteger),
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

inbox = Table(
    "inbox",
    metadata,
    Column("name", Text, primary_key=True),
    Column("board_id", Id, ForeignKey("boards.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("comment_id", Id, ForeignKey("comments.id"), nullable=False),
    Column("kind", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Which users a comment calls upon, in the order of the board's events."""
inbox_read = Table(
    "inbox_read",
    metadata,
    Column("name", Text, primary_key=True),
    Column("board_id", Id, ForeignKey("boards.id"), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The last event of a board up to which a user has read the inbox."""

watchers = Table(
    "watchers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("board_id", Id, ForeignKey("boards.id"), nullable=False),
    Column("done_seq", BigInteger),
    Column("done_by", Text),
    Column("done_at", Text),
    sqlite_with_rowid=False,
)
"""Who watches a ticket; while it is done, also the event by which it was, who did that, and when."""

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

bases = Table(
    "bases",
    metadata,
    Column("board_id", Id, ForeignKey("boards.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
    Column("data", Text, nullable=False),
)
"""The snapshot and time of a board at the floor of its log, if older events were trimmed."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("board_id", Id, ForeignKey("boards.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("tries", BigInteger, nullable=False, server_default=text("0")),
    Column("due_at", Text),
    Column("failing_since", Text),
    Column("problem", Text),
    Column("disabled_at", Text),
    Column("taken_until", Text),
)
"""Webhooks of a board. All events up to `seq` are delivered."""

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
    Column("boards", Text),
    Column("scope", Text),
)
"""Responses to requests with an idempotency key."""

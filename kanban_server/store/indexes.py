"""The indexes, which only migrations need.

They are separate from the tables because an index that is specific to a database loads that database's dialect, at
every start.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Index, and_, text

from kanban_server.store.tables import (
    alive,
    answers,
    archived,
    assigned,
    blobs,
    blocked,
    comments,
    dependencies,
    events,
    files,
    held,
    invites,
    members,
    metadata,
    ready,
    sessions,
    ticket_labels,
    tickets,
    tokens,
    users,
    watchers,
    webhooks,
)

__all__ = ["metadata"]


def _index(name: str, where: ColumnElement[bool], *columns: str) -> None:
    Index(name, *(tickets.c[column] for column in columns), sqlite_where=where, postgresql_where=where)


_index("ix_tickets_in_order", alive, "board_id", "column_id", "place", "id")
_index("ix_tickets_assignee", and_(alive, assigned), "board_id", "assignee")
_index("ix_tickets_ready", ready, "board_id", "column_id", "assignee", "priority_key", "place")
_index("ix_tickets_ready_in_order", ready, "board_id", "column_id", "place", "id")
_index("ix_tickets_blocked", and_(alive, blocked), "board_id", "column_id", "place", "id")
_index("ix_tickets_due", and_(alive, tickets.c.due_date.is_not(None)), "board_id", "due_date")
_index("ix_tickets_archived", archived, "board_id", "column_id", "place", "id")
_index("ix_tickets_holder", held, "board_id", "claim_holder")
_index("ix_tickets_lease", tickets.c.claim_expires_at.is_not(None), "board_id", "claim_expires_at")
_index("ix_tickets_not_before", and_(alive, tickets.c.not_before.is_not(None)), "board_id", "not_before")
_index("ix_tickets_parent", tickets.c.parent.is_not(None), "parent")

Index("ix_dependencies_blocker_id", dependencies.c.blocker_id)
Index("ix_ticket_labels_ticket_id", ticket_labels.c.ticket_id)
Index("ix_comments_ticket_id", comments.c.ticket_id, comments.c.id)
Index("ix_files_board_id", files.c.board_id)
Index("ix_files_blob_id", files.c.blob_id)
Index("ix_files_thumbnail_id", files.c.thumbnail_id)
_in_use = blobs.c.state == text("'attached'")
Index("ix_blobs_content", blobs.c.board_id, blobs.c.hash, unique=True, sqlite_where=_in_use, postgresql_where=_in_use)
_not_in_use = blobs.c.state != text("'attached'")
Index("ix_blobs_not_in_use", blobs.c.state, sqlite_where=_not_in_use, postgresql_where=_not_in_use)
Index("ix_events_ticket_id", events.c.ticket_id, events.c.seq)
Index("ix_watchers_ticket_id", watchers.c.ticket_id)
Index("ix_webhooks_board_id", webhooks.c.board_id)
Index("ix_answers_created_at", answers.c.created_at)
Index("ix_users_owner_id", users.c.owner_id)
Index("ix_tokens_user_id", tokens.c.user_id)
Index("ix_sessions_token_id", sessions.c.token_id)
Index("ix_members_user_id", members.c.user_id)
Index("ix_invites_by_id", invites.c.by_id)

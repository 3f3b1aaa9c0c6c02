"""The tables.

Times are ISO-8601 texts in UTC with microseconds, which sort as text and are never converted. Lists and objects are
JSON texts. A column's settings and counts are in its board's row, which every change locks and writes anyway.
"""

from kanban_server.store.tables.board_tables import (
    alive,
    answers,
    archived,
    assigned,
    attempts,
    bases,
    blocked,
    boards,
    comments,
    dependencies,
    events,
    held,
    import_bases,
    inbox,
    inbox_read,
    ready,
    ticket_labels,
    tickets,
    watchers,
    webhooks,
)
from kanban_server.store.tables.column_types import metadata
from kanban_server.store.tables.file_tables import blob_chunks, blobs, files
from kanban_server.store.tables.user_tables import avatars, invites, members, roster, sessions, tokens, users

__all__ = [
    "alive",
    "answers",
    "archived",
    "assigned",
    "attempts",
    "avatars",
    "bases",
    "blob_chunks",
    "blobs",
    "blocked",
    "boards",
    "comments",
    "dependencies",
    "events",
    "files",
    "held",
    "import_bases",
    "inbox",
    "inbox_read",
    "invites",
    "members",
    "metadata",
    "ready",
    "roster",
    "sessions",
    "ticket_labels",
    "tickets",
    "tokens",
    "users",
    "watchers",
    "webhooks",
]

"""Who created a ticket or wrote a comment, by user id, according to the event log."""

from __future__ import annotations

import orjson
from sqlalchemy import bindparam, select

from kanban_server.store.queries import users
from kanban_server.store.statements import Statement
from kanban_server.store.tables import events
from kanban_server.store.transaction import ReadTransaction

AUTHORS_OF_EVENTS = Statement(
    select(events.c.actor_id, events.c.data)
    .where(events.c.ticket_id == bindparam("ticket_id"), events.c.name == bindparam("event"))
    .order_by(events.c.seq)
)


def is_ticket_creator(tx: ReadTransaction, user_id: int, ticket_id: int, name: str) -> bool:
    """Whether a user created a ticket: the log has the id of the user, who may have been renamed since.

    If the log was trimmed, compare the ticket's creator with the user's current and former names.
    """
    rows = tx.all(AUTHORS_OF_EVENTS, ticket_id=ticket_id, event="ticket_created")
    return bool(rows[0]["actor_id"] == user_id if rows else users.has_had_name(tx, user_id, name))


def is_comment_author(tx: ReadTransaction, user_id: int, ticket_id: int, comment_id: int, name: str) -> bool:
    """Whether a user wrote a comment; see `is_ticket_creator`."""
    rows = tx.all(AUTHORS_OF_EVENTS, ticket_id=ticket_id, event="comment_added")
    author_ids = [row["actor_id"] for row in rows if orjson.loads(row["data"])["id"] == comment_id]
    return bool(author_ids[0] == user_id if author_ids else users.has_had_name(tx, user_id, name))

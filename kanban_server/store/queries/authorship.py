"""Who created a ticket or wrote a comment, by user id, as the event log tells."""

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
    """Whether a user made a ticket: the log knows them by their id, whatever they are called by now.

    Where the log was trimmed, it is the one whose name it is, or was, that stands on the ticket.
    """
    rows = tx.all(AUTHORS_OF_EVENTS, ticket_id=ticket_id, event="ticket_created")
    return bool(rows[0]["actor_id"] == user_id if rows else users.has_had_name(tx, user_id, name))


def is_comment_author(tx: ReadTransaction, user_id: int, ticket_id: int, comment_id: int, name: str) -> bool:
    """Whether a user wrote a comment; see `is_ticket_creator`."""
    rows = tx.all(AUTHORS_OF_EVENTS, ticket_id=ticket_id, event="comment_added")
    author_ids = [row["actor_id"] for row in rows if orjson.loads(row["data"])["id"] == comment_id]
    return bool(author_ids[0] == user_id if author_ids else users.has_had_name(tx, user_id, name))

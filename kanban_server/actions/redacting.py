"""A text that leaked is blanked, wherever it stands in a ticket and in what is kept of it. What happened stays told."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Link
from kanban_sdk.wire.user_bodies import Redaction
from kanban_sdk.wire.users import Redacted
from kanban_server.actions import inboxes
from kanban_server.actions.comments import said as comment_said
from kanban_server.actions.versions import REDACTED
from kanban_server.actions.writing import identity, searched, touched
from kanban_server.rules import access
from kanban_server.rules.names import Actor
from kanban_server.rules.redacting import field, scrubbed
from kanban_server.store import boards, comments, redacting, search, tickets
from kanban_server.store.transaction import Transaction

FIELDS = tuple(name for name in REDACTED if name != "links")


def redact(tx: Transaction, actor: Actor, ticket_id: int, wanted: Redaction) -> Redacted:
    """Blank a text in a ticket, also a deleted one: its fields, comments and notes, the log, search, kept answers.

    Events keep their numbers; one more tells that it was done, and how the fields are now. Refused: `not-found`,
    `not-allowed`.
    """
    board = boards.lock_of_ticket(tx, ticket_id)
    access.check_arrange(board.role)
    leaked = wanted.text
    row = tickets.read(tx, ticket_id, deleted=True)
    ticket = tickets.seen(row, board.columns)
    new: dict[str, Any] = {name: field(name, getattr(ticket, name), leaked, ticket_id) for name in FIELDS}
    new["links"] = [Link(link.kind, scrubbed(link.ref, leaked)) for link in ticket.links]
    changed = {name: value for name, value in new.items() if value != getattr(ticket, name)}
    events = redacting.log(tx, board.id, ticket_id, leaked)
    said = redacting.comments_of(tx, ticket_id, leaked)
    places = len(changed) + len(said) + redacting.notes(tx, ticket_id, leaked)
    redacting.answers_with(tx, board.id, ticket_id, leaked)
    if not (places or events):
        redacting.end(tx)
        return Redacted(ticket_id, 0, 0)  # it is nowhere
    clean = ticket.but(**changed, **touched(board, actor, ticket))
    tickets.edit(tx, clean, labels_changed="labels" in changed)
    redacting.source_id(tx, ticket_id, clean.source_id)
    if not (row["deleted_at"] or row["archived_at"]):
        board.recount(ticket, clean)
    if limits.NEEDS_HUMAN in ticket.labels and limits.NEEDS_HUMAN not in clean.labels:
        tx.run(tickets.FORGET_EXPIRIES, ticket_id=ticket_id)
    if not row["deleted_at"]:
        search.index(tx, ticket_id, searched(clean), comment_count=clean.comment_count)
    redacting.end(tx)
    data = {**identity(clean), **changed, "fields": list(changed), "redacted_by": actor.name}
    board.record(actor, "ticket_redacted", data, ticket_id=ticket_id)
    for one in said:
        inboxes.withdraw(board, one["before"], comments.seen(one))
        if not one["deleted_at"]:
            board.record(actor, "comment_updated", comment_said(comments.seen(one)), ticket_id=ticket_id)
    return Redacted(ticket_id, places, events)

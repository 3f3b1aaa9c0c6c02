"""Redaction: blank a leaked text everywhere in a ticket and its stored copies. The events stay in the log."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.wire import limits
from kanban_sdk.wire.bodies.user_bodies import Redaction
from kanban_sdk.wire.tickets import Link
from kanban_sdk.wire.users import RedactionResult
from kanban_server.actions import files, inbox
from kanban_server.actions.audit_fields import audit_fields, identity_fields, index_ticket
from kanban_server.actions.comments import comment_event_fields
from kanban_server.actions.versions import REDACTED
from kanban_server.rules import permissions
from kanban_server.rules.actors import Actor
from kanban_server.rules.redaction import field, redact_value
from kanban_server.store.queries import boards, comments, redaction, tickets
from kanban_server.store.transaction import Transaction

TEXT_FIELDS = tuple(name for name in REDACTED if name != "links")


def redact_ticket(
    tx: Transaction, actor: Actor, ticket_id: int, request: Redaction, leaking: Sequence[str] = ()
) -> RedactionResult:
    """Blank a text in a ticket, also a deleted one: in fields, comments, notes, events, search and stored responses.

    The files in `leaking`, whose contents have the text, are removed. Events keep their seqs. A new event records the
    redaction and the new values of the fields. Refused: `not-found`, `not-allowed`.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    permissions.check_board_admin(board.role)
    leaked = request.text
    row = tickets.read_row(tx, ticket_id, deleted=True)
    ticket = tickets.to_wire(row, board.columns)
    redacted_fields: dict[str, object] = {
        name: field(name, getattr(ticket, name), leaked, ticket_id) for name in TEXT_FIELDS
    }
    redacted_fields["links"] = [Link(link.kind, redact_value(link.ref, leaked)) for link in ticket.links]
    changed_fields = {name: value for name, value in redacted_fields.items() if value != getattr(ticket, name)}
    new_files = files.redact_files(board, ticket_id, leaked, leaking)
    if new_files is not None:
        changed_fields["files"] = new_files
    events = redaction.redact_log(tx, board.id, ticket_id, leaked)
    comment_rows = redaction.redact_comments(tx, ticket_id, leaked)
    place_count = len(changed_fields) + len(comment_rows) + redaction.redact_notes(tx, ticket_id, leaked)
    redaction.redact_idempotency_records(tx, board.id, ticket_id, leaked)
    if not (place_count or events):
        redaction.end_secure_delete(tx)
        return RedactionResult(ticket_id, 0, 0)  # the text occurs nowhere
    board.update_ticket(row, **tickets.to_columns({**changed_fields, **audit_fields(board, actor, row)}))
    if "labels" in changed_fields:
        tx.unit.relabel(ticket_id)
        if limits.NEEDS_HUMAN in ticket.labels and not row["needs_human"]:
            board.update_ticket(row, expiries=0)
    if not row["deleted_at"]:
        index_ticket(board, row)
    redaction.end_secure_delete(tx)
    data = {**identity_fields(row), **changed_fields, "fields": list(changed_fields), "redacted_by": actor.name}
    board.record(actor, "ticket_redacted", data, ticket_id=ticket_id)
    for comment_row in comment_rows:
        inbox.withdraw(board, comment_row["before"], comments.to_wire(comment_row))
        if not comment_row["deleted_at"]:
            board.record(
                actor, "comment_updated", comment_event_fields(comments.to_wire(comment_row)), ticket_id=ticket_id
            )
    return RedactionResult(ticket_id, place_count, events)

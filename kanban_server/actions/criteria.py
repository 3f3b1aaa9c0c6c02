"""Acceptance criteria and links. As with labels, changes need no version, since they overwrite no other change."""

from __future__ import annotations

from kanban_sdk.wire.bodies import Check, Links
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import leases
from kanban_server.actions.audit_fields import update_fields
from kanban_server.rules import criteria, links, validation
from kanban_server.rules.actors import Actor
from kanban_server.store.queries import boards, tickets
from kanban_server.store.transaction import Transaction


def tick_criterion(tx: Transaction, actor: Actor, ticket_id: int, request: Check) -> Ticket:
    """Tick or untick an acceptance criterion. Refused: `not-found`, if there is no such criterion."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    text = criteria.tick_criterion(row["acceptance_criteria"], request.number, done=request.done)
    update_fields(board, actor, row, {"acceptance_criteria": validation.check_text(text, "acceptance_criteria")})
    return tickets.to_wire(row, board.columns)


def edit_links(tx: Transaction, actor: Actor, ticket_id: int, request: Links) -> Ticket:
    """Add and remove links. Adding an existing link, or removing a missing one, is no error."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    removed = {ref.strip() for ref in request.remove}
    kept_refs = [link.ref for link in tickets.to_wire(row, board.columns).links if link.ref not in removed]
    update_fields(board, actor, row, {"links": links.parse_links([*kept_refs, *request.add])})
    return tickets.to_wire(row, board.columns)

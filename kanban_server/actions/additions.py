"""What is ticked and what is linked. Like labels, these need no version, since they undo nothing that others do."""

from __future__ import annotations

from kanban_sdk.wire.bodies import Check, Links
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import holding
from kanban_server.actions.writing import write_edit
from kanban_server.rules import criteria, links, texts
from kanban_server.rules.names import Actor
from kanban_server.store import boards
from kanban_server.store.transaction import Transaction


def check(tx: Transaction, actor: Actor, ticket_id: int, change: Check) -> Ticket:
    """Tick an acceptance criterion, or take the tick away. Refused: `not-found`, where there is no such criterion."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    whole = criteria.ticked(ticket.acceptance_criteria, change.number, done=change.done)
    return write_edit(board, actor, ticket, {"acceptance_criteria": texts.text(whole, "acceptance_criteria")})


def link(tx: Transaction, actor: Actor, ticket_id: int, change: Links) -> Ticket:
    """Add links and remove links; those that are there, or are not, already are no error."""
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    removed = {ref.strip() for ref in change.remove}
    kept = [one.ref for one in ticket.links if one.ref not in removed]
    return write_edit(board, actor, ticket, {"links": links.links([*kept, *change.add])})

"""Acceptance criteria and links. As with labels, changes need no version, since they overwrite no other change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kanban_sdk.wire.bodies import Check, Links
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import comments, leases
from kanban_server.actions.audit_fields import update_fields
from kanban_server.rules import criteria, links, validation
from kanban_server.rules.actors import Actor
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, tickets
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction


def tick_criterion(tx: Transaction, actor: Actor, ticket_id: int, request: Check) -> Ticket:
    """Tick or untick an acceptance criterion. Refused: `not-found`, if there is no such criterion."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    if request.evidence:
        comments.write_comment(board, actor, row, evidence_text([request.number], request.evidence))
    tick_row(board, actor, row, [request.number], done=request.done)
    return tickets.to_wire(row, board.columns)


def tick_row(
    board: LockedBoard, actor: Actor, row: TicketRow, numbers: Sequence[int] | Literal["all"], *, done: bool = True
) -> None:
    """Tick or untick criteria of a ticket that the actor may write on, as one change. Refused: `not-found`."""
    text = row["acceptance_criteria"]
    if numbers == "all":
        counted = criteria.count_criteria(text)
        numbers = range(1, counted.all + 1) if counted else ()
    for number in numbers:
        text = criteria.tick_criterion(text, number, done=done)
    update_fields(board, actor, row, {"acceptance_criteria": validation.check_text(text, "acceptance_criteria")})


def evidence_text(numbers: Sequence[int] | Literal["all"], evidence: str) -> str:
    """The comment with the evidence for criteria."""
    if numbers == "all":
        return f"All criteria: {evidence}"
    return f"{'Criterion' if len(numbers) == 1 else 'Criteria'} {', '.join(map(str, numbers))}: {evidence}"


def edit_links(tx: Transaction, actor: Actor, ticket_id: int, request: Links) -> Ticket:
    """Add and remove links. Adding an existing link, or removing a missing one, is no error."""
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    removed = {ref.strip() for ref in request.remove}
    kept_refs = [link.ref for link in tickets.to_wire(row, board.columns).links if link.ref not in removed]
    update_fields(board, actor, row, {"links": links.parse_links([*kept_refs, *request.add])})
    return tickets.to_wire(row, board.columns)

"""The same change to many tickets, in one transaction."""

from __future__ import annotations

from kanban_sdk.wire.bodies import BulkMove, Move
from kanban_sdk.wire.tickets import BulkMoved, BulkResult
from kanban_server.actions import claims
from kanban_server.actions.tickets import move_on
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, tickets
from kanban_server.store.transaction import Transaction


def move(tx: Transaction, actor: Actor, wanted: BulkMove) -> BulkMoved:
    """Move tickets to the bottom of a column. With `atomic`, the first refusal undoes all and is the answer."""
    actor = actor.forcing(wanted.force)
    lock_boards(tx, wanted.ticket_ids)
    results = []
    for ticket_id in wanted.ticket_ids:
        try:
            with tx.attempt():
                results.append(_move_one(tx, actor, ticket_id, wanted.target_column))
        except Refusal as refusal:
            if wanted.atomic:
                refusal.facts["ticket_id"] = ticket_id
                raise
            results.append(BulkResult(ticket_id, success=False, error=refusal.detail))
    moved = sum(result.success for result in results)
    return BulkMoved(len(results), moved, len(results) - moved, results)


def lock_boards(tx: Transaction, ticket_ids: list[int]) -> None:
    """Lock the boards of these tickets in ascending order, so that two bulk changes can't wait for each other."""
    found = {tx.value(tickets.BOARD_OF, ticket_id=ticket_id) for ticket_id in ticket_ids} - {None}
    for board_id in sorted(found):
        try:
            boards.lock(tx, board_id)
        except Refusal:
            continue  # a deleted board: its tickets are refused one by one


def _move_one(tx: Transaction, actor: Actor, ticket_id: int, column: str) -> BulkResult:
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = claims.writable(board, actor, ticket_id)
    moved = move_on(board, actor, ticket, Move(column))
    return BulkResult(ticket_id, success=True, old_column=ticket.current_column, new_column=moved.current_column)

"""Many changes in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kanban_sdk.wire.bodies import BulkMove, Move
from kanban_sdk.wire.bodies.comment_bodies import NewComment
from kanban_sdk.wire.bulk import BatchResult, OperationResult
from kanban_sdk.wire.operations import (
    BlockOperation,
    CheckOperation,
    CommentOperation,
    CreateOperation,
    DeleteOperation,
    LabelOperation,
    MoveOperation,
    Operation,
    RestoreOperation,
    UnblockOperation,
)
from kanban_sdk.wire.tickets import BulkMoveResult, TicketMoveResult
from kanban_server.actions import comments, criteria, leases, tickets
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.queries import boards
from kanban_server.store.transaction import Transaction


def move_tickets(tx: Transaction, actor: Actor, request: BulkMove) -> BulkMoveResult:
    """Move tickets to the bottom of a column. With `atomic`, the first refusal undoes all moves and is raised."""
    actor = actor.with_force(request.force)
    lock_boards(tx, request.ticket_ids)
    results = []
    for ticket_id in request.ticket_ids:
        try:
            with tx.savepoint():
                results.append(_move_ticket(tx, actor, ticket_id, request.target_column))
        except Refusal as refusal:
            if request.atomic:
                refusal.facts["ticket_id"] = ticket_id
                raise
            results.append(TicketMoveResult(ticket_id, success=False, error=refusal.detail).without("unmet"))
    moved_count = sum(result.success for result in results)
    return BulkMoveResult(len(results), moved_count, len(results) - moved_count, results)


def run_operations(tx: Transaction, actor: Actor, operations: Sequence[Operation], *, atomic: bool) -> BatchResult:
    """Run operations in order, each by the rules of the single request.

    With `atomic`, the first refusal undoes all operations and is raised; else only the refused operation is undone.
    """
    targets = [describe_operation(operation) for operation in operations]
    lock_boards(
        tx,
        [ticket for _, ticket in targets if ticket],
        [operation.board_id for operation in operations if isinstance(operation, CreateOperation)],
    )
    results = []
    for index, operation in enumerate(operations):
        op, ticket_id = targets[index]
        try:
            with tx.savepoint():
                leases.check_lease(tx, actor)
                created = _run_operation(tx, actor, operation)
            results.append(_operated(index, op, ticket_id, created))
        except Refusal as refusal:
            if atomic:
                refusal.facts |= {"index": index, "op": op}
                raise
            results.append(OperationResult(index, op, False, ticket_id, refusal.detail, refusal.type))
    succeeded = sum(result.success for result in results)
    return BatchResult(len(results), succeeded, len(results) - succeeded, results)


def _operated(index: int, op: str, ticket_id: int | None, made: object) -> OperationResult:
    """Build the result of an operation that succeeded."""
    id = ticket_id or getattr(made, "id", None)
    return OperationResult(index, op, success=True, ticket_id=id, unmet=getattr(made, "unmet", None))


def describe_operation(operation: Operation) -> tuple[str, int | None]:
    """The name of an operation and the id of its ticket; None for a ticket that is yet to be created."""
    if isinstance(operation, dict):
        return operation["op"], operation["ticket"]
    return operation.op, None if isinstance(operation, CreateOperation) else operation.ticket


def _run_operation(tx: Transaction, actor: Actor, operation: Operation) -> object:
    match operation:
        case CreateOperation():
            return tickets.create(tx, actor, operation)
        case MoveOperation():
            return tickets.move(tx, actor, operation.ticket, operation)
        case CommentOperation():
            return comments.add(tx, actor, NewComment(operation.ticket, operation.text))
        case LabelOperation():
            return tickets.label(tx, actor, operation.ticket, operation)
        case CheckOperation():
            return criteria.tick_criterion(tx, actor, operation.ticket, operation)
        case BlockOperation():
            return tickets.block(tx, actor, operation.ticket, operation)
        case UnblockOperation():
            return tickets.unblock(tx, actor, operation.ticket, operation)
        case DeleteOperation():
            return tickets.delete(tx, actor, operation.ticket)
        case RestoreOperation():
            return tickets.restore(tx, actor, operation.ticket)
    return tickets.edit(tx, actor, operation["ticket"], operation)


def lock_boards(tx: Transaction, ticket_ids: Iterable[int], board_ids: Iterable[int] = ()) -> None:
    """Lock the boards of these tickets in ascending order, so that two bulk changes can't deadlock."""
    ticket_board_ids = {tx.value(boards.BOARD_ID_OF_TICKET, ticket_id=ticket_id) for ticket_id in {*ticket_ids}} - {
        None
    }
    for board_id in sorted({*ticket_board_ids, *board_ids}):
        try:
            boards.lock(tx, board_id)
        except Refusal:
            continue  # the board is deleted: each of its tickets is refused later


def _move_ticket(tx: Transaction, actor: Actor, ticket_id: int, column: str) -> TicketMoveResult:
    board = boards.lock_by_ticket(tx, ticket_id)
    row = leases.require_writable(board, actor, ticket_id)
    old_column = board.column_by_id(row["column_id"]).name
    moved = tickets.move(tx, actor, ticket_id, Move(column))
    result = TicketMoveResult(ticket_id, success=True, old_column=old_column, new_column=moved.current_column)
    return result.but(unmet=moved.unmet) if moved.unmet else result.without("unmet")

"""Many changes in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kanban_sdk.wire.bodies import BulkMove, Move, NewComment
from kanban_sdk.wire.bulk import Batched, Operated
from kanban_sdk.wire.operations import Block, Create, Delete, Label, MoveTo, Operation, Restore, Say, Tick, Unblock
from kanban_sdk.wire.tickets import BulkMoved, BulkResult
from kanban_server.actions import additions, comments, holding, tickets
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards
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
            results.append(BulkResult(ticket_id, success=False, error=refusal.detail).without("unmet"))
    moved = sum(result.success for result in results)
    return BulkMoved(len(results), moved, len(results) - moved, results)


def operate(tx: Transaction, actor: Actor, operations: Sequence[Operation], *, atomic: bool) -> Batched:
    """Carry out operations one after another, each by the rules of the single request.

    With `atomic`, the first refusal undoes all and is the answer; else each is undone alone.
    """
    abouts = [about(one) for one in operations]
    lock_boards(
        tx, [ticket for _, ticket in abouts if ticket], [one.board_id for one in operations if isinstance(one, Create)]
    )
    results = []
    for index, one in enumerate(operations):
        op, ticket_id = abouts[index]
        try:
            with tx.attempt():
                holding.check_lease(tx, actor)
                made = _carry_out(tx, actor, one)
            results.append(_operated(index, op, ticket_id, made))
        except Refusal as refusal:
            if atomic:
                refusal.facts |= {"index": index, "op": op}
                raise
            results.append(Operated(index, op, False, ticket_id, refusal.detail, refusal.type))
    succeeded = sum(result.success for result in results)
    return Batched(len(results), succeeded, len(results) - succeeded, results)


def _operated(index: int, op: str, ticket_id: int | None, made: object) -> Operated:
    """What became of an operation that was carried out."""
    id = ticket_id or getattr(made, "id", None)
    return Operated(index, op, success=True, ticket_id=id, unmet=getattr(made, "unmet", None))


def about(one: Operation) -> tuple[str, int | None]:
    """What an operation is called, and which ticket it is about; a new one has no number yet."""
    if isinstance(one, dict):
        return one["op"], one["ticket"]
    return one.op, None if isinstance(one, Create) else one.ticket


def _carry_out(tx: Transaction, actor: Actor, one: Operation) -> object:
    match one:
        case Create():
            return tickets.create(tx, actor, one)
        case MoveTo():
            return tickets.move(tx, actor, one.ticket, one)
        case Say():
            return comments.add(tx, actor, NewComment(one.ticket, one.text))
        case Label():
            return tickets.label(tx, actor, one.ticket, one)
        case Tick():
            return additions.check(tx, actor, one.ticket, one)
        case Block():
            return tickets.block(tx, actor, one.ticket, one)
        case Unblock():
            return tickets.unblock(tx, actor, one.ticket, one)
        case Delete():
            return tickets.delete(tx, actor, one.ticket)
        case Restore():
            return tickets.restore(tx, actor, one.ticket)
    return tickets.edit(tx, actor, one["ticket"], one)


def lock_boards(tx: Transaction, ticket_ids: Iterable[int], board_ids: Iterable[int] = ()) -> None:
    """Lock the boards of these tickets in ascending order, so that two bulk changes can't wait for each other."""
    found = {tx.value(boards.BOARD_OF, ticket_id=ticket_id) for ticket_id in {*ticket_ids}} - {None}
    for board_id in sorted({*found, *board_ids}):
        try:
            boards.lock(tx, board_id)
        except Refusal:
            continue  # a deleted board: its tickets are refused one by one


def _move_one(tx: Transaction, actor: Actor, ticket_id: int, column: str) -> BulkResult:
    board = boards.lock_of_ticket(tx, ticket_id)
    ticket = holding.writable(board, actor, ticket_id)
    moved = tickets.move_on(board, actor, ticket, Move(column))
    result = BulkResult(ticket_id, success=True, old_column=ticket.current_column, new_column=moved.current_column)
    return result.but(unmet=moved.unmet) if moved.unmet else result.without("unmet")

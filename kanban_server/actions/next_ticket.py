"""The next ticket to work on: the best ready ticket of a board, claimed in the same transaction on request."""

from __future__ import annotations

from dataclasses import replace

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import ClaimRequest, NextRequest
from kanban_sdk.wire.tickets import NextTicket
from kanban_server.actions import claims, leases
from kanban_server.rules import actors, validation
from kanban_server.rules.actors import Actor
from kanban_server.rules.problems import Refusal
from kanban_server.store.counters import ZERO
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, name_lookup, ready_queue, tickets
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction


def choose_next(tx: Transaction, actor: Actor, board_id: int, request: NextRequest) -> NextTicket:
    """Choose the best ready ticket, by priority, then by place: `assignee`'s if given, else unassigned or the actor's.

    If there is none, `reason` is empty, all-blocked, all-held, column-full or user-limit. Refused: `name-required`, for
    a claim without a name; `unknown-column`; `ambiguous-name`.
    """
    board = boards.lock(tx, board_id)
    leases.expire_overdue_claims(board)
    columns = [board.column(name) for name in request.columns] if request.columns else _columns_with_role(board, "todo")
    ticket = _find_best(board, actor, request, columns)
    if ticket is None and (request.labels or request.assignee):
        request = _with_known_names(board, request)
        ticket = _find_best(board, actor, request, columns)
    if ticket is None:
        return _explain_empty(board, request, columns)
    if not request.claim:
        return NextTicket(tickets.to_wire(ticket, board.columns))
    try:
        claim_request = ClaimRequest(lease_seconds=request.lease_seconds)
        return NextTicket(claims.claim(tx, replace(actor, lease=None), ticket["id"], claim_request))
    except Refusal as refusal:
        if refusal.type not in {"column-full", "user-limit"}:
            raise
        return _explain_empty(board, request, columns).but(reason=refusal.type)


def _columns_with_role(board: LockedBoard, role: str) -> list[Column]:
    return [column for column in board.columns if column.role == role]


def _find_best(board: LockedBoard, actor: Actor, request: NextRequest, columns: list[Column]) -> TicketRow | None:
    assignee, labels = actors.check_assignee(request.assignee), validation.check_labels(request.labels)
    assignees = [*name_lookup.names_of(board.tx, assignee)] if assignee else [*actor.names, None]
    candidates = []
    for position, column in enumerate(columns):
        for row in ready_queue.find_best(board, column.id, assignees, labels):
            candidates.append((row["priority_key"], position, row["place"], row["id"]))
    return tickets.read_row(board.tx, min(candidates)[-1]) if candidates else None


def _with_known_names(board: LockedBoard, ask: NextRequest) -> NextRequest:
    """The request, with its labels and assignee replaced by those of the board that match in any case."""
    labels = [name_lookup.label(board.tx, board.id, label) for label in validation.check_labels(ask.labels)]
    user = actors.check_assignee(ask.assignee)
    return replace(ask, labels=labels, assignee=name_lookup.assignees(board.tx, board.id, user)[0] if user else None)


def _explain_empty(board: LockedBoard, request: NextRequest, columns: list[Column]) -> NextTicket:
    """Why there is no ticket to take.

    Held tickets of the working columns count too: most held tickets are there, and they may come back.
    """
    totals = sum((board.counters_of(column) for column in columns), ZERO)
    waiting_count = sum(board.count(column) for column in columns) - totals.ready - totals.held
    working_columns = [] if request.columns else _columns_with_role(board, "working")
    held_count = totals.held + sum(board.counters_of(column).held for column in working_columns)
    if totals.ready:  # ready, but with other labels or assigned to others
        reason = "empty" if request.labels or request.assignee else "all-held"
    elif waiting_count:  # for other tickets or for a person
        reason = "all-blocked"
    else:
        reason = "all-held" if held_count else "empty"
    whose = ready_queue.assigned(board.tx, board.id, [column.id for column in columns]) if totals.ready else None
    return NextTicket(None, reason, totals.ready, totals.blocked, held_count, whose)

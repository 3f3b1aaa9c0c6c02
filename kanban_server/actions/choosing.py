"""What to do next: the best ready ticket of a board, claimed in the same step where that is wanted."""

from __future__ import annotations

from dataclasses import replace

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import Claiming, Next
from kanban_sdk.wire.tickets import Chosen, Ticket
from kanban_server.actions import claims, holding
from kanban_server.rules import names, texts
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, meant, ready, tickets
from kanban_server.store.locked import LockedBoard
from kanban_server.store.tallies import NONE
from kanban_server.store.transaction import Transaction


def choose(tx: Transaction, actor: Actor, board_id: int, ask: Next) -> Chosen:
    """The best ready ticket: by priority, then by its place; nobody's, or the caller's own, unless `assignee` says.

    Where there is none, `reason` says why: empty, all-blocked, all-held, column-full or user-limit. Refused:
    `name-required`, for a claim of nobody; `unknown-column`; `ambiguous-name`.
    """
    board = boards.lock(tx, board_id)
    holding.expire_overdue(board)
    columns = [board.column(name) for name in ask.columns] if ask.columns else _with_role(board, "todo")
    best = _best(board, actor, ask, columns)
    if best is None and (ask.labels or ask.assignee):
        ask = _as_meant(board, ask)
        best = _best(board, actor, ask, columns)
    if best is None:
        return _nothing(board, ask, columns)
    if not ask.claim:
        return Chosen(best)
    try:
        asked = Claiming(lease_seconds=ask.lease_seconds)
        return Chosen(claims.claim_on(board, replace(actor, lease=None), best.id, asked))
    except Refusal as refusal:
        if refusal.type not in {"column-full", "user-limit"}:
            raise
        return _nothing(board, ask, columns).but(reason=refusal.type)


def _with_role(board: LockedBoard, role: str) -> list[Column]:
    return [column for column in board.columns if column.role == role]


def _best(board: LockedBoard, actor: Actor, ask: Next, columns: list[Column]) -> Ticket | None:
    wanted, labels = names.assignee_name(ask.assignee), texts.labels(ask.labels)
    whose = [*meant.names_of(board.tx, wanted)] if wanted else [*actor.names, None]
    found = []
    for position, column in enumerate(columns):
        for name in whose:
            row = ready.best(board.tx, board.id, column.id, whose=name, labels=labels)
            if row is not None:
                found.append((row["priority_key"], position, row["place"], row["id"]))
    return tickets.on(board, min(found)[-1]) if found else None


def _as_meant(board: LockedBoard, ask: Next) -> Next:
    """What is asked for, with the labels and the user that the board has, whatever their case."""
    labels = [meant.label(board.tx, board.id, label) for label in texts.labels(ask.labels)]
    user = names.assignee_name(ask.assignee)
    return replace(ask, labels=labels, assignee=meant.assignees(board.tx, board.id, user)[0] if user else None)


def _nothing(board: LockedBoard, ask: Next, columns: list[Column]) -> Chosen:
    """Why there is nothing to take. What is held stands mostly in the working columns, and may come back."""
    tally = sum((board.tally(column) for column in columns), NONE)
    waiting = sum(board.count(column) for column in columns) - tally.ready - tally.held
    in_work = [] if ask.columns else _with_role(board, "working")
    held = tally.held + sum(board.tally(column).held for column in in_work)
    if tally.ready:  # but of other labels, or kept for others
        reason = "empty" if ask.labels or ask.assignee else "all-held"
    elif waiting:  # for other tickets, or for a person
        reason = "all-blocked"
    else:
        reason = "all-held" if held else "empty"
    whose = ready.assigned(board.tx, board.id, [column.id for column in columns]) if tally.ready else None
    return Chosen(None, reason, tally.ready, tally.blocked, held, whose)

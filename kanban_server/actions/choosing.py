"""What to do next: the best ready ticket of a board, claimed in the same step where that is wanted."""

from __future__ import annotations

from dataclasses import replace

from kanban_sdk.wire.boards import Column
from kanban_sdk.wire.bodies import Claiming, Next
from kanban_sdk.wire.tickets import Chosen, Ticket
from kanban_server.actions import claims
from kanban_server.rules import names
from kanban_server.rules.names import Actor
from kanban_server.rules.refusals import Refusal
from kanban_server.store import boards, ready, tickets
from kanban_server.store.boards import LockedBoard
from kanban_server.store.transaction import Transaction


def choose(tx: Transaction, actor: Actor, board_id: int, ask: Next) -> Chosen:
    """The best ready ticket: by priority, then by its place; nobody's, or the caller's own, unless `assignee` says.

    Where there is none, `reason` says why: empty, all-blocked, all-held, column-full or user-limit. Refused:
    `name-required`, for a claim of nobody; `unknown-column`.
    """
    board = boards.lock(tx, board_id)
    claims.expire_overdue(board)
    columns = [board.column(name) for name in ask.columns] if ask.columns else _todo(board)
    best = _best(board, actor, ask, columns)
    if best is None:
        return _nothing(board, columns)
    if not ask.claim:
        return Chosen(best)
    try:
        asked = Claiming(lease_seconds=ask.lease_seconds)
        return Chosen(claims.claim_on(board, replace(actor, lease=None), best.id, asked))
    except Refusal as refusal:
        if refusal.type not in {"column-full", "user-limit"}:
            raise
        return replace(_nothing(board, columns), reason=refusal.type)


def _todo(board: LockedBoard) -> list[Column]:
    return [column for column in board.columns if column.role == "todo"]


def _best(board: LockedBoard, actor: Actor, ask: Next, columns: list[Column]) -> Ticket | None:
    found = []
    wanted = names.assignee_name(ask.assignee)
    for position, column in enumerate(columns):
        row = ready.best(
            board.tx, board.id, column.id, mine=wanted or actor.name, only_mine=bool(wanted), labels=ask.labels
        )
        if row is not None:
            found.append((row["priority_key"], position, row["place"], row["id"]))
    return tickets.on(board, min(found)[-1]) if found else None


def _nothing(board: LockedBoard, columns: list[Column]) -> Chosen:
    counts = {"ready": 0, "blocked": 0, "held": 0, "all": 0}
    for column in columns:
        row = board.tx.one(ready.WHY_NOT, board_id=board.id, column_id=column.id) or {}
        counts = {name: count + row.get(name, 0) for name, count in counts.items()}
    reason = "all-held" if counts["held"] > counts["blocked"] else "all-blocked"
    if counts["all"] == 0:
        reason = "empty"
    return Chosen(None, reason, counts["ready"], counts["blocked"], counts["held"])

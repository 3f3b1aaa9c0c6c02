"""Log trimming: replace the oldest events of a log by a snapshot, its base.

Folding the remaining events onto the base gives the same board as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from kanban_sdk.stream.fold import FoldedBoard
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import read_event
from kanban_server.rules.cursors import format_cursor
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.problems import Refusal
from kanban_server.store import event_log
from kanban_server.store.database import Database
from kanban_server.store.queries import base_snapshots, boards
from kanban_server.store.queries.base_snapshots import BaseSnapshot
from kanban_server.store.transaction import ReadTransaction, Transaction

PAGE_EVENTS = 500
"""Events folded or deleted at a time, so that other writers do not wait for the whole trim."""


@dataclass(frozen=True)
class TrimResult:
    """The result of a trim: how many events were deleted, and since when the log has events.

    `since` is None if the log is complete.
    """

    board_id: int
    events: int
    floor: int
    since: str | None


async def trim(database: Database, board_id: int, before: str) -> TrimResult:
    """Delete all events of a board's log before a time, and write the base. Refused: `not-found`, `busy`."""
    plan = await database.read(SYSTEM_VIEWER, _plan_trim, board_id, before)
    base, floor, epoch = plan.base, plan.floor, plan.epoch
    if plan.end is not None:
        seq, at = plan.end
        folded = FoldedBoard.from_snapshot(Snapshot.read(orjson.loads(base.data))) if base else FoldedBoard()
        while folded.seq < seq:
            await database.read(SYSTEM_VIEWER, _fold_events, board_id, folded, seq)
        base = BaseSnapshot(seq, at, orjson.dumps(_build_snapshot(folded, epoch)).decode())
        await database.write(SYSTEM_VIEWER, lambda tx: _write_base(tx, plan, base), lane=board_id)
    new_floor = base.seq if base else 0
    while await database.write(
        SYSTEM_VIEWER, lambda tx: base_snapshots.delete_events(tx, board_id, new_floor, PAGE_EVENTS), lane=board_id
    ):
        pass
    return TrimResult(board_id, new_floor - floor, new_floor, base.at if base else None)


@dataclass(frozen=True)
class _TrimPlan:
    board_id: int
    head: int
    epoch: str
    floor: int
    base: BaseSnapshot | None
    end: tuple[int, str] | None
    """The seq and time of the last event to delete; None if there is nothing to trim."""


def _plan_trim(tx: ReadTransaction, board_id: int, before: str) -> _TrimPlan:
    row = boards.read(tx, board_id)
    end = base_snapshots.last_event_before(tx, board_id, before)
    if end is not None and end[0] <= row.floor:
        end = None
    return _TrimPlan(board_id, row.seq, row.epoch, row.floor, base_snapshots.read_base(tx, board_id), end)


def _fold_events(tx: ReadTransaction, board_id: int, folded: FoldedBoard, up_to_seq: int) -> None:
    for event in event_log.read_after(tx, board_id, folded.seq, min(PAGE_EVENTS, up_to_seq - folded.seq)):
        folded.step(read_event(orjson.loads(event.json)))


def _build_snapshot(folded: FoldedBoard, epoch: str) -> dict[str, Any]:
    tickets = sorted(folded.tickets.values(), key=lambda ticket: (ticket["current_column"], ticket["place"]))
    return {
        "board": {**folded.board, "ticket_count": len(tickets)},
        "columns": folded.board["column_settings"],
        "tickets": tickets,
        "seq": folded.seq,
        "cursor": format_cursor(epoch, folded.seq),
    }


def _write_base(tx: Transaction, plan: _TrimPlan, base: BaseSnapshot) -> None:
    """Refused: `busy`, if the log was trimmed or redacted meanwhile, so that the base may hold removed data."""
    board = boards.lock(tx, plan.board_id)
    if board.floor != plan.floor or base_snapshots.has_redaction_since(tx, board.id, plan.head):
        detail = "The log was trimmed, or something in it was blanked, meanwhile."
        raise Refusal("busy", detail, fix="Try again in a moment.", retry_after=1)
    base_snapshots.replace_base(tx, board.id, base)

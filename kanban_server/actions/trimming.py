"""Trimming a log: its oldest events go, and a snapshot stands in their place.

Folding what is left, from that snapshot on, gives the board as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from kanban_sdk.fold import Folded
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import read_event
from kanban_server.rules.access import THE_SERVER
from kanban_server.rules.cursors import write
from kanban_server.rules.refusals import Refusal
from kanban_server.store import bases, boards, journal
from kanban_server.store.bases import Base
from kanban_server.store.database import Database
from kanban_server.store.transaction import Reading, Transaction

PAGE = 500
"""Events that are folded, or deleted, at a time, so that nobody waits for the whole."""


@dataclass(frozen=True)
class Trimmed:
    """What became of a log: how many events went, and from when on it speaks; None where it is whole."""

    board_id: int
    events: int
    floor: int
    since: str | None


async def trim(database: Database, board_id: int, before: str) -> Trimmed:
    """Trim a board's log of all events before a moment. Refused: `not-found`."""
    began = await database.read(THE_SERVER, _begin, board_id, before)
    base, floor, epoch = began.base, began.floor, began.epoch
    if began.end is not None:
        seq, at = began.end
        folded = Folded.of(Snapshot.read(orjson.loads(base.data))) if base else Folded()
        while folded.seq < seq:
            await database.read(THE_SERVER, _fold, board_id, folded, seq)
        base = Base(seq, at, orjson.dumps(_snapshot(folded, epoch)).decode())
        await database.write(THE_SERVER, lambda tx: _put(tx, began, base), lane=board_id)
    now = base.seq if base else 0
    while await database.write(THE_SERVER, lambda tx: bases.cut(tx, board_id, now, PAGE), lane=board_id):
        pass
    return Trimmed(board_id, now - floor, now, base.at if base else None)


@dataclass(frozen=True)
class _Began:
    board_id: int
    head: int
    epoch: str
    floor: int
    base: Base | None
    end: tuple[int, str] | None
    """The last event that is to go."""


def _begin(tx: Reading, board_id: int, before: str) -> _Began:
    row = boards.read(tx, board_id)
    end = bases.last_before(tx, board_id, before)
    if end is not None and end[0] <= row.floor:
        end = None
    return _Began(board_id, row.seq, row.epoch, row.floor, bases.read(tx, board_id), end)


def _fold(tx: Reading, board_id: int, folded: Folded, upto: int) -> None:
    for event in journal.after(tx, board_id, folded.seq, min(PAGE, upto - folded.seq)):
        folded.step(read_event(orjson.loads(event.json)))


def _snapshot(folded: Folded, epoch: str) -> dict[str, Any]:
    tickets = sorted(folded.tickets.values(), key=lambda ticket: (ticket["current_column"], ticket["place"]))
    return {
        "board": {**folded.board, "ticket_count": len(tickets)},
        "columns": folded.board["column_settings"],
        "tickets": tickets,
        "seq": folded.seq,
        "cursor": write(epoch, folded.seq),
    }


def _put(tx: Transaction, began: _Began, base: Base) -> None:
    """Refused: `busy`, where the base may hold what is gone from the log by now."""
    board = boards.lock(tx, began.board_id)
    if board.floor != began.floor or bases.redacted_since(tx, board.id, began.head):
        detail = "The log was trimmed, or something in it was blanked, meanwhile."
        raise Refusal("busy", detail, fix="Try again in a moment.", retry_after=1)
    bases.put(tx, board.id, base)

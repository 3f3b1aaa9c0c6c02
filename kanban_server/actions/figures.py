"""A board's figures, from a log that is read once, and then only further."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import orjson

from kanban_sdk.wire.stats import Stats
from kanban_server.rules.flow import Flow
from kanban_server.store import bases, boards, journal
from kanban_server.store.transaction import Reading

PAGE = 1000
"""Events that are in memory at a time."""
SAME = len("2026-01-31T12:34:5")
"""Figures of the same ten seconds are given again, as long as nothing happens on the board."""


@dataclass
class Kept:
    """A board's flow as far as its log was read, and what was last said of it."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Who reads on holds it, so that one waits for another without keeping a thread."""
    epoch: str = ""
    flow: Flow = field(default_factory=Flow)
    said: Stats | None = None
    said_at: str = ""


def stats(tx: Reading, kept: Kept, board_id: int, days: int) -> Stats:
    """The figures of the last `days` days. Refused: `not-found`."""
    row = boards.read(tx, board_id)
    if kept.epoch != row.epoch or kept.flow.seq > row.seq:
        kept.epoch, kept.flow, kept.said = row.epoch, Flow(), None
    now, said = tx.now(), kept.said
    if said and (said.seq, said.days, kept.said_at[:SAME]) == (row.seq, days, now[:SAME]):
        return said
    if kept.flow.seq < row.floor and (base := bases.read(tx, board_id)):
        kept.flow = Flow()
        kept.flow.begin(orjson.loads(base.data))
    _read_on(tx, kept.flow, board_id, row.seq)
    kept.said, kept.said_at = kept.flow.figures(now, days), now
    return kept.said


def _read_on(tx: Reading, flow: Flow, board_id: int, head: int) -> None:
    while flow.seq < head:
        events = journal.flow_after(tx, board_id, flow.seq, PAGE)
        for event in events:
            flow.step(event["name"], event["at"], event["actor"], orjson.loads(event["data"]))
        flow.seq = events[-1]["seq"] if len(events) == PAGE else head

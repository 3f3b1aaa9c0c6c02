"""A board's statistics, computed from its log. The log is read once; later calls read only new events."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import orjson

from kanban_sdk.wire.stats import Stats
from kanban_server.rules.flow_statistics import BoardFlow
from kanban_server.store import event_log
from kanban_server.store.queries import base_snapshots, boards
from kanban_server.store.transaction import ReadTransaction

PAGE_EVENTS = 1000
"""Events read into memory at a time."""
CACHE_KEY_LENGTH = len("2026-01-31T12:34:5")
"""Cached statistics are returned for up to ten seconds, as long as the board has no new events."""


@dataclass
class StatsCache:
    """A board's flow up to the last event read, and the last computed statistics."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while events are read, so that concurrent readers wait without occupying a thread."""
    epoch: str = ""
    flow: BoardFlow = field(default_factory=BoardFlow)
    last_stats: Stats | None = None
    last_at: str = ""


def read_stats(tx: ReadTransaction, cache: StatsCache, board_id: int, days: int) -> Stats:
    """The statistics of the last `days` days. Refused: `not-found`."""
    row = boards.read(tx, board_id)
    if cache.epoch != row.epoch or cache.flow.seq > row.seq:
        cache.epoch, cache.flow, cache.last_stats = row.epoch, BoardFlow(), None
    now, last_stats = tx.now(), cache.last_stats
    if last_stats and (last_stats.seq, last_stats.days, cache.last_at[:CACHE_KEY_LENGTH]) == (
        row.seq,
        days,
        now[:CACHE_KEY_LENGTH],
    ):
        return last_stats
    if cache.flow.seq < row.floor and (base := base_snapshots.read_base(tx, board_id)):
        cache.flow = BoardFlow()
        cache.flow.load_snapshot(orjson.loads(base.data))
    _read_events(tx, cache.flow, board_id, row.seq)
    cache.last_stats, cache.last_at = cache.flow.compute_stats(now, days), now
    return cache.last_stats


def _read_events(tx: ReadTransaction, flow: BoardFlow, board_id: int, head: int) -> None:
    while flow.seq < head:
        events = event_log.read_flow_after(tx, board_id, flow.seq, PAGE_EVENTS)
        for event in events:
            flow.step(event["name"], event["at"], event["actor"], orjson.loads(event["data"]))
        flow.seq = events[-1]["seq"] if len(events) == PAGE_EVENTS else head

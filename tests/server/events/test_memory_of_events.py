"""Events are kept in memory for boards that somebody follows, and never more of them than the server may keep."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx
import pytest

from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.rules.events import EncodedEvent
from tests.support.raw import read_board
from tests.support.resident import resident
from tests.support.servers import Server, on_sqlite, running

MIB = 1024 * 1024
TEXT = "x" * 10_000


class Reader:
    """One who follows boards and keeps nothing."""

    client = "sdk"
    owner = None

    @property
    def subscriber(self) -> Reader:
        return self

    def notify(self, channel: Channel) -> None: ...

    def lag(self) -> int:
        return 0

    def on_board_created(self, event: EncodedEvent) -> None: ...

    def stop(self) -> None: ...

    async def reauthorize(self) -> None: ...


def event(board: int, seq: int) -> EncodedEvent:
    return EncodedEvent(board, seq, "ticket_created", b'{"cursor":"e-%d","x":"%b"}' % (seq, b"x" * 1000))


async def never(board: int, seq: int, most: int) -> list[EncodedEvent]:
    raise AssertionError("the journal was read")


def hub(most: int = 100_000) -> Hub:
    return Hub(never, max_recent_events=2000, max_bytes=most)


def publish(hub: Hub, boards: int, events: range) -> None:
    for seq in events:
        for board in range(1, boards + 1):
            hub.publish([event(board, seq)], 0.0)


async def _followed_only() -> None:
    event_hub, reader = hub(), Reader()
    publish(event_hub, 50, range(1, 5))
    assert event_hub.memory.used == 0
    event_hub.add_stream(reader)
    event_hub.subscribe(reader, 7)
    publish(event_hub, 50, range(5, 10))
    assert [channel.board_id for channel in event_hub.channels() if channel.recent_events] == [7]
    assert [one.seq for one in await event_hub.events_after(7, 5, 100)] == [6, 7, 8, 9]
    event_hub.remove_stream(reader)
    assert event_hub.memory.used == 0


def test_a_board_that_nobody_follows_keeps_no_events_in_memory() -> None:
    asyncio.run(_followed_only())


async def _bounded() -> None:
    event_hub, reader = hub(), Reader()
    event_hub.add_stream(reader)
    event_hub.subscribe(reader, None)
    publish(event_hub, 20, range(1, 101))
    assert 50_000 < event_hub.memory.used <= event_hub.memory.max_bytes
    rings = [channel.recent_events for channel in event_hub.channels() if channel.recent_events]
    assert sum(len(one.json) + 250 for ring in rings for one in ring) == event_hub.memory.used
    assert {ring[-1].seq for ring in rings} == {100}, "an event was dropped that was newer than one that was kept"
    assert max(ring[0].seq for ring in rings) - min(ring[0].seq for ring in rings) <= 1
    event_hub.unsubscribe(reader, 1)  # it follows everything: the board stays followed
    assert event_hub.channel(1).recent_events
    event_hub.remove_stream(reader)
    assert event_hub.memory.used == 0


def test_of_all_boards_together_the_oldest_events_are_dropped_first() -> None:
    asyncio.run(_bounded())


def fill(server: Server, boards: int) -> None:
    """Boards with a MiB of events each, which nobody follows."""
    tickets = [{"source_id": f"s{number}", "title": "t", "description": TEXT} for number in range(90)]
    with httpx.Client(base_url=server.url, timeout=30) as rest:
        for number in range(boards):
            board = rest.post("/api/boards", json={"name": f"b{number}"}).json()["id"]
            imported: dict[str, Any] = {"tickets": tickets}
            assert rest.post(f"/api/boards/{board}/import", json=imported).status_code == 200


@on_sqlite
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("boards", [16, pytest.param(500, marks=pytest.mark.slow)])
def test_boards_that_nobody_reads_cost_no_memory(own_server: Server, boards: int) -> None:
    fill(own_server, 4)  # what a server needs anyway
    before = resident(own_server.pid)
    fill(own_server, boards)
    grown = (resident(own_server.pid) - before) / MIB
    print(f"{boards} boards of a MiB: {grown:.1f} MiB more")
    assert grown < 12


def add_tickets(server: Server) -> None:
    tickets = [{"source_id": f"n{number}", "title": "t", "description": TEXT} for number in range(90)]
    assert httpx.post(f"{server.url}/api/boards/2/import", json={"tickets": tickets}).status_code == 200


async def read_both(server: Server) -> list[int]:
    """What a reader is given of what was before it came, and of what came then."""
    seqs: list[int] = []
    reader = await read_board(server.port, 2, after=0, arrived=lambda text: seqs.append(json.loads(text)["seq"]))
    await asyncio.to_thread(add_tickets, server)
    await asyncio.wait_for(reader.has(1 + 1 + 90 * 2), timeout=20)
    reader.transport.close()
    return seqs


@on_sqlite
def test_a_reader_beyond_what_is_kept_reads_the_journal_and_misses_nothing(database: str) -> None:
    with running(database, KANBAN_RING_BYTES="20000") as server:
        fill(server, 1)
        assert asyncio.run(read_both(server)) == list(range(1, 182))

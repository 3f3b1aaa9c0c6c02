"""Promise 8: one reader that stops reading costs others nothing, and the server no memory."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
from websockets.asyncio.client import ClientConnection, connect

from kanban_sdk import AsyncKanban
from tests.faults.validators import check_dense
from tests.support.raw import queued, read_board
from tests.support.resident import resident
from tests.support.servers import Server, on_sqlite, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MOST_GROWTH = 16 * 1024 * 1024
"""Bytes: the events that a board keeps in memory, but not the 20,000 that one reader leaves unread."""
STEPS = 4
"""Tickets that a user opens while a reader reads nothing."""
TITLE = "x" * 200
"""Long events, so that no kernel can buffer them all for a stalled reader."""


async def stall(server: Server, *, readers: int, events: int) -> None:
    """Many readers read, one stops; then it resumes, and has missed nothing."""
    async with AsyncKanban(server.url, "ada") as kanban:
        board = (await kanban.boards.create("Stalled")).id
        tickets = [(await kanban.tickets.create(TITLE, board=board)).id for _ in range(100)]
        start = (await kanban.boards.snapshot(board)).seq
        counted = [await read_board(server.port, board) for _ in range(readers)]
        late = DelayedReader(start + events)
        stalled = await read_board(server.port, board, arrived=late.receive, receive_buffer=4096, client="web")
        stalled.transport.pause_reading()
        before = resident(server.pid)
        size = 0
        while size < events:
            column = "Done" if (size // len(tickets)) % 2 == 0 else "Blocked"
            moved = await kanban.tickets.move_many(tickets, column)
            size += moved.successful_moves
        await asyncio.wait_for(asyncio.gather(*(reader.has(size + 1) for reader in counted)), timeout=60)
        assert resident(server.pid) - before < MOST_GROWTH
        assert all(reader.messages == size + 1 for reader in counted)

        page = await kanban.boards.events(board, after=start, limit=1)
        total = size * len(json.dumps(page.events[0].data))
        assert queued(stalled) < total / 2, "the kernel buffered the whole stream, so the reader never stalled"
        assert late.seqs == []

        url = f"ws://127.0.0.1:{server.port}/ws/connect?board_id={board}&username=bob"
        async with connect(url, compression=None) as bob:
            await walk_about(bob, board)
            stalled.transport.resume_reading()
            try:
                await asyncio.wait_for(late.over.wait(), timeout=60)
            except TimeoutError:
                pytest.fail(f"{late}, closed: {stalled.transport.is_closing()}, queued: {queued(stalled)}")
        check_dense(late.seqs, first=start + 1)
        assert len(late.lists) <= 2, "a list was queued for a reader that reads nothing"
        assert late.pointers == 0


class DelayedReader:
    """Messages received by a reader after a pause: all events, but only the newest presence.

    It records until it has caught up; later messages are sent to it as to all others.
    """

    def __init__(self, last: int) -> None:
        self.seqs: list[int] = []
        self.lists: list[dict[str, int | None]] = []
        """User to the ticket that they have open."""
        self.pointers = 0
        self.errors: list[object] = []
        self.over = asyncio.Event()
        """Set when the last event and a user's last presence have arrived."""
        self._last = last

    def receive(self, text: bytes) -> None:
        if self.over.is_set():
            return
        message = json.loads(text)
        if "seq" in message:
            self.seqs.append(message["seq"])
        elif message["event"] == "presence":
            self.lists.append({user["username"]: user["ticket_id"] for user in message["data"]["users"]})
        elif message["event"] == "error":
            self.errors.append(message["data"])
        else:
            self.pointers += message["event"] == "pointer"
        if self.seqs[-1:] == [self._last] and self.lists and self.lists[-1].get("bob") == STEPS:
            self.over.set()

    def __str__(self) -> str:
        return f"received {len(self.seqs)} events up to {self.seqs[-1:]} of {self._last}, {self.lists}, {self.errors}"


async def walk_about(bob: ClientConnection, board: int) -> None:
    """Open tickets in turn and send pointers, each until every active reader was notified."""
    for ticket in range(1, STEPS + 1):
        here = {"type": "presence", "board_id": board, "ticket_id": ticket, "element": "column:1", "x": 1 / ticket}
        await bob.send(json.dumps(here))
        async for text in bob:
            message = json.loads(text)
            if message["event"] == "presence" and message["data"]["users"][-1]["ticket_id"] == ticket:
                break


@on_sqlite
def test_a_reader_that_stops_reading_costs_others_nothing_and_the_server_no_memory(own_server: Server) -> None:
    asyncio.run(asyncio.wait_for(stall(own_server, readers=20, events=20_000), timeout=120))


@pytest.mark.slow
def test_one_of_two_hundred_readers_stops_for_twenty_thousand_events(database: str) -> None:
    # A reader that reads nothing answers no pings, and PostgreSQL may take longer than a socket may be silent.
    with running(database, KANBAN_SILENCE_SECONDS="600") as server:
        asyncio.run(asyncio.wait_for(stall(server, readers=200, events=20_000), timeout=300))

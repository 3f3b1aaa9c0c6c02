"""Promise 8: one reader that stops reading costs others nothing, and the server no memory."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from kanban_sdk import AsyncKanban
from tests.faults.validators import check_dense
from tests.support.raw import queued, read_board
from tests.support.servers import Server, on_sqlite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MOST_GROWTH = 16 * 1024 * 1024
TITLE = "x" * 200
"""Long events, so that no kernel can swallow them all for a reader that does not read."""


async def stall(server: Server, *, readers: int, events: int) -> None:
    """Many readers read, one stops; then it resumes, and has missed nothing."""
    async with AsyncKanban(server.url, "ada") as kanban:
        board = (await kanban.boards.create("Stalled")).id
        tickets = [(await kanban.tickets.create(TITLE, board=board)).id for _ in range(100)]
        start = (await kanban.boards.snapshot(board)).seq
        counted = [await read_board(server.port, board) for _ in range(readers)]
        resumed: list[int] = []
        stalled = await read_board(
            server.port,
            board,
            arrived=lambda text: resumed.append(json.loads(text).get("seq", 0)),
            receive_buffer=4096,
        )
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
        whole = size * len(json.dumps(page.events[0].data))
        assert queued(stalled) < whole / 2, "the kernel swallowed the stream: the stall proved nothing"
        assert stalled.messages == 1

        stalled.transport.resume_reading()
        await stalled.has(size + 1)
        check_dense(resumed, first=start + 1)


def resident(pid: int) -> int:
    """The memory that a process has in use, in bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


@on_sqlite
def test_a_reader_that_stops_reading_costs_others_nothing_and_the_server_no_memory(own_server: Server) -> None:
    asyncio.run(asyncio.wait_for(stall(own_server, readers=20, events=12_000), timeout=120))


@pytest.mark.slow
def test_one_of_two_hundred_readers_stops_for_twenty_thousand_events(own_server: Server) -> None:
    asyncio.run(asyncio.wait_for(stall(own_server, readers=200, events=20_000), timeout=600))

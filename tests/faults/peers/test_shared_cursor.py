"""Promise 1, for readers that share a cursor and get each push together."""

from __future__ import annotations

import asyncio
import json

from kanban_sdk import AsyncKanban
from tests.faults.validators import check_dense
from tests.support.raw import RawReader, read_board
from tests.support.servers import Server

READERS = 5
LARGE = "x" * 60_000
"""A text; a dozen of these are more than the server pushes to a socket at once."""


class SeqReader:
    """A reader of a board, and the seqs that it received."""

    reader: RawReader

    def __init__(self) -> None:
        self.seqs: list[int] = []

    def receive(self, text: bytes) -> None:
        message = json.loads(text)
        if "seq" in message:
            self.seqs.append(message["seq"])


async def follow_small_and_large_changes(server: Server) -> None:
    """Small changes let readers share a cursor; a large one can't be pushed; then small ones, with one reader gone."""
    async with AsyncKanban(server.url, "ada") as kanban:
        board = (await kanban.boards.create("Shared cursor")).id
        readers = [SeqReader() for _ in range(READERS)]
        for each in readers:
            each.reader = await read_board(server.port, board, arrived=each.receive)
        for title in "abc":
            ticket = await kanban.tickets.create(title, board=board)
        await kanban.boards.import_tickets(
            board, [{"source_id": f"t{n}", "title": f"t{n}", "description": LARGE} for n in range(15)]
        )
        await kanban.tickets.move(ticket.id, "Done")
        reader = readers.pop()
        reader.reader.transport.abort()
        await kanban.tickets.move(ticket.id, "Blocked")
        head = (await kanban.boards.snapshot(board)).seq
        async with asyncio.timeout(30):
            for each in readers:
                while each.seqs[-1:] != [head]:
                    await each.reader.has(each.reader.messages + 1)
        for each in readers:
            check_dense(each.seqs, first=2)


def test_readers_with_a_shared_cursor_receive_every_event_also_one_too_large_to_push(server: Server) -> None:
    asyncio.run(asyncio.wait_for(follow_small_and_large_changes(server), timeout=60))

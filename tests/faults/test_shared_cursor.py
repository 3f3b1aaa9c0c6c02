"""Promise 1, for readers that share a cursor and are written to together."""

from __future__ import annotations

import asyncio
import json

from kanban_sdk import AsyncKanban
from tests.faults.validators import check_dense
from tests.support.raw import RawReader, read_board
from tests.support.servers import Server

READERS = 5
LARGE = "x" * 60_000
"""A text of which a dozen are more than is pushed to a socket at once."""


class Heard:
    """A reader of a board, and the seqs that it received."""

    reader: RawReader

    def __init__(self) -> None:
        self.seqs: list[int] = []

    def hear(self, text: bytes) -> None:
        message = json.loads(text)
        if "seq" in message:
            self.seqs.append(message["seq"])


async def together(server: Server) -> None:
    """Small changes let readers share a cursor; a large one can't be pushed; then small ones, with one reader gone."""
    async with AsyncKanban(server.url, "ada") as kanban:
        board = (await kanban.boards.create("Abreast")).id
        heard = [Heard() for _ in range(READERS)]
        for one in heard:
            one.reader = await read_board(server.port, board, arrived=one.hear)
        for title in "abc":
            ticket = await kanban.tickets.create(title, board=board)
        await kanban.boards.import_tickets(
            board, [{"source_id": f"t{n}", "title": f"t{n}", "description": LARGE} for n in range(15)]
        )
        await kanban.tickets.move(ticket.id, "Done")
        gone = heard.pop()
        gone.reader.transport.abort()
        await kanban.tickets.move(ticket.id, "Blocked")
        head = (await kanban.boards.snapshot(board)).seq
        async with asyncio.timeout(30):
            for one in heard:
                while one.seqs[-1:] != [head]:
                    await one.reader.has(one.reader.messages + 1)
        for one in heard:
            check_dense(one.seqs, first=2)


def test_readers_who_are_abreast_are_given_everything_also_what_is_too_large_to_push(server: Server) -> None:
    asyncio.run(asyncio.wait_for(together(server), timeout=60))

"""Boards to measure on, and requests that change them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import chain, cycle
from uuid import uuid4

from benchmarks.client import Connection, request
from kanban_sdk.wire.limits import IMPORT_TICKETS

RARE = "heliotrope"
"""A word that RARE_TICKETS tickets of a board contain, whatever the board's size."""
RARE_PAIR = "登录"
"""Two neighbouring letters in the text of the same tickets."""
RARE_TICKETS = 10
IMPORTERS = 4


async def board(port: int, tickets: int) -> tuple[int, list[int]]:
    """Create a board with `tickets` tickets through the import endpoint; return its id and the ticket ids.

    The last two fifths of the tickets are not in the first column, so that they do not change its first page.
    """
    id, ids = await _filled(port, [_ticket(number, tickets) for number in range(tickets)])
    return id, [ids[str(number)] for number in range(tickets)]


async def waiting_board(port: int, tickets: int) -> int:
    """Create a board on which every other ticket waits for the one before it; return its id."""
    id, _ = await _filled(port, [_waiting(number) for number in range(tickets)])
    return id


async def _filled(port: int, tickets: Sequence[dict[str, object]]) -> tuple[int, dict[str, int]]:
    async with await Connection.open(port) as connection:
        created = await connection.json("POST", "/api/boards", {"name": f"{len(tickets)} tickets"})
    return created["id"], await fill(port, created["id"], tickets)


async def fill(port: int, board: int, tickets: Sequence[dict[str, object]]) -> dict[str, int]:
    """Import tickets into a board; return the ticket ids by source id."""
    connections = [await Connection.open(port) for _ in range(IMPORTERS)]
    path = f"/api/boards/{board}/import"
    starts = iter(range(0, len(tickets), IMPORT_TICKETS))
    ids: dict[str, int] = {}

    async def import_some(connection: Connection) -> None:
        for start in starts:
            body = {"tickets": tickets[start : start + IMPORT_TICKETS]}
            ids.update((await connection.json("POST", path, body))["ids"])

    await asyncio.gather(*map(import_some, connections))
    for connection in connections:
        connection.close()
    return ids


def _ticket(number: int, of: int) -> dict[str, object]:
    rare = number % max(1, of // RARE_TICKETS) == 0
    word = f"{RARE} 修复{RARE_PAIR}页面" if rare else "ordinary 修复注册页面"
    return {
        "source_id": str(number),
        "title": f"Ticket {number}: the {word} watch loses an event when the server restarts",
        "description": "Start a watch, stop the server, start it again, and compare what was printed. " * 3,
        "current_column": "Not Started" if number < of * 0.6 else "In Progress" if number % 2 else "Done",
        "labels": ["watch", f"area-{number % 7}"],
        "assignee": f"agent-{number % 20}",
    }


def _waiting(number: int) -> dict[str, object]:
    return {
        "source_id": str(number),
        "title": f"Ticket {number}",
        "priority": ("critical", "high", "medium", "low")[number % 4],
        "blocked_by_sources": [str(number - 1)] if number % 2 else [],
    }


class Mover:
    """Requests that move tickets in turn, each to a column where it is not."""

    def __init__(self, tickets: Sequence[int]) -> None:
        self._steps = self._moves(tickets)

    @staticmethod
    def _moves(tickets: Sequence[int]) -> Iterator[tuple[str, dict[str, str]]]:
        for column in chain(("Blocked",), cycle(("In Progress", "Done"))):  # no ticket begins in Blocked
            for ticket in tickets:
                yield f"/api/tickets/{ticket}/move", {"column": column, "moved_by": "ada"}

    def plain(self) -> bytes:
        """Return the next move."""
        path, body = next(self._steps)
        return request("POST", path, body)

    def keyed(self) -> bytes:
        """Return the next move with an idempotency key, as clients send it."""
        path, body = next(self._steps)
        return request("POST", path, body, Idempotency_Key=str(uuid4()))

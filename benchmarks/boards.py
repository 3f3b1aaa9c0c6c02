"""Boards to measure on, and requests that change them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import chain, cycle
from uuid import uuid4

from benchmarks.client import Connection, request
from kanban_sdk.wire.limits import IMPORT_TICKETS

RARE = "heliotrope"
"""A word in so many tickets of a board, whatever its size:"""
RARE_TICKETS = 10
IMPORTERS = 4


async def board(port: int, tickets: int) -> tuple[int, list[int]]:
    """A new board with so many tickets, brought in through the import endpoint; its id and theirs.

    The last two fifths of the tickets are not in the first column: there they leave the first page alone.
    """
    made, ids = await _filled(port, [_ticket(number, tickets) for number in range(tickets)])
    return made, [ids[str(number)] for number in range(tickets)]


async def waiting_board(port: int, tickets: int) -> int:
    """A new board with so many tickets, every other one of which waits for the one before it; its id."""
    made, _ = await _filled(port, [_waiting(number) for number in range(tickets)])
    return made


async def _filled(port: int, tickets: Sequence[dict[str, object]]) -> tuple[int, dict[str, int]]:
    connections = [await Connection.open(port) for _ in range(IMPORTERS)]
    made = await connections[0].json("POST", "/api/boards", {"name": f"{len(tickets)} tickets"})
    path = f"/api/boards/{made['id']}/import"
    starts = iter(range(0, len(tickets), IMPORT_TICKETS))
    ids: dict[str, int] = {}

    async def bring(connection: Connection) -> None:
        for start in starts:
            body = {"tickets": tickets[start : start + IMPORT_TICKETS]}
            ids.update((await connection.json("POST", path, body))["ids"])

    await asyncio.gather(*map(bring, connections))
    for connection in connections:
        connection.close()
    return made["id"], ids


def _ticket(number: int, of: int) -> dict[str, object]:
    word = RARE if number % max(1, of // RARE_TICKETS) == 0 else "ordinary"
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
    """Requests that move tickets in turn, each to a column where it does not stand."""

    def __init__(self, tickets: Sequence[int]) -> None:
        self._steps = self._moves(tickets)

    @staticmethod
    def _moves(tickets: Sequence[int]) -> Iterator[tuple[str, dict[str, str]]]:
        for column in chain(("Blocked",), cycle(("In Progress", "Done"))):  # no ticket begins in Blocked
            for ticket in tickets:
                yield f"/api/tickets/{ticket}/move", {"column": column, "moved_by": "ada"}

    def plain(self) -> bytes:
        """The next move."""
        path, body = next(self._steps)
        return request("POST", path, body)

    def keyed(self) -> bytes:
        """The next move, with an idempotency key as clients make them."""
        path, body = next(self._steps)
        return request("POST", path, body, Idempotency_Key=str(uuid4()))

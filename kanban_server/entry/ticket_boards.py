"""The boards of the tickets of recent changes, so that the next change of such a ticket waits for its board only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from kanban_sdk.wire.done import DoneResult
from kanban_sdk.wire.tickets import NextTicket, Ticket
from kanban_server.store.transaction import Transaction

_MOST = 100_000
"""The number of tickets at which all are forgotten."""


class TicketBoards:
    """A board id by ticket id. A ticket that is not known costs its change a look-up, and waits for all boards."""

    def __init__(self) -> None:
        self._boards: dict[int, int] = {}

    def get(self, ticket_id: int) -> int | None:
        """The board of a ticket, if it is known."""
        return self._boards.get(ticket_id)

    def remember(self, result: object) -> None:
        """Remember the boards of the tickets in the result of an action."""
        for ticket in _tickets_of(result):
            self._set(ticket.id, ticket.board_id)

    def remember_rendered(self, tx: Transaction, result: Mapping[str, object]) -> None:
        """Remember the boards of the tickets in a result for MCP, which has the board of none."""
        for id in _ids_of(result):
            if (row := tx.unit.tickets.get(id)) is not None:
                self._set(id, row["board_id"])

    def _set(self, ticket_id: int, board_id: int) -> None:
        if len(self._boards) >= _MOST:
            self._boards.clear()
        self._boards[ticket_id] = board_id


def _tickets_of(result: object) -> Iterator[Ticket]:
    if isinstance(result, Ticket):
        yield result
    elif isinstance(result, NextTicket):
        yield from _tickets_of(result.ticket)
    elif isinstance(result, DoneResult):
        yield result.ticket
        yield from _tickets_of(result.next)


def _ids_of(result: Mapping[str, object]) -> Iterator[int]:
    if isinstance(id := result.get("id"), int):
        yield id
    for name in ("ticket", "next"):
        value = result.get(name)
        if isinstance(value, dict):
            yield from _ids_of(cast("dict[str, object]", value))
        elif isinstance(value, int):
            yield value

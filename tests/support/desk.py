"""A board in a database without a server: actions are called as functions, and tests can change times."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

import orjson

from kanban_sdk.wire.bodies import NewBoard, NewTicket
from kanban_sdk.wire.tickets import Ticket
from kanban_server.actions import boards, queries, tickets
from kanban_server.rules.actors import Actor
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.store import event_log
from kanban_server.store.drivers import Driver
from kanban_server.store.maintenance import offline
from kanban_server.store.queries import tickets as rows
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import ReadTransaction

T = TypeVar("T")
LONG_AGO = "2001-01-01T00:00:00.000000Z"


class Desk:
    """A board in a database without a server, and the events of its log."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        columns = ["Todo", "In Progress", "Waiting", "Done"]
        self.board = self.do(boards.create, NewBoard("Order", columns=columns)).id
        self.new_events()

    def do(self, verb: Callable[..., T], *arguments: Any, who: str = "ada", force: bool = False) -> T:
        """Run an action in its own transaction."""
        return offline.run_change(self.driver, lambda tx: verb(tx, Actor(who, force=force), *arguments))

    def ticket(self, title: str = "one", **fields: Any) -> int:
        return self.do(tickets.create, NewTicket(title, self.board, **fields)).id

    def run_out(self, ticket: int) -> None:
        """Make a lease expire that no check has ended yet."""
        sql = f"UPDATE tickets SET claim_expires_at = '{LONG_AGO}' WHERE id = {ticket}"
        offline.run_change(self.driver, lambda tx: tx.connection.execute(sql))

    def row(self, ticket: int) -> TicketRow:
        with closing(self.driver.reader()) as connection:
            return rows.read_row(ReadTransaction(connection, self.driver.dialect, SYSTEM_VIEWER), ticket, deleted=True)

    def new_events(self) -> list[tuple[str, int | None]]:
        """Return the events since the last call: name without `ticket_`, and ticket."""
        with closing(self.driver.reader()) as connection:
            events = event_log.read_after(
                ReadTransaction(connection, self.driver.dialect, SYSTEM_VIEWER), self.board, 0, 10_000
            )
        new, self._seen = events[getattr(self, "_seen", 0) :], len(events)
        data = [orjson.loads(event.json) for event in new]
        return [(one["event"].removeprefix("ticket_"), one["data"].get("id")) for one in data]

    def last(self) -> dict[str, Any]:
        """Return the data of the newest event."""
        with closing(self.driver.reader()) as connection:
            events = event_log.read_after(
                ReadTransaction(connection, self.driver.dialect, SYSTEM_VIEWER), self.board, 0, 10_000
            )
        data: dict[str, Any] = orjson.loads(events[-1].json)["data"]
        return data

    def read(self, ticket: int) -> Ticket:
        with closing(self.driver.reader()) as connection:
            return queries.read_ticket(ReadTransaction(connection, self.driver.dialect, SYSTEM_VIEWER), ticket)

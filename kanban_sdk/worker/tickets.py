"""The ticket that a handler gets: it is claimed, and these are the things that one does with it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal, TypeVar

from kanban_sdk.calls import boards, comments, tickets
from kanban_sdk.calls.call import Call
from kanban_sdk.client import AsyncKanban
from kanban_sdk.errors import ColumnFull, KanbanError
from kanban_sdk.problem_types import exception_for
from kanban_sdk.stream.waiting import build_and_wait_async, reply_received
from kanban_sdk.stream.watch import AsyncWatch
from kanban_sdk.transport.retries import RetryPolicy
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.tickets import Ticket

T = TypeVar("T")
Checks = Literal["all"] | Sequence[int] | None
"""Criteria to tick: all, or some, counted from 1."""


class PatientClient:
    """A client whose calls are retried while the server is away, for as long as a watch would wait for it."""

    def __init__(self, client: AsyncKanban) -> None:
        self._client = client
        self.user = client.user
        self.url = client.url
        self.policy = replace(client.policy, tries=None, patience=client.policy.outage_patience)

    async def send(self, call: Call[T], policy: RetryPolicy | None = None) -> T:
        """Send the call and await its response."""
        return await self._client.send(call, policy or self.policy)

    def watch(self, board: int, *, patience: float | None = None) -> AsyncWatch:
        """A board's events from now on."""
        return self._client.watch(board, patience=patience)


class _TicketFields:
    """The fields of a claimed ticket that handlers read most; `ticket` has all of them."""

    ticket: Ticket
    """The ticket, as this worker knows it: each operation here brings it up to date."""

    @property
    def id(self) -> int:
        """The ticket's id."""
        return self.ticket.id

    @property
    def board_id(self) -> int:
        """The id of its board."""
        return self.ticket.board_id

    @property
    def title(self) -> str:
        """Its title."""
        return self.ticket.title

    @property
    def description(self) -> str:
        """Its description, empty if it has none."""
        return self.ticket.description or ""

    @property
    def acceptance_criteria(self) -> str:
        """Its acceptance criteria, one a line; empty if it has none."""
        return self.ticket.acceptance_criteria or ""

    @property
    def labels(self) -> list[str]:
        """Its labels."""
        return self.ticket.labels


class AsyncClaimedTicket(_TicketFields):
    """A ticket that an `AsyncWorker` has claimed for its handler.

    The lease is renewed while the handler runs, and every operation is sent under it and retried while the server is
    away. If the claim is lost, the handler is cancelled.

    >>> async def handle(ticket: AsyncClaimedTicket) -> None:
    ...     answer = await ticket.ask("Which region?")
    ...     await ticket.comment(f"It is {answer.text}.")
    ...     await ticket.check(1, "Line 40 of the log.")
    ...     await ticket.done("Deployed.")
    """

    def __init__(self, client: PatientClient, ticket: Ticket, to: str | None) -> None:
        self._client = client
        self._to = to
        self.ticket = self.claimed = ticket
        self.column = ticket.current_column
        """The column that the ticket is in as far as this object moved it: a handler may have moved it elsewhere."""
        self.concluded: Literal["done", "released"] | None = None
        """How the handler has ended the claim through this object."""

    async def comment(self, text: str) -> Comment:
        """Add a comment."""
        return await self._client.send(comments.add(self.id, text))

    async def check(self, number: int, evidence: str | None = None) -> Ticket:
        """Tick acceptance criterion `number`, counted from 1; `evidence` becomes a comment. Raises NotFound."""
        self.ticket = await self._client.send(tickets.check(self.id, number, evidence=evidence))
        return self.ticket

    def ask(
        self, text: str, *, to: str | None = None, column: str | None = None, timeout: float | None = None
    ) -> Coroutine[Any, Any, Comment]:
        """Ask `to`, or else those whom `text` mentions, or else who created the ticket, and wait for their answer.

        Meanwhile the ticket is in `column`, by default the first waiting one; then it goes back. The claim stays. The
        answer is the next comment by one of those who are asked, or without users by any other user. Raises TimedOut
        after `timeout` seconds, by default never.
        """
        return self._ask(text, to, column, timeout)

    async def _ask(self, text: str, to: str | None, column: str | None, max_wait: float | None) -> Comment:
        before = self.column
        question = await self._client.send(tickets.ask(self.id, text, to=to, column=column))
        self.ticket, self.column = question.ticket, question.ticket.current_column
        reply = await build_and_wait_async(self._client, reply_received(self.id, question.comment.author), max_wait)
        if self.column != before:
            with suppress(ColumnFull):
                self.ticket = await self._client.send(tickets.move(self.id, before))
                self.column = before
        return reply

    async def done(self, note: str | None = None, *, check: Checks = None) -> Ticket:
        """Finish the ticket, which ends the claim: `note` is a comment, and `check` are criteria to tick.

        It goes to the worker's column `to`; by default to the first done column, or on a board with reviews to the
        first waiting one. Raises Unmet, ColumnFull and what else `tickets.done` raises; then nothing is changed.
        """
        await self._finish(note, check)
        self.concluded = "done"
        return self.ticket

    async def _finish(self, note: str | None, check: Checks) -> None:
        board = await self._client.send(boards.get(self.board_id))
        roles = {column.role: column.name for column in reversed(board.column_settings)}
        done_columns = {column.name for column in board.column_settings if column.role == "done"}
        review = self._to is None and board.review and "waiting" in roles
        to = roles["waiting"] if review else self._to or roles.get("done", board.columns[-1])
        if not review and to in done_columns:
            self.ticket = (await self._client.send(tickets.done(self.id, note=note, check=check, column=to))).ticket
            return
        if check is not None:
            criteria = self.ticket.criteria
            for number in range(1, criteria.all + 1 if criteria else 1) if check == "all" else check:
                await self.check(int(number))
        call = tickets.release(self.id, note=note, column=to) if review else tickets.move(self.id, to, note=note)
        self.ticket = await self._client.send(call)

    async def release(self, note: str | None = None, *, column: str | None = None) -> Ticket:
        """Give the ticket back with a note for the next holder, to where it came from or to `column`."""
        self.ticket = await self._client.send(tickets.release(self.id, note=note, column=column))
        self.concluded = "released"
        return self.ticket

    async def refresh(self) -> Ticket:
        """Read the ticket again."""
        self.ticket = await self._client.send(tickets.get(self.id))
        return self.ticket


class WorkerStopped(KanbanError):
    """The worker was stopped, and its time to finish is over: it has given the ticket back."""


class ClaimedTicket(_TicketFields):
    """A ticket that a `Worker` has claimed for its handler, which runs in a thread of its own.

    The operations are those of `AsyncClaimedTicket`, and block. A thread can't be cancelled: if the claim is lost,
    `lost` is true, and every operation raises LeaseLost, also one that is waiting. After the worker was stopped and its
    time to finish is over, they raise WorkerStopped.

    >>> def handle(ticket: ClaimedTicket) -> None:
    ...     answer = ticket.ask("Which region?")
    ...     ticket.done(f"Deployed to {answer.text}.")
    """

    def __init__(self, ticket: AsyncClaimedTicket, loop: asyncio.AbstractEventLoop) -> None:
        self._async = ticket
        self._loop = loop
        self._lock = threading.Lock()
        self._pending: concurrent.futures.Future[Any] | None = None
        self._end: Literal["lost", "stopped"] | None = None

    @property
    def ticket(self) -> Ticket:  # type: ignore[override]
        """The ticket, as this worker knows it: each operation here brings it up to date."""
        return self._async.ticket

    @property
    def lost(self) -> bool:
        """Whether another user has the ticket by now; then stop the work."""
        return self._end == "lost"

    def comment(self, text: str) -> Comment:
        """Add a comment."""
        return self._wait(self._async.comment(text))

    def check(self, number: int, evidence: str | None = None) -> Ticket:
        """Tick acceptance criterion `number`, counted from 1; `evidence` becomes a comment. Raises NotFound."""
        return self._wait(self._async.check(number, evidence))

    def ask(
        self, text: str, *, to: str | None = None, column: str | None = None, timeout: float | None = None
    ) -> Comment:
        """Ask `to`, or those whom `text` mentions, or who created the ticket; see `AsyncClaimedTicket.ask`."""
        return self._wait(self._async.ask(text, to=to, column=column, timeout=timeout))

    def done(self, note: str | None = None, *, check: Checks = None) -> Ticket:
        """Finish the ticket; see `AsyncClaimedTicket.done`."""
        return self._wait(self._async.done(note, check=check))

    def release(self, note: str | None = None, *, column: str | None = None) -> Ticket:
        """Give the ticket back with a note for the next holder, to where it came from or to `column`."""
        return self._wait(self._async.release(note, column=column))

    def refresh(self) -> Ticket:
        """Read the ticket again."""
        return self._wait(self._async.refresh())

    def end(self, reason: Literal["lost", "stopped"]) -> None:
        """End the operations: the current one and all later ones raise."""
        with self._lock:
            self._end = reason
            if self._pending is not None:
                self._pending.cancel()

    def _wait(self, operation: Coroutine[Any, Any, T]) -> T:
        """Run an operation on the worker's event loop, and wait for it. Raises LeaseLost and WorkerStopped."""
        with self._lock:
            if self._end is not None:
                operation.close()
                raise self._error()
            pending: concurrent.futures.Future[T]
            self._pending = pending = asyncio.run_coroutine_threadsafe(operation, self._loop)
        try:
            return pending.result()
        except concurrent.futures.CancelledError:
            raise self._error() from None

    def _error(self) -> KanbanError:
        if self._end == "stopped":
            return WorkerStopped("The worker was stopped, and has given the ticket back.")
        return exception_for({"type": "lease-lost", "status": 409, "detail": f"Ticket {self.id} is no longer yours."})

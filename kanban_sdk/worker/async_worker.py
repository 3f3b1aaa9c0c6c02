"""`AsyncWorker`."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from kanban_sdk.calls import tickets
from kanban_sdk.claims.context import AsyncClaimContext, CancelSafeClient, claim_next_ticket_async
from kanban_sdk.errors import (
    AlreadyClaimed,
    KanbanError,
    LeaseLost,
    NotFound,
    NothingReady,
    ServerError,
    TooManyRequests,
    Unreachable,
)
from kanban_sdk.wire.limits import NEEDS_HUMAN
from kanban_sdk.wire.tickets import Ticket
from kanban_sdk.worker.conclusion import conclude
from kanban_sdk.worker.results import LOG, FailureCounter, FailurePolicy, Outcome, WorkResult, log_result
from kanban_sdk.worker.tickets import AsyncClaimedTicket, PatientClient

if TYPE_CHECKING:
    from kanban_sdk.client import AsyncKanban
    from kanban_sdk.stream.waiting import NextTicketOptions

T = TypeVar("T")
AsyncHandler: TypeAlias = Callable[[AsyncClaimedTicket], Awaitable[object]]
"""Works on a ticket. Its end finishes the ticket, unless the handler has finished, moved or released it."""

DRAIN_SECONDS = 30.0
CLOSING_SECONDS = 10.0
"""Seconds after a worker was stopped, or its handler was cancelled, in which it tries to tell the server."""
PASSING_ERRORS = (ServerError, TooManyRequests, NotFound, LeaseLost, AlreadyClaimed)
"""The server may have capacity later, or the ticket is deleted or held by somebody else: a loop goes on."""


class AsyncWorker:
    """Claims the ready tickets of a board, runs a handler for each, and finishes or releases it.

    >>> async def handle(ticket: AsyncClaimedTicket) -> None:
    ...     await ticket.comment(f"Looked at {ticket.title}.")
    ...     await ticket.done("Nothing to do.")
    >>> async with AsyncKanban.from_env() as kanban:
    ...     await AsyncWorker(kanban, 1, handle).run(until_empty=True)

    `labels`, `columns`, `assignee` and `can` choose the tickets as for `claim_next`. `concurrency` is how many
    handlers run at once. While a handler runs, its lease (`lease_seconds`, by default 1,800) is renewed; if the
    claim is lost, the handler is cancelled. A handler that returns has finished its ticket, which moves to the
    column `to` (by default done, or on a board with reviews to the first waiting column), unless the handler has
    moved or released it. A handler that raises gives its ticket back with the error as the note; see
    `FailurePolicy` and `TicketFailed`. While the server is away, the worker and the operations of its tickets wait
    for it: five minutes, or the client's patience if that is more or its `tries` is None.

    On SIGTERM or SIGINT, and after `stop`, the worker claims nothing more, and running handlers have `drain_seconds` to
    end; then they are cancelled, and their tickets released. A second signal cancels them at once. `on_result` is
    called with each result; without it, failures are logged to `kanban_sdk.worker`.
    """

    def __init__(
        self,
        kanban: AsyncKanban,
        board: int | None,
        handler: AsyncHandler,
        *,
        labels: Sequence[str] = (),
        columns: Sequence[str] | None = None,
        assignee: str | None = None,
        lease_seconds: int | None = None,
        can: Sequence[str] | None = None,
        to: str | None = None,
        concurrency: int = 1,
        failures: FailurePolicy | None = None,
        drain_seconds: float = DRAIN_SECONDS,
        on_result: Callable[[WorkResult], None] | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError("concurrency is at least 1.")
        self._kanban = kanban
        self._client = PatientClient(kanban)
        self._board = board
        self._handler = handler
        self._options: NextTicketOptions = {
            "labels": labels,
            "columns": columns,
            "assignee": assignee,
            "lease_seconds": lease_seconds,
            "can": can,
        }
        self._to = to
        self._concurrency = concurrency
        self._policy = failures or FailurePolicy()
        self._failures = FailureCounter(self._policy)
        self._drain_seconds = drain_seconds
        self._on_result = on_result or log_result
        self._turn = asyncio.Lock()
        """One slot at a time waits for a ticket, so that the worker has one stream."""
        self._idle: set[asyncio.Task[object]] = set()
        """Slots that wait for a ticket, or rest."""
        self._handlers: set[asyncio.Task[object]] = set()
        self._ended = asyncio.Event()
        """Set when a handler has ended."""
        self._stopped = asyncio.Event()
        self._reason = ""

    @property
    def stopped(self) -> bool:
        """Whether the worker was stopped: it claims nothing more."""
        return self._stopped.is_set()

    def stop(self, reason: str = "stop", *, at_once: bool = False) -> None:
        """Claim nothing more, and let `run` return when the handlers have ended; `at_once` cancels them.

        Call it on the event loop. `reason` is part of the note of a ticket whose handler is cancelled.
        """
        self._reason = self._reason or reason
        self._stopped.set()
        for slot in self._idle:
            slot.cancel()
        if at_once:
            self._cancel_handlers()

    async def run(self, *, until_empty: bool = False, signals: Sequence[int] | None = None) -> None:
        """Work until `stop` or a signal; `until_empty` ends when no ticket is ready and no handler runs.

        `signals` are those to handle: by default SIGTERM and SIGINT in the main thread. Raises NotFound if there is no
        such board, NameRequired, NotAllowed, and Unreachable if the server was away for longer than the patience.
        """
        handled = self._handle_signals(signals)
        slots = [asyncio.create_task(self._slot(until_empty=until_empty)) for _ in range(self._concurrency)]
        try:
            await self._run_slots(slots)
        finally:
            for slot in slots:
                slot.cancel()
            await asyncio.wait(slots)
            for number in handled:
                asyncio.get_running_loop().remove_signal_handler(number)

    async def run_one(self, ticket: int | None = None) -> WorkResult:
        """Work on one ticket: a certain one, or the best ready one. Raises NothingReady, and what `claim` raises."""
        return await self._work(ticket, max_wait=0)

    async def _run_slots(self, slots: list[asyncio.Task[None]]) -> None:
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            ended: set[asyncio.Task[None]] = set()
            while pending := set(slots) - ended:
                finished, _ = await asyncio.wait([*pending, stopped], return_when=asyncio.FIRST_COMPLETED)
                ended.update(slot for slot in slots if slot in finished)
                if any(_error_of(slot) for slot in ended):
                    self.stop("an error of the worker")
                if self._stopped.is_set():
                    break
            if running := set(slots) - ended:
                _, late = await asyncio.wait(running, timeout=self._drain_seconds)
                if late:
                    self._cancel_handlers()
                    await asyncio.wait(late)
        finally:
            stopped.cancel()
        for slot in slots:
            if (error := _error_of(slot)) is not None:
                raise error

    async def _slot(self, *, until_empty: bool) -> None:
        """Work on tickets in turn; rest, longer each time, after a failure or while the server is busy."""
        rest = 0.0
        while not self._stopped.is_set():
            try:
                result = await self._work(max_wait=0 if until_empty else None)
                self._on_result(result)
                rest = 0.0 if result.outcome == "done" else self._policy.rest_after(rest)
            except NothingReady:
                if not self._handlers:
                    self.stop()
                    return
                self._ended.clear()
                await self._while_idle(self._ended.wait())
                continue
            except PASSING_ERRORS as error:
                if isinstance(error, NotFound) and error.problem.get("what") == "board":
                    raise
                LOG.warning("%s; trying again", error)
                rest = self._policy.rest_after(rest)
            if rest and not self._stopped.is_set():
                await self._while_idle(asyncio.sleep(rest))

    async def _work(self, ticket: int | None = None, *, max_wait: float | None) -> WorkResult:
        handler: asyncio.Task[object] | None = None

        def on_lost() -> None:
            if handler is not None:
                handler.cancel()

        context = AsyncClaimContext(self._kanban, lambda: self._claim(ticket, max_wait), on_lost)
        async with AsyncExitStack() as stack:
            async with self._turn:
                claimed = await self._while_idle(stack.enter_async_context(context))
                started = time.monotonic()
                held = AsyncClaimedTicket(self._client, claimed, self._to)
                handler = asyncio.create_task(self._run_handler(held), name=f"ticket {claimed.id}")
                self._handlers.add(handler)
            try:
                await self._wait_for(handler)
                outcome, error = await self._conclude_in_time(context, held, handler)
            finally:
                self._handlers.discard(handler)
                self._ended.set()
            if outcome == "lost":
                context.ended = True  # there is nothing to release
        if outcome == "failed" and self._failures.add(claimed.id):
            with suppress(KanbanError):
                held.ticket = await self._client.send(tickets.add_labels(claimed.id, NEEDS_HUMAN))
        return WorkResult(held.ticket, outcome, time.monotonic() - started, error)

    async def _claim(self, ticket: int | None, max_wait: float | None) -> Ticket:
        if ticket is not None:
            call = tickets.claim(ticket, lease_seconds=self._options["lease_seconds"])
            return await CancelSafeClient(self._client).send(call)
        if self._board is None:
            raise ValueError("A worker without a board works on certain tickets: run_one(ticket).")
        return await claim_next_ticket_async(self._client, self._board, max_wait, **self._options)

    async def _run_handler(self, held: AsyncClaimedTicket) -> object:
        return await self._handler(held)

    async def _while_idle(self, work: Awaitable[T]) -> T:
        """Await something that `stop` cancels."""
        slot = asyncio.current_task()
        assert slot is not None
        self._idle.add(slot)
        try:
            if self._stopped.is_set():
                slot.cancel()
            return await work
        finally:
            self._idle.discard(slot)

    async def _wait_for(self, handler: asyncio.Task[object]) -> None:
        """Wait for the end of a handler; if this is cancelled, cancel it."""
        try:
            await asyncio.wait([handler])
        except asyncio.CancelledError:
            handler.cancel()
            await asyncio.wait([handler])
            raise

    async def _conclude_in_time(
        self, context: AsyncClaimContext, held: AsyncClaimedTicket, handler: asyncio.Task[object]
    ) -> tuple[Outcome, BaseException | None]:
        """Conclude, also while the server is away: the work is done and must not be done again.

        Once the worker is stopped, this takes at most CLOSING_SECONDS. Raises Unreachable if the server stays away.
        """
        error = asyncio.CancelledError() if handler.cancelled() else handler.exception()
        interrupted = self._reason if handler.cancelled() else ""
        conclusion = asyncio.create_task(conclude(held, error, interrupted, lost=context.lost))
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait([conclusion, stopped], return_when=asyncio.FIRST_COMPLETED)
            return await asyncio.wait_for(conclusion, None if conclusion.done() else CLOSING_SECONDS)
        except TimeoutError:
            raise Unreachable(self._client.url, "the server did not come back before the worker was ended") from None
        finally:
            stopped.cancel()
            conclusion.cancel()

    def _cancel_handlers(self) -> None:
        for handler in self._handlers:
            handler.cancel()

    def _handle_signals(self, signals: Sequence[int] | None) -> list[int]:
        """Handle signals; return those that are handled now. On Windows, and outside of the main thread, none are."""
        if signals is None:
            signals = (signal.SIGTERM, signal.SIGINT)
        handled = []
        if threading.current_thread() is threading.main_thread():
            for number in signals:
                with suppress(NotImplementedError):
                    asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number)
                    handled.append(number)
        return handled

    def _on_signal(self, number: int) -> None:
        self.stop(signal.Signals(number).name, at_once=self._stopped.is_set())


def _error_of(slot: asyncio.Task[None]) -> BaseException | None:
    """The error that a slot has ended with; it may be running, or stopped."""
    return slot.exception() if slot.done() and not slot.cancelled() else None

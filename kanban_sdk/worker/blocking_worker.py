"""`Worker`."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

from kanban_sdk.claims.lease import HeldLease
from kanban_sdk.client import AsyncKanban, Kanban
from kanban_sdk.worker.async_worker import DRAIN_SECONDS, AsyncWorker
from kanban_sdk.worker.results import FailurePolicy, WorkResult
from kanban_sdk.worker.tickets import AsyncClaimedTicket, ClaimedTicket

Handler: TypeAlias = Callable[[ClaimedTicket], object]
"""Works on a ticket. Its end finishes the ticket, unless the handler has finished, moved or released it."""


class Worker:
    """`AsyncWorker` for handlers that block: each runs in a thread of its own.

    >>> def handle(ticket: ClaimedTicket) -> None:
    ...     ticket.comment(f"Looked at {ticket.title}.")
    ...     ticket.done("Nothing to do.")
    >>> with Kanban.from_env() as kanban:
    ...     Worker(kanban, 1, handle).run(until_empty=True)

    The parameters are those of `AsyncWorker`. A thread can't be cancelled: if its claim is lost, the operations of its
    ticket raise LeaseLost, writes through `kanban` are refused, and the worker waits for the thread. After the worker
    was stopped and `drain_seconds` are over, it releases the ticket and does not wait for the thread.
    """

    def __init__(
        self,
        kanban: Kanban,
        board: int,
        handler: Handler,
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
        self._kanban = kanban
        self._handler = handler
        self._loop: asyncio.AbstractEventLoop | None = None
        self._async_kanban = kanban.copy_as(AsyncKanban)
        self._worker = AsyncWorker(
            self._async_kanban,
            board,
            self._handle,
            labels=labels,
            columns=columns,
            assignee=assignee,
            lease_seconds=lease_seconds,
            can=can,
            to=to,
            concurrency=concurrency,
            failures=failures,
            drain_seconds=drain_seconds,
            on_result=on_result,
        )

    def run(self, *, until_empty: bool = False, signals: Sequence[int] | None = None) -> None:
        """Work until `stop` or a signal; see `AsyncWorker.run`. A worker runs once."""
        asyncio.run(self._run(until_empty=until_empty, signals=signals))

    def stop(self, reason: str = "stop", *, at_once: bool = False) -> None:
        """Claim nothing more, and let `run` return when the handlers have ended. Call it from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: self._worker.stop(reason, at_once=at_once))

    async def _run(self, *, until_empty: bool, signals: Sequence[int] | None) -> None:
        self._loop = asyncio.get_running_loop()
        async with self._async_kanban:
            await self._worker.run(until_empty=until_empty, signals=signals)

    async def _handle(self, ticket: AsyncClaimedTicket) -> None:
        """Run the handler in a thread. If this is cancelled, end the ticket's operations."""
        loop = asyncio.get_running_loop()
        claimed = ClaimedTicket(ticket, loop)
        ended: asyncio.Future[None] = loop.create_future()

        def report(error: BaseException | None) -> None:
            if ended.done():
                return
            if error is None:
                ended.set_result(None)
            else:
                ended.set_exception(error)

        def run() -> None:
            HeldLease(self._kanban, None).begin(ticket.claimed)  # so that writes through the client carry the lease
            error: BaseException | None = None
            try:
                self._handler(claimed)
            except BaseException as raised:  # it is raised again on the event loop
                error = raised
            loop.call_soon_threadsafe(report, error)

        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=[run], name=f"ticket {ticket.id}", daemon=True).start()
        try:
            await asyncio.shield(ended)
        except asyncio.CancelledError:
            if self._worker.stopped:
                claimed.end("stopped")
                raise
            claimed.end("lost")
            await asyncio.wait([ended])
            raise

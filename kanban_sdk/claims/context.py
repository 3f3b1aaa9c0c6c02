"""A claim as a context manager: it renews its own lease, sends it with every write in the block, and ends with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from kanban_sdk.calls import tickets
from kanban_sdk.calls.call import Call
from kanban_sdk.claims.lease import HeldLease, RenewalSchedule
from kanban_sdk.claims.queue import QueuedClaim
from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.errors import AlreadyClaimed, KanbanError, LeaseLost, NotAllowed, NotFound, NothingReady, TimedOut
from kanban_sdk.stream.waiting import (
    AsyncClient,
    BlockingClient,
    NextTicketOptions,
    ticket_ready,
    wait_until,
    wait_until_async,
)
from kanban_sdk.transport.retries import TRIES, RetryPolicy
from kanban_sdk.wire.tickets import NextTicket, Ticket

if TYPE_CHECKING:
    from kanban_sdk.stream.watch import AsyncWatch

T = TypeVar("T")

CANCEL_WAIT_SECONDS = 5.0
"""Seconds for which a cancelled claim waits for its response, to release the ticket that it got."""
LEASE_LOST_ERRORS = (LeaseLost, AlreadyClaimed, NotFound, NotAllowed)
"""Errors of a renewal: another user holds the ticket, it was deleted, or the user may no longer hold it."""


class ClaimContext(HeldLease):
    """A claim for the duration of a `with` block, which gets the ticket.

    A thread renews the lease. Inside the block, every write through the same client carries it, so that a late write is
    refused with LeaseLost. At the end the ticket is released, unless it was finished or released inside; the text of an
    error becomes the note. `lost` is whether another user has the ticket by now.
    """

    def __init__(
        self, client: BlockingClient, claim: Callable[[], Ticket], on_lost: Callable[[], None] | None = None
    ) -> None:
        super().__init__(client, on_lost)
        self._client = client
        self._claim = claim
        self._stop = threading.Event()

    def __enter__(self) -> Ticket:
        ticket = self.begin(self._claim())
        self._stop = threading.Event()
        if (renewals := self.renewal_schedule()) is not None:
            name = f"lease {self.lease.token}"
            threading.Thread(target=self._renew, args=[self._stop, renewals], name=name, daemon=True).start()
        return ticket

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._stop.set()
        self.end()
        if self.ended:
            return
        if error is not None:
            with suppress(KanbanError):  # the block's own error matters more, and the lease ends by itself
                self._client.send(self.release(error), _release_policy(self._client))
            return
        try:
            self._client.send(self.release())
        except LeaseLost:
            if not self.ended_by_holder(self._client.send(tickets.get(self.ticket.id))):
                raise

    def _renew(self, stop: threading.Event, renewals: RenewalSchedule) -> None:
        delay = renewals.interval
        while not stop.wait(delay):
            try:
                self._client.send(self.renew_call(), renewals.policy)
                delay = renewals.renewed()
            except LEASE_LOST_ERRORS:
                if not (stop.is_set() or self.ended):
                    self.mark_lost()
                return
            except KanbanError:
                delay = renewals.failed()


class AsyncClaimContext(HeldLease):
    """`ClaimContext`, for `async with`: a task renews the lease."""

    def __init__(
        self, client: AsyncClient, claim: Callable[[], Awaitable[Ticket]], on_lost: Callable[[], None] | None = None
    ) -> None:
        super().__init__(client, on_lost)
        self._client = client
        self._claim = claim
        self._renewal_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Ticket:
        ticket = self.begin(await self._claim())
        if (renewals := self.renewal_schedule()) is not None:
            self._renewal_task = asyncio.create_task(self._renew(renewals), name=f"lease {self.lease.token}")
        return ticket

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        renewal_task, self._renewal_task = self._renewal_task, None
        if renewal_task is not None:
            renewal_task.cancel()
        self.end()
        try:
            await self._finish(error)
        finally:
            if renewal_task is not None:
                await asyncio.wait([renewal_task])

    async def _finish(self, error: BaseException | None) -> None:
        """Release the ticket, unless the block has ended the claim."""
        if self.ended:
            return
        if error is not None:
            with suppress(KanbanError):
                await _await_to_completion(self._client.send(self.release(error), _release_policy(self._client)))
            return
        try:
            await _await_to_completion(self._client.send(self.release()))
        except LeaseLost:
            if not self.ended_by_holder(await self._client.send(tickets.get(self.ticket.id))):
                raise

    async def _renew(self, renewals: RenewalSchedule) -> None:
        delay = renewals.interval
        while True:
            await asyncio.sleep(delay)
            try:
                await self._client.send(self.renew_call(), renewals.policy)
                delay = renewals.renewed()
            except LEASE_LOST_ERRORS:
                if not self.ended:
                    self.mark_lost()
                return
            except KanbanError:
                delay = renewals.failed()


def claim_next_ticket(
    client: BlockingClient, board: int, timeout: float | None, **options: Unpack[NextTicketOptions]
) -> Ticket:
    """Claim the best ready ticket, as soon as there is one. Raises NothingReady if there was none in time."""
    results: list[NextTicket] = []
    try:
        return wait_until(client, ticket_ready(board, on_result=results.append, claim=True, **options), timeout)
    except TimedOut:
        raise NothingReady(vars(results[-1])) from None


async def claim_next_ticket_async(
    client: AsyncClient, board: int, max_wait: float | None, **options: Unpack[NextTicketOptions]
) -> Ticket:
    """Claim the best ready ticket, as soon as there is one. Raises NothingReady if there was none in time."""
    results: list[NextTicket] = []
    try:
        condition = ticket_ready(board, on_result=results.append, claim=True, **options)
        return await wait_until_async(CancelSafeClient(client), condition, max_wait)
    except TimedOut:
        raise NothingReady(vars(results[-1])) from None
    except asyncio.CancelledError:
        if results and results[-1].ticket is not None:  # claimed, but cancelled while the stream was closing
            await _release_claim(client, results[-1].ticket)
        raise


def claim_next_queued(client: BlockingClient, board: int, wait: float, **options: Unpack[NextTicketOptions]) -> Ticket:
    """Claim the best ready ticket, waiting for it in the order of asking. Raises NothingReady."""
    queued = QueuedClaim(board, wait, client.policy, **options)
    while (ticket := queued.ticket(client.send(queued.call(), queued.policy))) is None:
        continue
    return ticket


async def claim_next_queued_async(
    client: AsyncClient, board: int, wait: float, **options: Unpack[NextTicketOptions]
) -> Ticket:
    """Claim the best ready ticket, waiting for it in the order of asking. Raises NothingReady."""
    queued, safe_client = QueuedClaim(board, wait, client.policy, **options), CancelSafeClient(client)
    while (ticket := queued.ticket(await safe_client.send(queued.call(), queued.policy))) is None:
        continue
    return ticket


def _release_policy(client: BlockingClient | AsyncClient) -> RetryPolicy:
    """The retry policy for releasing a ticket that its holder gives up: with little patience."""
    return replace(client.policy, tries=TRIES)


async def _await_to_completion(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await something that continues even if this is cancelled: a release that is not made is a leak."""
    task = asyncio.ensure_future(coroutine)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(KanbanError):
            await task
        raise


async def _release_claim(client: AsyncClient, ticket: Ticket) -> None:
    """Release a claim whose caller is gone."""
    held_lease = HeldLease(client, None)
    held_lease.begin(ticket)
    held_lease.end()
    with suppress(KanbanError):
        await _await_to_completion(client.send(held_lease.release(), _release_policy(client)))


class CancelSafeClient:
    """A client whose claims leak nothing if they are cancelled: it waits for them, and releases them."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self.policy = client.policy

    async def send(self, call: Call[T], policy: RetryPolicy | None = None) -> T:
        """Send the call and await its response."""
        task = asyncio.ensure_future(self._client.send(call, policy))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            with suppress(KanbanError, TimeoutError):
                result: object = await asyncio.wait_for(task, CANCEL_WAIT_SECONDS)
                ticket = result.ticket if isinstance(result, NextTicket) else result
                if isinstance(ticket, Ticket):
                    await _release_claim(self._client, ticket)
            raise

    def watch(self, board: int, *, patience: float | None = None) -> AsyncWatch:
        """A board's events from now on."""
        return self._client.watch(board, patience=patience)


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Held": "ClaimContext",
            "AsyncHeld": "AsyncClaimContext",
        },
    )

"""A claim as a context manager: it renews its own lease, stands on every write inside the block, and ends with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from kanban_sdk.calls import tickets
from kanban_sdk.calls.call import Call
from kanban_sdk.errors import AlreadyClaimed, KanbanError, LeaseLost, NotAllowed, NotFound, NothingReady, TimedOut
from kanban_sdk.holds import Hold, Renewals
from kanban_sdk.retries import TRIES, Policy
from kanban_sdk.waits import AsyncSends, Sends, reach, reach_async, ready
from kanban_sdk.wire.tickets import Chosen, Ticket

if TYPE_CHECKING:
    from kanban_sdk.watch import AsyncWatch

T = TypeVar("T")

UNANSWERED = 5.0
"""Seconds for which a cancelled claim waits for its answer, to give back what it has taken."""
LOST = (LeaseLost, AlreadyClaimed, NotFound, NotAllowed)
"""How a renewal learns that somebody else has the ticket, that it is gone, or that one may not hold it any longer."""


class Held(Hold):
    """A claim for as long as a `with` block lasts; the block is given the ticket.

    The lease is renewed by a thread. Inside the block, every write through the same client bears it, so that whatever
    comes too late is refused with LeaseLost. At the end the ticket is released, unless it was finished or released
    inside; an error leaves its words as the note. `lost` says whether somebody else has the ticket by now.
    """

    def __init__(self, client: Sends, take: Callable[[], Ticket], on_lost: Callable[[], None] | None = None) -> None:
        super().__init__(client, on_lost)
        self._client = client
        self._take = take
        self._stop = threading.Event()

    def __enter__(self) -> Ticket:
        ticket = self.begin(self._take())
        self._stop = threading.Event()
        if (renewals := self.renewals()) is not None:
            name = f"lease {self.lease.token}"
            threading.Thread(target=self._renew, args=[self._stop, renewals], name=name, daemon=True).start()
        return ticket

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._stop.set()
        self.end()
        if self.over:
            return
        if error is not None:
            with suppress(KanbanError):  # the block's own error is what matters, and the lease ends by itself
                self._client.send(self.release(error), _soon(self._client))
            return
        try:
            self._client.send(self.release())
        except LeaseLost:
            if not self.ended_well(self._client.send(tickets.get(self.ticket.id))):
                raise

    def _renew(self, stop: threading.Event, renewals: Renewals) -> None:
        wait = renewals.spacing
        while not stop.wait(wait):
            try:
                self._client.send(self.renewal(), renewals.policy)
                wait = renewals.renewed()
            except LOST:
                if not (stop.is_set() or self.over):
                    self.lose()
                return
            except KanbanError:
                wait = renewals.failed()


class AsyncHeld(Hold):
    """`Held`, for `async with`: a task renews the lease."""

    def __init__(
        self, client: AsyncSends, take: Callable[[], Awaitable[Ticket]], on_lost: Callable[[], None] | None = None
    ) -> None:
        super().__init__(client, on_lost)
        self._client = client
        self._take = take
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Ticket:
        ticket = self.begin(await self._take())
        if (renewals := self.renewals()) is not None:
            self._renewing = asyncio.create_task(self._renew(renewals), name=f"lease {self.lease.token}")
        return ticket

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        renewing, self._renewing = self._renewing, None
        if renewing is not None:
            renewing.cancel()
        self.end()
        try:
            await self._finish(error)
        finally:
            if renewing is not None:
                await asyncio.wait([renewing])

    async def _finish(self, error: BaseException | None) -> None:
        """Release the ticket, unless the block has ended the claim."""
        if self.over:
            return
        if error is not None:
            with suppress(KanbanError):
                await _to_its_end(self._client.send(self.release(error), _soon(self._client)))
            return
        try:
            await _to_its_end(self._client.send(self.release()))
        except LeaseLost:
            if not self.ended_well(await self._client.send(tickets.get(self.ticket.id))):
                raise

    async def _renew(self, renewals: Renewals) -> None:
        wait = renewals.spacing
        while True:
            await asyncio.sleep(wait)
            try:
                await self._client.send(self.renewal(), renewals.policy)
                wait = renewals.renewed()
            except LOST:
                if not self.over:
                    self.lose()
                return
            except KanbanError:
                wait = renewals.failed()


def take_next(client: Sends, board: int, timeout: float | None, **asked: Any) -> Ticket:
    """Claim the best ready ticket, once there is one. Raises NothingReady where there was none in time."""
    answers: list[Chosen] = []
    try:
        return reach(client, ready(board, keep=answers.append, claim=True, **asked), timeout)
    except TimedOut:
        raise NothingReady(vars(answers[-1])) from None


async def take_next_async(client: AsyncSends, board: int, within: float | None, **asked: Any) -> Ticket:
    """Claim the best ready ticket, once there is one. Raises NothingReady where there was none in time."""
    answers: list[Chosen] = []
    try:
        goal = ready(board, keep=answers.append, claim=True, **asked)
        return await reach_async(Careful(client), goal, within)
    except TimedOut:
        raise NothingReady(vars(answers[-1])) from None
    except asyncio.CancelledError:
        if answers and answers[-1].ticket is not None:  # claimed, and cancelled while the stream was being closed
            await _give_back(client, answers[-1].ticket)
        raise


def _soon(client: Sends | AsyncSends) -> Policy:
    """How a ticket is released that its holder gives up: without much patience."""
    return replace(client.policy, tries=TRIES)


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Await something that goes on also where this is cancelled meanwhile: a release that is not made is a leak."""
    going_on = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(going_on)
    except asyncio.CancelledError:
        with suppress(KanbanError):
            await going_on
        raise


async def _give_back(client: AsyncSends, ticket: Ticket) -> None:
    """Release a claim that nobody will use."""
    hold = Hold(client, None)
    hold.begin(ticket)
    hold.end()
    with suppress(KanbanError):
        await _to_its_end(client.send(hold.release(), _soon(client)))


class Careful:
    """A client whose claims leak nothing where they are cancelled: they are waited for, and released."""

    def __init__(self, client: AsyncSends) -> None:
        self._client = client
        self.policy = client.policy

    async def send(self, call: Call[T], policy: Policy | None = None) -> T:
        """Send the call and await its answer."""
        sending = asyncio.ensure_future(self._client.send(call, policy))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            with suppress(KanbanError, TimeoutError):
                answer: Any = await asyncio.wait_for(sending, UNANSWERED)
                ticket = answer.ticket if isinstance(answer, Chosen) else answer
                if ticket is not None:
                    await _give_back(self._client, ticket)
            raise

    def watch(self, board: int, *, patience: float | None = None) -> AsyncWatch:
        """A board's events from now on."""
        return self._client.watch(board, patience=patience)

"""Those who wait for the next ticket of a board: they are served in the order in which they asked.

When the board has new events, each in turn tries to get what it waits for. A waiter that leaves is never in a try, so
that nothing is claimed for one that is gone. A client that asks again within `PLACE_SECONDS` keeps its place.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from kanban_server.live.board_stream import BoardStream
from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.rules.problems import Refusal

T = TypeVar("T")

PLACE_SECONDS = 10.0
"""How long a place in the queue is kept between two requests."""
ROUND_PAUSE = 0.05
"""Seconds between two rounds in which nobody got anything."""


class Try(NamedTuple, Generic[T]):
    """The result of one try of a waiter."""

    answer: T | None
    """None: wait on."""
    nothing_ready: bool = False
    """Whether the board has no ready ticket at all, for anybody."""


class Waiter(BoardStream, Generic[T]):
    """A request that waits in a queue. `also_replies`: it waits for something else than a ticket too."""

    def __init__(
        self,
        queue: NextQueue,
        hub: Hub,
        board_id: int,
        attempt: Callable[[], Awaitable[Try[T]]],
        may_still_wait: Callable[[], Awaitable[bool]],
        *,
        owner: Hashable,
        also_replies: bool,
    ) -> None:
        super().__init__(hub, "wait", board_id, 0, may_still_wait)
        self.owner = owner
        self.attempt = attempt
        self.also_replies = also_replies
        self.answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.trying = False
        self._queue = queue

    def notify(self, channel: Channel) -> None:
        """The board has new events."""
        self._queue.wake()

    def lag(self) -> int:
        """Nothing is sent to it."""
        return 0

    def stop(self) -> None:
        """End: the server stops, or the rights of the request have changed."""
        super().stop()
        if not (self.trying or self.answer.done()):
            self.answer.set_exception(
                Refusal("stopping", "The server ends this wait.", fix="Ask again in a moment.", retry_after=1)
            )

    async def try_once(self) -> Try[T]:
        """Try to get an answer."""
        self.trying = True
        try:
            result = await self.attempt()
            if result.answer is not None:
                self.answer.set_result(result.answer)
            return result
        except Exception as error:
            self.answer.set_exception(error)
            return Try(None)
        finally:
            self.trying = False
            if self.ended:
                self.stop()


class NextQueue:
    """The waiters of one board."""

    def __init__(self) -> None:
        self._waiters: dict[tuple[int, int], Waiter[object]] = {}
        """Waiters by their number in the order of asking, and a serial number."""
        self._places: dict[str, tuple[int, float]] = {}
        """Kept places: the number of each, and until when it is kept, by the clock of the loop."""
        self._numbers = itertools.count(1)
        self._turn = asyncio.Lock()
        """Held during a try."""
        self._woken = False
        self._round_end: asyncio.Future[None] | None = None
        """Done after the next round, for those who do not wait but came later."""
        self._task: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nobody waits, and no place is kept."""
        self._forget_places()
        return not (self._waiters or self._places)

    def take_place(self, place: str | None) -> tuple[str, int]:
        """A place in the queue, with its number: the kept one that is named, else a new one at the end."""
        self._forget_places()
        number, _ = self._places.pop(place or "", (next(self._numbers), 0.0))
        return place if place and number else secrets.token_urlsafe(9), number

    def keep_place(self, place: str, number: int) -> None:
        """Keep a place for a while, for a request that is about to be made."""
        self._places[place] = (number, asyncio.get_running_loop().time() + PLACE_SECONDS)

    async def wait(
        self, waiter: Waiter[T], number: int, seconds: float, gone: asyncio.Future[object] | None = None
    ) -> T | None:
        """The answer of a waiter; None after `seconds`, or once `gone` is done. Raises what its try raised."""
        key = (number, next(self._numbers))
        self._waiters[key] = waiter  # type: ignore[assignment]
        waiter.hub.add_stream(waiter)
        waiter.hub.subscribe(waiter, waiter.board_id)
        if waiter.hub.closing:
            waiter.stop()
        self.wake()
        futures: set[asyncio.Future[T] | asyncio.Future[object]] = {waiter.answer}
        if gone is not None:
            futures.add(gone)
        try:
            await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            async with self._turn:
                del self._waiters[key]
            waiter.hub.unsubscribe(waiter, waiter.board_id)
            waiter.hub.remove_stream(waiter)
        return waiter.answer.result() if waiter.answer.done() else None

    @property
    def has_waiters(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiters)

    async def let_waiters_try(self) -> None:
        """Return once everybody who waits has tried: whoever asks now, and does not wait, overtakes nobody."""
        if not self._waiters:
            return
        if self._round_end is None:
            self._round_end = asyncio.get_running_loop().create_future()
        round_end = self._round_end
        self.wake()
        await asyncio.shield(round_end)

    def wake(self) -> None:
        """Let the waiters try, in turn."""
        self._woken = True
        if self._task is None:
            self._task = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        try:
            while self._woken and self._waiters:
                self._woken = False
                round_end, self._round_end = self._round_end, None
                try:
                    served = await self._serve_round()
                finally:
                    if round_end is not None:
                        round_end.set_result(None)
                if not served and self._woken:
                    await asyncio.sleep(ROUND_PAUSE)
        finally:
            self._task = None
        if self._woken and self._waiters:
            self.wake()
        elif self._round_end is not None:
            self._round_end.set_result(None)
            self._round_end = None

    async def _serve_round(self) -> bool:
        """Let each waiter try once. Where the board has nothing for anybody, only those for whom that is not all."""
        served = nothing_ready = False
        for key in sorted(self._waiters):
            async with self._turn:
                waiter = self._waiters.get(key)
                if waiter is None or waiter.answer.done() or (nothing_ready and not waiter.also_replies):
                    continue
                result = await waiter.try_once()
            served = served or result.answer is not None
            nothing_ready = nothing_ready or result.nothing_ready
        return served

    def _forget_places(self) -> None:
        now = asyncio.get_running_loop().time()
        self._places = {place: kept for place, kept in self._places.items() if kept[1] > now}


class NextQueues:
    """The queue of each board for which somebody waits."""

    def __init__(self) -> None:
        self._queues: dict[int, NextQueue] = {}

    def of(self, board_id: int) -> NextQueue:
        """The queue of a board."""
        self._queues = {id: queue for id, queue in self._queues.items() if id == board_id or not queue.idle}
        return self._queues.setdefault(board_id, NextQueue())

    @property
    def have_waiters(self) -> bool:
        """Whether somebody waits for a ticket of any board."""
        return any(queue.has_waiters for queue in self._queues.values())

    async def let_waiters_try(self, board_id: int) -> bool:
        """Whether somebody still waits for a ticket of the board, once all have tried; see `NextQueue`."""
        if (queue := self._queues.get(board_id)) is None:
            return False
        await queue.let_waiters_try()
        return queue.has_waiters

"""Events are posted to webhooks: in order, each at least once, from each webhook's own place in the log.

One instance at a time delivers to a webhook; it says so in the webhook's row, until a time after which another may.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from kanban_server import __version__
from kanban_server.live.channel import Channel
from kanban_server.live.hub import Hub
from kanban_server.rules import webhooks as rules
from kanban_server.rules.access import THE_SERVER
from kanban_server.rules.cursors import write
from kanban_server.rules.events import Logged
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import later
from kanban_server.settings import Settings
from kanban_server.store import webhooks
from kanban_server.store.database import Database
from kanban_server.store.transaction import Transaction
from kanban_server.store.webhooks import Hook

if TYPE_CHECKING:
    from kanban_server.live.courier import Courier

log = logging.getLogger("kanban.webhooks")

LOOK_SECONDS = 5.0
"""How often it is looked for what another instance wrote, and for what is due again."""
TURN_SECONDS = 20.0
"""How long one webhook is delivered to before its place is kept; and then:"""
TAKEN_SECONDS = 60
TURN_EVENTS = 100
AT_ONCE = 8
"""Webhooks that are delivered to at a time."""


@dataclass
class Progress:
    """How far a webhook came, and how it fared."""

    seq: int
    tries: int
    failed: str | None = None
    enough: bool = False


class Deliveries:
    """The deliveries of this instance."""

    def __init__(self, database: Database, hub: Hub, settings: Settings) -> None:
        self._database = database
        self._hub = hub
        self._settings = settings
        self._courier: Courier | None = None
        self._heard: set[int] = set()
        self._bell = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self.counts = {"delivered": 0, "failed": 0}

    async def courier(self) -> Courier:
        """Who posts."""
        if self._courier is None:
            module = await asyncio.to_thread(import_module, "kanban_server.live.courier")
            self._courier = self._courier or module.Courier(private=self._settings.webhook_private)
        return self._courier

    def look(self) -> None:
        """There may be something to deliver."""
        self._bell.set()

    def advance(self, channel: Channel) -> None:
        """The log of a board whose events are posted has grown."""
        self._bell.set()

    def behind(self) -> int:
        """A webhook lags on its own place."""
        return 0

    async def run(self) -> None:
        """Deliver, for as long as the server runs."""
        try:
            await self._take_over()
            while True:
                self._bell.clear()
                await self._look()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), LOOK_SECONDS)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _take_over(self) -> None:
        """A file has one server: whoever had taken a webhook is gone."""
        if self._database.dialect == "sqlite":
            with suppress(Refusal):
                await self._database.write(THE_SERVER, webhooks.free)

    async def _look(self) -> None:
        try:
            self._hear(await self._database.read(THE_SERVER, webhooks.boards_heard))
            due = await self._database.read(THE_SERVER, webhooks.due) if self._heard else []
        except Exception as error:
            log.warning("Webhooks could not be looked for: %r", error)
            return
        for hook in due:
            if hook.id not in self._busy:
                self._busy[hook.id] = asyncio.create_task(self._serve(hook.id))

    def _hear(self, boards: set[int]) -> None:
        """Follow the boards that webhooks are for, and no others: what is followed is read on every instance."""
        for board_id in boards - self._heard:
            self._hub.follow(self, board_id)
        for board_id in self._heard - boards:
            self._hub.unfollow(self, board_id)
        self._heard = boards

    async def _serve(self, id: int) -> None:
        try:
            async with self._room:
                hook = await self._database.write(THE_SERVER, lambda tx: _take(tx, id))
                if hook is not None:
                    await self._turn(hook)
        except Exception as error:
            log.warning("Webhook %d was not served: %r", id, error)
        finally:
            del self._busy[id]

    async def _turn(self, hook: Hook) -> None:
        progress = Progress(hook.seq, hook.tries)
        try:
            await self._post_all(hook, progress)
        finally:  # also where the server stops: the next one goes on from here
            wait = rules.wait(progress.tries + 1, self._settings.webhook_wait_seconds)
            patience = self._settings.webhook_patience_seconds
            await self._database.write(THE_SERVER, lambda tx: _leave(tx, hook, progress, wait, patience))
            asyncio.get_running_loop().call_later(0 if progress.failed is None else wait, self._bell.set)

    async def _post_all(self, hook: Hook, progress: Progress) -> None:
        end = time.monotonic() + TURN_SECONDS
        if hook.seq < hook.floor:
            progress.failed, progress.enough = await self._post(hook, _resync(hook))
            progress.seq = hook.floor if progress.failed is None else hook.seq
        while progress.failed is None and time.monotonic() < end:
            events = await self._hub.after(hook.board_id, progress.seq, TURN_EVENTS)
            if not events:
                return
            for event in events:
                if not hook.events or event.name in hook.events:
                    progress.failed, progress.enough = await self._post(hook, event)
                    if progress.failed is not None:
                        return
                progress.seq, progress.tries = event.seq, 0
                if time.monotonic() > end:
                    return

    async def _post(self, hook: Hook, event: Logged) -> tuple[str | None, bool]:
        """What went wrong, if anything, and whether nothing more is wanted."""
        id, now = f"{hook.id}-{write(hook.epoch, event.seq)}", int(time.time())
        headers: dict[bytes | str, bytes | str] = {
            "content-type": "application/json",
            "user-agent": f"agent-kanban/{__version__}",
            "webhook-id": id,
            "webhook-timestamp": str(now),
            "webhook-signature": rules.signature(hook.secret, id, now, event.json),
        }
        try:
            status = await (await self.courier()).post(hook.url, headers, event.json)
        except rules.NotCalled as error:
            problem: str | None = str(error)
        except Exception as error:
            problem = f"no answer ({type(error).__name__})"
        else:
            if 200 <= status < 300:
                self.counts["delivered"] += 1
                return None, False
            problem = f"it answered {status}"
            if status in rules.ENOUGH:
                return problem, True
        self.counts["failed"] += 1
        return problem, False


def _resync(hook: Hook) -> Logged:
    """What lies behind the webhook's place was trimmed: it is told where the log begins."""
    data = {"reason": "trimmed", "floor": hook.floor, "head": hook.head}
    body = {"event": "resync", "type": "resync", "board_id": hook.board_id, "data": data}
    return Logged(hook.board_id, hook.floor, "resync", orjson.dumps(body))


def _take(tx: Transaction, id: int) -> Hook | None:
    """The webhook, where nobody else delivers to it now."""
    return webhooks.one(tx, id) if webhooks.take(tx, id, later(tx.now(), seconds=TAKEN_SECONDS)) else None


def _leave(tx: Transaction, hook: Hook, progress: Progress, wait: float, patience: float) -> None:
    """Keep how far it came; where it failed, until when to leave it alone, or that it is disabled."""
    now = tx.now()
    if progress.failed is None:
        webhooks.leave(tx, hook, seq=progress.seq)
        return
    since = hook.failing_since if hook.failing_since and progress.seq == hook.seq else now
    over = progress.enough or later(now, seconds=-patience) >= since
    webhooks.leave(
        tx, hook, seq=progress.seq, tries=progress.tries + 1, due_at=later(now, seconds=wait), failing_since=since,
        problem=progress.failed, disabled_at=now if over else None,
    )  # fmt: skip
    if over:
        host = urlsplit(hook.url).hostname
        log.warning(
            "Webhook %d of board %d (%s) is disabled: it has failed since %s, at last because %s.",
            hook.id, hook.board_id, host, since, progress.failed,
        )  # fmt: skip

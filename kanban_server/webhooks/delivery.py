"""Webhook delivery: events in order, each at least once, from each webhook's own position in the event log.

One instance at a time delivers to a webhook: it holds a lease in the webhook's row, after whose end another may.
"""

from __future__ import annotations

import asyncio
import logging
import random
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
from kanban_server.rules.cursors import format_cursor
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.problems import Refusal
from kanban_server.rules.timestamps import add_time
from kanban_server.settings import Settings
from kanban_server.store.database import Database
from kanban_server.store.queries import webhooks
from kanban_server.store.queries.webhooks import WebhookRecord
from kanban_server.store.transaction import Transaction

if TYPE_CHECKING:
    from kanban_server.webhooks.http_client import WebhookClient

log = logging.getLogger("kanban.webhooks")

POLL_SECONDS = 5.0
"""Interval at which events of other instances and due retries are looked up."""
BATCH_SECONDS = 20.0
"""Time for which one webhook is delivered to before its position is saved; its lease lasts CLAIM_SECONDS."""
CLAIM_SECONDS = 60
BATCH_EVENTS = 100
MAX_CONCURRENT = 8
"""Maximum number of webhooks delivered to concurrently."""


@dataclass
class DeliveryProgress:
    """The position of a webhook, and the outcome of its last request."""

    seq: int
    tries: int
    failed: str | None = None
    stop: bool = False


class Deliveries:
    """The deliveries of this instance."""

    def __init__(self, database: Database, hub: Hub, settings: Settings) -> None:
        self._database = database
        self._hub = hub
        self._settings = settings
        self._client: WebhookClient | None = None
        self._subscribed_boards: set[int] = set()
        self._wakeup = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)
        self.counts = {"delivered": 0, "failed": 0}

    async def client(self) -> WebhookClient:
        """The HTTP client, loaded at first use."""
        if self._client is None:
            module = await asyncio.to_thread(import_module, "kanban_server.webhooks.http_client")
            self._client = self._client or module.WebhookClient(private=self._settings.webhook_private)
        return self._client

    def wake(self) -> None:
        """Look for due deliveries now."""
        self._wakeup.set()

    def notify(self, channel: Channel) -> None:
        """A board with webhooks has new events."""
        self._wakeup.set()

    def lag(self) -> int:
        """Always 0: a webhook has a position of its own."""
        return 0

    async def run(self) -> None:
        """Deliver while the server runs."""
        try:
            await self._release_stale_claims()
            while True:
                self._wakeup.clear()
                await self._start_due()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wakeup.wait(), POLL_SECONDS)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _release_stale_claims(self) -> None:
        """Release all leases on SQLite: a database file has one server, so their holders are gone."""
        if self._database.dialect == "sqlite":
            with suppress(Refusal):
                await self._database.write(SYSTEM_VIEWER, webhooks.release_all_deliveries)

    async def _start_due(self) -> None:
        try:
            self._subscribe(await self._database.read(SYSTEM_VIEWER, webhooks.boards_with_webhooks))
            due = await self._database.read(SYSTEM_VIEWER, webhooks.read_due) if self._subscribed_boards else []
        except Exception as error:
            log.warning("Due webhooks could not be read: %r", error)
            return
        for hook in due:
            if hook.id not in self._tasks:
                self._tasks[hook.id] = asyncio.create_task(self._deliver(hook.id))

    def _subscribe(self, boards: set[int]) -> None:
        """Subscribe to boards with webhooks only: subscribed boards are read on every instance."""
        for board_id in boards - self._subscribed_boards:
            self._hub.subscribe(self, board_id)
        for board_id in self._subscribed_boards - boards:
            self._hub.unsubscribe(self, board_id)
        self._subscribed_boards = boards

    async def _deliver(self, webhook_id: int) -> None:
        try:
            async with self._slots:
                hook = await self._database.write(SYSTEM_VIEWER, lambda tx: _claim_webhook(tx, webhook_id))
                if hook is not None:
                    await self._deliver_batch(hook)
        except Exception as error:
            log.warning("Webhook %d was not served: %r", webhook_id, error)
        finally:
            del self._tasks[webhook_id]

    async def _deliver_batch(self, hook: WebhookRecord) -> None:
        progress = DeliveryProgress(hook.seq, hook.tries)
        try:
            await self._post_all(hook, progress)
        finally:  # also where the server stops: the next one continues from here
            retry_seconds = rules.retry_delay(progress.tries + 1, self._settings.webhook_wait_seconds, random.random())
            patience = self._settings.webhook_patience_seconds
            await self._database.write(
                SYSTEM_VIEWER, lambda tx: _release_webhook(tx, hook, progress, retry_seconds, patience)
            )
            asyncio.get_running_loop().call_later(0 if progress.failed is None else retry_seconds, self._wakeup.set)

    async def _post_all(self, hook: WebhookRecord, progress: DeliveryProgress) -> None:
        deadline = time.monotonic() + BATCH_SECONDS
        if hook.seq < hook.floor:
            progress.failed, progress.stop = await self._post(hook, _resync_event(hook))
            progress.seq = hook.floor if progress.failed is None else hook.seq
        while progress.failed is None and time.monotonic() < deadline:
            events = await self._hub.events_after(hook.board_id, progress.seq, BATCH_EVENTS)
            if not events:
                return
            for event in events:
                if not hook.events or event.name in hook.events:
                    progress.failed, progress.stop = await self._post(hook, event)
                    if progress.failed is not None:
                        return
                progress.seq, progress.tries = event.seq, 0
                if time.monotonic() > deadline:
                    return

    async def _post(self, hook: WebhookRecord, event: EncodedEvent) -> tuple[str | None, bool]:
        """Post one event; returns the error or None, and whether the receiver wants no more events."""
        message_id, now = f"{hook.id}-{format_cursor(hook.epoch, event.seq)}", int(time.time())
        headers: dict[bytes | str, bytes | str] = {
            "content-type": "application/json",
            "user-agent": f"agent-kanban/{__version__}",
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": rules.sign(hook.secret, message_id, now, event.json),
        }
        try:
            status = await (await self.client()).post(hook.url, headers, event.json)
        except rules.AddressNotAllowed as error:
            problem: str | None = str(error)
        except Exception as error:
            problem = f"no answer ({type(error).__name__})"
        else:
            if 200 <= status < 300:
                self.counts["delivered"] += 1
                return None, False
            problem = f"it answered {status}"
            if status in rules.GONE_STATUSES:
                return problem, True
        self.counts["failed"] += 1
        return problem, False


def _resync_event(hook: WebhookRecord) -> EncodedEvent:
    """The event that reports the floor of the log, where events after the webhook's position were trimmed."""
    data = {"reason": "trimmed", "floor": hook.floor, "head": hook.head}
    body = {"event": "resync", "type": "resync", "board_id": hook.board_id, "data": data}
    return EncodedEvent(hook.board_id, hook.floor, "resync", orjson.dumps(body))


def _claim_webhook(tx: Transaction, webhook_id: int) -> WebhookRecord | None:
    """The webhook, leased to this instance; None where another has the lease."""
    return (
        webhooks.read_webhook(tx, webhook_id)
        if webhooks.lease_delivery(tx, webhook_id, add_time(tx.now(), seconds=CLAIM_SECONDS))
        else None
    )


def _release_webhook(
    tx: Transaction, hook: WebhookRecord, progress: DeliveryProgress, retry_seconds: float, patience: float
) -> None:
    """Save the position; after a failure also the time of the next attempt, or that the webhook is disabled."""
    now = tx.now()
    if progress.failed is None:
        webhooks.release_delivery(tx, hook, seq=progress.seq)
        return
    failing_since = hook.failing_since if hook.failing_since and progress.seq == hook.seq else now
    disabled = progress.stop or add_time(now, seconds=-patience) >= failing_since
    webhooks.release_delivery(
        tx,
        hook,
        seq=progress.seq,
        tries=progress.tries + 1,
        due_at=add_time(now, seconds=retry_seconds),
        failing_since=failing_since,
        problem=progress.failed,
        disabled_at=now if disabled else None,
    )
    if disabled:
        host = urlsplit(hook.url).hostname
        log.warning(
            "Webhook %d of board %d (%s) is disabled: it has failed since %s, at last because %s.",
            hook.id, hook.board_id, host, failing_since, progress.failed,
        )  # fmt: skip

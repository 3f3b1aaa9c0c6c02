"""Messages between the instances of one database, through Redis.

Delivery is not guaranteed: Redis can be away, restart or lose messages at any time. `connected` says whether messages
get through now; every sender has a slower fallback.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger("kanban.live")

TIMEOUT_SECONDS = 1.0
"""Redis counts as away after this time without an answer."""
PING_SECONDS = 5.0
"""Redis is pinged after this time without a message."""
MIN_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 0.1, 2.0
OUTBOX_SIZE = 1000
"""Maximum number of messages waiting to be sent; older ones are dropped."""

Message = dict[str, Any]


def create_client(url: str) -> Redis:
    """A Redis client, not connected yet. Raises ValueError where the URL is invalid or the package is missing."""
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError as error:
        raise ValueError("Redis needs its client: pip install 'agent-kanban[redis]'.") from error
    try:
        return Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
        )
    except ValueError as error:
        raise ValueError(f"The address of Redis is not redis://HOST:PORT/N: {error}") from error


class RedisBus:
    """One instance's connection. `key` identifies the database: several databases may share one Redis."""

    def __init__(self, url: str, key: str) -> None:
        self.redis = create_client(url)
        self.name = secrets.token_hex(6)
        """The id of this instance."""
        self.prefix = f"kanban:{key}"
        self.connected = self._outage_reported = False
        self._handlers: dict[str, Callable[[Message], None]] = {}
        self._reconnect_callbacks: list[Callable[[], None]] = []
        self._outbox: deque[bytes] = deque(maxlen=OUTBOX_SIZE)
        self._wake = asyncio.Event()

    def subscribe(self, kind: str, handler: Callable[[Message], None]) -> None:
        """Set the handler of one kind of message from other instances."""
        self._handlers[kind] = handler

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Add a callback for each reconnect, since messages may have been lost."""
        self._reconnect_callbacks.append(callback)

    def send(self, kind: str, **fields: object) -> None:
        """Queue a message to all other instances; dropped while Redis is away."""
        if self.connected:
            self._outbox.append(orjson.dumps({"from": self.name, "kind": kind, **fields}))
            self._wake.set()

    async def run(self) -> None:
        """Stay connected while the server runs; reconnect with increasing backoff."""
        clock = asyncio.get_running_loop().time
        backoff = MIN_BACKOFF_SECONDS
        while True:
            started_at = clock()
            try:
                await self._run_connected()
            except Exception as error:
                self._on_disconnected(error)
            if clock() - started_at > MAX_BACKOFF_SECONDS:
                backoff = MIN_BACKOFF_SECONDS
            await asyncio.sleep(random.uniform(backoff / 2, backoff))
            backoff = min(MAX_BACKOFF_SECONDS, backoff * 2)

    async def close(self) -> None:
        """Send the queued messages and disconnect."""
        with suppress(Exception):
            await self._flush()
        await self.redis.aclose()

    async def _run_connected(self) -> None:
        """Receive and send until either fails; the next run uses new connections."""
        await self.redis.connection_pool.disconnect()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive_messages())
            tasks.create_task(self._send_messages())

    async def _receive_messages(self) -> None:
        async with self.redis.pubsub() as pubsub:
            await pubsub.subscribe(self.prefix)
            pinged = False
            while True:
                message = await pubsub.get_message(timeout=PING_SECONDS)
                if message is None:
                    if pinged:
                        raise TimeoutError("Redis is silent")
                    await pubsub.ping()
                pinged = message is None
                if message and message["type"] == "subscribe":
                    self._on_connected()
                elif message and message["type"] == "message":
                    self._dispatch(message["data"])

    async def _send_messages(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._flush()

    async def _flush(self) -> None:
        async with self.redis.pipeline(transaction=False) as pipe:
            while self._outbox:
                pipe.publish(self.prefix, self._outbox.popleft())
            await pipe.execute()

    def _dispatch(self, data: bytes) -> None:
        message = orjson.loads(data)
        if message["from"] != self.name and (handler := self._handlers.get(message["kind"])) is not None:
            handler(message)

    def _on_connected(self) -> None:
        if self._outage_reported:
            log.warning("Redis is back.")
        self.connected, self._outage_reported = True, False
        for callback in self._reconnect_callbacks:
            callback()

    def _on_disconnected(self, error: Exception) -> None:
        if not self._outage_reported:
            log.warning(
                "Redis is away: changes by other servers are read from the database meanwhile. %s",
                _describe_error(error),
            )
        self.connected, self._outage_reported = False, True
        self._outbox.clear()


def _describe_error(error: BaseException) -> str:
    """The first error of a group, with its type."""
    if isinstance(error, BaseExceptionGroup):
        return _describe_error(error.exceptions[0])
    return f"{type(error).__name__}: {error}"

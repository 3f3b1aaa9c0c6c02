"""Messages between the instances of one database, through Redis.

Nothing may rest on a message that arrives: Redis can be away, restart or forget at any time. `up` says whether messages
go through just now; whoever sends them has another, slower way for when they do not.
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

SECONDS = 1.0
"""How long Redis may take to answer before it counts as away."""
QUIET_SECONDS = 5.0
"""After so long without a message, Redis is asked whether it is there."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
WAITING = 1000
"""Messages that wait to be sent; older ones are dropped."""

Message = dict[str, Any]


def client(url: str) -> Redis:
    """A client of Redis, not connected yet. Raises ValueError where the address or the client's package is amiss."""
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError as error:
        raise ValueError("Redis needs its client: pip install 'agent-kanban[redis]'.") from error
    try:
        return Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=Retry(NoBackoff(), 0))
    except ValueError as error:
        raise ValueError(f"The address of Redis is not redis://HOST:PORT/N: {error}") from error


class Post:
    """One instance's connection. `key` is the database's: other databases may use the same Redis."""

    def __init__(self, url: str, key: str) -> None:
        self.redis = client(url)
        self.name = secrets.token_hex(6)
        """This instance."""
        self.prefix = f"kanban:{key}"
        self.up = self._away = False
        self._hears: dict[str, Callable[[Message], None]] = {}
        self._returned: list[Callable[[], None]] = []
        self._waiting: deque[bytes] = deque(maxlen=WAITING)
        self._wake = asyncio.Event()

    def on(self, kind: str, hear: Callable[[Message], None]) -> None:
        """Call this with each message of a kind that another instance sends."""
        self._hears[kind] = hear

    def on_return(self, call: Callable[[], None]) -> None:
        """Call this whenever messages go through again: some may have been lost."""
        self._returned.append(call)

    def send(self, kind: str, **said: Any) -> None:
        """Send a message to all other instances, soon. Dropped where Redis is away."""
        if self.up:
            self._waiting.append(orjson.dumps({"from": self.name, "kind": kind, **said}))
            self._wake.set()

    async def run(self) -> None:
        """Stay connected, for as long as the server runs: after each loss, and each time after a longer wait."""
        clock = asyncio.get_running_loop().time
        wait = FIRST_WAIT
        while True:
            began = clock()
            try:
                await self._work()
            except Exception as error:
                self._lost(error)
            if clock() - began > LONGEST_WAIT:
                wait = FIRST_WAIT
            await asyncio.sleep(random.uniform(wait / 2, wait))
            wait = min(LONGEST_WAIT, wait * 2)

    async def close(self) -> None:
        """Send what waits, and let go of Redis."""
        with suppress(Exception):
            await self._flush()
        await self.redis.aclose()

    async def _work(self) -> None:
        """Hear and send until either fails; then both begin anew, with new connections."""
        await self.redis.connection_pool.disconnect()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._deliver())

    async def _listen(self) -> None:
        async with self.redis.pubsub() as pubsub:
            await pubsub.subscribe(self.prefix)
            asked = False
            while True:
                message = await pubsub.get_message(timeout=QUIET_SECONDS)
                if message is None:
                    if asked:
                        raise TimeoutError("Redis is silent")
                    await pubsub.ping()
                asked = message is None
                if message and message["type"] == "subscribe":
                    self._back()
                elif message and message["type"] == "message":
                    self._hear(message["data"])

    async def _deliver(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._flush()

    async def _flush(self) -> None:
        async with self.redis.pipeline(transaction=False) as pipe:
            while self._waiting:
                pipe.publish(self.prefix, self._waiting.popleft())
            await pipe.execute()

    def _hear(self, data: bytes) -> None:
        said = orjson.loads(data)
        if said["from"] != self.name and (hear := self._hears.get(said["kind"])) is not None:
            hear(said)

    def _back(self) -> None:
        if self._away:
            log.warning("Redis is back.")
        self.up, self._away = True, False
        for call in self._returned:
            call()

    def _lost(self, error: Exception) -> None:
        if not self._away:
            log.warning(
                "Redis is away: what other servers do is looked for in the database meanwhile. %s", _said(error)
            )
        self.up, self._away = False, True
        self._waiting.clear()


def _said(error: BaseException) -> str:
    """What Redis, or the way to it, said first."""
    if isinstance(error, BaseExceptionGroup):
        return _said(error.exceptions[0])
    return f"{type(error).__name__}: {error}"

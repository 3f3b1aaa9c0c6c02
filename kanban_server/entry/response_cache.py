"""A cache of encoded responses: each is read and encoded once per state of a board, and shared."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

CacheKey = tuple[int, str]
"""The board and the name of the resource."""
CachedResponse = tuple[int, bytes]
"""The last event that the body includes, and the body."""


class ResponseCache:
    """Encoded responses, the newest of each key; least recently used ones are dropped beyond `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._used = 0
        self._entries: dict[CacheKey, CachedResponse] = {}
        self._builds: dict[CacheKey, asyncio.Task[CachedResponse]] = {}

    async def get(self, key: CacheKey, seq: int, build: Callable[[], Awaitable[CachedResponse]]) -> bytes:
        """The response as of event `seq` or later. Concurrent callers share one build."""
        while True:
            cached = self._entries.pop(key, None)
            if cached is not None:
                self._entries[key] = cached  # now the most recently used one
                if cached[0] >= seq:
                    return cached[1]
            build_task = self._builds.get(key)
            if build_task is None:
                build_task = self._builds[key] = asyncio.create_task(self._build(build))
                build_task.add_done_callback(partial(self._store, key))
            cached = await asyncio.shield(build_task)
            if cached[0] >= seq:
                return cached[1]

    def clear(self) -> None:
        """Drop all entries."""
        self._entries.clear()
        self._used = 0

    @staticmethod
    async def _build(build: Callable[[], Awaitable[CachedResponse]]) -> CachedResponse:
        return await build()

    def _store(self, key: CacheKey, build_task: asyncio.Task[CachedResponse]) -> None:
        del self._builds[key]
        if build_task.cancelled() or build_task.exception() is not None:
            return
        replaced = self._entries.pop(key, None)
        if replaced is not None:
            self._used -= len(replaced[1])
        self._entries[key] = cached = build_task.result()
        self._used += len(cached[1])
        while self._used > self._max_bytes and len(self._entries) > 1:
            oldest = self._entries.pop(next(iter(self._entries)))
            self._used -= len(oldest[1])

"""Request counters in fixed time windows; in Redis where it is configured, shared by all instances.

Loaded at the first counted request, since the library is slow to import.
"""

from __future__ import annotations

import logging
import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter as SharedFixedWindow
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter as LocalFixedWindow
from limits.util import WindowStats

log = logging.getLogger("kanban.api")

REDIS_TIMEOUT_SECONDS = 0.25
"""Timeout of Redis."""
REDIS_RETRY_SECONDS = 5.0
"""Pause after a failure of Redis. Meanwhile each instance counts for itself."""


class RateCounters:
    """The counters of all subjects."""

    def __init__(self, redis_url: str) -> None:
        self._local = LocalFixedWindow(MemoryStorage())
        self._shared = SharedFixedWindow(_redis_storage(redis_url)) if redis_url else None
        self._limits: dict[str, RateLimitItem] = {}
        self._redis_retry_at = 0.0

    async def count(self, limit: str, subject: str) -> int:
        """Count a request of `subject`: 0 within the limit, else the seconds until the window ends."""
        item = self._limits.get(limit) or self._limits.setdefault(limit, parse(limit))
        if self._shared is not None and time.monotonic() >= self._redis_retry_at:
            try:
                if await self._shared.hit(item, subject):
                    return 0
                return _seconds_left(await self._shared.get_window_stats(item, subject))
            except Exception as error:
                self._redis_retry_at = time.monotonic() + REDIS_RETRY_SECONDS
                log.warning("Redis is away, so this instance counts requests for itself: %s", error)
        if self._local.hit(item, subject):
            return 0
        return _seconds_left(self._local.get_window_stats(item, subject))


def _redis_storage(url: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        key_prefix="kanban:limits",
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
    )


def _seconds_left(window: WindowStats) -> int:
    return max(1, math.ceil(window.reset_time - time.time()))

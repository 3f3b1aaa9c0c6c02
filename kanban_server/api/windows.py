"""How often somebody asks: counted in windows of time, in Redis where there is one, so that all instances count as one.

Loaded when the first request has to be counted: the library takes its time.
"""

from __future__ import annotations

import logging
import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter as SharedWindows
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter as OwnWindows
from limits.util import WindowStats

log = logging.getLogger("kanban.api")

PATIENCE = 0.25
"""How long Redis may take, in seconds."""
AWAY = 5.0
"""For how long it is not asked again where it took longer. Meanwhile each instance counts for itself."""


class Windows:
    """The windows of everybody."""

    def __init__(self, redis_url: str) -> None:
        self._own = OwnWindows(MemoryStorage())
        self._shared = SharedWindows(_redis(redis_url)) if redis_url else None
        self._limits: dict[str, RateLimitItem] = {}
        self._away_until = 0.0

    async def count(self, limit: str, who: str) -> int:
        """Count a request of somebody: 0 where it is within the limit, else after how many seconds to come again."""
        item = self._limits.get(limit) or self._limits.setdefault(limit, parse(limit))
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                if await self._shared.hit(item, who):
                    return 0
                return _left(await self._shared.get_window_stats(item, who))
            except Exception as error:
                self._away_until = time.monotonic() + AWAY
                log.warning("Redis is away, so this instance counts requests for itself: %s", error)
        if self._own.hit(item, who):
            return 0
        return _left(self._own.get_window_stats(item, who))


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        key_prefix="kanban:limits",
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
    )


def _left(window: WindowStats) -> int:
    return max(1, math.ceil(window.reset_time - time.time()))

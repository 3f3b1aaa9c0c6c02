"""Presence of users on other instances, in Redis, with expiry by the clock of Redis.

Each instance stores its participants of each board, and refreshes them before they expire; those of a killed instance
expire.
"""

from __future__ import annotations

import logging
from typing import TypedDict

import orjson

from kanban_server.live.redis_bus import RedisBus

log = logging.getLogger("kanban.live")

EXCHANGE_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local seconds, instance, entries = tonumber(ARGV[1]), ARGV[2], ARGV[3]
if entries == '' then
  redis.call('ZREM', KEYS[1], instance)
  redis.call('HDEL', KEYS[2], instance)
else
  redis.call('ZADD', KEYS[1], now + seconds, instance)
  redis.call('HSET', KEYS[2], instance, entries)
end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
redis.call('EXPIRE', KEYS[1], math.ceil(seconds) + 1)
redis.call('EXPIRE', KEYS[2], math.ceil(seconds) + 1)
return redis.call('HGETALL', KEYS[2])
"""
"""Keys: expiry by instance, entries by instance. Arguments: seconds, instance, entries."""


class Entry(TypedDict):
    """One participant of a board, as the instances exchange it. `at` is the time of the last message, in seconds."""

    username: str
    client: str | None
    client_id: str | None
    ticket_id: int | None
    element: str | None
    x: float | None
    y: float | None
    dragging: int | None
    at: float


class RemotePresence:
    """Exchanges this instance's participants with those of the other instances."""

    def __init__(self, bus: RedisBus, seconds: float) -> None:
        self.bus = bus
        self.seconds = seconds
        self._script = bus.redis.register_script(EXCHANGE_SCRIPT)

    async def exchange(self, board_id: int, entries: list[Entry]) -> list[Entry]:
        """Store this instance's entries of a board and return those of the others; empty without Redis."""
        if not self.bus.connected:
            return []
        key = f"{self.bus.prefix}:presence:{board_id}"
        payload = orjson.dumps(entries) if entries else b""
        try:
            reply: list[bytes] = await self._script(
                keys=[f"{key}:until", f"{key}:who"], args=[self.seconds, self.bus.name, payload]
            )
        except Exception as error:
            log.info("The users of board %d on other instances could not be read: %r", board_id, error)
            return []
        entries_by_instance = zip(reply[::2], reply[1::2], strict=True)
        return [
            entry
            for name, encoded_entries in entries_by_instance
            if name.decode() != self.bus.name
            for entry in orjson.loads(encoded_entries)
        ]

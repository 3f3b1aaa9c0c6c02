"""What many ask for is read and encoded once for each state of a board, and shared."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

Key = tuple[int, str]
"""A board, and what is asked for of it."""
Made = tuple[int, bytes]
"""The number of the last event that the bytes show, and the bytes."""


class Shared:
    """Encoded answers, the newest of each key; of all together `most` bytes are kept, the last used ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._kept: dict[Key, Made] = {}
        self._making: dict[Key, asyncio.Task[Made]] = {}

    async def get(self, key: Key, seq: int, make: Callable[[], Awaitable[Made]]) -> bytes:
        """The answer as of event `seq` or a later one. It is made by one for all who ask meanwhile."""
        while True:
            made = self._kept.pop(key, None)
            if made is not None:
                self._kept[key] = made  # now the last used one
                if made[0] >= seq:
                    return made[1]
            making = self._making.get(key)
            if making is None:
                making = self._making[key] = asyncio.create_task(self._make(make))
                making.add_done_callback(partial(self._keep, key))
            made = await asyncio.shield(making)
            if made[0] >= seq:
                return made[1]

    def clear(self) -> None:
        """Forget everything that is kept."""
        self._kept.clear()
        self._used = 0

    @staticmethod
    async def _make(make: Callable[[], Awaitable[Made]]) -> Made:
        return await make()

    def _keep(self, key: Key, making: asyncio.Task[Made]) -> None:
        del self._making[key]
        if making.cancelled() or making.exception() is not None:
            return
        before = self._kept.pop(key, None)
        if before is not None:
            self._used -= len(before[1])
        self._kept[key] = made = making.result()
        self._used += len(made[1])
        while self._used > self._most and len(self._kept) > 1:
            oldest = self._kept.pop(next(iter(self._kept)))
            self._used -= len(oldest[1])

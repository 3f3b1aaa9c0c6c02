"""Large answers: they leave in pieces, as their readers take them, and take a bounded part of the memory."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kanban_server.rules.refusals import Refusal

if TYPE_CHECKING:
    from starlette.types import Send

PIECE = 256 * 1024
"""Bytes that are written at a time. An answer that is not longer is not large."""


class Large:
    """The large answers on their way. One that many take is in memory once, and counts once. `most` is in bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._takers: Counter[int] = Counter()
        """By the identity of the bytes, which live as long as they have takers."""

    async def send(self, body: bytes, status: int, headers: list[tuple[bytes, bytes]], send: Send) -> None:
        """Send an answer. Refused: `too-many-requests`, where too many bytes are on their way already."""
        taken = id(body)
        if not self._takers[taken]:
            if self._used and self._used + len(body) > self._most:
                raise _too_many()
            self._used += len(body)
        self._takers[taken] += 1
        try:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            for at in range(0, len(body), PIECE):
                more = at + PIECE < len(body)
                await send({"type": "http.response.body", "body": body[at : at + PIECE], "more_body": more})
        finally:
            self._takers[taken] -= 1
            if not self._takers[taken]:
                del self._takers[taken]
                self._used -= len(body)


def _too_many() -> Refusal:
    detail = "The server is sending as many large answers as it may at a time."
    return Refusal("too-many-requests", detail, fix="Ask for less at a time, or wait a little.", retry_after=1)

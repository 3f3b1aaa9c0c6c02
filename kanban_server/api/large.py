"""Large answers: they leave in pieces, as their readers take them, and take a bounded part of the memory."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kanban_server.rules.refusals import Refusal

if TYPE_CHECKING:
    from starlette.types import Send

PIECE = 256 * 1024
"""Bytes that are written at a time. An answer that is not longer is not large."""
SHARE = 2
"""One person, with their agents, has one part in so many of all bytes."""


class Large:
    """The large answers on their way. One that many take is in memory once, and counts once. `most` is in bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._takers: Counter[int] = Counter()
        """By the identity of the bytes, which live as long as they have takers."""
        self._used_by: Counter[int] = Counter()
        """By the person who asked first."""
        self._first: dict[int, int | None] = {}

    async def send(
        self, body: bytes, status: int, headers: list[tuple[bytes, bytes]], send: Send, seat: int | None = None
    ) -> None:
        """Send an answer to a person (`seat`), if that is known.

        Refused: `too-many-requests`, where too many bytes are on their way already, to all or to this person.
        """
        taken, size = id(body), len(body)
        if not self._takers[taken]:
            if self._used and self._used + size > self._most:
                raise _too_many()
            if seat is not None:
                if self._used_by[seat] and self._used_by[seat] + size > self._most // SHARE:
                    raise _too_many()
                self._used_by[seat] += size
            self._first[taken] = seat
            self._used += size
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
                self._used -= size
                first = self._first.pop(taken)
                if first is not None:
                    self._used_by[first] -= size


def _too_many() -> Refusal:
    detail = "The server is sending as many large answers as it may at a time."
    return Refusal("too-many-requests", detail, fix="Ask for less at a time, or wait a little.", retry_after=1)

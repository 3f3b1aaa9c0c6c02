"""Large responses: sent in chunks as the reader takes them, within a memory limit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kanban_server.rules.problems import Refusal

if TYPE_CHECKING:
    from starlette.types import Send

CHUNK_BYTES = 256 * 1024
"""Bytes per write. A response is large if it is longer than this."""
SHARE = 2
"""One person, including their agents, may use at most 1/SHARE of all bytes."""


class LargeResponses:
    """The large responses being sent, `max_bytes` in total.

    A body with several readers is in memory once, and counts once.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._used = 0
        self._readers: Counter[int] = Counter()
        """Readers by `id` of the body, which lives as long as it has readers."""
        self._used_by: Counter[int] = Counter()
        """Bytes in use, by the person who requested the body first."""
        self._first: dict[int, int | None] = {}

    async def send(
        self, body: bytes, status: int, headers: list[tuple[bytes, bytes]], send: Send, seat: int | None = None
    ) -> None:
        """Send a response to a person (`seat`), if known.

        Refused: `too-many-requests`, where too many bytes are being sent already, in total or to this person.
        """
        body_id, size = id(body), len(body)
        if not self._readers[body_id]:
            if self._used and self._used + size > self._max_bytes:
                raise _too_many_refusal()
            if seat is not None:
                if self._used_by[seat] and self._used_by[seat] + size > self._max_bytes // SHARE:
                    raise _too_many_refusal()
                self._used_by[seat] += size
            self._first[body_id] = seat
            self._used += size
        self._readers[body_id] += 1
        try:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            for offset in range(0, len(body), CHUNK_BYTES):
                more = offset + CHUNK_BYTES < len(body)
                await send(
                    {"type": "http.response.body", "body": body[offset : offset + CHUNK_BYTES], "more_body": more}
                )
        finally:
            self._readers[body_id] -= 1
            if not self._readers[body_id]:
                del self._readers[body_id]
                self._used -= size
                first = self._first.pop(body_id)
                if first is not None:
                    self._used_by[first] -= size


def _too_many_refusal() -> Refusal:
    detail = "The server is sending as many large answers as it may at a time."
    return Refusal("too-many-requests", detail, fix="Ask for less at a time, or wait a little.", retry_after=1)

"""gzip for responses that bear no secret: pages, their files, and what reads give.

Only what asks for it here is compressed, so an answer with a token, a session or an invite never is: the length of a
compressed text that holds a secret beside a text of somebody else's choice reveals the secret (BREACH).
"""

from __future__ import annotations

import asyncio
import gzip

from starlette.requests import Request

from kanban_server.entry.headers import header_of

MIN_BYTES = 1024
"""A shorter body is not compressed: it fits one packet anyway."""
LOOP_BYTES = 32 * 1024
"""A longer body is compressed in a thread."""
QUICK, SMALL = 1, 6
"""Levels of compression: for a body that is sent once, and for one that is kept for many readers."""


def accepts_gzip(request: Request) -> bool:
    """Whether the client accepts gzip (RFC 9110, section 12.5.3)."""
    for item in (header_of(request, b"accept-encoding") or "").lower().split(","):
        coding, _, quality = item.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return quality.strip("0.") != "" or quality == ""
    return False


async def compress(body: bytes, level: int) -> bytes:
    """The body in gzip."""
    if len(body) <= LOOP_BYTES:
        return gzip.compress(body, level, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, level, mtime=0)

"""A temporary file for a content that is on its way: the first MiB in memory, the rest on the disk without a name."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable
from typing import IO

MEMORY_BYTES = 1024 * 1024


class Spool:
    """A content of known size and SHA-256 once everything was written. Its file is deleted when it is closed."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed by `close`
        self.size = 0
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self.file.write(data)
        self._digest.update(data)
        self.size += len(data)

    @property
    def hash(self) -> str:
        """The SHA-256 in hexadecimal digits."""
        return self._digest.hexdigest()

    def head(self, size: int) -> bytes:
        """The first bytes."""
        self.file.seek(0)
        return self.file.read(size)

    def close(self) -> None:
        """Delete the file."""
        self.file.close()


async def receive(stream: AsyncIterator[bytes], check_size: Callable[[int], None]) -> Spool:
    """Write a request's body to a spool. `check_size` is called with the size so far, and may raise."""
    spool = Spool()
    try:
        pending, size = list[bytes](), 0
        async for data in stream:
            pending.append(data)
            size += len(data)
            check_size(size)
            if size - spool.size >= MEMORY_BYTES:
                await asyncio.to_thread(spool.write, b"".join(pending))
                pending.clear()
        spool.write(b"".join(pending))
    except BaseException:
        spool.close()
        raise
    return spool

"""`python -m benchmarks.followers PORT BOARD COUNT`: COUNT readers of a board that receive data and ignore it."""

from __future__ import annotations

import asyncio
import sys
from functools import partial

import uvloop

from benchmarks.readers import upgrade


class Follower(asyncio.BufferedProtocol):
    """A reader with almost no cost, so that the server is what is measured."""

    room = memoryview(bytearray(256 * 1024))

    def __init__(self, first_data: asyncio.Future[None]) -> None:
        self._first_data = first_data

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.room

    def buffer_updated(self, nbytes: int) -> None:
        if not self._first_data.done():
            self._first_data.set_result(None)


async def main(port: int, board: int, count: int) -> None:
    """Join, report that on stdout, and read until killed."""
    loop = asyncio.get_running_loop()
    for _ in range(count):
        first_data: asyncio.Future[None] = loop.create_future()
        transport, _protocol = await loop.create_connection(partial(Follower, first_data), "127.0.0.1", port)
        transport.write(upgrade(board))
        await first_data
    print(f"{count} readers follow board {board} at http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:4])))

"""A board as a queue: a worker claims a ticket and moves it to Done, with a request for each, or with one for both."""

from __future__ import annotations

from functools import partial
from itertools import count, islice

import orjson

from benchmarks import boards
from benchmarks.client import Connection, Load, request, timed


class BoardQueue:
    """A board whose ready tickets are the jobs."""

    def __init__(self, port: int, board: int, *, finish: bool = True, one_request: bool = False) -> None:
        self._port = port
        self._board = board
        self._finish = finish
        """False: tickets are claimed and stay so."""
        self._one_request = one_request
        """True: the request that finishes a ticket also claims the next one."""
        self._held: dict[str, int] = {}
        """The ticket that each worker holds, where one request does both."""
        self._waiting = 0
        self._names = (f"job-{number}" for number in count())

    @classmethod
    async def create(cls, port: int, *, finish: bool = True, one_request: bool = False) -> BoardQueue:
        """Create a board without tickets."""
        async with await Connection.open(port) as connection:
            created = await connection.json("POST", "/api/boards", {"name": "jobs"})
        return cls(port, created["id"], finish=finish, one_request=one_request)

    async def fill(self, jobs: int) -> None:
        """Import tickets until `jobs` are ready."""
        names = islice(self._names, max(0, jobs - self._waiting))
        tickets: list[dict[str, object]] = [{"source_id": name, "title": name} for name in names]
        await boards.fill(self._port, self._board, tickets)
        self._waiting = max(jobs, self._waiting)

    async def run(self, workers: int, seconds: float) -> Load:
        """Run one connection per worker."""
        connections = [await Connection.open(self._port) for _ in range(workers)]
        turns = [partial(self._turn, one, f"worker-{number}") for number, one in enumerate(connections)]
        load = await timed(turns, seconds)
        for connection in connections:
            connection.close()
        return load

    async def _turn(self, connection: Connection, worker: str) -> bool:
        if (held := self._held.pop(worker, None)) is not None:
            done = {"done_by": worker, "next": {"claim": True}}
            answer = orjson.loads(await connection.request(request("POST", f"/api/tickets/{held}/done", done)))
            if (ticket := answer["next"]["ticket"]) is not None:
                self._waiting -= 1
                self._held[worker] = ticket["id"]
            return True
        body = {"claim": True, "claimed_by": worker}
        answer = await connection.request(request("POST", f"/api/boards/{self._board}/next", body))
        ticket = orjson.loads(answer)["ticket"]
        if ticket is None:
            return False
        self._waiting -= 1
        if self._one_request:
            self._held[worker] = ticket["id"]
            return await self._turn(connection, worker)
        if self._finish:
            done = {"column": "Done", "moved_by": worker}
            await connection.request(request("POST", f"/api/tickets/{ticket['id']}/move", done))
        return True

"""Promises 1 and 3 over several servers of one PostgreSQL: all are killed, Redis too, and nothing is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.instances import Readers, Writers, instances
from tests.faults.validators import check_dense, check_log
from tests.support.servers import Server
from tests.support.services import own_postgres, own_redis
from tests.support.waiting import until

pytestmark = pytest.mark.postgres
on_postgres = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Trial:
    """Writers and readers at several servers, while things break."""

    def __init__(self, servers: list[Server], writers: int, readers: int) -> None:
        self.servers = servers
        with servers[0].kanban("ada") as kanban:
            self.board = kanban.boards.create("Several servers").id
        self.writers = Writers(servers, self.board, writers)
        self.readers = Readers(servers, self.board, readers)

    def work(self, writes: int, what: str = "undisturbed") -> None:
        """Go on until so much more was written and read, and say how it went."""
        began, before = time.monotonic(), len(self.writers.took)
        until(lambda: len(self.writers.took) >= before + writes, within=60, what=f"writes while {what}")
        self.say(what, began)

    def say(self, what: str, began: float) -> None:
        """The figures of what happened since."""
        now = time.monotonic()
        rate = sum(began <= at <= now for at, _ in self.writers.took) / (now - began)
        print(f"{what}: {rate:.0f} tickets a second, p99 {self.writers.slowest(began, now):.0f} ms")

    def kill(self, server: Server, writes: int) -> None:
        """Kill a server in the middle of its work, and start it again."""
        server.kill()
        self.work(writes, "one server is gone")
        server.start()

    def check(self) -> None:
        """What must hold, whatever happened."""
        self.writers.stop()
        with self.servers[0].kanban("ada") as kanban:
            events = check_log(kanban, self.board)
            tickets = {ticket.id for ticket in kanban.boards.tickets(self.board).tickets}
        until(lambda: self.readers.behind(len(events)) == 0, within=30, what="all readers at the head of the log")
        self.readers.stop()
        assert self.writers.acknowledged <= tickets
        for seen in self.readers.seen:
            check_dense(seen)
            assert len(seen) == len(events)
        resumed = sorted(self.readers.resumed) or [0.0]
        print(
            f"{len(events)} events, {len(self.readers.seen)} readers: lost their server {len(resumed)} times, "
            f"resumed after {resumed[len(resumed) // 2]:.2f} s, at most {resumed[-1]:.2f} s"
        )


@contextmanager
def trial(servers: list[Server], *, writers: int, readers: int) -> Iterator[Trial]:
    """Breaks come inside the block; then all is checked."""
    made = Trial(servers, writers, readers)
    made.readers.start()
    made.writers.start()
    try:
        yield made
        made.check()
    finally:
        made.writers.stop()
        made.readers.stop()


@on_postgres
def test_nothing_is_lost_while_servers_and_redis_are_killed(database: str) -> None:
    with own_redis() as redis, instances(database, 2, KANBAN_REDIS_URL=redis.url) as servers:
        with trial(servers, writers=6, readers=3) as running:
            running.work(30)
            for server in servers:
                running.kill(server, 20)
            redis.flush()
            redis.stop()
            running.work(30, "Redis is gone")
            redis.start()
            running.work(30, "Redis is back")


@pytest.mark.slow
def test_nothing_is_lost_while_servers_redis_and_postgresql_are_killed_again_and_again() -> None:
    with (
        own_postgres() as postgres,
        own_redis() as redis,
        instances(postgres.url, 2, KANBAN_REDIS_URL=redis.url) as servers,
        trial(servers, writers=16, readers=8) as running,
    ):
        running.work(1000)
        for _ in range(10):
            running.kill(random.choice(servers), 200)
            running.work(100, "it is back")
        redis.flush()
        running.work(500, "Redis has forgotten")
        redis.stop()
        running.work(1000, "Redis is gone")
        redis.start()
        running.work(1000, "Redis is back")
        for number in range(5):
            began = time.monotonic()
            postgres.stop("immediate" if number % 2 == 0 else "fast")
            postgres.start()
            restarted = time.monotonic()
            running.work(1, "PostgreSQL restarts")
            print(f"written again {time.monotonic() - restarted:.2f} s after PostgreSQL was back")
            running.say("with the restart", began)
            running.work(500, "PostgreSQL is back")

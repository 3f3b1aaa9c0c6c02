"""Promise 1 in its hardest case: transactions that commit in another order than they began (PostgreSQL).

Half of the commits are delayed by up to 50 ms. A reader of our log misses nothing; a reader of an auto-increment id,
with the same delays, does: otherwise the delays would prove nothing.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from typing import Any

import psycopg
import pytest

from kanban_sdk.wire.bodies import NewBoard, NewTicket
from kanban_server.actions import boards, tickets
from kanban_server.rules.actors import Actor
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.settings import Settings
from kanban_server.store import event_log
from kanban_server.store.database import Database, driver_for
from kanban_server.store.drivers import PostgreSQL
from kanban_server.store.unit_of_work import Connection
from tests.faults.validators import check_dense
from tests.support.databases import Databases

ADA = Actor("ada")
HELD_BACK_SECONDS = 0.05


class HeldBack:
    """A connection that delays half of its commits."""

    def __init__(self, connection: Any, chance: random.Random) -> None:
        self._connection = connection
        self._chance = chance

    def execute(self, sql: Any, *parameters: Any) -> Any:
        if sql == "COMMIT" and self._chance.random() < 0.5:
            threading.Event().wait(self._chance.uniform(0, HELD_BACK_SECONDS))
        return self._connection.execute(sql, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class LatePostgreSQL(PostgreSQL):
    """PostgreSQL with delayed commits."""

    chance: random.Random

    def writer(self) -> Connection:
        return HeldBack(super().writer(), self.chance)


async def read_log(url: str, chance: random.Random, *, servers: int, writes: int) -> list[int]:
    """Return what a polling reader receives of one board, to which several servers write at once."""
    settings = Settings(database_url=url)
    stores = []
    for _ in range(servers):
        driver = driver_for(settings)
        assert isinstance(driver, PostgreSQL)
        driver.__class__ = LatePostgreSQL
        driver.chance = chance  # type: ignore[attr-defined]
        stores.append(Database(driver, settings, lambda events, at: None))
    board = (await stores[0].write(SYSTEM_VIEWER, lambda tx: boards.create(tx, ADA, NewBoard("Late")))).id
    seqs: list[int] = []

    async def write(store: Database, count: int) -> None:
        for number in range(count):
            new = NewTicket(f"t{number}", board)
            await store.write(SYSTEM_VIEWER, lambda tx, new=new: tickets.create(tx, ADA, new), lane=board)  # type: ignore[misc]

    async def read() -> None:
        while len(seqs) < writes + 1:
            events = await stores[0].read(SYSTEM_VIEWER, event_log.read_after, board, seqs[-1] if seqs else 0, 500)
            seqs.extend(event.seq for event in events)
            await asyncio.sleep(0.001)

    async with asyncio.timeout(60 + writes / 20):
        await asyncio.gather(read(), *(write(store, writes // servers) for store in stores))
    for store in stores:
        await store.close()
    return seqs


def auto_increment(url: str, chance: random.Random, *, writers: int, writes: int) -> int:
    """Return how many rows a reader misses that polls `id > last`."""
    with psycopg.connect(url, autocommit=True) as reader:
        reader.execute("CREATE TABLE control (id bigserial PRIMARY KEY)")
        ids: set[int] = set()

        def write() -> None:
            with psycopg.connect(url, autocommit=True) as raw:
                late = HeldBack(raw, chance)
                for _ in range(writes // writers):
                    late.execute("BEGIN")
                    late.execute("INSERT INTO control DEFAULT VALUES")
                    late.execute("COMMIT")

        threads = [threading.Thread(target=write) for _ in range(writers)]
        for thread in threads:
            thread.start()
        last = 0
        while any(thread.is_alive() for thread in threads):
            for (id,) in reader.execute("SELECT id FROM control WHERE id > %s ORDER BY id", [last]):
                ids.add(id)
                last = id
            time.sleep(0.001)  # the reader polls, like a reader that trusts the ids
        total = reader.execute("SELECT count(*) FROM control").fetchone()
        assert total is not None
        return int(total[0]) - len(ids)


@pytest.mark.postgres
@pytest.mark.parametrize("writes", [80, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_reader_of_the_log_misses_late_commits(
    databases: Databases, pytestconfig: pytest.Config, writes: int
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    url = databases.make("postgresql", pytestconfig)
    seqs = asyncio.run(read_log(url, random.Random(seed), servers=4, writes=writes))
    check_dense(seqs)
    assert len(seqs) == writes + 1
    missed = auto_increment(url, random.Random(seed), writers=16, writes=writes)
    assert missed > 0, "no commit overtook another, so the test proves nothing"
    print(f"log: 0 of {writes + 1} missed; auto-increment ids: {missed} of {writes} missed")

"""The store below HTTP: batches, failing jobs, waiters that are gone, a full disk. Over real files and servers."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk.wire.bodies import NewBoard, NewTicket
from kanban_server.actions import boards, queries, tickets
from kanban_server.rules.actors import Actor
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings
from kanban_server.store.database import Database, database_url, driver_for
from kanban_server.store.transaction import ReadTransaction, Transaction
from tests.support.servers import migrated, on_sqlite, running

ADA = Actor("ada")


class Store:
    """A database with one board, and the events of its commits."""

    def __init__(self, database: Database, events: list[EncodedEvent]) -> None:
        self.database = database
        self.events = events

    async def create(self, title: str) -> int:
        created = await self.database.write(
            SYSTEM_VIEWER, lambda tx: tickets.create(tx, ADA, NewTicket(title, 1)), lane=1
        )
        return created.id

    async def titles(self) -> list[str]:
        page = await self.database.read(SYSTEM_VIEWER, queries.list_tickets, 1)
        return [ticket.title for ticket in page.tickets]


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    events: list[EncodedEvent] = []
    settings = Settings(database_url=url)
    database = Database(driver_for(settings), settings, lambda new, at: events.extend(new))
    await database.write(SYSTEM_VIEWER, lambda tx: boards.create(tx, ADA, NewBoard("Board")))
    try:
        yield Store(database, events)
    finally:
        await database.close()


def run(url: str, story: Callable[[Store], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with open_store(url) as store:
            await asyncio.wait_for(story(store), timeout=30)

    asyncio.run(bounded())


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("sqlite:///a?b.db", "a?b.db"),
        ("sqlite:////data/what?/kanban.db", "/data/what?/kanban.db"),
        ("sqlite:////data/a%20b.db", "/data/a%20b.db"),
        ("sqlite+pysqlite:///a.db", "a.db"),
        ("a?b=c.db", "a?b=c.db"),
    ],
)
def test_the_path_of_a_file_is_taken_whole(address: str, path: str) -> None:
    assert database_url(Settings(database_url=address)).database == path


@pytest.mark.parametrize("address", ["sqlite:///a.db?timeout=5", "sqlite:///", "sqlite://", "sqlite://data/a.db"])
def test_what_would_be_cut_from_an_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        database_url(Settings(database_url=address))


@pytest.mark.parametrize(
    ("url", "hosts", "ports"),
    [
        ("postgresql://ada@one:5433,two/kanban?target_session_attrs=read-write", "one,two", "5433,5432"),
        ("postgresql://ada:a%2Cb@[::1]:5433,two:5434/kanban", "::1,two", "5433,5434"),
    ],
)
def test_a_url_of_postgresql_may_name_several_hosts(url: str, hosts: str, ports: str) -> None:
    parsed = database_url(Settings(database_url=url))
    assert (parsed.query["host"], parsed.query["port"], parsed.database) == (hosts, ports, "kanban")
    assert parsed.username == "ada"


@pytest.mark.parametrize("url", ["postgresql://one:x,two/kanban", "postgresql://one,/kanban"])
def test_a_list_with_something_that_is_no_host_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no list of hosts"):
        database_url(Settings(database_url=url))


def test_a_server_keeps_its_boards_in_a_file_with_a_question_mark(tmp_path: Path) -> None:
    file = tmp_path / "what?" / "kanban?.db"
    file.parent.mkdir()
    for expected in (1, 2):
        with running(migrated(f"sqlite:///{file}")) as server, server.kanban("ada") as ada:
            ada.tickets.create("One", board=1)
            assert ada.boards.get(1).ticket_count == expected
    assert {found.name for found in tmp_path.rglob("*.db")} == {"kanban?.db"}
    assert [found.name for found in tmp_path.iterdir()] == ["what?"]


def test_writers_that_come_together_share_commits_and_are_told_in_order(database: str) -> None:
    async def story(store: Store) -> None:
        ids = await asyncio.gather(*(store.create(f"t{n}") for n in range(200)))
        assert len(set(ids)) == 200
        assert [event.seq for event in store.events] == list(range(1, 202))

    run(database, story)


def test_while_many_write_the_loop_and_the_writer_share_a_core_and_then_no_longer(database: str) -> None:
    if database.startswith("postgresql"):
        pytest.skip("several threads write there, and each is left where it is")
    if not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) == 1:
        pytest.skip("there is nothing to choose: one core, or not Linux")

    def cores() -> list[set[int]]:
        writer, *readers = (
            thread.native_id or 0 for thread in threading.enumerate() if thread.name.startswith(("writer-", "reader"))
        )
        return [os.sched_getaffinity(thread) for thread in (0, writer, *readers)]

    async def story(store: Store) -> None:
        anywhere = os.sched_getaffinity(0)
        sharing = asyncio.create_task(store.database.share_core())
        while len(os.sched_getaffinity(0)) > 1:
            await asyncio.gather(*(store.create("one of many") for _ in range(16)))
        assert cores() == [os.sched_getaffinity(0)] * 2
        await store.titles()  # a reader's thread that is begun on the core
        while cores() != [anywhere] * 3:
            await store.create("one alone")
        sharing.cancel()

    run(database, story)


def test_a_change_that_fails_undoes_itself_alone(database: str) -> None:
    def fail(tx: Transaction) -> None:
        tickets.create(tx, ADA, NewTicket("half done", 1))
        raise ValueError("on purpose")

    def refuse(tx: Transaction) -> None:
        tickets.create(tx, ADA, NewTicket("half done", 1))
        raise Refusal("invalid-request", "on purpose")

    async def story(store: Store) -> None:
        writes = [store.create(f"t{n}") for n in range(5)]
        failures = [store.database.write(SYSTEM_VIEWER, work, lane=1) for work in (fail, refuse)]
        done = await asyncio.gather(*writes[:3], *failures, *writes[3:], return_exceptions=True)
        assert [type(result) for result in done[3:5]] == [ValueError, Refusal]
        assert sorted(await store.titles()) == ["t0", "t1", "t2", "t3", "t4"]
        assert [event.seq for event in store.events] == [1, 2, 3, 4, 5, 6]

    run(database, story)


def test_a_waiter_that_is_gone_stops_nobody_and_its_change_stands(database: str) -> None:
    async def story(store: Store) -> None:
        deleted = asyncio.ensure_future(store.create("gone"))
        others = [asyncio.ensure_future(store.create(f"t{n}")) for n in range(3)]
        await asyncio.sleep(0)  # let all of them be queued
        deleted.cancel()
        await asyncio.gather(*others)
        assert sorted(await store.titles()) == ["gone", "t0", "t1", "t2"]
        assert len(store.events) == 5

    run(database, story)


def test_a_reading_sees_one_moment(database: str) -> None:
    def twice(tx: ReadTransaction) -> tuple[int, int]:
        first = queries.list_tickets(tx, 1).total_tickets
        asyncio.run_coroutine_threadsafe(stores[0].create("meanwhile"), loops[0]).result(10)
        return first, queries.list_tickets(tx, 1).total_tickets

    stores: list[Store] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def story(store: Store) -> None:
        stores.append(store)
        loops.append(asyncio.get_running_loop())
        assert await store.database.read(SYSTEM_VIEWER, twice) == (0, 0)
        assert await store.titles() == ["meanwhile"]

    run(database, story)


def test_a_full_disk_is_refused_as_such_and_what_was_acknowledged_stays(database: str) -> None:
    if database.startswith("postgresql"):
        pytest.skip("PostgreSQL's disk can't be filled from here")

    def pages(limit: int) -> Callable[[Transaction], None]:
        def limited(tx: Transaction) -> None:
            used = tx.connection.execute("PRAGMA page_count").fetchone()[0]
            tx.connection.execute(f"PRAGMA max_page_count={used + limit}")

        return limited

    async def story(store: Store) -> None:
        await store.database.write(SYSTEM_VIEWER, pages(20))
        text = "x" * 10_000

        async def write(number: int) -> str:
            new = NewTicket(f"t{number}", 1, description=text)
            return (await store.database.write(SYSTEM_VIEWER, lambda tx: tickets.create(tx, ADA, new))).title

        done = await asyncio.gather(*(write(n) for n in range(40)), return_exceptions=True)
        kept = {result for result in done if isinstance(result, str)}
        refusals = {result.type for result in done if isinstance(result, Refusal)}
        assert kept
        assert refusals == {"storage-full"}
        assert set(await store.titles()) == kept
        await store.database.write(SYSTEM_VIEWER, pages(10_000))
        assert await write(99) == "t99"
        assert [event.seq for event in store.events] == list(range(1, len(kept) + 3))

    run(database, story)


@on_sqlite
def test_a_change_is_not_acknowledged_whose_file_was_replaced_before_it_was_committed(
    database: str, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"

    def replaced_meanwhile(tx: Transaction) -> None:
        tickets.create(tx, ADA, NewTicket("lost", 1))
        shutil.copy(database, moved)
        moved.replace(database)

    async def story(store: Store) -> None:
        await store.create("kept")
        writes = [store.database.write(SYSTEM_VIEWER, replaced_meanwhile, lane=1), store.create("with it")]
        done = await asyncio.gather(*writes, return_exceptions=True)
        assert [(error.type, error.facts["reason"]) for error in done if isinstance(error, Refusal)] == [
            ("database-replaced", "another-file")
        ] * 2
        assert len(store.events) == 2, "nobody was told of what is lost"
        replaced = store.database.replaced()
        assert replaced is not None
        assert replaced.type == "database-replaced"

    run(database, story)


def test_what_was_accepted_is_done_before_the_store_closes_and_later_changes_are_refused(database: str) -> None:
    async def story() -> None:
        async with open_store(database) as store:
            writes = [asyncio.ensure_future(store.create(f"t{n}")) for n in range(50)]
            await asyncio.sleep(0)  # let all of them be queued
        assert len({await write for write in writes}) == 50
        with pytest.raises(Refusal, match="stopping"):
            await store.create("late")

    asyncio.run(asyncio.wait_for(story(), timeout=30))

"""How a wait for an event ends if none comes: by its timeout, by closing the watch, by cancelling it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest

from kanban_sdk import AsyncKanban, Board, Event, Kanban, TimedOut
from tests.sdk.conftest import Connect
from tests.sdk.stream.test_watch import PATIENCE, add
from tests.support.proxy import Proxy
from tests.support.servers import Server, free_port
from tests.support.waiting import until


def test_a_timed_out_wait_loses_no_event(client: Kanban, kanban: Kanban, board: Board) -> None:
    watch = client.watch(board.id, after=1)
    for seq in (2, 3):
        with pytest.raises(TimedOut):
            watch.next(0.05)
        add(kanban, board)
        assert watch.next(PATIENCE).seq == seq
    watch.close()


def test_very_short_waits_still_receive_events(proxy: Proxy, kanban: Kanban, board: Board) -> None:
    proxy.delay = 0.02
    with Kanban(proxy.url) as client, client.watch(board.id, after=0) as watch:

        def first() -> Event | None:
            with suppress(TimedOut):
                return watch.next(0)
            return None

        event = until(first, what="the first event")
        assert event is not None
        assert event.seq == 1


def test_a_wait_times_out_without_a_server_too(connect: Connect) -> None:
    watch = connect(f"http://127.0.0.1:{free_port()}").watch(1)
    for _ in range(3):
        with pytest.raises(TimedOut):
            watch.next(0.05)
    watch.close()


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a lost connection, the next one is an hour away."""
    monkeypatch.setattr("random.uniform", lambda low, high: 3600)


@pytest.mark.usefixtures("endless")
@pytest.mark.parametrize("connected", [True, False], ids=["connected", "between-connections"])
def test_closing_ends_a_wait_in_another_thread(proxy: Proxy, board: Board, connected: bool) -> None:
    notices: list[str] = []
    events: list[Event] = []
    with Kanban(proxy.url) as kanban:
        watch = kanban.watch(board.id, notice=notices.append)
        reader = threading.Thread(target=lambda: events.extend(watch), daemon=True)
        if not connected:
            proxy.down()
        reader.start()
        until(lambda: watch.cursor if connected else notices, what="the wait")
        proxy.swallow()  # the server's close frame is lost
        watch.close()
        reader.join(PATIENCE)
    assert not reader.is_alive()
    assert events == []
    assert len(notices) == (0 if connected else 1)


@pytest.mark.usefixtures("endless")
@pytest.mark.parametrize("connected", [True, False], ids=["connected", "between-connections"])
def test_closing_ends_a_wait_in_another_task(proxy: Proxy, board: Board, connected: bool) -> None:
    notices: list[str] = []

    async def run() -> list[Event]:
        async with AsyncKanban(proxy.url) as kanban:
            watch = kanban.watch(board.id, notice=notices.append)
            if not connected:
                proxy.down()

            async def read() -> list[Event]:
                return [event async for event in watch]

            reader = asyncio.create_task(read())
            async with asyncio.timeout(PATIENCE):
                while not (watch.cursor if connected else notices):  # noqa: ASYNC110 - there is no event to wait for
                    await asyncio.sleep(0.001)
                proxy.swallow()
                await watch.close()
                return await reader

    assert asyncio.run(run()) == []
    assert len(notices) == (0 if connected else 1)


def test_a_cancelled_wait_leaves_nothing_running(server: Server, kanban: Kanban, board: Board) -> None:
    async def run() -> int:
        async with AsyncKanban(server.url) as client, client.watch(board.id) as watch:
            await watch.connect()
            before = asyncio.all_tasks()
            for _ in range(5):
                reader = asyncio.ensure_future(anext(watch))
                await asyncio.sleep(0)
                reader.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await reader
            assert asyncio.all_tasks() == before
            add(kanban, board)
            return (await asyncio.wait_for(anext(watch), PATIENCE)).seq

    assert asyncio.run(run()) == 2

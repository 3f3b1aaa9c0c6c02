"""Changes that share a commit share the board that they lock: each finds it, and leaves it, as if it had been alone."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from kanban_sdk.wire.bodies import BoardEdit, ColumnEdit, Labels, Move, NewTicket
from kanban_server.actions import boards, queries, tickets
from kanban_server.actions.idempotency import IdempotencyKey, run_once
from kanban_server.rules.permissions import SYSTEM_VIEWER, Viewer
from kanban_server.rules.problems import Refusal
from kanban_server.store.encoded_response import EncodedResponse
from kanban_server.store.preload import NO_NEEDS, Needs
from kanban_server.store.queries import boards as rows
from kanban_server.store.queries.tickets import read_row
from kanban_server.store.transaction import ReadTransaction, Transaction
from tests.store.test_database import ADA, Store, run

STRANGER = Viewer("stranger", "user", id=77, person_id=77)


@asynccontextmanager
async def one_batch(store: Store) -> AsyncIterator[Callable[..., asyncio.Future[Any]]]:
    """What is written in the block waits behind a change that has begun, and then shares a commit."""
    started, gate = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        started.set()
        gate.wait(20)

    held = asyncio.ensure_future(store.database.write(SYSTEM_VIEWER, hold, lane=1))
    waiting = [held]

    def write(
        work: Callable[[Transaction], Any], viewer: Viewer = SYSTEM_VIEWER, needs: Needs = NO_NEEDS
    ) -> asyncio.Future[Any]:
        waiting.append(asyncio.ensure_future(store.database.write(viewer, work, lane=1, needs=needs)))
        return waiting[-1]

    await asyncio.to_thread(started.wait, 20)
    yield write
    await asyncio.sleep(0)  # let all of them be queued
    gate.set()
    await asyncio.wait(waiting)


async def check_whole(store: Store) -> None:
    """The board's row agrees with its log and with its tickets."""

    def look(tx: ReadTransaction) -> tuple[int, dict[str, int], list[str]]:
        board = rows.read(tx, 1)
        page = queries.list_tickets(tx, 1)
        return board.seq, board.board.counts, [ticket.current_column for ticket in page.tickets]

    seq, counts, columns = await store.database.read(SYSTEM_VIEWER, look)
    assert [event.seq for event in store.events] == list(range(1, seq + 1))
    assert {name: count for name, count in counts.items() if count} == Counter(columns)


def create(title: str) -> Callable[[Transaction], int]:
    return lambda tx: tickets.create(tx, ADA, NewTicket(title, 1)).id


def test_what_a_refused_change_did_is_gone_for_those_behind_it_in_the_batch(database: str) -> None:
    def refuse(tx: Transaction) -> None:
        tickets.create(tx, ADA, NewTicket("half done", 1))
        boards.edit(tx, ADA, 1, BoardEdit(name="Half done"))
        rows.read_all(tx)
        raise Refusal("invalid-request", "on purpose")

    async def story(store: Store) -> None:
        before = len(store.events)
        async with one_batch(store) as write:
            first, refused, second = write(create("a")), write(refuse), write(create("b"))
        assert isinstance(refused.exception(), Refusal)
        assert second.result() != first.result()
        assert sorted(await store.titles()) == ["a", "b"]
        assert [event.name for event in store.events[before:]] == ["ticket_created", "ticket_created"]
        assert (await store.database.read(SYSTEM_VIEWER, queries.read_board, 1)).name == "Board"
        await check_whole(store)

    run(database, story)


def test_what_a_refused_change_did_before_it_wrote_anything_is_gone_as_well(database: str) -> None:
    def refuse(tx: Transaction) -> None:
        board = rows.lock(tx, 1)
        board.name = "Half done"
        board.counts = {1: 7}
        board.record(ADA, "board_updated", {"board_id": 1})
        raise Refusal("invalid-request", "on purpose")

    async def story(store: Store) -> None:
        async with one_batch(store) as write:
            write(create("a"))
            refused = write(refuse)
            write(create("b"))
        assert isinstance(refused.exception(), Refusal)
        assert (await store.database.read(SYSTEM_VIEWER, queries.read_board, 1)).name == "Board"
        await check_whole(store)

    run(database, story)


def test_part_of_a_change_that_is_undone_leaves_the_batch_as_it_was(database: str) -> None:
    def attempts(tx: Transaction) -> None:
        for title in ("kept", "undone"):
            try:
                with tx.savepoint():
                    tickets.create(tx, ADA, NewTicket(title, 1, labels=[title]))
                    rows.read_all(tx)
                    if title == "undone":
                        raise ValueError("on purpose")
            except ValueError:
                pass

    async def story(store: Store) -> None:
        async with one_batch(store) as write:
            write(create("a"))
            write(attempts)
            write(create("b"))
        assert sorted(await store.titles()) == ["a", "b", "kept"]
        await check_whole(store)

    run(database, story)


def test_a_change_reads_of_a_ticket_what_it_has_written_and_nothing_that_it_took_back(database: str) -> None:
    def placed(tx: Transaction) -> str:
        board = rows.lock_by_ticket(tx, 1)
        board.update_ticket(read_row(tx, 1), place="b00")
        return str(read_row(tx, 1)["place"])

    def took_back(tx: Transaction) -> str:
        with suppress(ValueError), tx.savepoint():
            rows.lock_by_ticket(tx, 1).update_ticket(read_row(tx, 1), place="c00")
            rows.lock_by_ticket(tx, 1)
            raise ValueError("on purpose")
        return str(read_row(tx, 1)["place"])

    async def story(store: Store) -> None:
        async with one_batch(store) as write:
            write(create("a"))
            first, second = write(placed), write(took_back)
        assert (first.result(), second.result()) == ("b00", "b00")

    run(database, story)


def test_whatever_asks_for_boards_finds_what_the_batch_has_done(database: str) -> None:
    def seen(tx: Transaction) -> tuple[int, int | None, str]:
        board = rows.read(tx, 1)
        return board.seq, board.board.ticket_count, board.board.name

    async def story(store: Store) -> None:
        start = len(store.events)
        async with one_batch(store) as write:
            created = write(create("a"))
            write(lambda tx: boards.edit(tx, ADA, 1, BoardEdit(name="Renamed")))
            result = write(seen)
            write(lambda tx: tickets.move(tx, ADA, 1, Move("Done")))
            again = write(seen)
        assert created.result() == 1
        assert result.result() == (start + 2, 1, "Renamed")
        assert again.result() == (start + 3, 1, "Renamed")
        await check_whole(store)

    run(database, story)


def test_a_board_that_a_batch_keeps_is_still_not_there_for_those_who_may_not_see_it(database: str) -> None:
    async def story(store: Store) -> None:
        async with one_batch(store) as write:
            write(create("a"))
            at_board = write(create("b"), STRANGER)
            at_ticket = write(lambda tx: tickets.move(tx, ADA, 1, Move("Done")), STRANGER)
        for refused in (at_board, at_ticket):
            error = refused.exception()
            assert isinstance(error, Refusal)
            assert error.type == "not-found"
        assert await store.titles() == ["a"]
        await check_whole(store)

    run(database, story)


def test_a_board_that_was_deleted_earlier_in_the_batch_is_gone(database: str) -> None:
    async def story(store: Store) -> None:
        async with one_batch(store) as write:
            write(lambda tx: boards.delete(tx, ADA, 1))
            late = write(create("late"))
        error = late.exception()
        assert isinstance(error, Refusal)
        assert error.type == "not-found"
        assert [event.name for event in store.events] == ["board_created", "board_deleted"]

    run(database, story)


def test_what_a_refused_change_did_to_a_ticket_in_memory_is_gone_for_those_behind_it(database: str) -> None:
    def refuse(tx: Transaction) -> None:
        rows.lock_by_ticket(tx, 1).update_ticket(read_row(tx, 1), title="Half done", column_id=5)
        raise Refusal("invalid-request", "on purpose")

    async def story(store: Store) -> None:
        async with one_batch(store) as write:
            write(create("a"))
            write(refuse)
            seen = write(lambda tx: (read_row(tx, 1)["title"], read_row(tx, 1)["column_id"]))
            write(lambda tx: tickets.label(tx, ADA, 1, Labels(add=["kept"])))
        assert seen.result() == ("a", 1)
        assert await store.titles() == ["a"]
        await check_whole(store)

    run(database, story)


def test_a_change_that_the_database_made_to_many_tickets_is_seen_by_those_behind_it(database: str) -> None:
    def expired(tx: Transaction) -> None:
        rows.lock_by_ticket(tx, 1).update_ticket(read_row(tx, 1), expiries=2)

    async def story(store: Store) -> None:
        async with one_batch(store) as write:
            write(create("a"))
            write(expired)
            write(lambda tx: boards.edit_column(tx, ADA, 1, 1, ColumnEdit(role="done")))
            seen = write(lambda tx: read_row(tx, 1)["expiries"])
        assert seen.result() == 0

    run(database, story)


def test_a_retry_in_the_same_commit_is_answered_with_the_first_answer(database: str) -> None:
    key = IdempotencyKey("ada", "once", b"fingerprint")

    def once(tx: Transaction) -> EncodedResponse:
        return run_once(tx, key, lambda tx: EncodedResponse(201, b"%d" % tickets.create(tx, ADA, NewTicket("a", 1)).id))

    async def story(store: Store) -> None:
        async with one_batch(store) as write:
            first, retry = write(once), write(once)
        assert (first.result().body, first.result().replayed) == (retry.result().body, False)
        assert retry.result().replayed
        assert await store.titles() == ["a"]

    run(database, story)

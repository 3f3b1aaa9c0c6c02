"""Workers that lose a claim, and workers that are stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from kanban_sdk import (
    AsyncClaimedTicket,
    AsyncKanban,
    AsyncWorker,
    Board,
    ClaimedTicket,
    Kanban,
    LeaseLost,
    Worker,
    WorkerStopped,
    WorkResult,
)
from tests.agents.test_worker import QUICK, add, attempts_of
from tests.support.waiting import until


@pytest.fixture(params=["Worker", "AsyncWorker"])
def asking_worker(request: pytest.FixtureRequest, robot: Kanban, kanban_board: Board) -> Iterator[AskingWorker]:
    """Either worker, at work: its handler asks a question, except on a quick ticket."""
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(1))
        yield AskingWorker(robot, kanban_board.id, pool, blocking=request.param == "Worker")


class AskingWorker:
    """A worker whose handler asks a question, except on a ticket with the title Quick."""

    def __init__(self, robot: Kanban, board: int, pool: ThreadPoolExecutor, *, blocking: bool) -> None:
        self._robot = robot
        self._board = board
        self._pool = pool
        self._blocking = blocking
        self.results: list[WorkResult] = []
        self.errors: list[str] = []
        """The classes of the errors that ended the questions."""
        self.stop: Callable[[str], object] = lambda reason: None

    def start(self, **options: Any) -> Future[None]:
        options = {"failures": QUICK, "on_result": self.results.append, **options}
        if not self._blocking:
            return self._pool.submit(asyncio.run, self._work(options))
        worker = Worker(self._robot, self._board, self._handle, **options)
        self.stop = worker.stop
        return self._pool.submit(worker.run)

    def _handle(self, ticket: ClaimedTicket) -> None:
        if ticket.title != "Quick":
            try:
                ticket.ask("Is anybody there?")
            except (LeaseLost, WorkerStopped) as error:
                self.errors.append(f"{type(error).__name__} {ticket.lost}")

    async def _work(self, options: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()

        async def handle(ticket: AsyncClaimedTicket) -> None:
            if ticket.title != "Quick":
                try:
                    await ticket.ask("Is anybody there?")
                except asyncio.CancelledError:
                    self.errors.append("CancelledError")
                    raise

        async with self._robot.copy_as(AsyncKanban) as client:
            worker = AsyncWorker(client, self._board, handle, **options)
            self.stop = lambda reason: loop.call_soon_threadsafe(worker.stop, reason)
            await worker.run()


@pytest.mark.slow  # a lease lasts at least ten seconds, and is renewed every three
def test_a_handler_is_cancelled_when_its_claim_is_lost(
    asking_worker: AskingWorker, kanban: Kanban, kanban_board: Board
) -> None:
    (lost,) = add(kanban, kanban_board, "Lost")
    running = asking_worker.start(lease_seconds=10)
    until(lambda: kanban.tickets.get(lost).open_question, what="the question")
    kanban.tickets.claim(lost, force=True)
    (quick,) = add(kanban, kanban_board, "Quick")
    until(lambda: len(asking_worker.results) == 2, within=20, what="the results")
    asking_worker.stop("enough")
    running.result(20)
    assert [(result.ticket.id, result.outcome) for result in asking_worker.results] == [(lost, "lost"), (quick, "done")]
    assert asking_worker.errors in (["LeaseLost True"], ["CancelledError"])
    claim = kanban.tickets.get(lost).claim
    assert (claim and claim.holder) == "tester"


def test_a_stopped_worker_gives_back_the_tickets_of_handlers_that_do_not_end(
    asking_worker: AskingWorker, kanban: Kanban, kanban_board: Board
) -> None:
    quick, slow, left = add(kanban, kanban_board, "Quick", "Slow", "Left")
    kanban.tickets.block(left, slow)
    running = asking_worker.start(drain_seconds=0.1)
    until(lambda: kanban.tickets.get(slow).open_question, what="the question")
    asking_worker.stop("SIGTERM")
    running.result(20)
    assert [(result.ticket.id, result.outcome) for result in asking_worker.results] == [
        (quick, "done"),
        (slow, "released"),
    ]
    assert attempts_of(kanban, slow) == [("released", "interrupted by SIGTERM")]
    until(lambda: asking_worker.errors in (["WorkerStopped False"], ["CancelledError"]), what="the end of the handler")


def test_a_stopped_worker_waits_for_handlers_that_end_in_time(
    asking_worker: AskingWorker, kanban: Kanban, kanban_board: Board
) -> None:
    slow, left = add(kanban, kanban_board, "Slow", "Left")
    running = asking_worker.start()
    until(lambda: kanban.tickets.get(slow).open_question, what="the question")
    asking_worker.stop("SIGTERM")
    kanban.comments.add(slow, "yes")
    running.result(20)
    assert [(result.ticket.id, result.outcome) for result in asking_worker.results] == [(slow, "done")]
    assert attempts_of(kanban, left) == []

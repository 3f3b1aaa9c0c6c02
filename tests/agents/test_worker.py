"""Workers: what happens to a ticket when its handler returns, raises, asks, is cancelled, or moved it itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from kanban_sdk import (
    AsyncClaimedTicket,
    AsyncKanban,
    AsyncWorker,
    Board,
    ClaimedTicket,
    FailurePolicy,
    Kanban,
    LeaseLost,
    NotFound,
    TicketFailed,
    Worker,
    WorkResult,
)
from kanban_sdk.wire.limits import NEEDS_HUMAN
from tests.support.waiting import until

Handler = Callable[[ClaimedTicket], object]
Run = Callable[..., list[WorkResult]]
"""Runs a worker with a handler that blocks until the board is empty; returns the results."""
QUICK = FailurePolicy(first_rest=0.01, longest_rest=0.01)


def add(kanban: Kanban, board: Board, *titles: str, **fields: Any) -> list[int]:
    return [kanban.tickets.create(title, board=board.id, **fields).id for title in titles]


def attempts_of(kanban: Kanban, ticket: int) -> list[tuple[str | None, str | None]]:
    """How the claims of a ticket ended, and their notes."""
    return [(attempt.reason, attempt.note) for attempt in kanban.tickets.get(ticket).attempts or []]


class Awaiting:
    """A ticket of an async worker, for a handler that blocks: it runs in a thread."""

    def __init__(self, ticket: AsyncClaimedTicket, loop: asyncio.AbstractEventLoop) -> None:
        self._ticket = ticket
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._ticket, name)
        if not callable(value):
            return value
        return lambda *arguments, **named: asyncio.run_coroutine_threadsafe(
            value(*arguments, **named), self._loop
        ).result()


@pytest.fixture(params=["Worker", "AsyncWorker"])
def run(request: pytest.FixtureRequest, robot: Kanban, kanban_board: Board) -> Run:
    """Either worker."""

    def run_blocking(handler: Handler, board: int = kanban_board.id, **options: Any) -> list[WorkResult]:
        results: list[WorkResult] = []
        options = {"failures": QUICK, "on_result": results.append, **options}
        Worker(robot, board, handler, **options).run(until_empty=True)
        return results

    def run_async(handler: Handler, board: int = kanban_board.id, **options: Any) -> list[WorkResult]:
        results: list[WorkResult] = []
        options = {"failures": QUICK, "on_result": results.append, **options}

        async def handle(ticket: AsyncClaimedTicket) -> None:
            blocking = cast("ClaimedTicket", Awaiting(ticket, asyncio.get_running_loop()))
            await asyncio.to_thread(handler, blocking)

        async def work() -> None:
            async with robot.copy_as(AsyncKanban) as client:
                await AsyncWorker(client, board, handle, **options).run(until_empty=True)

        asyncio.run(work())
        return results

    return run_blocking if request.param == "Worker" else run_async


def test_a_worker_finishes_every_ready_ticket_and_ends(run: Run, kanban: Kanban, kanban_board: Board) -> None:
    first, second = add(kanban, kanban_board, "One", "Two", acceptance_criteria="It is told")
    (after,) = add(kanban, kanban_board, "Three", blocked_by=[first])

    def handle(ticket: ClaimedTicket) -> None:
        assert (ticket.board_id, ticket.description, ticket.labels) == (kanban_board.id, "", [])
        if ticket.id == first:
            ticket.comment("begun")
            checked = ticket.check(1, "Line 40.")
            assert checked.criteria
            assert (checked.criteria.done, ticket.ticket) == (1, checked)
            assert ticket.done("told").current_column == "Done"
        elif ticket.id == second:
            ticket.done(check="all")

    results = run(handle)
    assert [(result.ticket.id, result.outcome) for result in results] == [
        (one, "done") for one in (first, second, after)
    ]
    assert [comment.text for comment in kanban.comments.all(first)] == ["begun", "Criterion 1: Line 40.", "told"]
    for ticket in (first, second, after):
        assert kanban.tickets.get(ticket).current_column == "Done"
        assert [reason for reason, _ in attempts_of(kanban, ticket)] == ["done"]


def test_a_success_goes_to_the_workers_column_or_stays_where_the_handler_moved_it(
    run: Run, robot: Kanban, kanban: Kanban, kanban_board: Board
) -> None:
    named, moved = add(kanban, kanban_board, "Named", "Moved")

    def handle(ticket: ClaimedTicket) -> None:
        if ticket.id == moved:
            kanban.tickets.move(moved, "Blocked", force=True)

    assert {result.outcome for result in run(handle, to="Ready for QC")} == {"done"}
    assert [kanban.tickets.get(one).current_column for one in (named, moved)] == ["Ready for QC", "Blocked"]


def test_on_a_board_with_reviews_a_success_waits_for_one(run: Run, kanban: Kanban, kanban_board: Board) -> None:
    kanban.boards.edit(kanban_board.id, review=True)
    quiet, noted = add(kanban, kanban_board, "Quiet", "Told", acceptance_criteria="A\nB")
    results = run(lambda ticket: ticket.done("see the log", check="all") if ticket.title == "Told" else None)
    assert [result.outcome for result in results] == ["done", "done"]
    for ticket, note, done in ((quiet, None, 0), (noted, "see the log", 2)):
        now = kanban.tickets.get(ticket)
        assert now.criteria
        assert (now.current_column, now.claim, now.criteria.done) == ("Blocked", None, done)
        assert attempts_of(kanban, ticket) == [("released", note)]


@pytest.mark.parametrize("error", [TicketFailed("the disk is full"), ValueError("no luck"), asyncio.CancelledError()])
def test_an_error_gives_the_ticket_back_with_its_reason_and_a_third_one_asks_for_a_person(
    run: Run, kanban: Kanban, kanban_board: Board, error: BaseException
) -> None:
    (ticket,) = add(kanban, kanban_board, "Hopeless")

    def handle(ticket: ClaimedTicket) -> None:
        raise error

    results = run(handle)
    note = str(error) if isinstance(error, TicketFailed) else f"{type(error).__name__}: {error}".removesuffix(": ")
    assert [result.outcome for result in results] == ["failed"] * 3
    assert results[0].error == error or isinstance(error, asyncio.CancelledError)
    assert attempts_of(kanban, ticket) == [("released", note)] * 3
    now = kanban.tickets.get(ticket)
    assert (now.labels, now.current_column) == ([NEEDS_HUMAN], "Not Started")


def test_a_finish_that_the_board_refuses_is_a_failure(run: Run, kanban: Kanban, kanban_board: Board) -> None:
    kanban.boards.edit(kanban_board.id, require=["criteria"])
    (ticket,) = add(kanban, kanban_board, "One", acceptance_criteria="It is told")
    results = run(lambda ticket: None, failures=FailurePolicy(tries=1, first_rest=0.01))
    assert [result.outcome for result in results] == ["failed"]
    ((reason, note),) = attempts_of(kanban, ticket)
    assert reason == "released"
    assert note is not None
    assert note.startswith("Unmet: ")


def test_what_a_handler_gives_back_is_no_failure(run: Run, kanban: Kanban, kanban_board: Board) -> None:
    (ticket,) = add(kanban, kanban_board, "One")
    results = run(lambda ticket: ticket.release("not mine", column="Blocked"))
    assert [result.outcome for result in results] == ["released"]
    assert attempts_of(kanban, ticket) == [("released", "not mine")]
    assert kanban.tickets.get(ticket).current_column == "Blocked"


def test_a_question_waits_for_its_answer_and_then_the_work_goes_on(
    run: Run, kanban: Kanban, kanban_board: Board
) -> None:
    (ticket,) = add(kanban, kanban_board, "One")
    answers = []

    def handle(held: ClaimedTicket) -> None:
        answers.append(held.ask("Which region?").text)
        answers.append(kanban.tickets.get(ticket).current_column)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, handle)
        until(lambda: kanban.tickets.get(ticket).open_question, what="the question")
        assert kanban.tickets.get(ticket).current_column == "Blocked"
        kanban.comments.add(ticket, "eu-west")
        assert [result.outcome for result in running.result(30)] == ["done"]
    assert answers == ["eu-west", "In Progress"]
    assert kanban.tickets.get(ticket).current_column == "Done"


def test_many_handlers_run_at_once_and_no_ticket_twice(run: Run, kanban: Kanban, kanban_board: Board) -> None:
    ids = add(kanban, kanban_board, *"abcdef")
    met = threading.Barrier(3)
    handled = []

    def handle(ticket: ClaimedTicket) -> None:
        met.wait(20)
        handled.append(ticket.id)

    assert {result.outcome for result in run(handle, concurrency=3)} == {"done"}
    assert sorted(handled) == ids


def test_only_tickets_that_match_are_taken(run: Run, kanban: Kanban, kanban_board: Board) -> None:
    (ui,) = add(kanban, kanban_board, "UI", labels=["ui"])
    add(kanban, kanban_board, "Other")
    assert [result.ticket.id for result in run(lambda ticket: None, labels=["ui"])] == [ui]


def test_a_write_of_the_handler_through_the_client_carries_the_lease(
    robot: Kanban, kanban: Kanban, kanban_board: Board
) -> None:
    (ticket,) = add(kanban, kanban_board, "One")
    errors: list[Exception] = []

    def handle(held: ClaimedTicket) -> None:
        kanban.tickets.claim(ticket, force=True)
        with pytest.raises(LeaseLost):
            robot.comments.add(ticket, "late")
        try:
            held.comment("late")
        except LeaseLost as error:
            errors.append(error)
            raise

    results: list[WorkResult] = []
    Worker(robot, kanban_board.id, handle, failures=QUICK, on_result=results.append).run(until_empty=True)
    assert [result.outcome for result in results] == ["lost"]
    assert len(errors) == 1
    claim = kanban.tickets.get(ticket).claim
    assert (claim and claim.holder, kanban.comments.all(ticket)) == ("tester", [])


def test_a_worker_without_its_board_ends_with_the_refusal(run: Run, robot: Kanban) -> None:
    with pytest.raises(NotFound, match="board"):
        run(lambda ticket: None, board=2**53 - 1)
    with pytest.raises(ValueError, match="at least 1"):
        run(lambda ticket: None, concurrency=0)

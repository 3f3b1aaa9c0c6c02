"""Programs of users that are agents, for type checkers. They are never run."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
from __future__ import annotations

from typing import Literal, assert_type

from kanban_sdk import (
    AsyncClaimedTicket,
    AsyncKanban,
    AsyncWorker,
    Board,
    ClaimedTicket,
    Comment,
    FailurePolicy,
    Kanban,
    Ticket,
    TicketFailed,
    Worker,
    WorkResult,
)
from kanban_sdk.testing import KanbanServer, kanban, kanban_board, kanban_server, own_kanban_server
from kanban_sdk.tools import AsyncTools, ToolAnswer, Tools
from kanban_sdk.wire.tools.results import BoardSummary, CommentResult, DoneResult, NextResult, QuestionResult

__all__ = ["kanban", "kanban_board", "kanban_server", "own_kanban_server"]


def handle(ticket: ClaimedTicket) -> None:
    assert_type(ticket.id, int)
    assert_type(ticket.title, str)
    assert_type(ticket.labels, list[str])
    assert_type(ticket.ticket, Ticket)
    assert_type(ticket.comment("text"), Comment)
    assert_type(ticket.check(1, "evidence"), Ticket)
    assert_type(ticket.ask("text", timeout=60), Comment)
    assert_type(ticket.done("note", check=[1, 2]), Ticket)
    assert_type(ticket.release("note", column="Blocked"), Ticket)
    assert_type(ticket.lost, bool)
    ticket.done(check="some")  # type: ignore[arg-type]
    ticket.ask()  # type: ignore[call-arg]
    raise TicketFailed("why")


async def handle_async(ticket: AsyncClaimedTicket) -> int:
    assert_type(await ticket.ask("text", column="Blocked"), Comment)
    assert_type(await ticket.done("note", check="all"), Ticket)
    assert_type((await ticket.comment("text")).author, str)
    return 3


def on_result(result: WorkResult) -> None:
    assert_type(result.ticket, Ticket)
    assert_type(result.outcome, Literal["done", "released", "failed", "lost"])
    assert_type(result.error, BaseException | None)


def run(client: Kanban) -> None:
    worker = Worker(
        client, 1, handle, labels=["ui"], concurrency=2, failures=FailurePolicy(tries=2), on_result=on_result
    )
    worker.run(until_empty=True)
    Worker(client, 1, handle, label="ui")  # type: ignore[call-arg]
    Worker(client, 1, lambda: None)  # type: ignore[arg-type, misc]


async def run_async(client: AsyncKanban) -> None:
    await AsyncWorker(client, 1, handle_async).run()
    assert_type(await AsyncWorker(client, 1, handle_async).run_one(42), WorkResult)
    AsyncWorker(client, 1, handle)  # type: ignore[arg-type]
    AsyncWorker(Kanban(), 1, handle_async)  # type: ignore[arg-type]


def call_tools(client: Kanban) -> None:
    tools = Tools(client, 1, only=["ticket_next"])
    assert_type(tools.board_state(), BoardSummary)
    assert_type(tools.ticket_next(labels=["ui"], wait=3), NextResult)
    assert_type(tools.ticket_update(ticket=1, done=True, next=True), DoneResult)
    assert_type(tools.comment_add(ticket=1, text="text"), CommentResult)
    assert_type(tools.call("ticket_get", {"ticket": 1}), ToolAnswer)
    tools.ticket_get()  # type: ignore[call-arg]
    tools.ticket_get(ticket="1")  # type: ignore[arg-type]
    tools.ticket_next(user="eve")  # type: ignore[call-arg]


async def call_async_tools(client: AsyncKanban) -> None:
    tools = AsyncTools(client, "Website")
    assert_type(await tools.ticket_ask(ticket=1, text="text"), QuestionResult)
    assert_type((await tools.call("ticket_get", {})).is_error, bool)
    AsyncTools(Kanban())  # type: ignore[arg-type]


def test_with_the_fixtures(kanban: Kanban, kanban_board: Board, own_kanban_server: KanbanServer) -> None:
    assert_type(own_kanban_server.client("ada"), Kanban)
    assert_type(own_kanban_server.async_client(), AsyncKanban)
    assert_type(own_kanban_server.url, str)

"""The tools of MCP as functions of the SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, cast

import pytest
from pydantic import ValidationError

from kanban_sdk import AlreadyClaimed, AsyncKanban, Board, Kanban, LeaseLost
from kanban_sdk.testing import KanbanServer
from kanban_sdk.tools import AsyncTools, Tools
from tests.support.mcp import agent


class Awaiting:
    """`AsyncTools` with the interface of `Tools`."""

    def __init__(self, kanban: Kanban, board: int | str | None) -> None:
        self._kanban = kanban
        self._board = board

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            async with self._kanban.copy_as(AsyncKanban) as client:
                return await getattr(AsyncTools(client, self._board), name)(*arguments, **named)

        return lambda *arguments, **named: asyncio.run(call(*arguments, **named))


@pytest.fixture(params=["Tools", "AsyncTools"])
def tools(request: pytest.FixtureRequest, kanban: Kanban, kanban_board: Board) -> Tools:
    """Either kind, on the board of the test."""
    return (
        Tools(kanban, kanban_board.id) if request.param == "Tools" else cast("Tools", Awaiting(kanban, kanban_board.id))
    )


def test_the_tools_are_those_of_the_server(kanban_server: KanbanServer, kanban: Kanban) -> None:
    with agent(f"{kanban_server.url}/mcp") as client:
        served = {tool["name"]: tool for tool in client.tools()}
    definitions = {tool.name: tool for tool in Tools(kanban).definitions}
    assert definitions.keys() == served.keys()
    for name, tool in definitions.items():
        assert (tool.description, tool.input_schema, tool.output_schema) == (
            served[name]["description"],
            served[name]["inputSchema"],
            served[name]["outputSchema"],
        )
        assert getattr(Tools, name).__name__ == tool.arguments.__name__
    assert [tool.name for tool in Tools(kanban, only=["ticket_next", "board_state"]).definitions] == [
        "board_state",
        "ticket_next",
    ]
    with pytest.raises(ValueError, match="There is no tool ticket_delete"):
        Tools(kanban, only=["ticket_delete"])


def test_a_ticket_is_worked_on_with_functions(tools: Tools, kanban: Kanban, kanban_board: Board) -> None:
    created = tools.ticket_create(title="One", acceptance_criteria="It is told", labels=["ui"])
    claimed = tools.ticket_next(labels=["ui"])["ticket"]
    assert (claimed["id"], claimed["held_by"]) == (created["id"], "tester")
    assert tools.comment_add(ticket=created["id"], text="begun")["ticket"] == created["id"]
    finished = tools.ticket_update(ticket=created["id"], done=True, check_all=True, note="told", next=True)
    assert (finished["column"], finished["next"]["stop"]) == ("Done", True)
    assert [comment.text for comment in kanban.comments.all(created["id"])] == ["begun", "told"]
    assert tools.ticket_list()["tickets"] == [
        {"id": created["id"], "column": "Done", "assignee": "tester", "title": "One", "labels": ["ui"]}
    ]
    assert tools.board_state()["board"] == kanban_board.id


def test_a_refusal_raises_its_class_and_a_wrong_argument_is_not_sent(tools: Tools, kanban_server: KanbanServer) -> None:
    ticket = tools.ticket_create(title="One")["id"]
    with kanban_server.client("robot") as robot:
        robot.tickets.claim(ticket)
    with pytest.raises(AlreadyClaimed) as refusal:
        tools.ticket_move(ticket=ticket, column="Done")
    assert refusal.value.held_by == "robot"
    assert refusal.value.fix
    with pytest.raises(ValidationError, match="column"):
        tools.ticket_move(ticket=ticket, colum="Done")  # type: ignore[call-arg]


def test_a_model_reads_a_refusal_and_what_is_no_tool(tools: Tools) -> None:
    refused = tools.call("ticket_get", {"ticket": 2**53 - 1})
    assert (refused.is_error, refused.content["type"]) == (True, "not-found")
    assert refused.text.startswith("type: not-found\ndetail: ")
    assert "ticket_next" in tools.call("ticket_delete", {}).text
    assert tools.call("ticket_get", {"id": 1}).content["type"] == "unknown-field"


def test_a_tool_can_wait_longer_than_a_request_of_the_client(kanban: Kanban, kanban_board: Board) -> None:
    with Kanban(kanban.url, "robot", timeout=1.0, tries=1) as impatient, ThreadPoolExecutor(1) as pool:
        tools = Tools(impatient, kanban_board.name)
        waiting = pool.submit(lambda: tools.ticket_next(wait=20))
        with pytest.raises(TimeoutError):
            waiting.result(2)
        ticket = kanban.tickets.create("One", board=kanban_board.id)
        assert waiting.result(20)["ticket"]["id"] == ticket.id


def test_tools_in_a_claim_are_under_its_lease_until_they_end_it(
    kanban: Kanban, kanban_board: Board, kanban_server: KanbanServer
) -> None:
    first, second = (kanban.tickets.create(title, board=kanban_board.id).id for title in ("One", "Two"))
    with kanban_server.client("robot") as robot:
        tools = Tools(robot, kanban_board.id)
        with robot.claim(first):
            tools.ticket_update(ticket=first, done=True)
            kanban.tickets.move(first, "Not Started")
            kanban.tickets.claim(first)
            robot.comments.add(first, "afterwards")  # the claim has ended, and so has its lease
        with suppress(LeaseLost), robot.claim(second):
            kanban.tickets.claim(second, force=True)
            with pytest.raises(LeaseLost):
                tools.comment_add(ticket=second, text="late")
    assert kanban.comments.all(second) == []

"""The adapters for the libraries of agents, each with the real library and a model that needs no network.

The libraries are in the dependency group `agents`: `scripts/adapters` installs them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban
from kanban_sdk.testing import KanbanServer
from kanban_sdk.tools import AsyncTools
from kanban_sdk.wire.tools.definitions import TOOLS
from tests.agents.conftest import Require

IDENTITY = {"user", "agent", "author", "username", "created_by", "token"}


@pytest.fixture
def ticket(kanban: Kanban, kanban_board: Board) -> int:
    return kanban.tickets.create("Count the files", board=kanban_board.id).id


def calls_of(ticket: int) -> list[tuple[str, dict[str, Any]]]:
    """What the model calls, one after another; the second call is refused."""
    return [
        ("ticket_next", {}),
        ("ticket_move", {"ticket": ticket, "column": "Nowhere"}),
        ("ticket_update", {"ticket": ticket, "done": True, "note": "three"}),
    ]


def check_the_work(kanban: Kanban, ticket: int, answers: Sequence[str], offered: dict[str, Any]) -> None:
    """Check what the model was offered and has read, and what became of the ticket."""
    assert offered.keys() == TOOLS.keys()
    for name, schema in offered.items():
        assert schema["properties"].keys() == TOOLS[name].input_schema["properties"].keys()
        assert not IDENTITY & schema["properties"].keys()
    claimed, refused, done = answers
    assert "held_by: robot" in claimed
    assert refused.startswith("type: unknown-column\n")
    assert "column: Done" in done
    assert kanban.tickets.get(ticket).current_column == "Done"
    assert [comment.text for comment in kanban.comments.all(ticket)] == ["three"]


def test_pydantic_ai_works_with_the_tools(
    require: Require, kanban_server: KanbanServer, kanban: Kanban, kanban_board: Board, ticket: int
) -> None:
    require("pydantic_ai")
    from pydantic_ai import Agent
    from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
    from pydantic_ai.models.function import AgentInfo, FunctionModel

    from kanban_sdk.tools.pydantic_ai import kanban_toolset

    script = iter(calls_of(ticket))
    offered: dict[str, Any] = {}
    answers: list[str] = []

    def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        offered.update({tool.name: tool.parameters_json_schema for tool in info.function_tools})
        answers.extend(str(part.content) for part in messages[-1].parts if isinstance(part, ToolReturnPart))
        call = next(script, None)
        return ModelResponse(parts=[TextPart("finished") if call is None else ToolCallPart(*call)])

    async def work() -> str:
        async with kanban_server.async_client("robot") as client:
            toolset = kanban_toolset(AsyncTools(client, kanban_board.id))
            return str((await Agent(FunctionModel(respond), toolsets=[toolset]).run("Work.")).output)

    assert asyncio.run(work()) == "finished"
    check_the_work(kanban, ticket, answers, offered)


def test_the_openai_agents_sdk_works_with_the_tools(
    require: Require, kanban_server: KanbanServer, kanban: Kanban, kanban_board: Board, ticket: int
) -> None:
    require("agents")
    from agents import Agent, FunctionTool, ModelResponse, Runner, Usage, set_tracing_disabled
    from agents.models.interface import Model
    from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

    from kanban_sdk.tools.openai_agents import kanban_tools

    script = iter(calls_of(ticket))
    offered: dict[str, Any] = {}
    answers: list[str] = []

    class Scripted(Model):
        async def get_response(self, **request: Any) -> ModelResponse:  # type: ignore[override, unused-ignore]
            tools, input_items = request["tools"], request["input"]
            offered.update({tool.name: tool.params_json_schema for tool in tools if isinstance(tool, FunctionTool)})
            if isinstance(input_items, list) and input_items[-1].get("type") == "function_call_output":
                answers.append(input_items[-1]["output"])
            name, arguments = next(script, (None, {}))
            if name is None:
                text = ResponseOutputText(text="finished", type="output_text", annotations=[])
                message = ResponseOutputMessage(
                    id="m", content=[text], role="assistant", status="completed", type="message"
                )
                return ModelResponse([message], Usage(), None)
            call = ResponseFunctionToolCall(
                arguments=json.dumps(arguments), call_id=f"c{name}", name=name, type="function_call"
            )
            return ModelResponse([call], Usage(), None)

        def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
            raise NotImplementedError

    async def work() -> str:
        async with kanban_server.async_client("robot") as client:
            tools = kanban_tools(AsyncTools(client, kanban_board.id))
            agent = Agent(name="robot", tools=tools, model=Scripted())
            return str((await Runner.run(agent, "Work.")).final_output)

    set_tracing_disabled(True)
    assert asyncio.run(work()) == "finished"
    check_the_work(kanban, ticket, answers, offered)


def test_langchain_works_with_the_tools(
    require: Require, kanban_server: KanbanServer, kanban: Kanban, kanban_board: Board, ticket: int
) -> None:
    require("langchain_core")
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
    from langchain_core.outputs import ChatGeneration, ChatResult
    from langchain_core.tools import BaseTool
    from langchain_core.utils.function_calling import convert_to_openai_tool

    from kanban_sdk.tools.langchain import kanban_tools

    script = iter(calls_of(ticket))
    offered: dict[str, Any] = {}
    answers: list[str] = []

    class Scripted(BaseChatModel):
        @property
        def _llm_type(self) -> str:
            return "scripted"

        def bind_tools(self, tools: Sequence[Any], **options: Any) -> Any:
            functions = [convert_to_openai_tool(tool)["function"] for tool in tools]
            offered.update({function["name"]: function["parameters"] for function in functions})
            return self.bind(**options)

        def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
            name, arguments = next(script, (None, {}))
            calls = [] if name is None else [{"name": name, "args": arguments, "id": f"c{name}", "type": "tool_call"}]
            message = AIMessage(content="" if calls else "finished", tool_calls=calls)
            return ChatResult(generations=[ChatGeneration(message=message)])

    async def work() -> str:
        async with kanban_server.async_client("robot") as client:
            tools: dict[str, BaseTool] = {tool.name: tool for tool in kanban_tools(AsyncTools(client, kanban_board.id))}
            model = Scripted().bind_tools(list(tools.values()))
            messages: list[Any] = ["Work."]
            while (answer := await model.ainvoke(messages)).tool_calls:
                messages.append(answer)
                for call in answer.tool_calls:
                    message = await tools[call["name"]].ainvoke(call)
                    assert isinstance(message, ToolMessage)
                    answers.append(str(message.content))
                    messages.append(message)
            return str(answer.content)

    assert asyncio.run(work()) == "finished"
    check_the_work(kanban, ticket, answers, offered)


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("pydantic_ai", "pydantic_ai", "pydantic-ai"),
        ("openai_agents", "agents", "openai-agents"),
        ("langchain", "langchain_core", "langchain"),
    ],
)
def test_an_adapter_without_its_library_names_the_command_that_installs_it(
    module: str, package: str, extra: str, tmp_path: Path
) -> None:
    (tmp_path / "hide.py").write_text(f"import sys\nsys.modules[{package!r}] = None\n")
    process = subprocess.run(
        [sys.executable, "-c", f"import hide, kanban_sdk.tools.{module}"],
        env={"PYTHONPATH": f"{tmp_path}:{Path.cwd()}"},
        capture_output=True,
        text=True,
    )
    assert f"pip install 'agent-kanban[{extra}]'" in process.stderr

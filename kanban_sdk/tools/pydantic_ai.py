"""The tools for pydantic-ai (the extra `pydantic-ai`)."""

from __future__ import annotations

from typing import Any

from kanban_sdk.tools.extras import missing_extra

try:
    from pydantic_ai import FunctionToolset, Tool
except ModuleNotFoundError as error:
    raise missing_extra(error, "pydantic-ai") from error

from kanban_sdk.tools.bound import AsyncTools
from kanban_sdk.wire.tools.definitions import ToolDefinition


def kanban_toolset(tools: AsyncTools) -> FunctionToolset[Any]:
    """The tools as a toolset of pydantic-ai. A model reads a refusal, and learns from it how to go on.

    >>> agent = Agent("openai:gpt-5", toolsets=[kanban_toolset(AsyncTools(kanban, board=1))])
    """
    return FunctionToolset([_tool(tools, definition) for definition in tools.definitions])


def _tool(tools: AsyncTools, definition: ToolDefinition[..., Any, Any]) -> Tool[Any]:
    async def call(**arguments: object) -> str:
        return (await tools.call(definition.name, arguments)).text

    return Tool.from_schema(call, definition.name, definition.description, definition.input_schema)

"""The tools for LangChain and LangGraph (the extra `langchain`)."""

from __future__ import annotations

from typing import Any

from kanban_sdk.tools.extras import missing_extra

try:
    from langchain_core.tools import BaseTool, StructuredTool
except ModuleNotFoundError as error:
    raise missing_extra(error, "langchain") from error

from kanban_sdk.tools.bound import AsyncTools
from kanban_sdk.wire.tools.definitions import ToolDefinition


def kanban_tools(tools: AsyncTools) -> list[BaseTool]:
    """The tools as those of LangChain, to be awaited. A model reads a refusal, and learns from it how to go on.

    >>> model.bind_tools(kanban_tools(AsyncTools(kanban, board=1)))
    """
    return [_tool(tools, definition) for definition in tools.definitions]


def _tool(tools: AsyncTools, definition: ToolDefinition[..., Any, Any]) -> StructuredTool:
    async def call(**arguments: object) -> str:
        return (await tools.call(definition.name, arguments)).text

    schema = definition.input_schema
    return StructuredTool(name=definition.name, description=definition.description, args_schema=schema, coroutine=call)

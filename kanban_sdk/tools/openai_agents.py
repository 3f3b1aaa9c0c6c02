"""The tools for the OpenAI Agents SDK (the extra `openai-agents`)."""

from __future__ import annotations

import json
from typing import Any

from kanban_sdk.tools.extras import missing_extra

try:
    from agents import FunctionTool, Tool
    from agents.tool_context import ToolContext
except ModuleNotFoundError as error:
    raise missing_extra(error, "openai-agents") from error

from kanban_sdk.tools.bound import AsyncTools
from kanban_sdk.wire.tools.definitions import ToolDefinition


def kanban_tools(tools: AsyncTools) -> list[Tool]:
    """The tools as those of the OpenAI Agents SDK. A model reads a refusal, and learns from it how to go on.

    >>> agent = Agent(name="robot", tools=kanban_tools(AsyncTools(kanban, board=1)))
    """
    return [_tool(tools, definition) for definition in tools.definitions]


def _tool(tools: AsyncTools, definition: ToolDefinition[..., Any, Any]) -> FunctionTool:
    async def call(_: ToolContext[Any], arguments: str) -> str:
        try:
            parsed = json.loads(arguments or "{}")
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            return f"The arguments of {definition.name} are one JSON object."
        return (await tools.call(definition.name, parsed)).text

    schema = definition.input_schema
    return FunctionTool(definition.name, definition.description, schema, call, strict_json_schema=False)

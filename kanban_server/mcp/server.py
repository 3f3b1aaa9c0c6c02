"""The MCP server: tools, tool calls and resources. The only module that imports `mcp`."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from mcp.server.caching import CacheHint
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    Tool,
    ToolAnnotations,
)
from pydantic import ValidationError

from kanban_server import __version__
from kanban_server.entry.state import State
from kanban_server.entry.unknown_fields import unknown_field_refusal
from kanban_server.mcp import resources
from kanban_server.mcp.call import Call
from kanban_server.mcp.rendering import problem_fields, render_text, shown
from kanban_server.mcp.tools import TOOLS
from kanban_server.rules.problems import Refusal

log = logging.getLogger("kanban.mcp")

LIST_MILLISECONDS = 3_600_000
"""How long a client may cache the list of tools."""

TOOL_LIST = [
    Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=ToolAnnotations(
            read_only_hint=tool.read_only,
            destructive_hint=tool.destructive,
            idempotent_hint=tool.idempotent,
            open_world_hint=False,
        ),
    )
    for tool in TOOLS.values()
]


def create_session_manager(state: State) -> StreamableHTTPSessionManager:
    """The session manager of the tools. OriginGuard checks hosts and origins, for every route."""
    logging.getLogger("mcp").setLevel(logging.WARNING)  # otherwise it logs each request
    server: Server[Any] = Server(
        "agent-kanban",
        version=__version__,
        instructions=resources.INSTRUCTIONS,
        cache_hints={"tools/list": CacheHint(ttl_ms=LIST_MILLISECONDS, scope="private")},
        get_tool_input_schema=lambda name: TOOLS[name].input_schema if name in TOOLS else None,
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
        on_list_resources=_list_resources,
        on_list_resource_templates=_list_templates,
        on_read_resource=_read_resource,
    )
    return StreamableHTTPSessionManager(
        server, json_response=True, stateless=True, max_request_body_size=state.settings.body_bytes
    )


async def _list_tools(context: Any, params: Any) -> ListToolsResult:
    return ListToolsResult(tools=TOOL_LIST)


async def _call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
    """Call a tool. Refusals are returned as results, since models do not see protocol errors."""
    tool = TOOLS.get(params.name)
    try:
        if tool is None:
            detail = f"There is no tool '{params.name[:100]}'."
            raise Refusal("not-found", detail, fix=f"Use one of {', '.join(TOOLS)}.", what="tool")
        try:
            arguments = tool.arguments.model_validate(params.arguments or {})
        except ValidationError as error:
            raise _arguments_refusal(error, tool.arguments.model_fields) from error
        answer = await tool.run(Call(context.request, tool.name, arguments), arguments)
    except Refusal as refusal:
        return _result(problem_fields(refusal), is_error=True)
    except Exception as error:
        log.error("The tool %s failed", params.name[:100], exc_info=error)
        internal_error = Refusal("internal", "The server failed; it has written down why.", fix="Try again.")
        return _result(problem_fields(internal_error), is_error=True)
    return _result(answer)


def _result(answer: Any, *, is_error: bool = False) -> CallToolResult:
    answer = shown(answer)
    content = [TextContent(type="text", text=render_text(answer))]
    return CallToolResult(content=list(content), structured_content=answer, is_error=is_error)


def _arguments_refusal(error: ValidationError, fields: Any) -> Refusal:
    """The refusal of invalid arguments. No input is repeated: it may be long or not encodable."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    field_errors = [
        {"field": ".".join(str(part) for part in item["loc"])[:100], "message": item["msg"][:200]} for item in errors
    ][:10]
    for item in errors:
        if item["type"] == "extra_forbidden":
            unknown = unknown_field_refusal(item["loc"], fields)
            unknown.facts["errors"] = field_errors
            return unknown
    summary = "; ".join(f"{item['field']}: {item['message']}" for item in field_errors[:3])
    return Refusal("invalid-request", summary, fix=f"The arguments are: {', '.join(fields)}.", errors=field_errors)


async def _list_resources(context: Any, params: Any) -> ListResourcesResult:
    return ListResourcesResult(
        resources=[
            Resource(
                uri=resource.uri, name=shown(resource.name), description=resource.description, mime_type="text/plain"
            )
            for resource in await resources.list_resources(context.request)
        ]
    )


async def _list_templates(context: Any, params: Any) -> ListResourceTemplatesResult:
    board = ResourceTemplate(
        uri_template=resources.BOARD_PREFIX + "{board}",
        name="board",
        description="A board's columns and tickets.",
        mime_type="text/plain",
    )
    return ListResourceTemplatesResult(resource_templates=[board])


async def _read_resource(context: Any, params: ReadResourceRequestParams) -> ReadResourceResult:
    uri = str(params.uri)
    try:
        text = await resources.read_resource(context.request, uri)
    except Refusal as refusal:
        problem = orjson.loads(orjson.dumps(problem_fields(refusal)))
        raise MCPError(code=INVALID_PARAMS, message=shown(refusal.detail), data=shown(problem)) from refusal
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=text, mime_type="text/plain")])

"""The MCP server: tools, tool calls and resources. Only this module imports those that need the package `mcp`."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Collection, Mapping

from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    BlobResourceContents,
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
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
from starlette.requests import Request

from kanban_sdk.wire.tools.arguments import TicketAsk
from kanban_sdk.wire.tools.definitions import TOOLS as DEFINITIONS
from kanban_server import __version__
from kanban_server.entry.state import State
from kanban_server.entry.unknown_fields import unknown_field_refusal
from kanban_server.mcp import resources
from kanban_server.mcp.call import Call
from kanban_server.mcp.elicitation import elicit_answer
from kanban_server.mcp.progress import reported_progress
from kanban_server.mcp.rendering import problem_fields, render_text, show_all_invisible, show_invisible
from kanban_server.mcp.subscriptions import listen
from kanban_server.mcp.tools import TOOLS
from kanban_server.rules.problems import Refusal

log = logging.getLogger("kanban.mcp")

Context = ServerRequestContext[object, Request]

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
            idempotent_hint=tool.idempotent or tool.read_only,
            open_world_hint=False,
        ),
    )
    for tool in DEFINITIONS.values()
]


def create_session_managers(state: State) -> tuple[StreamableHTTPSessionManager, StreamableHTTPSessionManager]:
    """Two managers of the tools: one answers with JSON, one with streams. OriginGuard checks hosts and origins."""
    logging.getLogger("mcp").setLevel(logging.WARNING)  # otherwise it logs each request
    server: Server[object] = Server(
        "agent-kanban",
        version=__version__,
        instructions=resources.INSTRUCTIONS,
        cache_hints={"tools/list": CacheHint(ttl_ms=LIST_MILLISECONDS, scope="private")},
        get_tool_input_schema=lambda name: DEFINITIONS[name].input_schema if name in DEFINITIONS else None,
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
        on_list_resources=_list_resources,
        on_list_resource_templates=_list_templates,
        on_read_resource=_read_resource,
        on_subscriptions_listen=listen,
    )
    size = state.settings.body_bytes
    return (
        StreamableHTTPSessionManager(server, json_response=True, stateless=True, max_request_body_size=size),
        StreamableHTTPSessionManager(server, json_response=False, stateless=True, max_request_body_size=size),
    )


async def _list_tools(context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
    return ListToolsResult(tools=TOOL_LIST)


async def _call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult | InputRequiredResult:
    """Call a tool. Refusals are returned as results, since models do not see protocol errors."""
    tool = TOOLS.get(params.name)
    try:
        if tool is None:
            detail = f"There is no tool '{params.name[:100]}'."
            raise Refusal("not-found", detail, fix=f"Use one of {', '.join(TOOLS)}.", what="tool")
        try:
            arguments = tool.definition.arguments.model_validate(params.arguments or {})
        except ValidationError as error:
            raise _arguments_refusal(error, tool.definition.arguments.model_fields) from error
        call = Call(_request_of(context), tool.definition.name, arguments)
        if isinstance(arguments, TicketAsk):
            asked = await elicit_answer(context, params, call, arguments)
            if isinstance(asked, InputRequiredResult):
                return asked
            call.answer = asked
        async with reported_progress(context.session, arguments):
            result = await tool.run(call, arguments)
    except Refusal as refusal:
        return _result(problem_fields(refusal), is_error=True)
    except Exception as error:
        log.error("The tool %s failed", params.name[:100], exc_info=error)
        internal_error = Refusal("internal", "The server failed; it has written down why.", fix="Try again.")
        return _result(problem_fields(internal_error), is_error=True)
    return _result(result)


def _request_of(context: Context) -> Request:
    """The HTTP request of a call, which this transport always has."""
    assert context.request is not None
    return context.request


def _result(result: Mapping[str, object], *, is_error: bool = False) -> CallToolResult:
    fields = show_all_invisible(result)
    content = [TextContent(type="text", text=render_text(fields))]
    return CallToolResult(content=list(content), structured_content=fields, is_error=is_error)


def _arguments_refusal(error: ValidationError, fields: Collection[str]) -> Refusal:
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


async def _list_resources(context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
    listed = await resources.list_resources(_request_of(context))
    return ListResourcesResult(
        resources=[
            Resource(uri=item.uri, name=show_invisible(item.name), description=item.description, mime_type="text/plain")
            for item in listed
        ]
    )


async def _list_templates(context: Context, params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
    board = ResourceTemplate(
        uri_template=resources.BOARD_PREFIX + "{board}",
        name="board",
        description="A board's columns and tickets.",
        mime_type="text/plain",
    )
    file = ResourceTemplate(
        uri_template=resources.FILE_TEMPLATE,
        name="file",
        description="A file of a ticket, as ticket_get names it.",
    )
    return ListResourceTemplatesResult(resource_templates=[board, file])


async def _read_resource(context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
    uri = str(params.uri)
    try:
        file = await resources.read_file(_request_of(context), uri)
        if file is not None:
            return ReadResourceResult(contents=[_file_contents(uri, file)])
        text = await resources.read_resource(_request_of(context), uri)
    except Refusal as refusal:
        problem = show_all_invisible(problem_fields(refusal))
        raise MCPError(code=INVALID_PARAMS, message=show_invisible(refusal.detail), data=problem) from refusal
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=text, mime_type="text/plain")])


def _file_contents(uri: str, file: resources.FileContent) -> TextResourceContents | BlobResourceContents:
    """A file as a text that a model reads, or else in base64, with its type."""
    if file.media_type.startswith("text/"):
        text = show_invisible(file.content.decode(errors="replace"))
        return TextResourceContents(uri=uri, text=text, mime_type=file.media_type)
    return BlobResourceContents(uri=uri, blob=b64encode(file.content).decode(), mime_type=file.media_type)

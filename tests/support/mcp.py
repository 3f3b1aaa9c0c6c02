"""An agent: the official MCP client, called like a function."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import Subscription
from mcp.shared.subscriptions import ResourceUpdated
from mcp_types import BlobResourceContents, CallToolResult, ElicitResult, TextContent, TextResourceContents

from kanban_sdk import Board
from tests.support.cli import COMMAND, Shell
from tests.support.servers import Server

Json = dict[str, Any]
Report = Callable[[float, float | None, str | None], object]
"""Gets the progress of a call: how far it is, of how much, and what it does."""
Elicit = Callable[[str], str | None]
"""Answers a question, or declines."""

HANDSHAKE, PROBE = "legacy", "auto"
"""Modes in which a client of an older protocol, and one of the newest, begins."""

WITHOUT_PACKAGE = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"mcp", "mcp_types"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""
"""A `sitecustomize` that hides the package `mcp` from Python."""


class Changes:
    """A subscription: the resources that the server accepted, and those that have changed, one after another."""

    def __init__(self, events: Subscription, portal: BlockingPortal) -> None:
        self.accepted = events.honored.resource_subscriptions or []
        self.tools = events.honored.tools_list_changed
        self._events = events
        self._portal = portal

    def next(self) -> str | None:
        """Wait for the next change; None if the server has ended the subscription."""
        return self._portal.call(self._next)

    async def _next(self) -> str | None:
        async for event in self._events:
            assert isinstance(event, ResourceUpdated)
            return event.uri
        return None


class Agent:
    """A connected client. It checks each response against the tool's output schema."""

    def __init__(self, client: Client, portal: BlockingPortal) -> None:
        self.client = client
        self._portal = portal

    def result(self, tool: str, **arguments: Any) -> CallToolResult:
        """Return a tool's result, also an error."""
        return self._portal.call(partial(self.client.call_tool, tool, arguments))

    def reported(self, report: Report, tool: str, **arguments: Any) -> Json:
        """Return a tool's result, which must be a success; its progress is reported."""

        async def pass_on(progress: float, total: float | None, message: str | None) -> None:
            report(progress, total, message)

        result = self._portal.call(partial(self.client.call_tool, tool, arguments, progress_callback=pass_on))
        assert not result.is_error, result
        answer: Json = result.structured_content
        return answer

    @contextmanager
    def subscribed(self, *uris: str) -> Iterator[Changes]:
        """Subscribe to resources for the duration of the block."""
        subscription = self.client.listen(resource_subscriptions=uris, tools_list_changed=True)
        with self._portal.wrap_async_context_manager(subscription) as events:
            yield Changes(events, self._portal)

    def __call__(self, tool: str, **arguments: Any) -> Json:
        """Return a tool's result, which must be a success."""
        result = self.result(tool, **arguments)
        assert not result.is_error, result
        answer: Json = result.structured_content
        return answer

    def refused(self, type: str, tool: str, **arguments: Any) -> Json:
        """Return a tool's refusal, which must be a well-formed problem of this type."""
        result = self.result(tool, **arguments)
        assert result.is_error, result
        problem: Json = result.structured_content
        assert problem["type"] == type, problem
        assert problem["detail"]
        assert problem["fix"]
        content = text(result)
        assert content.startswith(f"type: {type}\ndetail: ")
        assert "\nfix: " in content
        return problem

    def tools(self) -> list[Json]:
        """Return the list of tools, as the server sends it."""
        listed = self._portal.call(self.client.list_tools)
        return [tool.model_dump(by_alias=True, exclude_none=True, mode="json") for tool in listed.tools]

    def resources(self) -> list[str]:
        return [str(one.uri) for one in self._portal.call(self.client.list_resources).resources]

    def read(self, uri: str) -> str:
        """Read a resource."""
        contents = self._portal.call(self.client.read_resource, uri).contents
        assert isinstance(contents[0], TextResourceContents)
        return contents[0].text

    def read_blob(self, uri: str) -> bytes:
        """Read a resource that is no text."""
        contents = self._portal.call(self.client.read_resource, uri).contents
        assert isinstance(contents[0], BlobResourceContents)
        return base64.b64decode(contents[0].blob)


def text(result: CallToolResult) -> str:
    """Return the short text next to the JSON."""
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


def size(value: Any) -> int:
    """Return the bytes of a value as compact JSON."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def answering(elicit: Elicit | None) -> Any:
    """Return the client's callback for a form: it gives the answer, or declines if there is none."""
    if elicit is None:
        return None

    async def callback(_: Any, params: Any) -> ElicitResult:
        answer = elicit(params.message)
        if answer is None:
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={"answer": answer})

    return callback


def address(server: Server, board: Board) -> str:
    """Return the address of `/mcp` for a board."""
    return f"{server.url}/mcp?board={board.id}"


@contextmanager
def agent(
    url: str,
    user: str | None = None,
    *,
    mode: str = PROBE,
    elicit: Elicit | None = None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Agent]:
    """Connect an agent to `/mcp` for the duration of the block; `elicit` answers a question to the person at it."""
    all_headers = {**(headers or {}), **({"X-Kanban-User": user} if user else {})}
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        http = stack.enter_context(
            portal.wrap_async_context_manager(httpx2.AsyncClient(headers=all_headers, timeout=60, trust_env=False))
        )
        client = Client(
            streamable_http_client(url, http_client=http), mode=mode, elicitation_callback=answering(elicit)
        )
        yield Agent(stack.enter_context(portal.wrap_async_context_manager(client)), portal)


@contextmanager
def bridged(shell: Shell, *, mode: str = PROBE, elicit: Elicit | None = None) -> Iterator[Agent]:
    """Connect an agent that starts `kanban mcp` in a shell, for the duration of the block."""
    command, *arguments = [*COMMAND, "mcp"]
    started = StdioServerParameters(command=command, args=arguments, env=shell.settings(), cwd=shell.folder)
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(
            Client(started, mode=mode, elicitation_callback=answering(elicit))
        ) as client:
            yield Agent(client, portal)

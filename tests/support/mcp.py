"""An agent: the official client of the protocol, called like a function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from tests.support.cli import COMMAND, Shell

Json = dict[str, Any]

HANDSHAKE, PROBE = "legacy", "auto"
"""How a client of an older protocol, and one of the newest, begins."""

WITHOUT_PACKAGE = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"mcp", "mcp_types"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""
"""A `sitecustomize` under which Python finds no `mcp`."""


class Agent:
    """A connected client. It checks each answer against the schema that the tool promises."""

    def __init__(self, client: Client, portal: BlockingPortal) -> None:
        self.client = client
        self._portal = portal

    def result(self, tool: str, **arguments: Any) -> CallToolResult:
        """What a tool gives, whatever it is."""
        return self._portal.call(partial(self.client.call_tool, tool, arguments))

    def __call__(self, tool: str, **arguments: Any) -> Json:
        """What a tool gives, which must succeed."""
        result = self.result(tool, **arguments)
        assert not result.is_error, result
        answer: Json = result.structured_content
        return answer

    def refused(self, type: str, tool: str, **arguments: Any) -> Json:
        """The refusal of a tool, which must be of this type, whole and well-formed."""
        result = self.result(tool, **arguments)
        assert result.is_error, result
        problem: Json = result.structured_content
        assert problem["type"] == type, problem
        assert problem["detail"]
        assert problem["fix"]
        said = text(result)
        assert said.startswith(f"type: {type}\ndetail: ")
        assert "\nfix: " in said
        return problem

    def tools(self) -> list[Json]:
        """The list of tools, as the server sends it."""
        listed = self._portal.call(self.client.list_tools)
        return [tool.model_dump(by_alias=True, exclude_none=True, mode="json") for tool in listed.tools]

    def resources(self) -> list[str]:
        return [str(one.uri) for one in self._portal.call(self.client.list_resources).resources]

    def read(self, uri: str) -> str:
        """A resource."""
        contents = self._portal.call(self.client.read_resource, uri).contents
        assert isinstance(contents[0], TextResourceContents)
        return contents[0].text


def text(result: CallToolResult) -> str:
    """The short text beside the JSON."""
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


def size(value: Any) -> int:
    """Bytes of something as compact JSON."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


@contextmanager
def agent(url: str, user: str | None = None, *, mode: str = PROBE, **headers: str) -> Iterator[Agent]:
    """An agent at `/mcp` for as long as the block lasts."""
    sent = {**headers, **({"X-Kanban-User": user} if user else {})}
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        http = stack.enter_context(
            portal.wrap_async_context_manager(httpx2.AsyncClient(headers=sent, timeout=60, trust_env=False))
        )
        client = Client(streamable_http_client(url, http_client=http), mode=mode)
        yield Agent(stack.enter_context(portal.wrap_async_context_manager(client)), portal)


@contextmanager
def bridged(shell: Shell, *, mode: str = PROBE) -> Iterator[Agent]:
    """An agent that starts `kanban mcp` in a shell, for as long as the block lasts."""
    command, *arguments = [*COMMAND, "mcp"]
    started = StdioServerParameters(command=command, args=arguments, env=shell.settings(), cwd=shell.folder)
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(Client(started, mode=mode)) as client:
            yield Agent(client, portal)

"""`/mcp`: tools for agents (Model Context Protocol, streamable HTTP, no sessions).

The `mcp` package takes 0.9 s and 26 MB to load, so it is loaded at the first request, in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route

from kanban_server.entry.actor import actor_of
from kanban_server.entry.state import State
from kanban_server.entry.unknown_fields import check_parameters
from kanban_server.rules.problems import Refusal

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PARAMETERS = frozenset({"board", "force"})
PACKAGES = frozenset({"mcp", "mcp_types"})
"""The packages of the extra `mcp`."""


class Endpoint:
    """Checks the actor and the JSON of a request, then passes it to the protocol's server.

    `on_loaded` is called when the package has been loaded.
    """

    def __init__(self, on_loaded: Callable[[], object]) -> None:
        self.route = Route("/mcp", self)
        self._on_loaded = on_loaded
        self._app: ASGIApp | None = None
        self._load_lock = asyncio.Lock()
        self._close_requested = asyncio.Event()
        self._manager_task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request. Refused: what no MCP client sends, and `mcp-not-installed`."""
        request = Request(scope, receive)
        if request.method != "POST":
            detail = "/mcp takes POST only: it keeps no sessions and sends nothing by itself."
            raise Refusal("method-not-allowed", detail, allow="POST")
        if not request.headers.get("content-type", "").lower().startswith("application/json"):
            fix = "Send JSON with Content-Type: application/json."
            raise Refusal("unsupported-media-type", "The body must be JSON.", fix=fix)
        check_parameters(scope["query_string"], PARAMETERS)
        actor_of(request)  # refused here as an HTTP problem: no tool call could fix it
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        try:
            orjson.loads(body)  # stricter than the protocol's parser: no NaN, no lone surrogates, no invalid UTF-8
        except orjson.JSONDecodeError as error:
            detail = "The body is not JSON."
            raise Refusal("invalid-request", detail, fix="Send one JSON-RPC request in UTF-8.") from error
        mcp_app = self._app or await self._load(request.app.state.server)
        await mcp_app({**scope, "headers": _with_json_accept(scope)}, _replay_body(body, receive), send)

    async def close(self) -> None:
        """Stop the session manager."""
        self._close_requested.set()
        if self._manager_task is not None:
            await self._manager_task

    async def _load(self, state: State) -> ASGIApp:
        async with self._load_lock:
            if self._app is None:
                try:
                    mcp_server = await asyncio.to_thread(import_module, "kanban_server.mcp.server")
                except ModuleNotFoundError as error:
                    if (error.name or "").partition(".")[0] not in PACKAGES:
                        raise
                    raise Refusal(
                        "mcp-not-installed",
                        "This server was installed without its tools for agents.",
                        fix="Install agent-kanban[mcp] where the server runs, and start it again.",
                    ) from error
                manager = mcp_server.create_session_manager(state)
                running = asyncio.Event()
                self._manager_task = asyncio.create_task(self._serve(manager, running))
                await running.wait()
                self._app = manager.asgi_app
                self._on_loaded()
        return self._app

    async def _serve(self, manager: StreamableHTTPSessionManager, running: asyncio.Event) -> None:
        async with manager.run():
            running.set()
            await self._close_requested.wait()


def _with_json_accept(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers with `Accept: application/json`, since responses are always JSON."""
    return [header for header in scope["headers"] if header[0] != b"accept"] + [(b"accept", b"application/json")]


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """A `receive` that returns the body again, which was already read."""
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_body() -> Message:
        return unread.pop() if unread else await receive()

    return receive_body

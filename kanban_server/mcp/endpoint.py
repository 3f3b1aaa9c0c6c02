"""`/mcp`: tools for agents (Model Context Protocol, streamable HTTP, no sessions).

The `mcp` package takes 0.9 s and 26 MB to load, so it is loaded at the first request, in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

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
LISTEN = "subscriptions/listen"


class Apps(NamedTuple):
    """The protocol's server: `plain` answers with JSON, `streaming` with notifications before the response."""

    plain: ASGIApp
    streaming: ASGIApp


class Endpoint:
    """Checks the actor and the JSON of a request, then passes it to the protocol's server.

    `on_loaded` is called when the package has been loaded.
    """

    def __init__(self, on_loaded: Callable[[], object]) -> None:
        self.route = Route("/mcp", self)
        self._on_loaded = on_loaded
        self._apps: Apps | None = None
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
            message = orjson.loads(
                body
            )  # stricter than the protocol's parser: no NaN, no lone surrogates, no invalid UTF-8
        except orjson.JSONDecodeError as error:
            detail = "The body is not JSON."
            raise Refusal("invalid-request", detail, fix="Send one JSON-RPC request in UTF-8.") from error
        apps = self._apps or await self._load(request.app.state.server)
        streams = _wants_stream(message) and "text/event-stream" in request.headers.get("accept", "").lower()
        mcp_app = apps.streaming if streams else apps.plain
        await mcp_app({**scope, "headers": _with_accept(scope, streams=streams)}, _replay_body(body, receive), send)

    async def close(self) -> None:
        """Stop the session manager."""
        self._close_requested.set()
        if self._manager_task is not None:
            await self._manager_task

    async def _load(self, state: State) -> Apps:
        async with self._load_lock:
            if self._apps is None:
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
                plain, streaming = mcp_server.create_session_managers(state)
                running = asyncio.Event()
                self._manager_task = asyncio.create_task(self._serve([plain, streaming], running))
                await running.wait()
                self._apps = Apps(plain.asgi_app, streaming.asgi_app)
                self._on_loaded()
        return self._apps

    async def _serve(self, managers: list[StreamableHTTPSessionManager], running: asyncio.Event) -> None:
        async with AsyncExitStack() as stack:
            for manager in managers:
                await stack.enter_async_context(manager.run())
            running.set()
            await self._close_requested.wait()


def _wants_stream(message: object) -> bool:
    """Whether the response to a JSON-RPC message is a stream, if the client takes one: notifications come before it."""
    if not isinstance(message, dict):
        return False
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    return message.get("method") == LISTEN or (isinstance(meta, dict) and meta.get("progressToken") is not None)


def _with_accept(scope: Scope, *, streams: bool) -> list[tuple[bytes, bytes]]:
    """The headers with the `Accept` that the protocol's server demands: what the client sent does not matter to it."""
    accept = b"application/json, text/event-stream" if streams else b"application/json"
    return [header for header in scope["headers"] if header[0] != b"accept"] + [(b"accept", accept)]


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """A `receive` that returns the body again, which was already read."""
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_body() -> Message:
        return unread.pop() if unread else await receive()

    return receive_body

"""`/mcp`: the board as tools for agents (Model Context Protocol, streamable HTTP, no sessions).

The `mcp` package takes 0.9 s and 26 MB, so it is loaded at the first request, on a thread beside the loop.
"""

from __future__ import annotations

import asyncio
import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route

from kanban_server.api.guard import actor_of
from kanban_server.api.known import check_parameters
from kanban_server.rules.refusals import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PARAMETERS = frozenset({"board", "force"})
PACKAGES = frozenset({"mcp", "mcp_types"})
"""What the extra `mcp` brings."""


class Door:
    """The way to the tools: who asks, and is it JSON; the rest is the protocol's."""

    def __init__(self) -> None:
        self.route = Route("/mcp", self)
        self._open: ASGIApp | None = None
        self._opening = asyncio.Lock()
        self._closing = asyncio.Event()
        self._served: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on. Refused: what no protocol client sends, and `mcp-not-installed`."""
        request = Request(scope, receive)
        if request.method != "POST":
            detail = "/mcp takes POST only: it keeps no sessions and sends nothing by itself."
            raise Refusal("method-not-allowed", detail, allow="POST")
        if not request.headers.get("content-type", "").lower().startswith("application/json"):
            fix = "Send JSON with Content-Type: application/json."
            raise Refusal("unsupported-media-type", "The body must be JSON.", fix=fix)
        check_parameters(scope["query_string"], PARAMETERS)
        actor_of(request)  # refused here, it is a problem of HTTP; no tool could put it right
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        try:
            orjson.loads(body)  # stricter than the protocol's own reader: no NaN, no lone surrogates, no bad UTF-8
        except orjson.JSONDecodeError as error:
            detail = "The body is not JSON."
            raise Refusal("invalid-request", detail, fix="Send one JSON-RPC request in UTF-8.") from error
        served = self._open or await self._load(request.app.state.parts)
        await served({**scope, "headers": _accepting_json(scope)}, _again(body, receive), send)

    async def close(self) -> None:
        """End what was opened."""
        self._closing.set()
        if self._served is not None:
            await self._served

    async def _load(self, parts: Any) -> ASGIApp:
        async with self._opening:
            if self._open is None:
                try:
                    protocol = await asyncio.to_thread(import_module, "kanban_server.api.mcp_server")
                except ModuleNotFoundError as error:
                    if (error.name or "").partition(".")[0] not in PACKAGES:
                        raise
                    raise Refusal(
                        "mcp-not-installed",
                        "This server was installed without its tools for agents.",
                        fix="Install agent-kanban[mcp] where the server runs, and start it again.",
                    ) from error
                manager = protocol.manager(parts)
                running = asyncio.Event()
                self._served = asyncio.create_task(self._serve(manager, running))
                await running.wait()
                self._open = manager.asgi_app
                gc.freeze()  # what was loaded lives as long as the server
        return self._open

    async def _serve(self, manager: Any, running: asyncio.Event) -> None:
        async with manager.run():
            running.set()
            await self._closing.wait()


def _accepting_json(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers as of a client that reads JSON, which is all that is ever sent."""
    return [header for header in scope["headers"] if header[0] != b"accept"] + [(b"accept", b"application/json")]


def _again(body: bytes, receive: Receive) -> Receive:
    """The body, which was read already, once more."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return left.pop() if left else await receive()

    return received

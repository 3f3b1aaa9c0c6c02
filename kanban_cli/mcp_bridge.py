"""The bridge of `kanban mcp`: sends JSON-RPC lines of stdin to the server's `/mcp`, and writes responses to stdout.

It handles the protocol's envelope and not the tools: it needs no package, and an old bridge works with a new server.
"""

import asyncio
import json
import os
import sys
import threading
from base64 import b64encode
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx

from kanban_cli.command_line import CommandLine
from kanban_cli.errors import classify
from kanban_sdk.errors import KanbanError, Unreachable
from kanban_sdk.transport.retries import PATIENCE, TRIES, RetryState

TIMEOUT = httpx.Timeout(75.0, connect=10.0, pool=None)
"""Seconds; `wait_events` takes up to 50 of them."""
ACCEPT = "application/json, text/event-stream"
"""The server streams only the response to a request that asks for progress or subscribes."""
VERSION_META_KEY = "io.modelcontextprotocol/protocolVersion"
"""Key of the protocol version in a request of the newest protocol."""
NAME_PARAMETERS = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""Method to the parameter that its request repeats in a header."""
PARSE_ERROR, INVALID_REQUEST, NO_RESPONSE = -32700, -32600, -32000

Message = dict[str, Any]


def run_bridge(url: str, headers: dict[str, str], command_line: CommandLine, *, board: str | None) -> None:
    """Serve until stdin ends. Raises Unreachable if no server answers the first request."""
    if "X-Kanban-User" not in headers and "Authorization" not in headers:
        print("kanban: nobody is named (-u or KANBAN_USER): claims will be refused", file=sys.stderr, flush=True)
    asyncio.run(Bridge(url, headers, command_line, board).run())


class Bridge:
    """One client on stdin and stdout."""

    def __init__(self, url: str, headers: dict[str, str], command_line: CommandLine, board: str | None) -> None:
        self._url = url
        self._command_line = command_line
        self._target = f"{url}/mcp" + (f"?board={quote(board)}" if board else "")
        self._headers = {**headers, "Accept": ACCEPT, "Content-Type": "application/json"}
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._lost: asyncio.Future[None]
        self._connected = False
        self._version: str | None = None
        """Protocol version that the handshake of an older protocol negotiated."""

    async def run(self) -> None:
        """Forward requests concurrently until stdin ends and all have a response."""
        loop = asyncio.get_running_loop()
        self._lost = loop.create_future()
        threading.Thread(target=self._read, args=[loop], daemon=True).start()
        async with httpx.AsyncClient(headers=self._headers, timeout=TIMEOUT, trust_env=False) as self._http:
            serve_task = asyncio.ensure_future(self._serve())
            await asyncio.wait([serve_task, self._lost], return_when=asyncio.FIRST_COMPLETED)
            if self._lost.done():
                self._fail_pending(self._lost.exception())
                serve_task.cancel()
                self._lost.result()
            await serve_task

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read lines of stdin in a thread, which works for a pipe, a file or a terminal."""
        with suppress(RuntimeError):  # the loop is closed
            for line in sys.stdin.buffer:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, None)

    async def _serve(self) -> None:
        while (line := await self._lines.get()) is not None:
            if line.strip():
                self._handle_line(line)
        while self._pending:
            await asyncio.wait(self._pending.values())

    def _handle_line(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            self._send_error(None, PARSE_ERROR, "This line is not JSON.")
            return
        if not isinstance(message, dict) or not isinstance(message.get("method"), str | None):
            self._send_error(None, INVALID_REQUEST, "A line is one JSON-RPC message.")
        elif "method" not in message:
            return  # a response, though the server sends no requests
        elif "id" in message and not isinstance(message["id"], str | int):
            self._send_error(None, INVALID_REQUEST, "A request's id is a string or a whole number.")
        elif "id" in message:
            key = json.dumps(message["id"])
            task = asyncio.ensure_future(self._forward(message))
            self._pending[key] = task
            task.add_done_callback(lambda done: self._pending.pop(key) if self._pending.get(key) is done else None)
        elif message["method"] == "notifications/cancelled" and isinstance(message.get("params"), dict):
            cancelled_task = self._pending.get(json.dumps(message["params"].get("requestId")))
            if cancelled_task is not None:
                cancelled_task.cancel()

    async def _forward(self, message: Message) -> None:
        """Send a request, retrying under one idempotency key so that it takes effect once; write the response."""
        try:
            response = await self._exchange(message)
        except KanbanError as error:
            self._send_problem(message["id"], error)
            if isinstance(error, Unreachable) and not self._connected and not self._lost.done():
                self._lost.set_exception(error)  # no server was ever reached; one that was reached before may come back
            return
        if message["method"] == "initialize" and isinstance(response.get("result"), dict):
            self._version = response["result"].get("protocolVersion")
        self._write(response)

    async def _exchange(self, message: Message) -> Message:
        headers = {"Idempotency-Key": os.urandom(16).hex(), **self._routing_headers(message)}
        content = json.dumps(message).encode()
        tries = RetryState(self._url, TRIES, PATIENCE)
        while True:
            try:
                async with self._http.stream("POST", self._target, content=content, headers=headers) as response:
                    self._connected = True
                    parsed = await self._read_response(response)
                    refusal = (response.status_code, response.headers.get("retry-after"))
            except httpx.TransportError as error:
                if isinstance(error, httpx.ConnectError) and not self._connected:
                    raise Unreachable(self._url, str(error)) from error
                delay = tries.delay_after_error(error)
            else:
                if isinstance(parsed, dict):
                    return {**parsed, "id": message["id"]}  # an error before parsing has no id
                delay = tries.delay_after_refusal(*refusal, parsed)
            await asyncio.sleep(delay)

    async def _read_response(self, response: httpx.Response) -> Message | bytes:
        """Return the response, or the body of a refusal; write the notifications that come before it in a stream.

        Raises httpx.RemoteProtocolError if the stream ends without a response.
        """
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            content = await response.aread()
            return _parse_response(content) or content
        async for line in response.aiter_lines():
            if not line.startswith("data:"):
                continue
            data = line.removeprefix("data:").encode()
            if (parsed := _parse_response(data)) is not None:
                return parsed
            self._write(json.loads(data))
        raise httpx.RemoteProtocolError("The stream ended without a response.")

    def _routing_headers(self, message: Message) -> dict[str, str]:
        """Return the protocol's headers: method and name for the newest protocol, the version for older ones."""
        params = message.get("params")
        params = params if isinstance(params, dict) else {}
        meta = params.get("_meta")
        version = meta.get(VERSION_META_KEY) if isinstance(meta, dict) else None
        if not isinstance(version, str):
            return {"MCP-Protocol-Version": _encode_header(self._version)} if self._version else {}
        headers = {"MCP-Protocol-Version": _encode_header(version), "Mcp-Method": _encode_header(message["method"])}
        name = params.get(NAME_PARAMETERS.get(message["method"], ""))
        return headers | ({"Mcp-Name": _encode_header(name)} if isinstance(name, str) else {})

    def _fail_pending(self, error: BaseException | None) -> None:
        """Answer the pending requests with an error."""
        for key, task in self._pending.items():
            if not task.done():
                task.cancel()
                self._send_problem(json.loads(key), error)

    def _send_problem(self, id: object, error: BaseException | None) -> None:
        """Write an error for a missing response or a refusal before the tools, in the words of the command line."""
        problem = classify(error, self._command_line)[1] if error else None
        data = {name: fact for name, fact in (problem or {"detail": str(error)}).items() if fact is not None}
        text = str(data["detail"]) + (f" Next: {data['fix']}" if "fix" in data else "")
        self._send_error(id, NO_RESPONSE, text, data)

    def _send_error(self, id: object, code: int, message: str, data: object = None) -> None:
        error = {"code": code, "message": message} | ({"data": data} if data else {})
        self._write({"jsonrpc": "2.0", "id": id, "error": error})

    def _write(self, message: Message) -> None:
        sys.stdout.buffer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        sys.stdout.buffer.flush()


def _parse_response(content: bytes) -> Message | None:
    """Return the JSON-RPC response in a body, or in an event of a stream; None if there is none."""
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_response = (
        isinstance(parsed, dict) and parsed.get("jsonrpc") == "2.0" and ("result" in parsed or "error" in parsed)
    )
    return parsed if is_response else None


def _encode_header(value: str) -> str:
    """Encode a header value as the protocol requires: base64 unless it is plain."""
    plain = value.isascii() and value.isprintable() and value == value.strip() and not value.startswith("=?base64?")
    return value if plain else f"=?base64?{b64encode(value.encode(errors='replace')).decode()}?="

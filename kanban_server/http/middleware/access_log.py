"""Request ids, request metrics, and the access log where it is enabled."""

from __future__ import annotations

import itertools
import logging
import re
import secrets
from time import perf_counter
from typing import TYPE_CHECKING

from kanban_server.entry.actor import CLIENT_KINDS
from kanban_server.entry.headers import headers_of
from kanban_server.entry.logging import REQUEST_ID
from kanban_server.entry.problems import internal_error_response
from kanban_server.rules.metrics import RequestMetrics

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("kanban.access")

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
COUNTED_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "WEBSOCKET"})
CLIENT_KIND_BY_HEADER = {kind.encode(): kind for kind in CLIENT_KINDS}
NO_ROUTE = "-"
"""The route label of requests without a route, so that strangers can't create labels."""


def _with_default_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Add default headers: browsers must not guess the type, caches must not store JSON."""
    header_values = dict(headers)
    if b"x-content-type-options" not in header_values:
        headers.append((b"x-content-type-options", b"nosniff"))
    if b"cache-control" not in header_values and b"json" in header_values.get(b"content-type", b""):
        headers.append((b"cache-control", b"no-store"))
    return headers


class AccessLog:
    """The outermost middleware: counts refused requests too, and turns failures into problems (RFC 9457)."""

    def __init__(self, app: ASGIApp, *, requests: RequestMetrics, access_log: bool) -> None:
        self._app = app
        self._requests = requests
        self._access_log = access_log
        if access_log:
            log.setLevel(logging.INFO)
        self._id_prefix = f"{secrets.token_hex(4)}-".encode()
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        request_id = headers.get(b"x-request-id", b"")
        if not (request_id and _ID.fullmatch(request_id)):
            request_id = self._id_prefix + b"%x" % next(self._numbers)
        REQUEST_ID.set(request_id.decode())
        started_at, status, response_started = perf_counter(), 500, False

        async def send_and_record(message: Message) -> None:
            nonlocal status, response_started
            message_type = message["type"]
            if message_type == "http.response.start" and not response_started:
                status, response_started = message["status"], True
                self._requests.seconds.add(perf_counter() - started_at)
                message["headers"] = _with_default_headers([*message["headers"], (b"x-request-id", request_id)])
            elif message_type == "websocket.accept":
                status = 101
            elif message_type == "websocket.http.response.start":  # refused handshake
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_record)
        except Exception as error:
            if scope["type"] != "http" or response_started:
                raise
            await internal_error_response(scope, error)(scope, receive, send_and_record)
        finally:
            self._count(
                scope, status, CLIENT_KIND_BY_HEADER.get(headers.get(b"x-kanban-client", b""), "other"), started_at
            )

    def _count(self, scope: Scope, status: int, client: str, started_at: float) -> None:
        method = scope.get("method", "WEBSOCKET")
        if method not in COUNTED_METHODS:
            method = "other"
        key = (method, getattr(scope.get("route"), "path", NO_ROUTE), status, client)
        answered = self._requests.answered
        answered[key] = answered.get(key, 0) + 1
        if self._access_log:
            facts = {"status": status, "ms": round((perf_counter() - started_at) * 1000, 1), "client": client}
            log.info("%s %s", method, scope["path"], extra={"facts": facts})

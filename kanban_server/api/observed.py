"""Each request gets an id, is counted, and, where that is wanted, written down."""

from __future__ import annotations

import itertools
import logging
import re
import secrets
from time import perf_counter
from typing import TYPE_CHECKING

from kanban_server.api.guard import CLIENTS
from kanban_server.api.logs import REQUEST
from kanban_server.rules.counts import Requests

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("kanban.access")

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "WEBSOCKET"})
NO_ROUTE = "-"
"""The route of what was refused before it came to one, or has none: a stranger must not make labels."""


class Observed:
    """Around everything else, so that what is refused is counted too."""

    def __init__(self, app: ASGIApp, *, requests: Requests, access_log: bool) -> None:
        self._app = app
        self._requests = requests
        self._access_log = access_log
        if access_log:
            log.setLevel(logging.INFO)
        self._own = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        id, client = b"", "other"
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _ID.fullmatch(value):
                id = value
            elif name == b"x-kanban-client" and (said := value.decode("latin-1")) in CLIENTS:
                client = said
        id = id or b"%b-%x" % (self._own.encode(), next(self._numbers))
        REQUEST.set(id.decode())
        began, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._requests.seconds.add(perf_counter() - began)
                message["headers"] = [*message["headers"], (b"x-request-id", id)]
            elif message["type"] == "websocket.accept":
                status = 101
            elif message["type"] == "websocket.http.response.start":  # it was refused
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._count(scope, status, client, perf_counter() - began)

    def _count(self, scope: Scope, status: int, client: str, took: float) -> None:
        requests = self._requests
        method = scope.get("method", "WEBSOCKET")
        if method not in METHODS:
            method = "other"
        key = (method, getattr(scope.get("route"), "path", NO_ROUTE), status)
        requests.answered[key] = requests.answered.get(key, 0) + 1
        requests.clients[client] = requests.clients.get(client, 0) + 1
        if self._access_log:
            facts = {"status": status, "ms": round(took * 1000, 1), "client": client}
            log.info("%s %s", method, scope["path"], extra={"facts": facts})

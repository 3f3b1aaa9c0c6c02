"""Each request gets an id, is counted, and, where that is wanted, written down."""

from __future__ import annotations

import itertools
import logging
import re
import secrets
from time import perf_counter
from typing import TYPE_CHECKING

from kanban_server.api.fields import fields_of
from kanban_server.api.guard import CLIENTS
from kanban_server.api.logs import REQUEST
from kanban_server.api.problems import failure
from kanban_server.rules.counts import Requests

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("kanban.access")

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "WEBSOCKET"})
KINDS = {kind.encode(): kind for kind in CLIENTS}
NO_ROUTE = "-"
"""The route of what was refused before it came to one, or has none: a stranger must not make labels."""


def _guarded(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, and those that keep it what it is: no browser guesses its type, no cache keeps JSON."""
    said = dict(headers)
    if b"x-content-type-options" not in said:
        headers.append((b"x-content-type-options", b"nosniff"))
    if b"cache-control" not in said and b"json" in said.get(b"content-type", b""):
        headers.append((b"cache-control", b"no-store"))
    return headers


class Observed:
    """Around everything else, so that what is refused is counted too, and what fails is a problem (RFC 9457)."""

    def __init__(self, app: ASGIApp, *, requests: Requests, access_log: bool) -> None:
        self._app = app
        self._requests = requests
        self._access_log = access_log
        if access_log:
            log.setLevel(logging.INFO)
        self._own = f"{secrets.token_hex(4)}-".encode()
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        fields = fields_of(scope)
        id = fields.get(b"x-request-id", b"")
        if not (id and _ID.fullmatch(id)):
            id = self._own + b"%x" % next(self._numbers)
        REQUEST.set(id.decode())
        began, status, started = perf_counter(), 500, False

        async def noted(message: Message) -> None:
            nonlocal status, started
            kind = message["type"]
            if kind == "http.response.start" and not started:
                status, started = message["status"], True
                self._requests.seconds.add(perf_counter() - began)
                message["headers"] = _guarded([*message["headers"], (b"x-request-id", id)])
            elif kind == "websocket.accept":
                status = 101
            elif kind == "websocket.http.response.start":  # it was refused
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            await failure(scope, error)(scope, receive, noted)
        finally:
            self._count(scope, status, KINDS.get(fields.get(b"x-kanban-client", b""), "other"), began)

    def _count(self, scope: Scope, status: int, client: str, began: float) -> None:
        method = scope.get("method", "WEBSOCKET")
        if method not in METHODS:
            method = "other"
        key = (method, getattr(scope.get("route"), "path", NO_ROUTE), status, client)
        answered = self._requests.answered
        answered[key] = answered.get(key, 0) + 1
        if self._access_log:
            facts = {"status": status, "ms": round((perf_counter() - began) * 1000, 1), "client": client}
            log.info("%s %s", method, scope["path"], extra={"facts": facts})

"""Who asks, and may they ask at all: attribution, hosts, origins, sizes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from kanban_server.api.problems import problem_response
from kanban_server.rules.names import ANONYMOUS, Actor, user_name
from kanban_server.rules.refusals import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
CLIENTS = frozenset({"web", "cli", "sdk", "mcp"})


def actor_of(connection: HTTPConnection, named: str | None = None) -> Actor:
    """Who acts: the one whom the request names, else the one in X-Kanban-User, else nobody.

    Refused: `invalid-name`, `reserved-name`.
    """
    headers = connection.headers
    given = named if named is not None and named.strip() else None
    if given is None and (header := headers.get("x-kanban-user")):
        try:
            given = unquote(header, errors="strict")
        except UnicodeDecodeError as error:
            detail = "X-Kanban-User is not percent-encoded UTF-8."
            raise Refusal("invalid-name", detail, fix="Percent-encode the name as UTF-8.") from error
    if given is None or given.strip() == ANONYMOUS.name:
        return ANONYMOUS
    client = headers.get("x-kanban-client")
    return Actor(user_name(given), client if client in CLIENTS else None)


class Guard:
    """The first thing that a request meets: is it for this server, from where, how large, and for which path.

    A web page that somebody visits must not be able to use a board on their machine: the Host must be one of ours
    (against DNS rebinding) and so must the Origin, where there is one (against cross-site requests and sockets).
    """

    def __init__(self, app: ASGIApp, *, origins: Iterable[str], hosts: Iterable[str], body_bytes: int) -> None:
        self._app = app
        self._origins = {origin.rstrip("/").lower() for origin in origins}
        self._hosts = {host.lower() for host in hosts}
        self._body_bytes = body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check_host(headers.get("host", ""))
            self._check_origin(headers.get("origin"))
            if scope["type"] == "http":
                receive = self._limited(headers, receive)
        except Refusal as refusal:
            await problem_response(refusal)(scope, receive, send)
            return
        path = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            scope["path"] = path.rstrip("/") or "/"
        await self._app(scope, receive, send)

    def _check_host(self, host: str) -> None:
        if LOOPBACK.fullmatch(host) or host.lower() in self._hosts or host.rpartition(":")[0].lower() in self._hosts:
            return
        raise Refusal(
            "host-refused",
            f"This server does not answer as '{host[:200]}'.",
            fix="Use a loopback address, or start the server with KANBAN_HOSTS naming this host.",
        )

    def _check_origin(self, origin: str | None) -> None:
        if origin is None or origin.lower() in self._origins:
            return
        scheme, found, host = origin.partition("://")
        if found and scheme.lower() in {"http", "https"} and LOOPBACK.fullmatch(host):
            return
        raise Refusal(
            "origin-refused",
            f"Pages of '{origin[:200]}' may not use this server.",
            fix="Start the server with KANBAN_ORIGINS naming this origin, if it is yours.",
        )

    def _limited(self, headers: Headers, receive: Receive) -> Receive:
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._body_bytes:
            raise self._too_large()
        left = self._body_bytes

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise self._too_large()
            return message

        return limited

    def _too_large(self) -> Refusal:
        return Refusal(
            "body-too-large",
            f"The body has more than {self._body_bytes} bytes.",
            fix="Send less in one request.",
            limit=self._body_bytes,
        )

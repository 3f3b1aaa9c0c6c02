"""Who asks, and may they ask at all: attribution, hosts, origins, sizes."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response

from kanban_sdk.wire import limits
from kanban_server.api import closing
from kanban_server.api.crowd import CROWDED
from kanban_server.api.fields import field, fields_of, text_of
from kanban_server.api.limited import COUNT_PERSON
from kanban_server.api.problems import problem_response
from kanban_server.api.roster import not_authenticated, shown_by, viewer_of
from kanban_server.rules.access import EVERYBODY, NOBODY, THE_SERVER, Viewer, check_name
from kanban_server.rules.events import passing
from kanban_server.rules.names import ANONYMOUS, Actor, user_name
from kanban_server.rules.refusals import Refusal
from kanban_server.store.filelock import KEY_HEADER

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from kanban_server.api.parts import Parts

log = logging.getLogger("kanban.api")

LOOPBACK = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
CLIENTS = frozenset({"web", "cli", "sdk", "mcp"})
METHODS = "GET, POST, PUT, PATCH, DELETE"
READABLE = "ETag, Idempotent-Replayed, Kanban-Ignored, Retry-After"
"""Headers of an answer that a page of another origin may read."""
PREFLIGHT_SECONDS = "600"


PUBLIC = frozenset(
    {"/", "/login", "/join", "/profile", "/health", "/ready", "/docs", "/openapi.json", "/api/session", "/api/join"}
)
PUBLIC_BELOW = ("/web/", "/board/", "/docs/", "/static-offline-docs/")
"""What a server with users shows to everybody: nothing that is on a board."""
ALWAYS_ANSWERED = frozenset({"/health", "/ready"})
"""What is answered also where the server has all its connections."""
SMALL_BODIES = {"/api/session": limits.PUBLIC_BODY_BYTES, "/api/join": limits.PUBLIC_BODY_BYTES}
"""Where strangers send a body, and how large one may be."""
FILES = {"/api/me/avatar": limits.AVATAR_BYTES}
"""Where a body is a file with a limit of its own."""
AGENT_CHARACTERS = 200
KEY = KEY_HEADER.lower().encode()
_CLOSED_WITH = {
    "not-authenticated": closing.NOT_AUTHENTICATED,
    "name-mismatch": closing.REMOVED,
    "too-many-connections": closing.FULL,
}


def actor_of(connection: HTTPConnection, named: str | None = None) -> Actor:
    """Who acts: the user whose token it is. On a server without users: whom the request names, else X-Kanban-User.

    Refused: `invalid-name`, `reserved-name`, and `name-mismatch` where another name goes with a token.
    """
    asked: bytes = connection.scope["query_string"]
    query = parse_qs(asked.decode("latin-1")) if b"force" in asked else {}
    force = query.get("force", [""])[-1].lower() in {"1", "true", "yes"}
    lease = field(connection, b"kanban-lease")
    given = named if named is not None and named.strip() else None
    client, viewer = client_of(connection), viewer_of(connection)
    if not viewer.open:
        check_name(viewer, given)
        address = connection.scope["client"][0] if connection.scope.get("client") else None
        agent = (field(connection, b"user-agent") or "")[:AGENT_CHARACTERS] or None
        shown = viewer.token
        return Actor(viewer.name, client, viewer.id, lease, shown, address, agent, force, viewer.former, viewer.seat)
    if given is None:
        given = _header_name(field(connection, b"x-kanban-user"))
    name = ANONYMOUS.name if given is None or given.strip() == ANONYMOUS.name else user_name(given)
    return Actor(name, client, lease=lease, force=force)


def _header_name(header: str | None) -> str | None:
    if not header:
        return None
    try:
        return unquote(header, errors="strict")
    except UnicodeDecodeError as error:
        detail = "X-Kanban-User is not percent-encoded UTF-8."
        raise Refusal("invalid-name", detail, fix="Percent-encode the name as UTF-8.") from error


def client_of(connection: HTTPConnection, named: str | None = None) -> str | None:
    """The kind of client that asks, as it says itself; None where it says nothing that is known."""
    client = named or field(connection, b"x-kanban-client")
    return client if client in CLIENTS else None


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
        headers = fields_of(scope)
        host, origin = text_of(headers, b"host") or "", text_of(headers, b"origin")
        try:
            self._check_host(host)
            if origin is not None:
                self._check_origin(origin, host)
            if scope["type"] == "http":
                send = send if origin is None else _shared(send, origin)
                receive = self._limited(scope, headers, receive)
            _check_address(scope)
            if scope.get("method") == "OPTIONS" and b"access-control-request-method" in headers:
                await _preflight(headers)(scope, receive, send)
                return
            if "refused" in scope:
                raise scope["refused"]
            path = scope["path"]
            if path.endswith("/"):
                short = path.rstrip("/")
                scope["path"] = short if short not in {"", scope.get("root_path")} else f"{short}/"
            await self._identify(scope, headers, host, origin)
            if CROWDED in scope and not _in_spite_of_all(scope):
                raise scope[CROWDED]
        except Refusal as refusal:
            if scope["type"] == "websocket" and refusal.type == "origin-refused":
                log.warning("A socket was refused: %s", refusal.detail)
            if scope["type"] == "websocket" and refusal.type in _CLOSED_WITH:
                await _turn_away(refusal, receive, send)
            else:
                await problem_response(refusal)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _identify(self, scope: Scope, headers: dict[bytes, bytes], host: str, origin: str | None) -> None:
        """Say in the scope who asks. Refused: `not-authenticated`, `origin-refused`."""
        parts: Parts = scope["app"].state.parts
        roster = parts.roster
        if KEY in headers and compare_digest(headers[KEY], parts.key.encode()):
            scope["viewer"], scope["shown"] = THE_SERVER, None
            return
        if roster.open:
            scope["viewer"], scope["shown"] = EVERYBODY, None
            return
        shown = shown_by(headers)
        viewer = await roster.viewer(shown)
        if viewer is not None or not _public(scope):  # a cookie of a session that has ended is none: it bars no login
            if shown is not None and shown.kind == "session" and origin is not None:
                self._check_own_page(origin, host)
            if viewer is None:
                raise not_authenticated(headers)
        if viewer is not None and viewer.seat is not None and COUNT_PERSON in scope:
            await scope[COUNT_PERSON](viewer.seat)
        if viewer is not None and b"x-kanban-user" in headers:
            check_name(viewer, _header_name(headers[b"x-kanban-user"].decode("latin-1")))
        scope["viewer"], scope["shown"] = viewer or NOBODY, shown

    def _check_host(self, host: str) -> None:
        if LOOPBACK.fullmatch(host) or host.lower() in self._hosts or host.rpartition(":")[0].lower() in self._hosts:
            return
        raise Refusal(
            "host-refused",
            f"This server does not answer as '{host[:200]}'.",
            fix="Use a loopback address, or start the server with KANBAN_HOSTS naming this host.",
        )

    def _check_origin(self, origin: str, own_host: str) -> None:
        if origin.lower() in self._origins:
            return
        scheme, found, host = origin.lower().partition("://")
        if found and scheme in {"http", "https"} and (host == own_host.lower() or LOOPBACK.fullmatch(host)):
            return
        raise Refusal(
            "origin-refused",
            f"Pages of '{origin[:200]}' may not use this server.",
            fix="Start the server with KANBAN_ORIGINS naming this origin, if it is yours.",
        )

    def _check_own_page(self, origin: str, own_host: str) -> None:
        """A cookie comes by itself, also from a page of another port of this machine: it counts for our pages only."""
        if origin.lower() not in self._origins and origin.lower().partition("://")[2] != own_host.lower():
            raise Refusal(
                "origin-refused",
                f"A page of '{origin[:200]}' can't use the session of this server's own pages.",
                fix="Let it send a token of its own.",
            )

    def _limited(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        path = scope["path"].removeprefix(scope.get("root_path", "")).rstrip("/")
        most = min(self._body_bytes, SMALL_BODIES.get(path, self._body_bytes))
        named = min(most, FILES.get(path, most))
        declared = headers.get(b"content-length")
        if declared is not None and declared.isdigit():  # the HTTP parser reads no more than that
            if int(declared) > most:
                raise _too_large(named)
            return receive
        left = most

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _too_large(named)
            return message

        return limited


def _too_large(most: int) -> Refusal:
    detail = f"The body has more than the {most} bytes that are taken here."
    return Refusal("body-too-large", detail, fix="Send less in one request.", limit=most)


def _in_spite_of_all(scope: Scope) -> bool:
    """Whether a request is answered on a server that has all its connections."""
    viewer: Viewer = scope["viewer"]
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return path in ALWAYS_ANSWERED or (viewer.everywhere and not viewer.open)


def _public(scope: Scope) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return scope["type"] == "http" and (path in PUBLIC or path.startswith(PUBLIC_BELOW))


async def _turn_away(refusal: Refusal, receive: Receive, send: Send) -> None:
    """Close a socket as the contract says: a code that browsers can read, and before it the problem."""
    await receive()
    await send({"type": "websocket.accept"})
    data = {"message": refusal.detail, "problem": refusal.body()}
    await send({"type": "websocket.send", "text": passing("error", data).decode()})
    await send({"type": "websocket.close", "code": _CLOSED_WITH[refusal.type], "reason": refusal.type})


def _check_address(scope: Scope) -> None:
    """A NUL in a path or a query names nothing, and PostgreSQL can't be asked for it."""
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise Refusal("invalid-request", "The address holds a NUL character.", fix="Take it out.")


def _shared(send: Send, origin: str) -> Send:
    """Let pages of an origin that was checked read the answer (CORS)."""

    async def shared(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = READABLE
            headers.add_vary_header("Origin")
        await send(message)

    return shared


def _preflight(headers: dict[bytes, bytes]) -> Response:
    """A browser asks whether a page may send what it is about to send: any page that may ask may send it all."""
    allowed = {"Access-Control-Allow-Methods": METHODS, "Access-Control-Max-Age": PREFLIGHT_SECONDS}
    if asked := text_of(headers, b"access-control-request-headers"):
        allowed["Access-Control-Allow-Headers"] = asked
    return Response(None, 204, allowed)

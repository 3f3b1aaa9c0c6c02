"""Checks of each request: host, origin, body size, path, and authentication."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from hmac import compare_digest
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from kanban_sdk.wire import limits
from kanban_server.entry import close_codes
from kanban_server.entry.authentication import credential_from_headers, not_authenticated
from kanban_server.entry.connection_limit import REFUSAL_SCOPE_KEY
from kanban_server.entry.headers import decode_header, headers_of
from kanban_server.entry.problems import problem_response
from kanban_server.entry.uploads import is_upload
from kanban_server.http.middleware.rate_limit import COUNT_PERSON
from kanban_server.live.transient_event import encode_transient_event
from kanban_server.rules.permissions import OPEN_MODE_VIEWER, SYSTEM_VIEWER, UNKNOWN_VIEWER, Viewer, check_name_matches
from kanban_server.rules.problems import Refusal
from kanban_server.store.file_lock import KEY_HEADER

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from kanban_server.entry.state import State
from kanban_server.entry.actor import decode_user_header

log = logging.getLogger("kanban.api")

LOOPBACK = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE"
EXPOSED_HEADERS = "ETag, Idempotent-Replayed, Kanban-Ignored, Retry-After"
"""Response headers that pages of other origins may read."""
PREFLIGHT_SECONDS = "600"


PUBLIC_PATHS = frozenset(
    {
        *("/", "/login", "/join", "/profile", "/inbox", "/my-work", "/users", "/service-worker.js"),
        *("/health", "/ready", "/docs", "/openapi.json", "/asyncapi.json", "/events.schema.json"),
        *("/help", "/llms.txt"),
        *("/api/session", "/api/join"),
    }
)
PUBLIC_PREFIXES = ("/web/", "/board/", "/docs/", "/help/", "/static-offline-docs/")
"""What a server with users serves without authentication: nothing of any board."""
ALWAYS_ANSWERED = frozenset({"/health", "/ready"})
"""Paths that are served also when all connections are in use."""
SMALL_BODIES = {"/api/session": limits.PUBLIC_BODY_BYTES, "/api/join": limits.PUBLIC_BODY_BYTES}
"""Maximum bytes of bodies sent without authentication, by path."""
FILES = {"/api/me/avatar": limits.AVATAR_BYTES}
"""Maximum bytes of uploaded files, by path."""
ADMIN_KEY_HEADER = KEY_HEADER.lower().encode()
_CLOSE_CODES = {
    "not-authenticated": close_codes.NOT_AUTHENTICATED,
    "name-mismatch": close_codes.ACCESS_REMOVED,
    "too-many-connections": close_codes.TRY_AGAIN_LATER,
}


class OriginGuard:
    """Checks host, origin, body size and path, and authenticates the request.

    A web page that a user visits must not be able to use a board on their machine: the Host must be allowed (against
    DNS rebinding), and so must the Origin, where there is one (against cross-site requests and sockets).
    """

    def __init__(
        self, app: ASGIApp, *, origins: Iterable[str], hosts: Iterable[str], body_bytes: int, file_bytes: int
    ) -> None:
        self._app = app
        self._origins = {origin.rstrip("/").lower() for origin in origins}
        self._hosts = {host.lower() for host in hosts}
        self._body_bytes = body_bytes
        self._file_bytes = file_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        host, origin = decode_header(headers, b"host") or "", decode_header(headers, b"origin")
        try:
            self._check_host(host)
            if origin is not None:
                self._check_origin(origin, host)
            if scope["type"] == "http":
                send = send if origin is None else _with_cors_headers(send, origin)
                receive = self._limit_body(scope, headers, receive)
            _check_target(scope)
            if scope.get("method") == "OPTIONS" and b"access-control-request-method" in headers:
                await _preflight_response(headers)(scope, receive, send)
                return
            if "kanban.refusal" in scope:
                raise scope["kanban.refusal"]
            path = scope["path"]
            if path.endswith("/"):
                trimmed_path = path.rstrip("/")
                scope["path"] = trimmed_path if trimmed_path not in {"", scope.get("root_path")} else f"{trimmed_path}/"
            await self._identify(scope, headers, host, origin)
            if REFUSAL_SCOPE_KEY in scope and not _in_spite_of_all(scope):
                raise scope[REFUSAL_SCOPE_KEY]
        except Refusal as refusal:
            if scope["type"] == "websocket" and refusal.type == "origin-refused":
                log.warning("A socket was refused: %s", refusal.detail)
            if scope["type"] == "websocket" and refusal.type in _CLOSE_CODES:
                await _refuse_websocket(refusal, receive, send)
            else:
                await problem_response(refusal)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _identify(self, scope: Scope, headers: dict[bytes, bytes], host: str, origin: str | None) -> None:
        """Set the viewer and the credential in the scope. Refused: `not-authenticated`, `origin-refused`."""
        state: State = scope["app"].state.server
        authenticator = state.authenticator
        if ADMIN_KEY_HEADER in headers and compare_digest(headers[ADMIN_KEY_HEADER], state.admin_key.encode()):
            scope["viewer"], scope["credential"] = SYSTEM_VIEWER, None
            return
        if authenticator.open:
            scope["viewer"], scope["credential"] = OPEN_MODE_VIEWER, None
            return
        credential = credential_from_headers(headers)
        viewer = await authenticator.viewer(credential)
        if viewer is not None or not _is_public(scope):  # an expired session's cookie must not block a login
            if credential is not None and credential.kind == "session" and origin is not None:
                self._check_own_page(origin, host)
            if viewer is None:
                raise not_authenticated(headers)
        if viewer is not None and viewer.person_id is not None and COUNT_PERSON in scope:
            await scope[COUNT_PERSON](viewer.person_id)
        if viewer is not None and b"x-kanban-user" in headers:
            check_name_matches(viewer, decode_user_header(headers[b"x-kanban-user"].decode("latin-1")))
        scope["viewer"], scope["credential"] = viewer or UNKNOWN_VIEWER, credential

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
        scheme, separator, host = origin.lower().partition("://")
        if separator and scheme in {"http", "https"} and (host == own_host.lower() or LOOPBACK.fullmatch(host)):
            return
        raise Refusal(
            "origin-refused",
            f"Pages of '{origin[:200]}' may not use this server.",
            fix="Start the server with KANBAN_ORIGINS naming this origin, if it is yours.",
        )

    def _check_own_page(self, origin: str, own_host: str) -> None:
        """Browsers send a cookie from pages of other local ports too, so it is valid for this server's pages only."""
        if origin.lower() not in self._origins and origin.lower().partition("://")[2] != own_host.lower():
            raise Refusal(
                "origin-refused",
                f"A page of '{origin[:200]}' can't use the session of this server's own pages.",
                fix="Let it send a token of its own.",
            )

    def _limit_body(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        path = scope["path"].removeprefix(scope.get("root_path", "")).rstrip("/")
        max_bytes = min(self._body_bytes, SMALL_BODIES.get(path, self._body_bytes))
        if is_upload(scope["method"], path):
            max_bytes = self._file_bytes
        reported_bytes = min(max_bytes, FILES.get(path, max_bytes))
        content_length = headers.get(b"content-length")
        if content_length is not None and content_length.isdigit():  # the HTTP parser reads no more than that
            if int(content_length) > max_bytes:
                raise _body_too_large(reported_bytes)
            return receive
        remaining = max_bytes

        async def receive_limited() -> Message:
            nonlocal remaining
            message = await receive()
            remaining -= len(message.get("body", b""))
            if remaining < 0:
                raise _body_too_large(reported_bytes)
            return message

        return receive_limited


def _body_too_large(max_bytes: int) -> Refusal:
    detail = f"The body has more than the {max_bytes} bytes that are taken here."
    return Refusal("body-too-large", detail, fix="Send less in one request.", limit=max_bytes)


def _in_spite_of_all(scope: Scope) -> bool:
    """Whether a request is served although all connections are in use."""
    viewer: Viewer = scope["viewer"]
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return path in ALWAYS_ANSWERED or (viewer.is_admin and not viewer.open)


def _is_public(scope: Scope) -> bool:
    return scope["type"] == "http" and is_public_path(scope["path"].removeprefix(scope.get("root_path", "")))


def is_public_path(path: str) -> bool:
    """Whether a server with users serves the path without authentication."""
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_PREFIXES)


async def _refuse_websocket(refusal: Refusal, receive: Receive, send: Send) -> None:
    """Send the problem and close with a code that browsers can read, as the contract says."""
    await receive()
    await send({"type": "websocket.accept"})
    data = {"message": refusal.detail, "problem": refusal.body()}
    await send({"type": "websocket.send", "text": encode_transient_event("error", data).decode()})
    await send({"type": "websocket.close", "code": _CLOSE_CODES[refusal.type], "reason": refusal.type})


def _check_target(scope: Scope) -> None:
    """Refuse NUL in the path or the query: it matches nothing, and PostgreSQL does not accept it."""
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise Refusal("invalid-request", "The address holds a NUL character.", fix="Take it out.")


def _with_cors_headers(send: Send, origin: str) -> Send:
    """Let pages of an allowed origin read the response (CORS)."""

    async def send_with_cors(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
            headers.add_vary_header("Origin")
        await send(message)

    return send_with_cors


def _preflight_response(headers: dict[bytes, bytes]) -> Response:
    """Answer a CORS preflight: an allowed origin may send all methods and headers."""
    headers_to_allow = {"Access-Control-Allow-Methods": ALLOWED_METHODS, "Access-Control-Max-Age": PREFLIGHT_SECONDS}
    if requested_headers := decode_header(headers, b"access-control-request-headers"):
        headers_to_allow["Access-Control-Allow-Headers"] = requested_headers
    return Response(None, 204, headers_to_allow)

"""Rate limits: per token, per person, and for failed logins per address.

Each token has a limit of its own, however many agents run on one machine. So that more tokens give no advantage, all
tokens of a person and of their agents share another limit, ten times as high unless configured. A valid token is not
affected by failures of others at its address: only failures are counted there.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import unquote

from kanban_server.entry.close_codes import NOT_AUTHENTICATED, TRY_AGAIN_LATER
from kanban_server.entry.connection_limit import LIMIT_SCOPE_KEY, REFUSAL_SCOPE_KEY
from kanban_server.entry.headers import decode_header, headers_of
from kanban_server.entry.problems import problem_response
from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from kanban_server.http.middleware.rate_counters import RateCounters

FAILED_LOGIN = "kanban.failed_login"
"""Scope key that a handler sets where a request is a failed login although its status is not 401."""
COUNT_PERSON = "kanban.count_person"
"""Scope key of the function that OriginGuard calls with the request's person (`seat`)."""
_COUNTED_PREFIXES = ("/api/", "/mcp", "/ws/")
"""Paths whose requests are counted: not the files of pages."""
_SESSION = re.compile(rb"kanban_session=([^;\s]+)")
_CORS_HEADERS = {b"access-control-allow-origin", b"access-control-expose-headers", b"vary"}
"""Headers with which OriginGuard lets pages of other origins read a response."""


class RateLimit:
    """Wraps OriginGuard, and counts requests before OriginGuard looks anything up.

    The refusal is passed to OriginGuard in the scope, as `kanban.refusal`, so that pages of other origins can read it.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._counters: RateCounters | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with the refusal in the scope where a limit is exceeded."""
        if LIMIT_SCOPE_KEY not in scope:
            await self._apply_rate_limits(scope, receive, send)
            return
        with scope[LIMIT_SCOPE_KEY].count_request(_address(scope)) as refusal:
            if refusal is not None:
                scope.setdefault(REFUSAL_SCOPE_KEY, refusal)
            await self._apply_rate_limits(scope, receive, send)

    async def _apply_rate_limits(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or not _is_counted(scope):
            await self._app(scope, receive, send)
            return
        if not self._settings.name_limit and scope["app"].state.server.authenticator.open:
            await self._app(scope, receive, send)  # there are no users to limit, and no tokens to guess
            return
        subject, limit = self._subject(scope)
        if limit and (retry_after := await self._count(limit, subject)):
            scope["kanban.refusal"] = _too_many_requests(
                f"More than {limit.replace('/', ' requests a ')}.", retry_after
            )
        if limit := self._settings.effective_person_limit:
            scope[COUNT_PERSON] = partial(self._count_person, limit)
        await self._app(scope, receive, self._count_failed_logins(scope, receive, send))

    async def _count_person(self, limit: str, seat: int) -> None:
        """Count a request of an authenticated person. Refused: `too-many-requests`."""
        if retry_after := await self._count(limit, f"person {seat}"):
            raise _too_many_requests(f"More than {limit.replace('/', ' requests of one person a ')}.", retry_after)

    def _subject(self, scope: Scope) -> tuple[str, str]:
        """The subject of the request and its limit; an empty limit means none."""
        headers = headers_of(scope)
        if b"authorization" in headers:
            return _token_subject(headers[b"authorization"]), self._settings.token_limit
        if session := _SESSION.search(headers.get(b"cookie", b"")):
            return _token_subject(session[1]), self._settings.token_limit
        name = unquote(decode_header(headers, b"x-kanban-user") or "")[:100]
        return (f"name {name}" if name else f"address {_address(scope)}"), self._settings.name_limit

    def _count_failed_logins(self, scope: Scope, receive: Receive, send: Send) -> Send:
        """Wrap `send`: failed logins are counted, and replaced by `too-many-requests` beyond the limit."""
        refused = False

        async def send_counted(message: Message) -> None:
            nonlocal refused
            if refused:
                return
            failed = _is_unauthenticated(message) or (_starts_response(message) and scope.get(FAILED_LOGIN))
            limit = self._settings.login_limit if failed else ""
            retry_after = await self._count(limit, f"failed {_address(scope)}") if limit else 0
            if not retry_after:
                await send(message)
            elif message["type"] == "websocket.close":
                await send({**message, "code": TRY_AGAIN_LATER, "reason": "too-many-requests"})
            else:
                refused = True
                response = problem_response(
                    _too_many_requests(f"More than {limit.replace('/', ' failed logins a ')}.", retry_after)
                )
                response.raw_headers += [header for header in message["headers"] if header[0] in _CORS_HEADERS]
                await response(scope, receive, send)

        return send_counted

    async def _count(self, limit: str, subject: str) -> int:
        if self._counters is None:
            module = await asyncio.to_thread(import_module, "kanban_server.http.middleware.rate_counters")
            self._counters = self._counters or module.RateCounters(self._settings.redis_url)
        return await self._counters.count(limit, subject)


def _is_counted(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")).startswith(_COUNTED_PREFIXES)


def _starts_response(message: Message) -> bool:
    return bool(message["type"].endswith("http.response.start"))


def _is_unauthenticated(message: Message) -> bool:
    """Whether the message says that authentication failed."""
    if _starts_response(message):
        return bool(message["status"] == 401)
    return bool(message["type"] == "websocket.close" and message.get("code") == NOT_AUTHENTICATED)


def _token_subject(secret: bytes) -> str:
    return f"token {hashlib.sha256(secret).hexdigest()[:32]}"


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _too_many_requests(detail: str, retry_after: int) -> Refusal:
    return Refusal("too-many-requests", detail, fix=f"Try again in {retry_after} s.", retry_after=retry_after)

"""Nobody asks too often: a limit for each token and each person, and one for failed logins from an address.

A token has its limit to itself, however many agents of one machine there are. So that nobody gets around it by making
more tokens, all tokens of a person and of their agents share another one, ten times as high unless it is set. A token
that is good is never held up by the failures of others at its address: only failures are counted there.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import unquote

from kanban_server.api.closing import FULL, NOT_AUTHENTICATED
from kanban_server.api.crowd import CROWD, CROWDED
from kanban_server.api.fields import fields_of, text_of
from kanban_server.api.problems import problem_response
from kanban_server.rules.refusals import Refusal
from kanban_server.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from kanban_server.api.windows import Windows

FAILED_LOGIN = "kanban.failed_login"
"""What a handler sets in the scope where the request counts as a failed login, although its answer is no 401."""
COUNT_PERSON = "kanban.count_person"
"""Where the scope has the function that the guard calls with the person (`seat`) that the request is of."""
_COUNTED = ("/api/", "/mcp", "/ws/")
"""The paths whose requests count: not those of a page's files."""
_SESSION = re.compile(rb"kanban_session=([^;\s]+)")
_SHARED = {b"access-control-allow-origin", b"access-control-expose-headers", b"vary"}
"""The headers with which the guard lets a page of another origin read an answer."""


class Limited:
    """Around the guard, which refuses who asks too often before it looks anything up.

    The refusal goes to it in the scope, as `refused`: what the guard answers, pages of other origins may read.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._windows: Windows | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a refusal where it is one too many."""
        if CROWD not in scope:
            await self._counted(scope, receive, send)
            return
        with scope[CROWD].request_from(_address(scope)) as refusal:
            if refusal is not None:
                scope.setdefault(CROWDED, refusal)
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or not _counts(scope):
            await self._app(scope, receive, send)
            return
        if not self._settings.name_limit and scope["app"].state.parts.roster.open:
            await self._app(scope, receive, send)  # there is nobody to limit, and nothing to guess
            return
        who, limit = self._who(scope)
        if limit and (wait := await self._count(limit, who)):
            scope["refused"] = _too_many(f"More than {limit.replace('/', ' requests a ')}.", wait)
        if limit := self._settings.limit_of_person:
            scope[COUNT_PERSON] = partial(self._count_person, limit)
        await self._app(scope, receive, self._watched(scope, receive, send))

    async def _count_person(self, limit: str, seat: int) -> None:
        """Count a request of a person, once it is known whose it is. Refused: `too-many-requests`."""
        if wait := await self._count(limit, f"person {seat}"):
            raise _too_many(f"More than {limit.replace('/', ' requests of one person a ')}.", wait)

    def _who(self, scope: Scope) -> tuple[str, str]:
        """Whose request it is, and their limit; none where that is empty."""
        fields = fields_of(scope)
        if b"authorization" in fields:
            return _hashed(fields[b"authorization"]), self._settings.token_limit
        if session := _SESSION.search(fields.get(b"cookie", b"")):
            return _hashed(session[1]), self._settings.token_limit
        name = unquote(text_of(fields, b"x-kanban-user") or "")[:100]
        return (f"name {name}" if name else f"address {_address(scope)}"), self._settings.name_limit

    def _watched(self, scope: Scope, receive: Receive, send: Send) -> Send:
        """Sends the answer on; where it says that nobody was recognized, and once too often, says that instead."""
        refused = False

        async def watched(message: Message) -> None:
            nonlocal refused
            if refused:
                return
            failed = _says_nobody(message) or (_begins(message) and scope.get(FAILED_LOGIN))
            limit = self._settings.login_limit if failed else ""
            wait = await self._count(limit, f"failed {_address(scope)}") if limit else 0
            if not wait:
                await send(message)
            elif message["type"] == "websocket.close":
                await send({**message, "code": FULL, "reason": "too-many-requests"})
            else:
                refused = True
                said = problem_response(_too_many(f"More than {limit.replace('/', ' failed logins a ')}.", wait))
                said.raw_headers += [header for header in message["headers"] if header[0] in _SHARED]
                await said(scope, receive, send)

        return watched

    async def _count(self, limit: str, who: str) -> int:
        if self._windows is None:
            module = await asyncio.to_thread(import_module, "kanban_server.api.windows")
            self._windows = self._windows or module.Windows(self._settings.redis_url)
        return await self._windows.count(limit, who)


def _counts(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")).startswith(_COUNTED)


def _begins(message: Message) -> bool:
    return bool(message["type"].endswith("http.response.start"))


def _says_nobody(message: Message) -> bool:
    """Whether the answer is that nobody was recognized."""
    if _begins(message):
        return bool(message["status"] == 401)
    return bool(message["type"] == "websocket.close" and message.get("code") == NOT_AUTHENTICATED)


def _hashed(shown: bytes) -> str:
    return f"token {hashlib.sha256(shown).hexdigest()[:32]}"


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _too_many(detail: str, wait: int) -> Refusal:
    return Refusal("too-many-requests", detail, fix=f"Try again in {wait} s.", retry_after=wait)

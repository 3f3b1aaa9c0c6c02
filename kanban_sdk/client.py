"""`Kanban` and `AsyncKanban`: send a call, read its answer, try again where that is safe."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from kanban_sdk.calls import boards, server
from kanban_sdk.calls.address import address
from kanban_sdk.calls.call import Call
from kanban_sdk.feed import Feed
from kanban_sdk.holds import lease_within, settle
from kanban_sdk.resources import (
    AsyncBoards,
    AsyncComments,
    AsyncInbox,
    AsyncTickets,
    AsyncWebhooks,
    Boards,
    Comments,
    Inbox,
    Tickets,
    Webhooks,
)
from kanban_sdk.retries import PATIENCE, TIMEOUT, TRIES, Tries
from kanban_sdk.together import AsyncTogether, Together

if TYPE_CHECKING:
    from kanban_sdk.access import AsyncMembers, AsyncTokens, AsyncUsers, Members, Tokens, Users
    from kanban_sdk.mirror import AsyncMirror, Mirror
    from kanban_sdk.watch import AsyncWatch, Notice, Watch

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8000"


def headers_for(user: str | None, client: str = "sdk", token: str | None = None) -> dict[str, str]:
    """The headers that say who acts, and with which client."""
    from urllib.parse import quote

    headers = {"X-Kanban-Client": client} | ({"X-Kanban-User": quote(user)} if user else {})
    return headers | ({"Authorization": f"Bearer {token}"} if token else {})


class _Base:
    """What both clients are made of."""

    def __init__(
        self, url: str, user: str | None, token: str | None, *, tries: int, patience: float, client: str
    ) -> None:
        address(url)
        self.url = url.rstrip("/")
        self.user = user
        self._headers = headers_for(user, client, token)
        self._most = (tries, patience)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """The client for `KANBAN_URL` (or the local server), `KANBAN_USER` and `KANBAN_TOKEN`; `options` win."""
        options.setdefault("url", environment.get("KANBAN_URL") or DEFAULT_URL)
        options.setdefault("user", environment.get("KANBAN_USER") or None)
        options.setdefault("token", environment.get("KANBAN_TOKEN") or None)
        return cls(**options)

    def _request(self, call: Call[Any]) -> dict[str, Any]:
        """The call as httpx sends it: one idempotency key for all tries, under the lease of the block around it."""
        if call.changes and call.lease is None:
            call.lease = lease_within(self)
        url = self.url + call.target()
        return {"method": call.method, "url": url, "headers": call.headers(), "content": call.content() or None}

    def _answer(self, call: Call[T], response: httpx.Response) -> T:
        answer = call.answer(response.content, self.url)
        if call.changes:
            settle(self, call, answer)
        return answer

    def _tries(self) -> Tries:
        return Tries(self.url, *self._most)


def _refused(tries: Tries, response: httpx.Response) -> float:
    """How long to wait after a refusal. Raises Refused where there is no use in waiting."""
    return tries.refused(response.status_code, response.headers.get("Retry-After"), response.content)


class Kanban(_Base, Together):
    """A client that blocks. Use it as a context manager, or close it.

    >>> with Kanban("http://127.0.0.1:8000", user="ada") as kanban:
    ...     ticket = kanban.tickets.create("Write the summary", board=1)
    ...     kanban.tickets.move(ticket.id, "Done")

    `user` is who acts; on a server with users, `token` says it. A call that gets no answer, or finds the server busy,
    is sent again: at most `tries` times, and not later than `patience` seconds after the first. Every write bears an
    idempotency key, so that all its tries take effect once. `timeout` is how many seconds one try waits for the server.
    Threads may share a client. Raises what `kanban_sdk.errors` draws at its top.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        user: str | None = None,
        *,
        token: str | None = None,
        timeout: float = TIMEOUT,
        tries: int = TRIES,
        patience: float = PATIENCE,
        client: str = "sdk",
    ) -> None:
        super().__init__(url, user, token, tries=tries, patience=patience, client=client)
        self._http = httpx.Client(headers=self._headers, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call[T]) -> T:
        """Send a call and wait for its answer. Raises Refused, Unreachable."""
        request, tries = self._request(call), self._tries()
        while True:
            try:
                response = self._http.request(**request)
            except httpx.RequestError as error:
                wait = tries.unanswered(error)
            else:
                if response.status_code < 400:
                    return self._answer(call, response)
                wait = _refused(tries, response)
            time.sleep(wait)

    @cached_property
    def boards(self) -> Boards:
        """Boards, their columns and their logs."""
        return Boards(self)

    @cached_property
    def tickets(self) -> Tickets:
        """Tickets."""
        return Tickets(self)

    @cached_property
    def comments(self) -> Comments:
        """Comments."""
        return Comments(self)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Who is told of a board's events by HTTP."""
        return Webhooks(self)

    @cached_property
    def inbox(self) -> Inbox:
        """Comments that mention or ask the client's user."""
        return Inbox(self)

    @cached_property
    def users(self) -> Users:
        """Users, and one's own profile."""
        from kanban_sdk.access import Users

        return Users(self)

    @cached_property
    def tokens(self) -> Tokens:
        """Tokens, and invites."""
        from kanban_sdk.access import Tokens

        return Tokens(self)

    @cached_property
    def members(self) -> Members:
        """Members of boards."""
        from kanban_sdk.access import Members

        return Members(self)

    def health(self) -> dict[str, Any]:
        """Whether the server answers, and what it is."""
        return self.send(server.health())

    def watch(self, board: int, *, after: str | int | None = None, notice: Notice | None = None) -> Watch:
        """A board's events behind a cursor, one by one, for ever; without a cursor, from now on.

        `notice` is told when the connection is lost and when it is back. Raises Refused where the server says no.
        """
        from kanban_sdk.watch import Watch

        return Watch(self.url, self._headers, Feed(board, after), lambda: self.send(boards.snapshot(board)), notice)

    def mirror(self, board: int, *, notice: Notice | None = None) -> Mirror:
        """A local copy of a board that follows its log. Raises NotFound."""
        from kanban_sdk.mirror import Mirror

        snapshot = self.boards.snapshot(board)
        return Mirror(snapshot, self.watch(board, after=snapshot.cursor, notice=notice))


class AsyncKanban(_Base, AsyncTogether):
    """`Kanban`, awaited: the same names, with `await`.

    >>> async with AsyncKanban(user="ada") as kanban:
    ...     await kanban.tickets.move(42, "Done")
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        user: str | None = None,
        *,
        token: str | None = None,
        timeout: float = TIMEOUT,
        tries: int = TRIES,
        patience: float = PATIENCE,
        client: str = "sdk",
    ) -> None:
        super().__init__(url, user, token, tries=tries, patience=patience, client=client)
        self._http = httpx.AsyncClient(headers=self._headers, timeout=timeout, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: Call[T]) -> T:
        """Send a call and await its answer. Raises Refused, Unreachable."""
        import asyncio

        request, tries = self._request(call), self._tries()
        while True:
            try:
                response = await self._http.request(**request)
            except httpx.RequestError as error:
                wait = tries.unanswered(error)
            else:
                if response.status_code < 400:
                    return self._answer(call, response)
                wait = _refused(tries, response)
            await asyncio.sleep(wait)

    @cached_property
    def boards(self) -> AsyncBoards:
        """Boards, their columns and their logs."""
        return AsyncBoards(self)

    @cached_property
    def tickets(self) -> AsyncTickets:
        """Tickets."""
        return AsyncTickets(self)

    @cached_property
    def comments(self) -> AsyncComments:
        """Comments."""
        return AsyncComments(self)

    @cached_property
    def webhooks(self) -> AsyncWebhooks:
        """Who is told of a board's events by HTTP."""
        return AsyncWebhooks(self)

    @cached_property
    def inbox(self) -> AsyncInbox:
        """Comments that mention or ask the client's user."""
        return AsyncInbox(self)

    @cached_property
    def users(self) -> AsyncUsers:
        """Users, and one's own profile."""
        from kanban_sdk.access import AsyncUsers

        return AsyncUsers(self)

    @cached_property
    def tokens(self) -> AsyncTokens:
        """Tokens, and invites."""
        from kanban_sdk.access import AsyncTokens

        return AsyncTokens(self)

    @cached_property
    def members(self) -> AsyncMembers:
        """Members of boards."""
        from kanban_sdk.access import AsyncMembers

        return AsyncMembers(self)

    async def health(self) -> dict[str, Any]:
        """Whether the server answers, and what it is."""
        return await self.send(server.health())

    def watch(self, board: int, *, after: str | int | None = None, notice: Notice | None = None) -> AsyncWatch:
        """A board's events behind a cursor, one by one, for ever; without a cursor, from now on.

        `notice` is told when the connection is lost and when it is back. Raises Refused where the server says no.
        """
        from kanban_sdk.watch import AsyncWatch

        return AsyncWatch(
            self.url, self._headers, Feed(board, after), lambda: self.send(boards.snapshot(board)), notice
        )

    async def mirror(self, board: int, *, notice: Notice | None = None) -> AsyncMirror:
        """A local copy of a board that follows its log. Raises NotFound."""
        from kanban_sdk.mirror import AsyncMirror

        snapshot = await self.boards.snapshot(board)
        return AsyncMirror(snapshot, self.watch(board, after=snapshot.cursor, notice=notice))

"""`Kanban` and `AsyncKanban`."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Self, TypeVar

import httpx

from kanban_sdk.calls import boards, server, tickets
from kanban_sdk.calls.call import Call
from kanban_sdk.claims.client_methods import AsyncClaimMethods, ClaimMethods
from kanban_sdk.claims.lease import HeldLease, leases_to_check
from kanban_sdk.errors import KanbanError, NotFound
from kanban_sdk.files import AsyncFileMethods, FileMethods, async_body_of, body_of
from kanban_sdk.pipeline import delay_after_refusal
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
from kanban_sdk.stream.feed import Feed
from kanban_sdk.transport.retries import RetryPolicy

if TYPE_CHECKING:
    from kanban_sdk.accounts import AsyncMembers, AsyncTokens, AsyncUsers, Members, Tokens, Users
    from kanban_sdk.outage import OutageListener
    from kanban_sdk.stream.mirror import AsyncMirror, Mirror
    from kanban_sdk.stream.watch import AsyncWatch, Watch
    from kanban_sdk.wire.health import Health

T = TypeVar("T")


class Kanban(FileMethods, ClaimMethods):
    """A client that blocks. Use it as a context manager, or close it.

    >>> with Kanban("http://127.0.0.1:8000", user="ada") as kanban:
    ...     ticket = kanban.tickets.create("Write the summary", board=1)
    ...     kanban.tickets.move(ticket.id, "Done")

    `user` is the actor; on a server with users, `token` determines it. A call that gets no response, or finds the
    server busy, is retried: at most `tries` times in all (None means no limit), and not later than `patience` seconds
    after the first. Every write carries an idempotency key, so that all its tries take effect once. `timeout` is how
    many seconds one try waits for the server. If `tries` is None, and in waits and watches, `notice` is called when the
    server is lost and when it is back. Threads may share a client. Raises the errors of `kanban_sdk.errors`.
    """

    _http: httpx.Client
    _transport = httpx.Client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call[T], policy: RetryPolicy | None = None) -> T:
        """Send a call and wait for its response, under the client's policy or another. Raises Refused, Unreachable."""
        policy = policy or self.policy
        request, tries = self._request(call, policy), self._tries(policy)
        while True:
            try:
                response = self._http.request(**request, content=body_of(call))
            except httpx.RequestError as error:
                delay = tries.delay_after_error(error)
            else:
                if response.status_code < 400:
                    result = self._parse_response(call, response)
                    for held_lease in leases_to_check(self, result):
                        self._refresh_lease(held_lease)
                    return result
                delay = delay_after_refusal(tries, response)
            time.sleep(delay)

    def _refresh_lease(self, held_lease: HeldLease) -> None:
        """Check whether a claim is still alive. If that can't be determined now, the next write finds out."""
        try:
            held_lease.update_from(self.send(tickets.get(held_lease.ticket.id)))
        except NotFound:
            held_lease.update_from(None)
        except KanbanError:
            pass

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
        """Webhooks, which receive a board's events by HTTP."""
        return Webhooks(self)

    @cached_property
    def inbox(self) -> Inbox:
        """Comments that mention or ask the client's user."""
        return Inbox(self)

    @cached_property
    def users(self) -> Users:
        """Users, and the client's own profile."""
        from kanban_sdk.accounts import Users

        return Users(self)

    @cached_property
    def tokens(self) -> Tokens:
        """Tokens, and invites."""
        from kanban_sdk.accounts import Tokens

        return Tokens(self)

    @cached_property
    def members(self) -> Members:
        """Members of boards."""
        from kanban_sdk.accounts import Members

        return Members(self)

    def health(self) -> Health:
        """Whether the server responds, and what it is."""
        return self.send(server.health())

    def watch(
        self,
        board: int,
        *,
        after: str | int | None = None,
        notice: OutageListener | None = None,
        patience: float | None = None,
    ) -> Watch:
        """A board's events after a cursor, one by one; without a cursor, from now on.

        A lost connection is retried for `patience` seconds: by default five minutes, or the client's patience if that
        is more or `tries` is None. `notice`, by default the client's, is called on an outage. Raises Refused and
        Unreachable.
        """
        from kanban_sdk.stream.watch import Watch

        options = self._watch_options(notice, patience)
        return Watch(self.url, self._headers, Feed(board, after), lambda: self.send(boards.snapshot(board)), *options)

    def mirror(self, board: int, *, notice: OutageListener | None = None) -> Mirror:
        """A local copy of a board that follows its log. Raises NotFound."""
        from kanban_sdk.stream.mirror import Mirror

        snapshot = self.boards.snapshot(board)
        return Mirror(snapshot, self.watch(board, after=snapshot.cursor, notice=notice))


class AsyncKanban(AsyncFileMethods, AsyncClaimMethods):
    """`Kanban`, awaited: the same names, with `await`.

    >>> async with AsyncKanban(user="ada") as kanban:
    ...     await kanban.tickets.move(42, "Done")
    """

    _http: httpx.AsyncClient
    _transport = httpx.AsyncClient

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: Call[T], policy: RetryPolicy | None = None) -> T:
        """Send a call and await its response, under the client's policy or another. Raises Refused, Unreachable."""
        import asyncio

        policy = policy or self.policy
        request, tries = self._request(call, policy), self._tries(policy)
        while True:
            try:
                response = await self._http.request(**request, content=async_body_of(call))
            except httpx.RequestError as error:
                delay = tries.delay_after_error(error)
            else:
                if response.status_code < 400:
                    result = self._parse_response(call, response)
                    for held_lease in leases_to_check(self, result):
                        await self._refresh_lease(held_lease)
                    return result
                delay = delay_after_refusal(tries, response)
            await asyncio.sleep(delay)

    async def _refresh_lease(self, held_lease: HeldLease) -> None:
        """Check whether a claim is still alive. If that can't be determined now, the next write finds out."""
        try:
            ticket = await self.send(tickets.get(held_lease.ticket.id))
            held_lease.update_from(ticket)
        except NotFound:
            held_lease.update_from(None)
        except KanbanError:
            pass

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
        """Webhooks, which receive a board's events by HTTP."""
        return AsyncWebhooks(self)

    @cached_property
    def inbox(self) -> AsyncInbox:
        """Comments that mention or ask the client's user."""
        return AsyncInbox(self)

    @cached_property
    def users(self) -> AsyncUsers:
        """Users, and the client's own profile."""
        from kanban_sdk.accounts import AsyncUsers

        return AsyncUsers(self)

    @cached_property
    def tokens(self) -> AsyncTokens:
        """Tokens, and invites."""
        from kanban_sdk.accounts import AsyncTokens

        return AsyncTokens(self)

    @cached_property
    def members(self) -> AsyncMembers:
        """Members of boards."""
        from kanban_sdk.accounts import AsyncMembers

        return AsyncMembers(self)

    async def health(self) -> Health:
        """Whether the server responds, and what it is."""
        return await self.send(server.health())

    def watch(
        self,
        board: int,
        *,
        after: str | int | None = None,
        notice: OutageListener | None = None,
        patience: float | None = None,
    ) -> AsyncWatch:
        """A board's events after a cursor, one by one; without a cursor, from now on.

        A lost connection is retried for `patience` seconds: by default five minutes, or the client's patience if that
        is more or `tries` is None. `notice`, by default the client's, is called on an outage. Raises Refused and
        Unreachable.
        """
        from kanban_sdk.stream.watch import AsyncWatch

        options = self._watch_options(notice, patience)
        return AsyncWatch(
            self.url, self._headers, Feed(board, after), lambda: self.send(boards.snapshot(board)), *options
        )

    async def mirror(self, board: int, *, notice: OutageListener | None = None) -> AsyncMirror:
        """A local copy of a board that follows its log. Raises NotFound."""
        from kanban_sdk.stream.mirror import AsyncMirror

        snapshot = await self.boards.snapshot(board)
        return AsyncMirror(snapshot, self.watch(board, after=snapshot.cursor, notice=notice))

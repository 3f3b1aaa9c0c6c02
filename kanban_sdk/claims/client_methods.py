"""What agents that share a board need: holding a ticket while they work on it, and waiting without polling."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload

from kanban_sdk.calls.call import Call

if TYPE_CHECKING:
    from kanban_sdk.claims.context import AsyncClaimContext, ClaimContext
    from kanban_sdk.stream.waiting import NextTicketOptions
    from kanban_sdk.stream.watch import AsyncWatch, Watch
    from kanban_sdk.transport.retries import RetryPolicy
    from kanban_sdk.wire.comments import Comment
    from kanban_sdk.wire.tickets import Ticket

T = TypeVar("T")
CoroutineOf: TypeAlias = Coroutine[Any, Any, T]


class ClaimMethods(ABC):
    """For a blocking client."""

    user: str | None
    policy: RetryPolicy

    @abstractmethod
    def send(self, call: Call[T], policy: RetryPolicy | None = None) -> T:
        """Send a call and wait for its response."""

    @abstractmethod
    def watch(self, board: int, *, patience: float | None = None) -> Watch:
        """A board's events from now on."""

    def claim(
        self,
        ticket: int,
        *,
        lease_seconds: int | None = None,
        force: bool = False,
        on_lost: Callable[[], None] | None = None,
    ) -> ClaimContext:
        """Hold a ticket for the duration of a block: the lease is renewed, and sent with every write inside.

        `lease_seconds` is 10 to 86,400, or 0 for a claim without an end; by default 1,800. `force` takes over from
        another holder. At the end the ticket is released, unless it was finished; the text of an error becomes the
        note. `on_lost` is called if another user has the ticket. Raises AlreadyClaimed, NameRequired, ColumnFull,
        UserLimit.

        >>> with kanban.claim(42) as ticket:
        ...     kanban.tickets.move(ticket.id, "Done")
        """
        from kanban_sdk.calls import tickets
        from kanban_sdk.claims.context import ClaimContext

        call = tickets.claim(ticket, lease_seconds=lease_seconds, force=force)
        return ClaimContext(self, lambda: self.send(call), on_lost)

    def claim_next(
        self,
        board: int,
        *,
        labels: Sequence[str] = (),
        columns: Sequence[str] | None = None,
        assignee: str | None = None,
        lease_seconds: int | None = None,
        wait: float = 0,
        can: Sequence[str] | None = None,
        timeout: float | None = 0,
        on_lost: Callable[[], None] | None = None,
    ) -> ClaimContext:
        """Hold the best ready ticket of a board for the duration of a block; see `claim`.

        If there is none, waits for one, without polling; by default not at all. `wait` is for how many seconds, in the
        server's queue, where those who wait are served in the order of asking; `float("inf")` has no limit. It ends
        early if all is done, or waits for people or for others. `timeout`, also in seconds, or None for no limit,
        instead waits for whatever comes, also then, and whoever is quickest gets it. Raises NothingReady if there was
        none (`stop`: none will come by itself), and NotFound if there is no such board.

        >>> with kanban.claim_next(1) as ticket:
        ...     kanban.tickets.move(ticket.id, "Done")
        """
        from kanban_sdk.claims.context import ClaimContext, claim_next_queued, claim_next_ticket

        options: NextTicketOptions = {
            "labels": labels,
            "columns": columns,
            "assignee": assignee,
            "lease_seconds": lease_seconds,
            "can": can,
        }
        if wait:
            return ClaimContext(self, lambda: claim_next_queued(self, board, wait, **options), on_lost)
        return ClaimContext(self, lambda: claim_next_ticket(self, board, timeout, **options), on_lost)

    @overload
    def wait(self, ticket: int, *, column: str, timeout: float | None = None) -> Ticket: ...
    @overload
    def wait(self, ticket: int, *, unblocked: Literal[True], timeout: float | None = None) -> Ticket: ...
    @overload
    def wait(self, ticket: int, *, reply: Literal[True], timeout: float | None = None) -> Comment: ...
    @overload
    def wait(
        self, *, ready: int, labels: Sequence[str] = (), can: Sequence[str] | None = None, timeout: float | None = None
    ) -> Ticket: ...
    def wait(
        self,
        ticket: int | None = None,
        *,
        column: str | None = None,
        unblocked: bool = False,
        reply: bool = False,
        ready: int | None = None,
        labels: Sequence[str] = (),
        can: Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> Ticket | Comment:
        """Wait, without polling, until a ticket enters `column`, is `unblocked`, or has a `reply`.

        A reply is a comment by another user after the newest one of the client's user; it is returned. With `ready`, a
        board, wait until a ticket there can be claimed (`claim_next` claims it). If the server goes away meanwhile,
        this waits for it too: until the timeout, or without one for five minutes, after which Unreachable is raised.
        Raises NotFound, and TimedOut after `timeout` seconds.

        >>> kanban.wait(42, column="Done", timeout=600)
        """
        from kanban_sdk.stream import waiting

        condition = waiting.build_condition(
            ticket,
            column=column,
            is_unblocked=unblocked,
            reply=reply,
            board=ready,
            labels=labels,
            can=can,
            user=self.user,
        )
        return waiting.wait_until(self, waiting.send_calls(self, condition), timeout)


class AsyncClaimMethods(ABC):
    """For an async client."""

    user: str | None
    policy: RetryPolicy

    @abstractmethod
    async def send(self, call: Call[T], policy: RetryPolicy | None = None) -> T:
        """Send a call and await its response."""

    @abstractmethod
    def watch(self, board: int, *, patience: float | None = None) -> AsyncWatch:
        """A board's events from now on."""

    def claim(
        self,
        ticket: int,
        *,
        lease_seconds: int | None = None,
        force: bool = False,
        on_lost: Callable[[], None] | None = None,
    ) -> AsyncClaimContext:
        """Hold a ticket for the duration of a block: the lease is renewed, and sent with every write inside.

        `lease_seconds` is 10 to 86,400, or 0 for a claim without an end; by default 1,800. `force` takes over from
        another holder. At the end the ticket is released, unless it was finished; the text of an error becomes the
        note. `on_lost` is called if another user has the ticket. Raises AlreadyClaimed, NameRequired, ColumnFull,
        UserLimit.

        >>> async with kanban.claim(42) as ticket:
        ...     await kanban.tickets.move(ticket.id, "Done")
        """
        from kanban_sdk.calls import tickets
        from kanban_sdk.claims.context import AsyncClaimContext, CancelSafeClient

        call = tickets.claim(ticket, lease_seconds=lease_seconds, force=force)
        return AsyncClaimContext(self, lambda: CancelSafeClient(self).send(call), on_lost)

    def claim_next(
        self,
        board: int,
        *,
        labels: Sequence[str] = (),
        columns: Sequence[str] | None = None,
        assignee: str | None = None,
        lease_seconds: int | None = None,
        wait: float = 0,
        can: Sequence[str] | None = None,
        timeout: float | None = 0,
        on_lost: Callable[[], None] | None = None,
    ) -> AsyncClaimContext:
        """Hold the best ready ticket of a board for the duration of a block; see `claim`.

        If there is none, waits for one, without polling; by default not at all. `wait` is for how many seconds, in the
        server's queue, where those who wait are served in the order of asking; `float("inf")` has no limit. It ends
        early if all is done, or waits for people or for others. `timeout`, also in seconds, or None for no limit,
        instead waits for whatever comes, also then, and whoever is quickest gets it. Raises NothingReady if there was
        none (`stop`: none will come by itself), and NotFound if there is no such board.

        >>> async with kanban.claim_next(1) as ticket:
        ...     await kanban.tickets.move(ticket.id, "Done")
        """
        from kanban_sdk.claims.context import AsyncClaimContext, claim_next_queued_async, claim_next_ticket_async

        options: NextTicketOptions = {
            "labels": labels,
            "columns": columns,
            "assignee": assignee,
            "lease_seconds": lease_seconds,
            "can": can,
        }
        if wait:
            return AsyncClaimContext(self, lambda: claim_next_queued_async(self, board, wait, **options), on_lost)
        return AsyncClaimContext(self, lambda: claim_next_ticket_async(self, board, timeout, **options), on_lost)

    @overload
    def wait(self, ticket: int, *, column: str, timeout: float | None = None) -> CoroutineOf[Ticket]: ...
    @overload
    def wait(self, ticket: int, *, unblocked: Literal[True], timeout: float | None = None) -> CoroutineOf[Ticket]: ...
    @overload
    def wait(self, ticket: int, *, reply: Literal[True], timeout: float | None = None) -> CoroutineOf[Comment]: ...
    @overload
    def wait(
        self, *, ready: int, labels: Sequence[str] = (), can: Sequence[str] | None = None, timeout: float | None = None
    ) -> CoroutineOf[Ticket]: ...
    def wait(
        self,
        ticket: int | None = None,
        *,
        column: str | None = None,
        unblocked: bool = False,
        reply: bool = False,
        ready: int | None = None,
        labels: Sequence[str] = (),
        can: Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> CoroutineOf[Ticket | Comment]:
        """Wait, without polling, until a ticket enters `column`, is `unblocked`, or has a `reply`.

        A reply is a comment by another user after the newest one of the client's user; it is returned. With `ready`, a
        board, wait until a ticket there can be claimed (`claim_next` claims it). If the server goes away meanwhile,
        this waits for it too: until the timeout, or without one for five minutes, after which Unreachable is raised.
        Raises NotFound, and TimedOut after `timeout` seconds.

        >>> await kanban.wait(42, column="Done", timeout=600)
        """
        from kanban_sdk.stream import waiting

        condition = waiting.build_condition(
            ticket,
            column=column,
            is_unblocked=unblocked,
            reply=reply,
            board=ready,
            labels=labels,
            can=can,
            user=self.user,
        )
        return waiting.build_and_wait_async(self, condition, timeout)

"""What agents that share a board need: to hold a ticket for as long as they work on it, and to wait without polling."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload

from kanban_sdk.calls.call import Call

if TYPE_CHECKING:
    from kanban_sdk.held import AsyncHeld, Held
    from kanban_sdk.retries import Policy
    from kanban_sdk.watch import AsyncWatch, Watch
    from kanban_sdk.wire.comments import Comment
    from kanban_sdk.wire.tickets import Ticket

T = TypeVar("T")
Awaits: TypeAlias = Coroutine[Any, Any, T]


class Together(ABC):
    """For a client that blocks."""

    user: str | None
    policy: Policy

    @abstractmethod
    def send(self, call: Call[T], policy: Policy | None = None) -> T:
        """Send a call and wait for its answer."""

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
    ) -> Held:
        """Hold a ticket for as long as a block lasts: the lease renews itself, and stands on every write inside.

        At the end the ticket is released, unless it was finished; an error leaves its words as the note. `on_lost` is
        called where somebody else has the ticket. Raises AlreadyClaimed, NameRequired, ColumnFull, UserLimit.

        >>> with kanban.claim(42) as ticket:
        ...     kanban.tickets.move(ticket.id, "Done")
        """
        from kanban_sdk.calls import tickets
        from kanban_sdk.held import Held

        call = tickets.claim(ticket, lease_seconds=lease_seconds, force=force)
        return Held(self, lambda: self.send(call), on_lost)

    def claim_next(
        self,
        board: int,
        *,
        labels: Sequence[str] = (),
        columns: Sequence[str] | None = None,
        assignee: str | None = None,
        lease_seconds: int | None = None,
        timeout: float | None = 0,
        on_lost: Callable[[], None] | None = None,
    ) -> Held:
        """Hold the best ready ticket of a board for as long as a block lasts; see `claim`.

        Where there is none, waits for one, without polling: `timeout` seconds, for ever with None, and by default not
        at all. Raises NothingReady where there was none in time, and NotFound where there is no such board.

        >>> with kanban.claim_next(1) as ticket:
        ...     kanban.tickets.move(ticket.id, "Done")
        """
        from kanban_sdk.held import Held, take_next

        asked = {"labels": labels, "columns": columns, "assignee": assignee, "lease_seconds": lease_seconds}
        return Held(self, lambda: take_next(self, board, timeout, **asked), on_lost)

    @overload
    def wait(self, ticket: int, *, column: str, timeout: float | None = None) -> Ticket: ...
    @overload
    def wait(self, ticket: int, *, unblocked: Literal[True], timeout: float | None = None) -> Ticket: ...
    @overload
    def wait(self, ticket: int, *, reply: Literal[True], timeout: float | None = None) -> Comment: ...
    @overload
    def wait(self, *, ready: int, labels: Sequence[str] = (), timeout: float | None = None) -> Ticket: ...
    def wait(
        self,
        ticket: int | None = None,
        *,
        column: str | None = None,
        unblocked: bool = False,
        reply: bool = False,
        ready: int | None = None,
        labels: Sequence[str] = (),
        timeout: float | None = None,
    ) -> Any:
        """Wait, without polling, until a ticket has come to `column`, is `unblocked`, or has a `reply`.

        A reply is a comment by somebody else behind one's own newest; it is what is returned. With `ready`, a board,
        wait until a ticket there can be taken (`claim_next` takes it). A server that goes away meanwhile is waited for
        too: until the timeout, and without one for five minutes, after which Unreachable is raised.
        Raises NotFound, and TimedOut after `timeout` seconds.

        >>> kanban.wait(42, column="Done", timeout=600)
        """
        from kanban_sdk import waits

        steps = waits.goal(
            ticket, column=column, is_unblocked=unblocked, reply=reply, board=ready, labels=labels, user=self.user
        )
        return waits.reach(self, waits.run(self, steps), timeout)


class AsyncTogether(ABC):
    """For a client that is awaited."""

    user: str | None
    policy: Policy

    @abstractmethod
    async def send(self, call: Call[T], policy: Policy | None = None) -> T:
        """Send a call and await its answer."""

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
    ) -> AsyncHeld:
        """Hold a ticket for as long as a block lasts: the lease renews itself, and stands on every write inside.

        At the end the ticket is released, unless it was finished; an error leaves its words as the note. `on_lost` is
        called where somebody else has the ticket. Raises AlreadyClaimed, NameRequired, ColumnFull, UserLimit.

        >>> async with kanban.claim(42) as ticket:
        ...     await kanban.tickets.move(ticket.id, "Done")
        """
        from kanban_sdk.calls import tickets
        from kanban_sdk.held import AsyncHeld, Careful

        call = tickets.claim(ticket, lease_seconds=lease_seconds, force=force)
        return AsyncHeld(self, lambda: Careful(self).send(call), on_lost)

    def claim_next(
        self,
        board: int,
        *,
        labels: Sequence[str] = (),
        columns: Sequence[str] | None = None,
        assignee: str | None = None,
        lease_seconds: int | None = None,
        timeout: float | None = 0,
        on_lost: Callable[[], None] | None = None,
    ) -> AsyncHeld:
        """Hold the best ready ticket of a board for as long as a block lasts; see `claim`.

        Where there is none, waits for one, without polling: `timeout` seconds, for ever with None, and by default not
        at all. Raises NothingReady where there was none in time, and NotFound where there is no such board.

        >>> async with kanban.claim_next(1) as ticket:
        ...     await kanban.tickets.move(ticket.id, "Done")
        """
        from kanban_sdk.held import AsyncHeld, take_next_async

        asked = {"labels": labels, "columns": columns, "assignee": assignee, "lease_seconds": lease_seconds}
        return AsyncHeld(self, lambda: take_next_async(self, board, timeout, **asked), on_lost)

    @overload
    def wait(self, ticket: int, *, column: str, timeout: float | None = None) -> Awaits[Ticket]: ...
    @overload
    def wait(self, ticket: int, *, unblocked: Literal[True], timeout: float | None = None) -> Awaits[Ticket]: ...
    @overload
    def wait(self, ticket: int, *, reply: Literal[True], timeout: float | None = None) -> Awaits[Comment]: ...
    @overload
    def wait(self, *, ready: int, labels: Sequence[str] = (), timeout: float | None = None) -> Awaits[Ticket]: ...
    def wait(
        self,
        ticket: int | None = None,
        *,
        column: str | None = None,
        unblocked: bool = False,
        reply: bool = False,
        ready: int | None = None,
        labels: Sequence[str] = (),
        timeout: float | None = None,
    ) -> Any:
        """Wait, without polling, until a ticket has come to `column`, is `unblocked`, or has a `reply`.

        A reply is a comment by somebody else behind one's own newest; it is what is returned. With `ready`, a board,
        wait until a ticket there can be taken (`claim_next` takes it). A server that goes away meanwhile is waited for
        too: until the timeout, and without one for five minutes, after which Unreachable is raised.
        Raises NotFound, and TimedOut after `timeout` seconds.

        >>> await kanban.wait(42, column="Done", timeout=600)
        """
        from kanban_sdk import waits

        steps = waits.goal(
            ticket, column=column, is_unblocked=unblocked, reply=reply, board=ready, labels=labels, user=self.user
        )
        return waits.reached(self, steps, timeout)

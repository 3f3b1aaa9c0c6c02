"""Waiting for something on a board by its stream, so that nobody has to poll.

A goal is pure: it says which calls tell whether it is reached, and which events are worth a look. Two runners, one that
blocks and one that awaits, send the calls and follow the stream.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from kanban_sdk.calls import boards, comments, tickets, users
from kanban_sdk.calls.call import Call
from kanban_sdk.errors import Refused, TimedOut, Unreachable, refused
from kanban_sdk.retries import Policy, worth_retrying
from kanban_sdk.wire.boards import matching
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.events import Event, SnapshotTaken
from kanban_sdk.wire.tickets import Chosen, Ticket

if TYPE_CHECKING:
    from kanban_sdk.watch import AsyncWatch, Watch

T = TypeVar("T")

Steps: TypeAlias = Generator[Call[Any], Any, T]
"""Calls to send, one after another, each answered before the next; then the result."""

TOO_LATE = "What was waited for did not come in time."
NEWS = frozenset({"ticket_claimed", "ticket_blocked", "comment_added", "comment_updated", "comment_deleted"})
"""What makes no ticket ready."""


class Sends(Protocol):
    """A client that blocks."""

    policy: Policy

    def send(self, call: Call[T], policy: Policy | None = None) -> T:
        """Send the call and wait for its answer, under the client's own policy or another."""

    def watch(self, board: int, *, patience: float | None = None) -> Watch:
        """A board's events from now on."""


class AsyncSends(Protocol):
    """A client that is awaited."""

    policy: Policy

    async def send(self, call: Call[T], policy: Policy | None = None) -> T:
        """Send the call and await its answer, under the client's own policy or another."""

    def watch(self, board: int, *, patience: float | None = None) -> AsyncWatch:
        """A board's events from now on."""


@dataclass(frozen=True)
class Goal(Generic[T]):
    """What is waited for on a board.

    `look` tells what it gives once it is reached, else None; it is told of the event that made it look, if any.
    """

    board: int
    look: Callable[[Event | None], Steps[T | None]]
    concerns: Callable[[Event], bool]


def in_column(ticket: int, column: str) -> Steps[Goal[Ticket]]:
    """That a ticket comes to a column, though it may have gone on since. Raises NotFound, UnknownColumn."""
    board = (yield tickets.get(ticket)).board_id
    yield tickets.page(board, column=column, page_size=1)  # an unknown column is refused now
    wanted = matching(column)

    def look(event: Event | None) -> Steps[Ticket | None]:
        now: Ticket = yield tickets.get(ticket)
        arrived = event is not None and matching(str(event.data.get("to_column"))) == wanted
        return now if arrived or matching(now.current_column) == wanted else None

    return Goal(board, look, lambda event: event.ticket_id == ticket or event.event == "board_updated")


def unblocked(ticket: int) -> Steps[Goal[Ticket]]:
    """That a ticket waits for no other any longer. Raises NotFound."""
    board = (yield tickets.get(ticket)).board_id

    def look(_: Event | None) -> Steps[Ticket | None]:
        now: Ticket = yield tickets.get(ticket)
        return None if now.open_blockers else now

    return Goal(board, look, lambda event: event.ticket_id == ticket)


def replied(ticket: int, user: str | None) -> Steps[Goal[Comment]]:
    """That somebody else comments on a ticket, behind one's own newest comment. Raises NotFound."""
    board = (yield tickets.get(ticket)).board_id
    if user is None:  # then a token may say it
        me = (yield users.session()).user
        user = me.name if me else "anonymous"
    known: set[int] | None = None

    def look(_: Event | None) -> Steps[Comment | None]:
        nonlocal known
        written: list[Comment] = yield comments.all(ticket)
        own = [index for index, comment in enumerate(written) if comment.author == user]
        if known is None:  # where the user has asked nothing, what is there already answers nothing
            known = set() if own else {comment.id for comment in written}
        behind = written[own[-1] + 1 :] if own else written
        return next((comment for comment in behind if comment.id not in known), None)

    return Goal(board, look, lambda event: event.ticket_id == ticket and event.event == "comment_added")


def ready(board: int, *, keep: Callable[[Chosen], None] = lambda chosen: None, **asked: Any) -> Goal[Ticket]:
    """That a ticket of a board is ready; `asked` is what `calls.boards.next_ticket` takes."""

    def look(_: Event | None) -> Steps[Ticket | None]:
        chosen: Chosen = yield boards.next_ticket(board, **asked)
        keep(chosen)
        return chosen.ticket

    return Goal(board, look, lambda event: event.event not in NEWS)


def goal(
    ticket: int | None,
    *,
    column: str | None,
    is_unblocked: bool,
    reply: bool,
    board: int | None,
    labels: Sequence[str],
    user: str | None,
) -> Steps[Goal[Any]]:
    """The one thing that is to be waited for. Raises TypeError where that is not one."""
    if [column is not None, is_unblocked, reply, board is not None].count(True) != 1 or (ticket is None) != (
        board is not None
    ):
        raise TypeError("wait for one thing: a ticket's column, unblocked or reply, or ready, which is a board")
    if board is not None:
        return ready(board, labels=labels)
    assert ticket is not None
    if column is not None:
        return (yield from in_column(ticket, column))
    return (yield from (unblocked(ticket) if is_unblocked else replied(ticket, user)))


def run(client: Sends, steps: Steps[T], policy: Policy | None = None) -> T:
    """Send the calls; the result."""
    answer = None
    while True:
        try:
            call = steps.send(answer)
        except StopIteration as done:
            result: T = done.value
            return result
        answer = client.send(call, policy)


async def run_async(client: AsyncSends, steps: Steps[T], policy: Policy | None = None) -> T:
    """Send the calls, and await their answers; the result."""
    answer = None
    while True:
        try:
            call = steps.send(answer)
        except StopIteration as done:
            result: T = done.value
            return result
        answer = await client.send(call, policy)


def reach(client: Sends, wanted: Goal[T], timeout: float | None) -> T:
    """Wait until a goal is reached; what it gives.

    A server that goes away after the first look is waited for, until the timeout or for the patience of a watch.
    Raises TimedOut, Unreachable, and NotFound where the board is deleted.
    """
    found = run(client, wanted.look(None))
    if found is not None:
        return found
    if timeout is not None and timeout <= 0:
        raise TimedOut(TOO_LATE)
    deadline = None if timeout is None else time.monotonic() + timeout
    with client.watch(wanted.board, patience=_patience(client, timeout)) as events:
        try:
            events.connect(timeout)
            event: Event | None = None
            while (found := run(client, wanted.look(event), _policy(client, _left(deadline)))) is None:
                event = events.next(_left(deadline))
                while not _worth(wanted, event):
                    event = events.next(_left(deadline))
        except StopIteration:
            raise _deleted(wanted) from None
        except TimedOut:
            raise TimedOut(TOO_LATE) from None
        except (Unreachable, Refused) as error:
            if timeout is not None and _away(error):
                raise TimedOut(TOO_LATE) from None
            raise
    return found


async def reach_async(client: AsyncSends, wanted: Goal[T], within: float | None) -> T:
    """`reach`, awaited. The time that is left bounds the stream, and cuts no call off."""
    found = await run_async(client, wanted.look(None))
    if found is not None:
        return found
    if within is not None and within <= 0:
        raise TimedOut(TOO_LATE)
    clock = asyncio.get_running_loop().time
    deadline = None if within is None else clock() + within
    async with client.watch(wanted.board, patience=_patience(client, within)) as events:
        try:
            async with asyncio.timeout_at(deadline):
                await events.connect()
            event: Event | None = None
            policy = _policy(client, _left(deadline, clock))
            while (found := await run_async(client, wanted.look(event), policy)) is None:
                async with asyncio.timeout_at(deadline):
                    event = await anext(events)
                    while not _worth(wanted, event):
                        event = await anext(events)
                policy = _policy(client, _left(deadline, clock))
        except StopAsyncIteration:
            raise _deleted(wanted) from None
        except TimeoutError:
            raise TimedOut(TOO_LATE) from None
        except (Unreachable, Refused) as error:
            if within is not None and _away(error):
                raise TimedOut(TOO_LATE) from None
            raise
    return found


async def reached(client: AsyncSends, steps: Steps[Goal[T]], within: float | None) -> T:
    """Find the goal, and await it."""
    return await reach_async(client, await run_async(client, steps), within)


def _worth(wanted: Goal[Any], event: Event) -> bool:
    return isinstance(event, SnapshotTaken) or wanted.concerns(event)


def _deleted(wanted: Goal[Any]) -> Refused:
    detail = f"Board {wanted.board} is deleted; what was waited for can't come any more."
    return refused({"type": "not-found", "status": 404, "detail": detail, "what": "board", "id": wanted.board})


def _left(deadline: float | None, clock: Callable[[], float] = time.monotonic) -> float | None:
    return None if deadline is None else max(0.0, deadline - clock())


def _patience(client: Sends | AsyncSends, timeout: float | None) -> float:
    """How long the stream of a wait may be lost, in seconds: where the wait has a timeout, that alone ends it."""
    return client.policy.outage_patience if timeout is None else float("inf")


def _policy(client: Sends | AsyncSends, left: float | None) -> Policy:
    """How the calls of a wait are tried: again and again in the seconds that are left."""
    patience = client.policy.outage_patience if left is None else left
    return replace(client.policy, tries=None, patience=patience)


def _away(error: Unreachable | Refused) -> bool:
    """Whether a server is away that may come back."""
    return isinstance(error, Unreachable) or worth_retrying(error.status, error.type)

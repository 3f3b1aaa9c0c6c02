"""Waiting for something on a board by its stream, without polling.

A condition is pure: it yields the calls that tell whether it is met, and names the events that need a new check. Two
runners, one blocking and one async, send the calls and follow the stream.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypedDict, TypeVar, Unpack

from kanban_sdk.calls import boards, comments, tickets, users
from kanban_sdk.calls.call import Call
from kanban_sdk.errors import Refused, TimedOut, Unreachable
from kanban_sdk.problem_types import exception_for
from kanban_sdk.transport.retries import RetryPolicy, is_retryable
from kanban_sdk.wire.boards import matching
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.events import Event, SnapshotTaken
from kanban_sdk.wire.tickets import NextTicket, Ticket

if TYPE_CHECKING:
    from kanban_sdk.stream.watch import AsyncWatch, Watch

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

CallGenerator: TypeAlias = Generator[Call[Any], Any, T]
"""Calls to send, one after another, each answered before the next; then the result."""

TIMED_OUT_MESSAGE = "The condition was not met in time."
EVENTS_WITHOUT_READY = frozenset(
    {"ticket_claimed", "ticket_blocked", "comment_added", "comment_updated", "comment_deleted", "question_withdrawn"}
)
"""Events that make no ticket ready."""


class BlockingClient(Protocol):
    """A blocking client."""

    policy: RetryPolicy

    def send(self, call: Call[T], policy: RetryPolicy | None = None) -> T:
        """Send the call and wait for its response, under the client's own policy or another."""

    def watch(self, board: int, *, patience: float | None = None) -> Watch:
        """A board's events from now on."""


class AsyncClient(Protocol):
    """An async client."""

    policy: RetryPolicy

    async def send(self, call: Call[T], policy: RetryPolicy | None = None) -> T:
        """Send the call and await its response, under the client's own policy or another."""

    def watch(self, board: int, *, patience: float | None = None) -> AsyncWatch:
        """A board's events from now on."""


class NextTicketOptions(TypedDict, total=False):
    """Parameters of `calls.boards.next_ticket`: which ticket to choose, and for how long to claim it."""

    labels: Sequence[str]
    columns: Sequence[str] | None
    assignee: str | None
    lease_seconds: int | None
    can: Sequence[str] | None


@dataclass(frozen=True)
class Condition(Generic[T_co]):
    """What to wait for on a board.

    `check` returns a result once the condition is met, else None; it gets the event that triggered it, if any.
    """

    board: int
    check: Callable[[Event | None], CallGenerator[T_co | None]]
    is_relevant: Callable[[Event], bool]


def column_reached(ticket: int, column: str) -> CallGenerator[Condition[Ticket]]:
    """A ticket enters a column, even if it has left it since. Raises NotFound, UnknownColumn."""
    board = (yield tickets.get(ticket)).board_id
    yield tickets.page(board, column=column, page_size=1)  # an unknown column is refused now
    target = matching(column)

    def check(event: Event | None) -> CallGenerator[Ticket | None]:
        current: Ticket = yield tickets.get(ticket)
        arrived = event is not None and matching(str(event.data.get("to_column"))) == target
        return current if arrived or matching(current.current_column) == target else None

    return Condition(board, check, lambda event: event.ticket_id == ticket or event.event == "board_updated")


def ticket_unblocked(ticket: int) -> CallGenerator[Condition[Ticket]]:
    """A ticket no longer waits for any other. Raises NotFound."""
    board = (yield tickets.get(ticket)).board_id

    def check(_: Event | None) -> CallGenerator[Ticket | None]:
        current: Ticket = yield tickets.get(ticket)
        return None if current.open_blockers else current

    return Condition(board, check, lambda event: event.ticket_id == ticket)


def reply_received(ticket: int, user: str | None) -> CallGenerator[Condition[Comment]]:
    """Another user comments after the user's own newest comment, and no question of theirs is open. Raises NotFound."""
    board = (yield tickets.get(ticket)).board_id
    if user is None:  # then the token may name the user
        me = (yield users.session()).user
        user = me.name if me else "anonymous"
    seen_ids: set[int] | None = None
    asked: set[str] = set()  # by a question that is or was open

    def check(_: Event | None) -> CallGenerator[Comment | None]:
        nonlocal seen_ids, asked
        current: Ticket = yield tickets.get(ticket)
        all_comments: list[Comment] = yield comments.all(ticket)
        own_indexes = [index for index, comment in enumerate(all_comments) if comment.author == user]
        if seen_ids is None:  # without a question of the user's, existing comments are no reply
            seen_ids = set() if own_indexes else {comment.id for comment in all_comments}
        replies = [one for one in all_comments[own_indexes[-1] + 1 if own_indexes else 0 :] if one.id not in seen_ids]
        if current.asked and any(all_comments[index].id == current.open_question for index in own_indexes):
            asked = {*current.asked}
            return None
        return next((reply for reply in replies if reply.author in asked), next(iter(replies), None))

    return Condition(board, check, lambda event: event.ticket_id == ticket and event.event == "comment_added")


def ticket_ready(
    board: int,
    *,
    on_result: Callable[[NextTicket], None] = lambda chosen: None,
    claim: bool = False,
    **options: Unpack[NextTicketOptions],
) -> Condition[Ticket]:
    """A ticket of a board is ready; `claim` claims it. The other parameters: see `calls.boards.next_ticket`."""

    def check(_: Event | None) -> CallGenerator[Ticket | None]:
        result: NextTicket = yield boards.next_ticket(board, claim=claim, **options)
        on_result(result)
        return result.ticket

    return Condition(board, check, lambda event: event.event not in EVENTS_WITHOUT_READY)


def build_condition(
    ticket: int | None,
    *,
    column: str | None,
    is_unblocked: bool,
    reply: bool,
    board: int | None,
    labels: Sequence[str],
    can: Sequence[str] | None,
    user: str | None,
) -> CallGenerator[Condition[Ticket | Comment]]:
    """The condition to wait for. Raises TypeError unless there is exactly one."""
    if [column is not None, is_unblocked, reply, board is not None].count(True) != 1 or (ticket is None) != (
        board is not None
    ):
        raise TypeError("wait needs exactly one of: a ticket and column, unblocked or reply; or a board as ready")
    if board is not None:
        return ticket_ready(board, labels=labels, can=can)
    assert ticket is not None
    if column is not None:
        return (yield from column_reached(ticket, column))
    return (yield from (ticket_unblocked(ticket) if is_unblocked else reply_received(ticket, user)))


def send_calls(client: BlockingClient, calls: CallGenerator[T], policy: RetryPolicy | None = None) -> T:
    """Send the calls and return the result."""
    response = None
    while True:
        try:
            call = calls.send(response)
        except StopIteration as done:
            result: T = done.value
            return result
        response = client.send(call, policy)


async def send_calls_async(client: AsyncClient, calls: CallGenerator[T], policy: RetryPolicy | None = None) -> T:
    """Send the calls, await their responses, and return the result."""
    response = None
    while True:
        try:
            call = calls.send(response)
        except StopIteration as done:
            result: T = done.value
            return result
        response = await client.send(call, policy)


def wait_until(client: BlockingClient, condition: Condition[T], timeout: float | None) -> T:
    """Wait until a condition is met, and return its result.

    If the server goes away after the first check, this waits for it, until the timeout or for the patience of a watch.
    Raises TimedOut, Unreachable, and NotFound if the board is deleted.
    """
    result = send_calls(client, condition.check(None))
    if result is not None:
        return result
    if timeout is not None and timeout <= 0:
        raise TimedOut(TIMED_OUT_MESSAGE)
    deadline = None if timeout is None else time.monotonic() + timeout
    with client.watch(condition.board, patience=_stream_patience(client, timeout)) as events:
        try:
            events.connect(timeout)
            event: Event | None = None
            while (
                result := send_calls(client, condition.check(event), _call_policy(client, _seconds_left(deadline)))
            ) is None:
                event = events.next(_seconds_left(deadline))
                while not _is_relevant(condition, event):
                    event = events.next(_seconds_left(deadline))
        except StopIteration:
            raise _board_deleted(condition) from None
        except TimedOut:
            raise TimedOut(TIMED_OUT_MESSAGE) from None
        except (Unreachable, Refused) as error:
            if timeout is not None and _is_server_away(error):
                raise TimedOut(TIMED_OUT_MESSAGE) from None
            raise
    return result


async def wait_until_async(client: AsyncClient, condition: Condition[T], max_wait: float | None) -> T:
    """`wait_until`, awaited. The remaining time bounds the stream, and interrupts no call."""
    result = await send_calls_async(client, condition.check(None))
    if result is not None:
        return result
    if max_wait is not None and max_wait <= 0:
        raise TimedOut(TIMED_OUT_MESSAGE)
    clock = asyncio.get_running_loop().time
    deadline = None if max_wait is None else clock() + max_wait
    async with client.watch(condition.board, patience=_stream_patience(client, max_wait)) as events:
        try:
            async with asyncio.timeout_at(deadline):
                await events.connect()
            event: Event | None = None
            policy = _call_policy(client, _seconds_left(deadline, clock))
            while (result := await send_calls_async(client, condition.check(event), policy)) is None:
                async with asyncio.timeout_at(deadline):
                    event = await anext(events)
                    while not _is_relevant(condition, event):
                        event = await anext(events)
                policy = _call_policy(client, _seconds_left(deadline, clock))
        except StopAsyncIteration:
            raise _board_deleted(condition) from None
        except TimeoutError:
            raise TimedOut(TIMED_OUT_MESSAGE) from None
        except (Unreachable, Refused) as error:
            if max_wait is not None and _is_server_away(error):
                raise TimedOut(TIMED_OUT_MESSAGE) from None
            raise
    return result


async def build_and_wait_async(
    client: AsyncClient, condition: CallGenerator[Condition[T]], max_wait: float | None
) -> T:
    """Build the condition, and await it."""
    return await wait_until_async(client, await send_calls_async(client, condition), max_wait)


def _is_relevant(condition: Condition[T], event: Event) -> bool:
    return isinstance(event, SnapshotTaken) or condition.is_relevant(event)


def _board_deleted(condition: Condition[T]) -> Refused:
    detail = f"Board {condition.board} is deleted, so the condition can no longer be met."
    return exception_for({"type": "not-found", "status": 404, "detail": detail, "what": "board", "id": condition.board})


def _seconds_left(deadline: float | None, clock: Callable[[], float] = time.monotonic) -> float | None:
    return None if deadline is None else max(0.0, deadline - clock())


def _stream_patience(client: BlockingClient | AsyncClient, timeout: float | None) -> float:
    """Seconds that the stream of a wait may be lost: if the wait has a timeout, only that ends it."""
    return client.policy.outage_patience if timeout is None else float("inf")


def _call_policy(client: BlockingClient | AsyncClient, remaining: float | None) -> RetryPolicy:
    """The retry policy of a wait's calls: retried as long as time remains, which is in seconds."""
    patience = client.policy.outage_patience if remaining is None else remaining
    return replace(client.policy, tries=None, patience=patience)


def _is_server_away(error: Unreachable | Refused) -> bool:
    """Whether the error means that the server is away and may come back."""
    return isinstance(error, Unreachable) or is_retryable(error.status, error.type)

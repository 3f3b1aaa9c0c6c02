"""Statistics of the flow of work over a board, from its log. Durations are in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kanban_sdk.deprecation import deprecated_names
from kanban_sdk.wire.boards import Role
from kanban_sdk.wire.shape import Shape, list_of, readers


@dataclass(frozen=True)
class Percentiles(Shape):
    """The distribution of durations: half of them are at most `p50`, 85 of 100 at most `p85`.

    Both are measured durations; None if there are none.
    """

    p50: float | None
    p85: float | None
    count: int


@dataclass(frozen=True)
class WeekThroughput(Shape):
    """How many tickets were done in the week that starts on this Monday."""

    week: str
    done: int


@dataclass(frozen=True)
class TicketInProgress(Shape):
    """A ticket in a working or a waiting column. `age` counts from when it last left the todo columns."""

    id: int
    title: str
    column: str
    user: str | None
    age: float


@dataclass(frozen=True)
class ColumnTimes(Percentiles):
    """How long the tickets that left a column in this period had been in it."""

    name: str
    role: Role


@dataclass(frozen=True)
class UserThroughput(Shape):
    """What a user finished, and its cycle times. A ticket counts for its assignee, else for the user who moved it."""

    name: str
    done: int
    p50: float | None
    p85: float | None


@dataclass(frozen=True)
class FlowDay(Shape):
    """How many tickets were in each column at the end of the day (UTC)."""

    day: str
    counts: dict[str, int]


@dataclass(frozen=True)
class FinishedTicket(Shape):
    """A finished ticket, and how long it was worked on."""

    id: int
    title: str
    done_at: str
    cycle: float


@dataclass(frozen=True)
class Stats(Shape):
    """A board's statistics over the last `days` days, at event `seq` of its log.

    `cycle` is the time from when a ticket last left the todo columns until it was done, `lead` from when it was
    created. A ticket that was never worked on has no cycle time. `in_progress` has the 500 oldest tickets, `scatter`
    the 2,000 newest.
    """

    days: int
    seq: int
    cycle: Percentiles
    lead: Percentiles
    throughput: list[WeekThroughput]
    in_progress: list[TicketInProgress]
    in_progress_count: int
    columns: list[ColumnTimes]
    users: list[UserThroughput]
    flow: list[FlowDay]
    scatter: list[FinishedTicket]

    READERS = readers(
        cycle=Percentiles.read,
        lead=Percentiles.read,
        throughput=list_of(WeekThroughput.read),
        in_progress=list_of(TicketInProgress.read),
        columns=list_of(ColumnTimes.read),
        users=list_of(UserThroughput.read),
        flow=list_of(FlowDay.read),
        scatter=list_of(FinishedTicket.read),
    )


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Spread": "Percentiles",
            "Finished": "FinishedTicket",
            "UserDone": "UserThroughput",
            "ColumnStays": "ColumnTimes",
            "InProgress": "TicketInProgress",
            "Week": "WeekThroughput",
        },
    )

"""Statistics of the flow of work over a board, from its log, which is read once, event by event, and need not be kept.

A column counts with the role that it had when something happened in it. When a column becomes a done column, its
tickets count as done since they entered it; when it ceases to be one, they are reopened.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from math import ceil
from typing import Any

from kanban_sdk.wire.boards import Role
from kanban_sdk.wire.stats import (
    ColumnTimes,
    FinishedTicket,
    FlowDay,
    Percentiles,
    Stats,
    TicketInProgress,
    UserThroughput,
    WeekThroughput,
)

FLOW_EVENTS = (
    "board_created", "board_updated", "ticket_created", "ticket_restored", "ticket_moved", "ticket_updated",
    "ticket_redacted", "ticket_claimed", "ticket_released", "ticket_deleted",
)  # fmt: skip
"""The events that matter here. An archived ticket is done, and stays so."""
MAX_IN_PROGRESS = 500
MAX_SCATTER = 2000
DAY_SECONDS = 24 * 60 * 60
EPOCH = date(1970, 1, 1)


class ColumnFlow:
    """A column, across its renames, and how long tickets stayed in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.role: Role = "waiting"
        self.net: Counter[int] = Counter()
        """Day (since 1970) to tickets entered minus tickets left."""
        self.left, self.stayed = array("d"), array("d")
        """When tickets left, and how long they had stayed."""

    def stays(self, since: float) -> Iterator[float]:
        """The durations of stays that ended since then."""
        return (stayed for left, stayed in zip(self.left, self.stayed, strict=True) if left >= since)


@dataclass(slots=True)
class TicketFlow:
    """The state of a ticket that matters for the flow. Times are in seconds since 1970."""

    id: int
    title: str
    user: str | None
    created: float
    column_flow: ColumnFlow
    entered: float
    started: float | None = None
    """When it last left the todo columns."""
    done: float | None = None
    done_by: str | None = None
    deleted: bool = False


class BoardFlow:
    """A board's flow, up to the last event that was read."""

    def __init__(self) -> None:
        self.seq = 0
        """The last event that was read; maintained by the reader."""
        self._column_flows: list[ColumnFlow] = []
        """All columns, including removed ones."""
        self._flows_by_name: dict[str, ColumnFlow] = {}
        self._board_columns: list[ColumnFlow] = []
        """The board's columns, in order."""
        self._items: dict[int, TicketFlow] = {}

    def load_snapshot(self, snapshot: dict[str, Any]) -> None:
        """Start from the snapshot at which the board's log begins."""
        self.seq = snapshot["seq"]
        self._update_columns(snapshot["board"])
        for ticket in snapshot["tickets"]:
            self._add_ticket(ticket, None)

    def step(self, name: str, at: str, actor: str, data: dict[str, Any]) -> None:
        """Apply one more event."""
        item = self._items.get(data["id"])
        when = _to_seconds(at)
        if name in {"board_created", "board_updated"}:
            self._update_columns(data)
        elif item is None:
            if name in {"ticket_created", "ticket_restored"}:
                self._add_ticket(data, actor)
        else:
            item.title = data.get("title", item.title)
            item.user = data.get("assignee", item.user)
            if name == "ticket_moved":
                _move_ticket(item, self._column_flow(data["to_column"]), when, actor)
            elif name == "ticket_deleted":
                item.deleted = True
                item.column_flow.net[_day_number(when)] -= 1
            elif name == "ticket_restored":
                _restore_ticket(item, self._column_flow(data["current_column"]), when, actor)

    def compute_stats(self, now: str, days: int) -> Stats:
        """The statistics of the last `days` days."""
        now_seconds = _to_seconds(now)
        since = now_seconds - days * DAY_SECONDS
        items = [item for item in self._items.values() if not item.deleted]
        done = sorted((item for item in items if item.done is not None and item.done >= since), key=_done_at)
        worked = [item for item in done if item.started is not None]
        in_progress = sorted(
            (item for item in items if item.column_flow.role in {"working", "waiting"}), key=_started_at
        )
        return Stats(
            days=days,
            seq=self.seq,
            cycle=Percentiles(**_percentiles(_cycle_seconds(item) for item in worked)),
            lead=Percentiles(**_percentiles(max(0.0, _done_at(item) - item.created) for item in done)),
            throughput=_count_by_week(map(_done_at, done), since, now_seconds),
            in_progress=[
                TicketInProgress(
                    item.id, item.title, item.column_flow.name, item.user, max(0.0, now_seconds - _started_at(item))
                )
                for item in in_progress[:MAX_IN_PROGRESS]
            ],
            in_progress_count=len(in_progress),
            columns=[
                ColumnTimes(name=column_flow.name, role=column_flow.role, **_percentiles(column_flow.stays(since)))
                for column_flow in self._board_columns
            ],
            users=_count_by_user(done),
            flow=self._count_by_day(_day_number(now_seconds), days),
            scatter=[
                FinishedTicket(item.id, item.title, _to_timestamp(_done_at(item)), _cycle_seconds(item))
                for item in worked[-MAX_SCATTER:]
            ],
        )

    def _update_columns(self, board: dict[str, Any]) -> None:
        if renamed := board.get("renamed"):
            column_flow = self._flows_by_name[renamed["to"]] = self._column_flow(renamed["from"])
            column_flow.name = renamed["to"]
            del self._flows_by_name[renamed["from"]]
        columns = board["column_settings"]
        self._board_columns = [self._column_flow(column["name"]) for column in columns]
        for column_flow, column in zip(self._board_columns, columns, strict=True):
            if column_flow.role != column["role"]:
                column_flow.role = column["role"]
                for item in self._items.values():
                    if item.column_flow is column_flow:
                        _update_progress(item, item.entered, None)

    def _column_flow(self, name: str) -> ColumnFlow:
        """The column with this name. Tickets may move into a new one before the event that adds it to the board."""
        if name not in self._flows_by_name:
            self._flows_by_name[name] = ColumnFlow(name)
            self._column_flows.append(self._flows_by_name[name])
        return self._flows_by_name[name]

    def _add_ticket(self, ticket: dict[str, Any], actor: str | None) -> None:
        """Add a ticket; until it entered its column, it is assumed to have been in the first column.

        The moves that an import brought along count as if they had been made here.
        """
        moves = ticket.get("moves") or []
        column_flow = self._column_flow(moves[0]["from_column"] if moves else ticket["current_column"])
        created = _to_seconds(ticket["created_at"])
        entered = created if moves else _to_seconds(ticket["column_entered_at"])
        item = TicketFlow(ticket["id"], ticket["title"], ticket["assignee"], created, column_flow, entered)
        self._items[item.id] = item
        first = self._board_columns[0] if self._board_columns and entered > created else column_flow
        first.net[_day_number(created)] += 1
        first.net[_day_number(entered)] -= 1
        column_flow.net[_day_number(entered)] += 1
        _update_progress(item, entered, None if ticket.get("source_id") else actor)
        for move in moves:
            _move_ticket(item, self._column_flow(move["to_column"]), _to_seconds(move["moved_at"]), move["moved_by"])

    def _count_by_day(self, today: int, days: int) -> list[FlowDay]:
        """The counts of each day, including those of removed columns as long as they held tickets."""
        first = today - days + 1
        counts: dict[str, list[int]] = {column_flow.name: [0] * days for column_flow in self._board_columns}
        for column_flow in self._column_flows:
            before = sum(net for day, net in column_flow.net.items() if day < first)
            levels = accumulate((column_flow.net.get(first + n, 0) for n in range(days)), initial=before)
            at_end = list(levels)[1:]
            if column_flow.name in counts or any(at_end):
                totals = counts.get(column_flow.name, [0] * days)
                counts[column_flow.name] = [one + more for one, more in zip(totals, at_end, strict=True)]
        return [
            FlowDay((EPOCH + timedelta(first + n)).isoformat(), {name: levels[n] for name, levels in counts.items()})
            for n in range(days)
        ]


def _update_progress(item: TicketFlow, at: float, actor: str | None) -> None:
    """Update whether the ticket is started and whether it is done, given that it is in its column since `at`."""
    if item.column_flow.role == "done":
        if item.done is None:
            item.done, item.done_by = at, item.user or actor
        return
    item.done = None
    if item.column_flow.role == "todo":
        item.started = None
    elif item.started is None:
        item.started = at


def _move_ticket(item: TicketFlow, column_flow: ColumnFlow, at: float, actor: str) -> None:
    if column_flow is item.column_flow:
        return
    item.column_flow.left.append(at)
    item.column_flow.stayed.append(max(0.0, at - item.entered))
    item.column_flow.net[_day_number(at)] -= 1
    column_flow.net[_day_number(at)] += 1
    item.column_flow, item.entered = column_flow, at
    _update_progress(item, at, actor)


def _restore_ticket(item: TicketFlow, column_flow: ColumnFlow, at: float, actor: str) -> None:
    if item.deleted:
        item.deleted = False
        item.column_flow.net[_day_number(at)] += 1
    _move_ticket(item, column_flow, at, actor)


def _count_by_user(done: list[TicketFlow]) -> list[UserThroughput]:
    """What each user finished, most tickets first."""
    of_user: dict[str, list[TicketFlow]] = {}
    for item in done:
        if item.done_by is not None:
            of_user.setdefault(item.done_by, []).append(item)
    users = []
    for name, items in of_user.items():
        spread = _percentiles(_cycle_seconds(item) for item in items if item.started is not None)
        users.append(UserThroughput(name, len(items), spread["p50"], spread["p85"]))
    return sorted(users, key=lambda user: (-user.done, user.name))


def _count_by_week(done: Iterable[float], since: float, now: float) -> list[WeekThroughput]:
    """How many tickets were done in each week, including weeks without any."""
    counts = Counter(map(_monday_number, done))
    mondays = range(_monday_number(since), _monday_number(now) + 1, 7)
    return [WeekThroughput((EPOCH + timedelta(monday)).isoformat(), counts[monday]) for monday in mondays]


def _percentiles(times: Iterable[float]) -> dict[str, Any]:
    """The durations within which half, and 85 of 100, ended; each is one of the measured durations."""
    ordered = sorted(times)
    p50, p85 = (ordered[ceil(len(ordered) * part) - 1] if ordered else None for part in (0.5, 0.85))
    return {"p50": p50, "p85": p85, "count": len(ordered)}


def _done_at(item: TicketFlow) -> float:
    assert item.done is not None
    return item.done


def _started_at(item: TicketFlow) -> float:
    return item.entered if item.started is None else item.started


def _cycle_seconds(item: TicketFlow) -> float:
    return max(0.0, _done_at(item) - _started_at(item))


def _to_seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _to_timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day_number(seconds: float) -> int:
    return int(seconds // DAY_SECONDS)


def _monday_number(seconds: float) -> int:
    """The number of the Monday of the week; day 0, in 1970, was a Thursday."""
    day = _day_number(seconds)
    return day - (day + 3) % 7

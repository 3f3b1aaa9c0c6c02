"""What a board's log tells of how work flows over it. The log is read once, event by event, and needs not be kept.

What a column means counts as it was when something happened in it. A column that becomes a done column makes the
tickets in it done, since they came into it; one that ceases to be reopens them.
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
from kanban_sdk.wire.stats import ColumnStays, Finished, FlowDay, InProgress, Spread, Stats, UserDone, Week

EVENTS = (
    "board_created", "board_updated", "ticket_created", "ticket_restored", "ticket_moved", "ticket_updated",
    "ticket_redacted", "ticket_claimed", "ticket_released", "ticket_deleted",
)  # fmt: skip
"""The events that are of interest. An archived ticket is done, and stays so."""
IN_PROGRESS_MOST = 500
SCATTER_MOST = 2000
DAY = 24 * 60 * 60
EPOCH = date(1970, 1, 1)


class Lane:
    """A column, through its renames, and how long tickets stayed in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.role: Role = "waiting"
        self.net: Counter[int] = Counter()
        """Day (since 1970) to how many more tickets came than went."""
        self.left, self.stayed = array("d"), array("d")
        """When tickets left, and how long they had stayed."""

    def stays(self, since: float) -> Iterator[float]:
        """How long those stayed that left since then."""
        return (stayed for left, stayed in zip(self.left, self.stayed, strict=True) if left >= since)


@dataclass(slots=True)
class Item:
    """A ticket, as far as its flow goes. Times are in seconds since 1970."""

    id: int
    title: str
    user: str | None
    created: float
    lane: Lane
    entered: float
    started: float | None = None
    """When it last left the todo columns."""
    done: float | None = None
    done_by: str | None = None
    gone: bool = False


class Flow:
    """A board's flow as far as its log was read."""

    def __init__(self) -> None:
        self.seq = 0
        """The last event that was read, for the reader to keep."""
        self._lanes: list[Lane] = []
        """Those that were removed are among them."""
        self._named: dict[str, Lane] = {}
        self._shown: list[Lane] = []
        """The board's columns, in its order."""
        self._items: dict[int, Item] = {}

    def begin(self, snapshot: dict[str, Any]) -> None:
        """Begin with what stood on the board where its log begins."""
        self.seq = snapshot["seq"]
        self._arrange(snapshot["board"])
        for ticket in snapshot["tickets"]:
            self._create(ticket, None)

    def step(self, name: str, at: str, actor: str, data: dict[str, Any]) -> None:
        """The flow after one more event."""
        item = self._items.get(data["id"])
        when = _seconds(at)
        if name in {"board_created", "board_updated"}:
            self._arrange(data)
        elif item is None:
            if name in {"ticket_created", "ticket_restored"}:
                self._create(data, actor)
        else:
            item.title = data.get("title", item.title)
            item.user = data.get("assignee", item.user)
            if name == "ticket_moved":
                _move(item, self._lane(data["to_column"]), when, actor)
            elif name == "ticket_deleted":
                item.gone = True
                item.lane.net[_day(when)] -= 1
            elif name == "ticket_restored":
                _restore(item, self._lane(data["current_column"]), when, actor)

    def figures(self, now: str, days: int) -> Stats:
        """The figures of the last `days` days."""
        moment = _seconds(now)
        since = moment - days * DAY
        items = [item for item in self._items.values() if not item.gone]
        done = sorted((item for item in items if item.done is not None and item.done >= since), key=_done)
        worked = [item for item in done if item.started is not None]
        going = sorted((item for item in items if item.lane.role in {"working", "waiting"}), key=_since)
        return Stats(
            days=days,
            seq=self.seq,
            cycle=Spread(**_spread(_cycle(item) for item in worked)),
            lead=Spread(**_spread(max(0.0, _done(item) - item.created) for item in done)),
            throughput=_weeks(map(_done, done), since, moment),
            in_progress=[
                InProgress(item.id, item.title, item.lane.name, item.user, max(0.0, moment - _since(item)))
                for item in going[:IN_PROGRESS_MOST]
            ],
            in_progress_count=len(going),
            columns=[ColumnStays(name=lane.name, role=lane.role, **_spread(lane.stays(since))) for lane in self._shown],
            users=_users(done),
            flow=self._days(_day(moment), days),
            scatter=[
                Finished(item.id, item.title, _moment(_done(item)), _cycle(item)) for item in worked[-SCATTER_MOST:]
            ],
        )

    def _arrange(self, board: dict[str, Any]) -> None:
        if renamed := board.get("renamed"):
            lane = self._named[renamed["to"]] = self._lane(renamed["from"])
            lane.name = renamed["to"]
            del self._named[renamed["from"]]
        columns = board["column_settings"]
        self._shown = [self._lane(column["name"]) for column in columns]
        for lane, column in zip(self._shown, columns, strict=True):
            if lane.role != column["role"]:
                lane.role = column["role"]
                for item in self._items.values():
                    if item.lane is lane:
                        _judge(item, item.entered, None)

    def _lane(self, name: str) -> Lane:
        """The column of this name. Tickets may move into a new one before the board is told to have it."""
        if name not in self._named:
            self._named[name] = Lane(name)
            self._lanes.append(self._named[name])
        return self._named[name]

    def _create(self, ticket: dict[str, Any], actor: str | None) -> None:
        """A ticket that is new here; until it came where it is, it stood in the first column, as far as one knows."""
        lane = self._lane(ticket["current_column"])
        created, entered = _seconds(ticket["created_at"]), _seconds(ticket["column_entered_at"])
        item = Item(ticket["id"], ticket["title"], ticket["assignee"], created, lane, entered)
        self._items[item.id] = item
        first = self._shown[0] if self._shown and entered > created else lane
        first.net[_day(created)] += 1
        first.net[_day(entered)] -= 1
        lane.net[_day(entered)] += 1
        _judge(item, entered, None if ticket.get("source_id") else actor)

    def _days(self, today: int, days: int) -> list[FlowDay]:
        """The counts of each day; columns that were removed are among them as long as something stood in them."""
        first = today - days + 1
        counts: dict[str, list[int]] = {lane.name: [0] * days for lane in self._shown}
        for lane in self._lanes:
            before = sum(net for day, net in lane.net.items() if day < first)
            levels = accumulate((lane.net.get(first + n, 0) for n in range(days)), initial=before)
            at_end = list(levels)[1:]
            if lane.name in counts or any(at_end):
                present = counts.get(lane.name, [0] * days)
                counts[lane.name] = [one + more for one, more in zip(present, at_end, strict=True)]
        return [
            FlowDay((EPOCH + timedelta(first + n)).isoformat(), {name: levels[n] for name, levels in counts.items()})
            for n in range(days)
        ]


def _judge(item: Item, at: float, who: str | None) -> None:
    """A ticket stands in its column since `at`: is it begun, is it done?"""
    if item.lane.role == "done":
        if item.done is None:
            item.done, item.done_by = at, item.user or who
        return
    item.done = None
    if item.lane.role == "todo":
        item.started = None
    elif item.started is None:
        item.started = at


def _move(item: Item, lane: Lane, at: float, who: str) -> None:
    if lane is item.lane:
        return
    item.lane.left.append(at)
    item.lane.stayed.append(max(0.0, at - item.entered))
    item.lane.net[_day(at)] -= 1
    lane.net[_day(at)] += 1
    item.lane, item.entered = lane, at
    _judge(item, at, who)


def _restore(item: Item, lane: Lane, at: float, who: str) -> None:
    if item.gone:
        item.gone = False
        item.lane.net[_day(at)] += 1
    _move(item, lane, at, who)


def _users(done: list[Item]) -> list[UserDone]:
    """What each user did, those first who did most."""
    of_user: dict[str, list[Item]] = {}
    for item in done:
        if item.done_by is not None:
            of_user.setdefault(item.done_by, []).append(item)
    users = []
    for name, items in of_user.items():
        spread = _spread(_cycle(item) for item in items if item.started is not None)
        users.append(UserDone(name, len(items), spread["p50"], spread["p85"]))
    return sorted(users, key=lambda user: (-user.done, user.name))


def _weeks(done: Iterable[float], since: float, now: float) -> list[Week]:
    """How many were done in each week, those without any included."""
    counts = Counter(map(_monday, done))
    mondays = range(_monday(since), _monday(now) + 1, 7)
    return [Week((EPOCH + timedelta(monday)).isoformat(), counts[monday]) for monday in mondays]


def _spread(times: Iterable[float]) -> dict[str, Any]:
    """The times at which half, and 85 of 100, were over; each is one of the times."""
    ordered = sorted(times)
    p50, p85 = (ordered[ceil(len(ordered) * part) - 1] if ordered else None for part in (0.5, 0.85))
    return {"p50": p50, "p85": p85, "count": len(ordered)}


def _done(item: Item) -> float:
    assert item.done is not None
    return item.done


def _since(item: Item) -> float:
    return item.entered if item.started is None else item.started


def _cycle(item: Item) -> float:
    return max(0.0, _done(item) - _since(item))


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(seconds: float) -> int:
    return int(seconds // DAY)


def _monday(seconds: float) -> int:
    """The day on which the week began; day 0, in 1970, was a Thursday."""
    day = _day(seconds)
    return day - (day + 3) % 7

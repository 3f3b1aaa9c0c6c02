"""Figures of flow, from histories whose every second is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kanban_server.rules import flow_statistics
from kanban_server.rules.flow_statistics import BoardFlow

ROLES = {"Todo": "todo", "Doing": "working", "Review": "waiting", "Done": "done"}
DAY = 24 * 60 * 60
NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
"""A Wednesday."""


def at(days: float) -> str:
    """So many days ago."""
    return (NOW - timedelta(days=days)).isoformat().replace("+00:00", "Z")


class History:
    """A board's flow, told event by event."""

    def __init__(self, **roles: str) -> None:
        self.flow = BoardFlow()
        self.arrange(None, **(roles or ROLES))

    def arrange(self, renamed: dict[str, str] | None = None, **roles: str) -> None:
        settings = [{"name": name, "role": role} for name, role in roles.items()]
        self.step("board_updated", 0, {"id": 0, "column_settings": settings, "renamed": renamed})

    def step(self, name: str, days: float, data: dict[str, Any], actor: str = "ada") -> None:
        self.flow.step(name, at(days), actor, data)

    def create(self, id: int, days: float, column: str = "Todo", entered: float | None = None, **fields: Any) -> None:
        ticket = {
            "id": id,
            "title": f"t{id}",
            "assignee": None,
            "current_column": column,
            "created_at": at(days),
            "column_entered_at": at(days if entered is None else entered),
        }
        self.step("ticket_created", days, {**ticket, **fields})

    def move(self, id: int, column: str, days: float, by: str = "ada") -> None:
        self.step("ticket_moved", days, {"id": id, "to_column": column}, by)

    def figures(self, days: int = 30) -> Any:
        return self.flow.compute_stats(at(0), days)


def levels(figures: Any) -> list[list[int]]:
    return [list(day.counts.values()) for day in figures.flow]


def test_cycle_runs_from_the_first_work_and_lead_from_the_making() -> None:
    history = History()
    history.create(1, 10)
    history.move(1, "Doing", 8)
    history.move(1, "Review", 6.5)
    history.move(1, "Done", 5)
    history.create(2, 4)
    history.move(2, "Done", 1, by="bob")
    figures = history.figures()
    assert (figures.cycle.p50, figures.cycle.p85, figures.cycle.count) == (3 * DAY, 3 * DAY, 1)
    assert (figures.lead.p50, figures.lead.p85, figures.lead.count) == (3 * DAY, 5 * DAY, 2)
    assert [(one.id, one.title, one.cycle, one.done_at) for one in figures.scatter] == [
        (1, "t1", 3 * DAY, "2026-03-13T12:00:00Z")
    ]
    assert [(user.name, user.done, user.p50, user.p85) for user in figures.users] == [
        ("ada", 1, 3 * DAY, 3 * DAY),
        ("bob", 1, None, None),
    ]
    stays = {column.name: (column.p50, column.p85, column.count) for column in figures.columns}
    assert stays == {
        "Todo": (2 * DAY, 3 * DAY, 2),
        "Doing": (1.5 * DAY, 1.5 * DAY, 1),
        "Review": (1.5 * DAY, 1.5 * DAY, 1),
        "Done": (None, None, 0),
    }
    assert [column.role for column in figures.columns] == list(ROLES.values())
    assert (figures.in_progress, figures.in_progress_count) == ([], 0)


def test_who_goes_back_to_todo_begins_anew_and_who_is_reopened_is_not_done() -> None:
    history = History()
    history.create(1, 10)
    for column, days in (("Doing", 9), ("Todo", 8), ("Doing", 7), ("Done", 6), ("Review", 5)):
        history.move(1, column, days)
    figures = history.figures()
    assert figures.lead.count == 0
    [going] = figures.in_progress
    assert (going.id, going.title, going.column, going.user, going.age) == (1, "t1", "Review", None, 7 * DAY)
    history.move(1, "Done", 3)
    assert history.figures().cycle.p50 == 4 * DAY


def test_done_twice_in_a_row_counts_from_the_first_time() -> None:
    history = History(**{**ROLES, "Shipped": "done"})
    history.create(1, 5)
    history.move(1, "Done", 4)
    history.move(1, "Shipped", 1)
    history.move(1, "Shipped", 0.5)
    figures = history.figures()
    assert (figures.lead.p50, figures.lead.count) == (DAY, 1)
    assert {column.name: column.count for column in figures.columns}["Shipped"] == 0


def test_only_what_was_done_since_then_counts_and_the_border_is_in() -> None:
    history = History()
    for id, days in ((1, 7), (2, 7.001), (3, 1)):
        history.create(id, 9, "Doing")
        history.move(id, "Done", days)
    figures = history.figures(7)
    assert figures.days == 7
    assert [one.id for one in figures.scatter] == [1, 3]
    assert {column.name: column.count for column in figures.columns}["Doing"] == 2


def test_percentiles_are_times_that_were_seen() -> None:
    def spread(*times: float) -> tuple[Any, ...]:
        percentiles = flow_statistics._percentiles(times)
        return percentiles["p50"], percentiles["p85"], percentiles["count"]

    assert spread() == (None, None, 0)
    assert spread(5) == (5, 5, 1)
    assert spread(3, 1, 2, 4) == (2, 4, 4)
    assert spread(*range(1, 21)) == (10, 17, 20)


def test_each_day_shows_what_stood_in_each_column_at_its_end() -> None:
    history = History()
    history.create(1, 3)
    history.create(2, 2, "Doing")
    history.move(1, "Done", 1)
    history.create(3, 5, "Done", entered=4)
    figures = history.figures(5)
    assert [day.day for day in figures.flow] == [f"2026-03-{n}" for n in range(14, 19)]
    assert levels(figures) == [[0, 0, 0, 1], [1, 0, 0, 1], [1, 1, 0, 1], [0, 1, 0, 2], [0, 1, 0, 2]]
    assert levels(history.figures(1)) == [[0, 1, 0, 2]]
    assert levels(history.figures(7))[1] == [1, 0, 0, 0]


def test_what_was_deleted_is_gone_until_it_is_restored() -> None:
    history = History()
    history.create(1, 6, "Doing", assignee="eve")
    history.step("ticket_deleted", 4, {"id": 1})
    assert history.figures().in_progress_count == 0
    assert levels(history.figures(7)) == [*[[0, 1, 0, 0]] * 2, *[[0, 0, 0, 0]] * 5]
    history.step("ticket_restored", 2, {"id": 1, "current_column": "Todo"})
    figures = history.figures(7)
    assert [level[0] for level in levels(figures)] == [0, 0, 0, 0, 1, 1, 1]
    assert {column.name: column.p50 for column in figures.columns}["Doing"] == 4 * DAY
    history.move(1, "Done", 1)
    assert [(user.name, user.done) for user in history.figures().users] == [("eve", 1)]


def test_a_ticket_that_is_not_known_comes_with_what_restores_it_and_with_nothing_else() -> None:
    history = History()
    history.step("ticket_moved", 2, {"id": 9, "to_column": "Doing"})
    assert history.figures().in_progress_count == 0
    restored = {"id": 9, "title": "t9", "assignee": None, "current_column": "Doing"}
    history.step("ticket_restored", 2, {**restored, "created_at": at(5), "column_entered_at": at(2)})
    assert history.figures().in_progress_count == 1


def test_a_column_keeps_its_past_under_another_name_and_counts_as_what_it_means() -> None:
    history = History()
    history.create(1, 5, "Review")
    history.arrange({"from": "Review", "to": "Accepted"}, Todo="todo", Doing="working", Accepted="done", Done="done")
    figures = history.figures()
    assert [column.name for column in figures.columns] == ["Todo", "Doing", "Accepted", "Done"]
    assert (figures.lead.p50, figures.in_progress_count) == (0, 0)
    history.arrange(Todo="todo", Doing="working", Accepted="waiting", Done="done")
    assert [one.age for one in history.figures().in_progress] == [5 * DAY]
    history.move(1, "Done", 1)
    history.arrange(Todo="todo", Doing="working", Done="done")
    figures = history.figures(4)
    assert levels(figures) == [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 1, 0]]
    assert levels(history.figures(2)) == [[0, 0, 1]] * 2


def test_weeks_begin_on_mondays_and_those_without_any_are_shown() -> None:
    history = History()
    for id, days in ((1, 0.1), (2, 2), (3, 3), (4, 15)):
        history.create(id, 20)
        history.move(id, "Done", days)
    assert [(week.week, week.done) for week in history.figures(16).throughput] == [
        ("2026-03-02", 1),
        ("2026-03-09", 1),
        ("2026-03-16", 2),
    ]


def test_a_snapshot_is_a_beginning_and_titles_and_people_follow() -> None:
    history = BoardFlow()
    ticket = {"id": 1, "title": "t", "assignee": "eve", "current_column": "Doing", "created_at": at(9)}
    history.load_snapshot(
        {
            "seq": 7,
            "board": {"column_settings": [{"name": name, "role": role} for name, role in ROLES.items()]},
            "tickets": [{**ticket, "column_entered_at": at(6)}],
        }
    )
    assert history.seq == history.compute_stats(at(0), 30).seq == 7
    history.step("ticket_updated", at(1), "ada", {"id": 1, "title": "new", "assignee": "bob"})
    history.step("ticket_claimed", at(1), "ada", {"id": 1})
    [going] = history.compute_stats(at(0), 30).in_progress
    assert (going.title, going.user, going.age) == ("new", "bob", 6 * DAY)
    assert [list(day.counts.values())[:2] for day in history.compute_stats(at(0), 9).flow][:4] == [[1, 0]] * 2 + [
        [0, 1]
    ] * 2


def test_what_is_brought_from_elsewhere_is_nobodys_work_here() -> None:
    history = History()
    history.create(1, 9, "Done", entered=5, source_id="x")
    history.create(2, 9, "Done", entered=4)
    history.create(3, 9, "Done", entered=4)
    assert [(user.name, user.done) for user in history.figures().users] == [("ada", 2)]
    assert history.figures().lead.p85 == 5 * DAY


def test_a_ticket_that_entered_its_column_before_it_was_created_was_there_from_its_creation() -> None:
    history = History()
    history.create(1, 3, "Doing", entered=5)
    counts = [list(day.counts.values())[:2] for day in history.figures().flow]
    assert counts[-4:] == [[0, 1]] * 4
    assert all(todo >= 0 for todo, _ in counts)


def test_users_stand_by_how_much_they_did_and_the_oldest_work_comes_first(monkeypatch: Any) -> None:
    history = History()
    for id, who in enumerate(["bob", "ada", "eve", "eve"], 1):
        history.create(id, 9, "Doing")
        history.move(id, "Done", 5 - id, by=who)
    assert [user.name for user in history.figures().users] == ["eve", "ada", "bob"]
    for id, days in ((5, 3), (6, 8), (7, 1)):
        history.create(id, days, "Review")
    monkeypatch.setattr(flow_statistics, "MAX_IN_PROGRESS", 2)
    monkeypatch.setattr(flow_statistics, "MAX_SCATTER", 3)
    figures = history.figures()
    assert [one.id for one in figures.in_progress] == [6, 5]
    assert figures.in_progress_count == 3
    assert [one.id for one in figures.scatter] == [2, 3, 4]


def test_times_that_go_back_count_as_none() -> None:
    history = History()
    history.create(1, 2, "Doing")
    history.move(1, "Done", 3)
    figures = history.figures()
    assert (figures.cycle.p50, figures.lead.p50) == (0.0, 0.0)
    assert {column.name: column.p50 for column in figures.columns}["Doing"] == 0.0
    history.create(2, -1, "Doing")
    assert [one.age for one in history.figures().in_progress] == [0.0]
    assert (flow_statistics.MAX_IN_PROGRESS, flow_statistics.MAX_SCATTER) == (500, 2000)

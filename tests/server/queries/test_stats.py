"""A board's figures, from a log whose times are known."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.server.rest import Json, done, new_board, new_ticket, problem
from tests.support.servers import Server

COLUMNS = ["Todo", "In Progress", "Review", "Done"]
DAY = 24 * 60 * 60

Past = Callable[[float], None]


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def day(days: float) -> str:
    return ago(days)[:10]


@pytest.fixture
def board_id(rest: httpx.Client, request: pytest.FixtureRequest) -> int:
    return int(new_board(rest, request.node.name[:100], columns=COLUMNS)["id"])


@pytest.fixture
def past(server: Server, board_id: int) -> Past:
    """Puts the last event so many days back: changes go through the server, their times through the database."""
    where = f"board_id = {board_id} AND seq = (SELECT max(seq) FROM events WHERE board_id = {board_id})"

    def past(days: float) -> None:
        sql = f"UPDATE events SET at = '{ago(days)}' WHERE {where}"
        if server.database.startswith("postgresql"):
            import psycopg

            with psycopg.connect(server.database, autocommit=True) as connection:
                connection.execute(sql)
        else:
            with sqlite3.connect(server.database, timeout=20) as connection:
                connection.execute(sql)

    return past


def bring(rest: httpx.Client, board_id: int, title: str, **fields: Any) -> int:
    ticket = {"source_id": title, "title": title, **fields}
    return int(done(rest.post(f"/api/boards/{board_id}/import", json={"tickets": [ticket]}))["ids"][title])


def stats(rest: httpx.Client, board_id: int, **query: Any) -> Json:
    figures: Json = done(rest.get(f"/api/boards/{board_id}/stats", params=query))
    return figures


def days_of(spread: Json) -> list[Any]:
    """A spread in whole days."""
    return [None if value is None else round(value / DAY) for value in (spread["p50"], spread["p85"])]


def test_the_figures_tell_a_known_history(rest: httpx.Client, board_id: int, past: Past) -> None:
    def move(ticket: int, column: str, days: float, by: str = "ada") -> None:
        done(rest.post(f"/api/tickets/{ticket}/move", json={"column": column, "moved_by": by}))
        past(days)

    a = bring(rest, board_id, "reopened", created_at=ago(20), assignee="ada")
    b = bring(rest, board_id, "sent back", created_at=ago(10))
    c = bring(rest, board_id, "going", created_at=ago(9), current_column="In Progress", column_entered_at=ago(5))
    bring(
        rest, board_id, "brought", created_at=ago(30), current_column="Done", column_entered_at=ago(28), assignee="eve"
    )
    f = bring(rest, board_id, "never begun", created_at=ago(8))
    g = bring(rest, board_id, "deleted", created_at=ago(7))
    bring(rest, board_id, "long ago", created_at=ago(900), current_column="Done", column_entered_at=ago(800))
    for ticket, column, days in (
        (a, "In Progress", 18), (a, "Review", 16), (a, "Done", 15), (a, "In Progress", 14), (a, "Done", 12),
        (g, "In Progress", 6), (b, "In Progress", 6), (g, "Done", 5), (b, "Todo", 5), (b, "In Progress", 4),
    ):  # fmt: skip
        move(ticket, column, days)
    move(b, "Done", 3, by="bob")
    move(f, "Done", 2)
    done(rest.delete(f"/api/tickets/{g}"))
    past(1)
    done(rest.patch(f"/api/tickets/{c}", json={"assignee": "bob", "title": "still going"}))

    figures = stats(rest, board_id, days=60)
    assert days_of(figures["cycle"]) == [1, 6]  # b since it was last begun, a since it was first begun
    assert days_of(figures["lead"]) == [6, 8]  # 2, 6, 7 and 8 days
    assert (figures["cycle"]["count"], figures["lead"]["count"]) == (2, 4)
    assert [(one["id"], one["done_at"][:10], round(one["cycle"] / DAY)) for one in figures["scatter"]] == [
        (a, day(12), 6),
        (b, day(3), 1),
    ]
    assert [(one["name"], one["done"], *days_of(one)) for one in figures["users"]] == [
        ("ada", 2, 6, 6), ("bob", 1, 1, 1), ("eve", 1, None, None),
    ]  # fmt: skip
    [going] = figures["in_progress"]
    assert (going["id"], going["title"], going["column"], going["user"]) == (c, "still going", "In Progress", "bob")
    assert (round(going["age"] / DAY), figures["in_progress_count"]) == (5, 1)
    assert [(one["name"], one["role"], one["count"], *days_of(one)) for one in figures["columns"]] == [
        ("Todo", "todo", 5, 2, 6),  # a 2, g 1, b 4 and 1, f 6
        ("In Progress", "working", 5, 1, 2),  # a 2 and 2, g 1, b 1 and 1
        ("Review", "waiting", 1, 1, 1),
        ("Done", "done", 1, 1, 1),
    ]
    weeks = {one["week"]: one["done"] for one in figures["throughput"]}
    assert sum(weeks.values()) == 4
    assert all(datetime.fromisoformat(week).weekday() == 0 for week in weeks)
    assert len(weeks) in {9, 10}
    flow = {one["day"]: list(one["counts"].values()) for one in figures["flow"]}
    assert len(flow) == 60
    assert flow[day(59)] == [0, 0, 0, 1]
    assert flow[day(29)] == [1, 0, 0, 1]
    assert flow[day(17)] == [0, 1, 0, 2]
    assert flow[day(16)] == [0, 0, 1, 2]
    assert flow[day(15)] == [0, 0, 0, 3]
    assert flow[day(13)] == [0, 1, 0, 2]
    assert flow[day(7)] == [4, 0, 0, 3]
    assert flow[day(5)] == [2, 1, 0, 4]
    assert flow[day(0)] == [0, 1, 0, 5]
    assert stats(rest, board_id, days=4)["lead"]["count"] == 2


def test_a_column_keeps_its_past_when_it_is_renamed_and_counts_as_what_it_means(
    rest: httpx.Client, board_id: int, past: Past
) -> None:
    ticket = bring(rest, board_id, "one", created_at=ago(9), current_column="Review", column_entered_at=ago(6))
    assert [one["id"] for one in stats(rest, board_id)["in_progress"]] == [ticket]
    done(rest.patch(f"/api/boards/{board_id}/columns/3", json={"name": "Accepted", "role": "done"}))
    past(2)
    figures = stats(rest, board_id)
    assert (figures["in_progress"], days_of(figures["lead"]), days_of(figures["cycle"])) == ([], [3, 3], [0, 0])
    assert list(figures["flow"][-1]["counts"]) == ["Todo", "In Progress", "Accepted", "Done"]
    assert figures["flow"][-5]["counts"]["Accepted"] == 1
    done(rest.patch(f"/api/boards/{board_id}/columns/3", json={"role": "working"}))
    [going] = stats(rest, board_id)["in_progress"]
    assert (round(going["age"] / DAY), going["column"]) == (6, "Accepted")
    done(rest.put(f"/api/boards/{board_id}/columns?move_to=Done", json=["Todo", "In Progress", "Done"]))
    figures = stats(rest, board_id)
    assert [one["name"] for one in figures["columns"]] == ["Todo", "In Progress", "Done"]
    assert figures["flow"][-2]["counts"] == {"Todo": 0, "In Progress": 0, "Done": 0, "Accepted": 1}
    assert figures["flow"][-1]["counts"]["Done"] == 1


def test_a_restored_ticket_goes_on_where_it_was(rest: httpx.Client, board_id: int, past: Past) -> None:
    ticket = bring(rest, board_id, "one", created_at=ago(9), current_column="In Progress", column_entered_at=ago(6))
    done(rest.delete(f"/api/tickets/{ticket}"))
    past(4)
    assert stats(rest, board_id)["in_progress_count"] == 0
    done(rest.post(f"/api/tickets/{ticket}/restore"))
    past(2)
    figures = stats(rest, board_id, days=8)
    assert [round(one["age"] / DAY) for one in figures["in_progress"]] == [6]
    assert [one["counts"]["In Progress"] for one in figures["flow"]] == [0, 1, 1, 0, 0, 1, 1, 1]


def test_figures_follow_the_board(rest: httpx.Client, board_id: int) -> None:
    for number in (1, 2):
        ticket = new_ticket(rest, board_id, f"ticket {number}", current_column="Review")
        assert stats(rest, board_id)["in_progress_count"] == 1
        done(rest.post(f"/api/tickets/{ticket['id']}/move", json={"column": "Done", "moved_by": "ada"}))
        figures = stats(rest, board_id)
        assert [(one["name"], one["done"]) for one in figures["users"]] == [("ada", number)]
        assert figures["seq"] == done(rest.get(f"/api/boards/{board_id}/snapshot"))["seq"]


def test_a_redacted_title_is_not_told_any_longer(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "the key is hunter2", current_column="Review")
    assert stats(rest, board_id)["in_progress"][0]["title"] == "the key is hunter2"
    done(rest.post(f"/api/tickets/{ticket['id']}/redact", json={"text": "hunter2"}))
    assert "hunter2" not in stats(rest, board_id)["in_progress"][0]["title"]


def test_what_can_not_be_told_is_refused(rest: httpx.Client, board_id: int) -> None:
    for days in (0, 367, "x"):
        problem(rest.get(f"/api/boards/{board_id}/stats", params={"days": days}), "invalid-request")
    problem(rest.get(f"/api/boards/{2**53 - 1}/stats"), "not-found")
    done(rest.delete(f"/api/boards/{board_id}"))
    problem(rest.get(f"/api/boards/{board_id}/stats"), "not-found")

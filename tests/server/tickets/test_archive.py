"""What was done long ago leaves the board, and can be brought back."""

from __future__ import annotations

import httpx

from kanban_sdk import Kanban
from tests.faults.validators import check_log
from tests.server.rest import Json, done, events, new_board, new_ticket, problem, ticket_of, titles


def archive(rest: httpx.Client, board_id: int, **fields: object) -> Json:
    response: Json = done(rest.post(f"/api/boards/{board_id}/archive", json=fields))
    return response


def old(rest: httpx.Client, board_id: int, count: int, days: str = "2020-01-01") -> list[int]:
    """Tickets that were done on a day in the past."""
    ids: list[int] = []
    for start in range(0, count, 100):
        tickets = [
            {"source_id": f"{days}-{n}", "title": f"old {n}", "current_column": "Done", "column_entered_at": days}
            for n in range(start, min(count, start + 100))
        ]
        ids += done(rest.post(f"/api/boards/{board_id}/import", json={"tickets": tickets}))["ids"].values()
    return ids


def test_what_was_done_long_ago_leaves_the_board_and_its_counts(
    rest: httpx.Client, board_id: int, kanban: Kanban
) -> None:
    first, second = old(rest, board_id, 2)
    fresh = new_ticket(rest, board_id, "fresh", current_column="Done")["id"]
    assert archive(rest, board_id, archived_by="ada") == {"archived": 2, "more": False}
    log_events = events(rest, board_id)[-2:]
    assert [(one["event"], one["actor"], one["data"]["id"], one["data"]["title"]) for one in log_events] == [
        ("ticket_archived", "ada", first, "old 0"),
        ("ticket_archived", "ada", second, "old 1"),
    ]
    assert titles(rest, board_id) == ["fresh"]
    assert titles(rest, board_id, search="old") == []
    assert titles(rest, board_id, archived=True) == ["old 0", "old 1"]
    assert titles(rest, board_id, archived=True, search="old 1") == ["old 1"]
    assert done(rest.get(f"/api/boards/{board_id}"))["ticket_count"] == 1
    assert [one["id"] for one in done(rest.get(f"/api/boards/{board_id}/tickets"))["tickets"]] == [fresh]
    assert ticket_of(rest, first)["archived_at"] == log_events[0]["timestamp"]
    assert archive(rest, board_id) == {"archived": 0, "more": False}
    check_log(kanban, board_id)


def test_an_archived_ticket_can_be_read_and_restored_and_not_be_changed(rest: httpx.Client, board_id: int) -> None:
    (ticket,) = old(rest, board_id, 1)
    archive(rest, board_id, days=14)
    path = f"/api/tickets/{ticket}"
    for response in (
        rest.patch(path, json={"title": "new"}),
        rest.post(f"{path}/move", json={"column": "Blocked"}),
        rest.post(f"{path}/claim", json={"claimed_by": "ada"}),
        rest.post(f"{path}/check", json={"number": 1}),
        rest.post("/api/comments", json={"ticket_id": ticket, "text": "late"}),
        rest.delete(path),
    ):
        assert problem(response, "archived")["ticket_id"] == ticket
    assert done(rest.get(f"/api/comments/ticket/{ticket}")) == []
    assert done(rest.get(f"{path}/why"))["reasons"] == ["archived", "done"]
    back = done(rest.post(f"{path}/restore"))
    assert (back["current_column"], back["archived_at"]) == ("Done", None)
    assert titles(rest, board_id) == ["old 0"]
    assert archive(rest, board_id)["archived"] == 0, "it has just come back"
    fields = [(one["field_name"], one["new_value"]) for one in done(rest.get(f"/api/history/tickets/{ticket}/history"))]
    assert fields[:2] == [("archived", False), ("archived", True)]


def test_what_is_held_or_not_done_stays(rest: httpx.Client) -> None:
    board = new_board(rest)
    first, second = old(rest, board["id"], 2)
    done(rest.post(f"/api/tickets/{first}/claim?agent_id=ada"))
    done(rest.patch(f"/api/tickets/{second}", json={"current_column": "Blocked"}))
    assert archive(rest, board["id"], days=0) == {"archived": 0, "more": False}


def test_an_archived_blocker_counts_as_done_and_an_archived_child_too(
    rest: httpx.Client, board_id: int, kanban: Kanban
) -> None:
    (blocker,) = old(rest, board_id, 1)
    waits = new_ticket(rest, board_id, "waits", blocked_by=[blocker])["id"]
    parent = new_ticket(rest, board_id, "parent")["id"]
    done(rest.patch(f"/api/tickets/{blocker}", json={"parent": parent}))
    archive(rest, board_id)
    done(rest.patch(f"/api/boards/{board_id}/columns/5", json={"role": "waiting"}))
    assert ticket_of(rest, waits)["open_blockers"] == 0
    assert titles(rest, board_id, ready=True) == ["waits", "parent"]
    new_ticket(rest, board_id, "another child", parent=parent)
    assert (ticket_of(rest, parent)["children"], ticket_of(rest, parent)["open_children"]) == (2, 1)
    done(rest.post(f"/api/tickets/{blocker}/restore"))
    assert ticket_of(rest, waits)["open_blockers"] == 1
    assert events(rest, board_id)[-1]["event"] == "ticket_blocked"
    assert titles(rest, board_id, ready=True) == ["another child"]
    check_log(kanban, board_id)


def test_what_is_archived_outlives_its_column(rest: httpx.Client, board_id: int, kanban: Kanban) -> None:
    (ticket,) = old(rest, board_id, 1)
    archive(rest, board_id)
    done(rest.put(f"/api/boards/{board_id}/columns", json=["Not Started", "Finished"]))
    assert ticket_of(rest, ticket)["current_column"] == "Not Started"
    assert done(rest.get(f"/api/tickets/{ticket}/why"))["reasons"] == ["archived"]
    assert titles(rest, board_id, archived=True) == ["old 0"]
    assert titles(rest, board_id, archived=True, column="Not Started") == []
    assert done(rest.post(f"/api/tickets/{ticket}/restore"))["current_column"] == "Not Started"
    check_log(kanban, board_id)


def test_a_large_archive_goes_step_by_step(rest: httpx.Client, board_id: int) -> None:
    old(rest, board_id, 501)
    assert archive(rest, board_id) == {"archived": 500, "more": True}
    assert archive(rest, board_id) == {"archived": 1, "more": False}


def test_nonsense_is_not_archived_by(rest: httpx.Client, board_id: int) -> None:
    for days in (-1, "x", 10**9, 1.5):
        problem(rest.post(f"/api/boards/{board_id}/archive", json={"days": days}), "invalid-request")
    problem(rest.post(f"/api/boards/{2**53 - 1}/archive"), "not-found")

"""Which tickets of a board a list shows."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import Json, done, new_board, new_ticket, problem, titles


@pytest.fixture(scope="module")
def filled(rest: httpx.Client) -> Json:
    """A board with a ticket of each kind."""
    board = new_board(rest, "Filters")
    column = {"current_column": "In Progress"}
    made: Json = {"board": board["id"]}
    for title, fields in {
        "plain": {},
        "urgent": {"priority": "urgent", "due_date": "2026-01-31"},
        "later": {"priority": "1.0.1", "due_date": "2026-02-01"},
        "over": {"priority": "critical", "due_date": "2026-01-01", "current_column": "Done"},
        "parent": {},
        "waiting": {**column},
        "held": {},
        "finished": {"current_column": "Done"},
    }.items():
        made[title] = new_ticket(rest, board["id"], title, **fields)["id"]
    made["child"] = new_ticket(rest, board["id"], "child", parent=made["parent"])["id"]
    for title in ("waiting", "finished"):
        done(rest.post(f"/api/tickets/{made[title]}/block", json={"on": [made["plain"]]}))
    done(rest.post(f"/api/tickets/{made['held']}/claim", json={"claimed_by": "ada"}))
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"blocked": True}, ["parent", "waiting"]),
        ({"blocked": True, "column": "in_progress"}, ["waiting"]),
        ({"held": True}, ["held"]),
        ({"held": True, "assignee": "bob"}, []),
        ({"priority": "critical"}, ["urgent", "over"]),
        ({"priority": "1.0.1"}, ["later"]),
        ({"priority": "critical", "ready": True}, ["urgent"]),
        ({"due": "2026-02-01"}, ["urgent"]),
        ({"due": "2026-02-02"}, ["urgent", "later"]),
        ({"ready": True}, ["plain", "urgent", "later", "child"]),
        ({"ready": True, "blocked": True}, []),
        ({"archived": True}, []),
        ({"priority": "", "due": "", "column": "Done"}, ["over", "finished"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_list_shows(rest: httpx.Client, filled: Json, query: Json, expected: list[str]) -> None:
    assert titles(rest, filled["board"], **query) == expected
    path = "/api/tickets"
    page = done(rest.get(path, params={"board_id": filled["board"], "page_size": 1, **query}))
    assert page["total"] == len(expected)


def test_what_can_not_be_a_filter_is_refused(rest: httpx.Client, filled: Json) -> None:
    for query, type in (({"priority": "much"}, "invalid-priority"), ({"due": "soon"}, "invalid-request")):
        problem(rest.get("/api/tickets", params={"board_id": filled["board"], **query}), type)

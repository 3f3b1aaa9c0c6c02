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
    created: Json = {"board": board["id"]}
    for title, fields in {
        "plain": {},
        "urgent": {"priority": "urgent", "due_date": "2026-01-31"},
        "later": {"priority": "1.0.1", "due_date": "2026-02-01"},
        "over": {"priority": "critical", "due_date": "2026-01-01", "current_column": "Done"},
        "parent": {},
        "waiting": {**column},
        "held": {},
        "finished": {"current_column": "Done", "created_by": "bob"},
    }.items():
        created[title] = new_ticket(rest, board["id"], title, **fields)["id"]
    created["child"] = new_ticket(rest, board["id"], "child", parent=created["parent"])["id"]
    for title in ("waiting", "finished"):
        done(rest.post(f"/api/tickets/{created[title]}/block", json={"on": [created["plain"]]}))
    done(rest.post(f"/api/tickets/{created['held']}/claim", json={"claimed_by": "ada"}))
    return created


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
        ({"status": "in_progress"}, ["waiting", "held"]),
        ({"status": "done"}, ["over", "finished"]),
        ({"status": "closed", "priority": "critical"}, ["over"]),
        ({"status": "working"}, ["waiting", "held"]),
        ({"status": "open", "priority": "critical"}, ["urgent"]),
        ({"status": "open", "column": "Done"}, []),
        ({"created_by": "bob"}, ["finished"]),
        ({"created_by": "Bob"}, []),
        ({"since": "2999-01-01"}, []),
        ({"since": "2020-01-01", "created_by": "bob"}, ["finished"]),
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


@pytest.fixture(scope="module")
def sortable(rest: httpx.Client) -> int:
    """A board whose tickets differ in what they are sorted by."""
    board = int(new_board(rest, "Sorted")["id"])
    tickets: list[Json] = [
        {"title": "banana", "priority": "low", "created_at": "2026-01-01", "due_date": "2026-05-01"},
        {"title": "Apple", "priority": "high", "created_at": "2026-01-03", "labels": ["fruit"]},
        {"title": "éclair", "priority": "1.5", "created_at": "2026-01-02", "due_date": "2026-04-01"},
        {"title": "Zebra", "priority": "critical", "created_at": "2026-01-05", "current_column": "Done"},
        {"title": "apple", "priority": "high", "created_at": "2026-01-04", "current_column": "In Progress"},
    ]
    rows = [{"source_id": str(number), **ticket} for number, ticket in enumerate(tickets)]
    done(rest.post(f"/api/boards/{board}/import", json={"tickets": rows}))
    return board


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sort": "title"}, ["Apple", "apple", "banana", "Zebra", "éclair"]),
        ({"sort": "priority"}, ["Zebra", "Apple", "apple", "éclair", "banana"]),
        ({"sort": "due"}, ["éclair", "banana", "Apple", "Zebra", "apple"]),
        ({"sort": "created"}, ["Zebra", "apple", "Apple", "éclair", "banana"]),
        ({"sort": "id"}, ["banana", "Apple", "éclair", "Zebra", "apple"]),
        ({"sort": "priority", "status": "open"}, ["Apple", "apple", "éclair", "banana"]),
        ({"sort": "title", "search": "app"}, ["Apple", "apple"]),
        ({"sort": "title", "label": "fruit"}, ["Apple"]),
        ({"sort": "created", "column": "Not Started"}, ["Apple", "éclair", "banana"]),
        ({}, ["banana", "Apple", "éclair", "apple", "Zebra"]),
    ],
    ids=str,
)
def test_a_list_is_sorted_reversed_and_cut_into_pages(
    rest: httpx.Client, sortable: int, query: Json, expected: list[str]
) -> None:
    assert titles(rest, sortable, **query) == expected
    assert titles(rest, sortable, **query, reverse=True) == expected[::-1]
    for reverse in (False, True):
        pages = [
            done(
                rest.get(
                    "/api/tickets",
                    params={"board_id": sortable, "page": page, "page_size": 2, "reverse": reverse, **query},
                )
            )
            for page in range(1, 5)
        ]
        titles_of_pages = [ticket["title"] for page in pages for ticket in page["items"]]
        assert titles_of_pages == (expected[::-1] if reverse else expected)
        assert {page["total"] for page in pages} == {len(expected)}


def test_the_newest_change_comes_first(rest: httpx.Client, board_id: int) -> None:
    first, second = (new_ticket(rest, board_id, title) for title in ("first", "second"))
    assert titles(rest, board_id, sort="updated") == ["second", "first"]
    edited = done(rest.patch(f"/api/tickets/{first['id']}", json={"priority": "high"}))
    assert titles(rest, board_id, sort="updated") == ["first", "second"]
    assert titles(rest, board_id, since=edited["updated_at"]) == ["first"]
    assert titles(rest, board_id, since=second["updated_at"]) == ["first", "second"]


def test_a_label_of_many_and_of_few_tickets_gives_the_same_pages(rest: httpx.Client, board_id: int) -> None:
    tickets = [
        {
            "source_id": str(number),
            "title": str(number),
            "labels": ["common", *(["rare"] if number % 40 == 0 else [])],
            "current_column": "Not Started" if number % 2 else "Done",
        }
        for number in range(100)
    ]
    done(rest.post(f"/api/boards/{board_id}/import", json={"tickets": tickets}))
    common = [str(number) for start in (1, 0) for number in range(start, 100, 2)]
    assert titles(rest, board_id, label="common", page_size=100) == common
    assert titles(rest, board_id, label="common", page_size=7, page=8) == common[49:56]
    assert titles(rest, board_id, label="common", page_size=100, reverse=True) == common[::-1]
    assert titles(rest, board_id, label="rare") == ["0", "40", "80"]
    assert titles(rest, board_id, label="rare", page_size=2, page=2, reverse=True) == ["0"]


def test_an_unknown_status_or_order_is_refused(rest: httpx.Client, board_id: int) -> None:
    path = "/api/tickets"
    refused = problem(rest.get(path, params={"board_id": board_id, "status": "finished"}), "unknown-column")
    assert "Done" in refused["columns"]
    problem(rest.get(path, params={"board_id": board_id, "sort": "size"}), "invalid-request")
    problem(rest.get(path, params={"board_id": board_id, "since": "yesterday"}), "invalid-request")

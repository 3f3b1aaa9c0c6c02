"""Pages of tickets, and the filters that go with them."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import done, new_ticket, problem, titles


def page(rest: httpx.Client, board_id: int, **query: object) -> httpx.Response:
    return rest.get("/api/tickets/", params={"board_id": board_id, **query})  # type: ignore[dict-item]


def test_pages_follow_the_boards_order_without_gap_or_repeat(rest: httpx.Client, board_id: int) -> None:
    for column in ("Done", "Not Started", "Blocked"):
        for n in range(4):
            new_ticket(rest, board_id, f"{column} {n}", current_column=column)
    order = [f"{column} {n}" for column in ("Not Started", "Blocked", "Done") for n in range(4)]
    listed = []
    for number in (1, 2, 3):
        response = done(page(rest, board_id, page=number, page_size=5))
        assert response.keys() == {"items", "total", "page", "page_size", "total_pages", "has_next", "has_previous"}
        assert (response["total"], response["page"], response["page_size"], response["total_pages"]) == (
            12,
            number,
            5,
            3,
        )
        assert (response["has_next"], response["has_previous"]) == (number < 3, number > 1)
        listed += [ticket["title"] for ticket in response["items"]]
    assert listed == order
    beyond = done(page(rest, board_id, page=4, page_size=5))
    assert (beyond["items"], beyond["total"], beyond["has_next"]) == ([], 12, False)


def test_a_page_holds_50_unless_told_and_at_most_500(rest: httpx.Client, board_id: int) -> None:
    assert done(page(rest, board_id))["page_size"] == 50
    assert done(page(rest, board_id, page_size=500))["page_size"] == 500
    assert problem(page(rest, board_id, page_size=501), "page-too-large")["limit"] == 500


@pytest.mark.parametrize(
    "query",
    [{"page": 0}, {"page": -1}, {"page": 10**20}, {"page": "x"}, {"page": "9" * 5000}, {"page": 1.5},
     {"page_size": 0}, {"page_size": -5}, {"page_size": "all"}, {"search": "x" * 201}],
)  # fmt: skip
def test_what_is_no_page_is_refused(rest: httpx.Client, board_id: int, query: dict[str, object]) -> None:
    problem(page(rest, board_id, **query), "invalid-request")


def test_a_list_needs_its_board(rest: httpx.Client) -> None:
    refused = problem(rest.get("/api/tickets/"), "invalid-request")
    assert refused["errors"][0]["field"] == "board_id"
    problem(page(rest, 2**53 - 1), "not-found")


def test_filters_name_a_column_an_assignee_or_a_label(rest: httpx.Client, board_id: int) -> None:
    new_ticket(rest, board_id, "one", assignee="ada", labels=["api", "a,b"])
    new_ticket(rest, board_id, "two", assignee="bob", labels=["ui"], current_column="Blocked")
    new_ticket(rest, board_id, "three", labels=["api"], current_column="Blocked")
    for query, expected in (
        ({"column": "blocked"}, ["two", "three"]),
        ({"column": ""}, ["one", "two", "three"]),
        ({"assignee": "ada"}, ["one"]),
        ({"assignee": "Ada"}, ["one"]),
        ({"assignee": ""}, ["three"]),
        ({"label": "api"}, ["one", "three"]),
        ({"label": "a,b"}, ["one"]),
        ({"label": "a"}, []),
        ({"label": ""}, ["one", "two", "three"]),
        ({"label": "api", "column": "Blocked"}, ["three"]),
    ):
        assert titles(rest, board_id, **query) == expected, query
        assert done(page(rest, board_id, **query))["total"] == len(expected)


def test_a_filter_follows_the_labels(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "one", labels=["old"])
    done(rest.post(f"/api/tickets/{ticket['id']}/labels", json={"add": ["new"], "remove": ["old"]}))
    assert (titles(rest, board_id, label="old"), titles(rest, board_id, label="new")) == ([], ["one"])

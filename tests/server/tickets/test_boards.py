"""Boards, as clients of the base contract speak of them."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import COLUMNS, done, events, new_board, new_ticket, problem
from tests.support.servers import Server

BOARD = {"id", "name", "description", "columns", "column_settings", "created_at", "updated_at", "ticket_count"}


def test_board_one_is_there_from_the_start_and_is_made_once(own_server: Server) -> None:
    with httpx.Client(base_url=own_server.url) as rest:
        assert [(board["id"], board["name"]) for board in done(rest.get("/api/boards/"))] == [(1, "My First Board")]
        done(rest.delete("/api/boards/1"))
        own_server.stop()
        own_server.start()
        assert done(rest.get("/api/boards/")) == []


def test_a_new_board_has_the_five_usual_columns(rest: httpx.Client) -> None:
    response = rest.post("/api/boards/", json={"name": "Usual", "description": "for all"})
    board = response.json()
    assert response.status_code == 201
    assert board.keys() >= BOARD | {"version"}
    assert (board["name"], board["description"], board["columns"]) == ("Usual", "for all", COLUMNS)
    assert (board["ticket_count"], board["version"]) == (0, 1)
    assert response.headers["etag"] == '"1"'


def test_boards_are_a_bare_list(rest: httpx.Client, board_id: int) -> None:
    boards = done(rest.get("/api/boards/"))
    assert isinstance(boards, list)
    assert board_id in [board["id"] for board in boards]


def test_a_board_can_be_read_changed_and_deleted(rest: httpx.Client) -> None:
    board = new_board(rest, "Old", description="before", columns=["A", "B"])
    path = f"/api/boards/{board['id']}"
    name = f"New {board['id']}"
    changed = done(rest.put(path, json={"name": name, "columns": ["B", "C"]}))
    assert (changed["name"], changed["description"], changed["columns"]) == (name, "before", ["B", "C"])
    assert done(rest.get(path)) == changed
    assert done(rest.put(path, json={"description": None}))["description"] is None

    assert done(rest.delete(path)).keys() == {"message"}
    problem(rest.get(path), "not-found")
    assert board["id"] not in [board["id"] for board in done(rest.get("/api/boards/"))]


def test_a_deleted_board_takes_its_tickets_out_of_reach(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    done(rest.delete(f"/api/boards/{board_id}"))
    problem(rest.get(f"/api/tickets/{ticket['id']}"), "not-found")
    problem(rest.post(f"/api/tickets/{ticket['id']}/move", json={"column": "Done"}), "not-found")
    problem(rest.get("/api/tickets/", params={"board_id": board_id}), "not-found")
    assert events(rest, board_id)[-1]["event"] == "board_deleted"


def test_a_board_lists_all_its_tickets_in_order(rest: httpx.Client, board_id: int) -> None:
    new_ticket(rest, board_id, "last", current_column="Done")
    first = new_ticket(rest, board_id, "first")
    new_ticket(rest, board_id, "second")
    listed = done(rest.get(f"/api/boards/{board_id}/tickets"))
    assert listed.keys() == {"board_id", "board_name", "tickets", "total_tickets"}
    assert [ticket["title"] for ticket in listed["tickets"]] == ["first", "second", "last"]
    assert (listed["board_id"], listed["total_tickets"], listed["tickets"][0]) == (board_id, 3, first)
    board = done(rest.get(f"/api/boards/{board_id}"))
    assert board["ticket_count"] == 3
    assert (sum(board["counts"].values()), list(board["counts"])) == (3, board["columns"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_path_means_the_same_with_and_without_its_last_slash(rest: httpx.Client, board_id: int, slash: str) -> None:
    created = rest.post(f"/api/boards{slash}", json={"name": "Slashes"})
    ticket = rest.post(f"/api/tickets{slash}", json={"title": "kept", "board_id": board_id})
    assert (created.status_code, ticket.status_code, ticket.json()["title"]) == (201, 201, "kept")
    for path in (
        "/api/boards",
        f"/api/boards/{board_id}",
        f"/api/boards/{board_id}/columns",
        f"/api/boards/{board_id}/tickets",
        f"/api/tickets/{ticket.json()['id']}",
        f"/api/comments/ticket/{ticket.json()['id']}",
        f"/api/history/tickets/{ticket.json()['id']}/history",
        "/health",
    ):
        assert rest.get(path + slash).status_code == 200, path


def test_unknown_fields_and_parameters_are_ignored(rest: httpx.Client, board_id: int) -> None:
    board = rest.post("/api/boards/?color=red", json={"name": "Extra", "color": "red", "id": 7})
    assert board.status_code == 201
    assert "color" not in board.json()
    ticket = new_ticket(rest, board_id, "Extra", estimate=3, id=1)
    changed = done(rest.put(f"/api/tickets/{ticket['id']}", json={"estimate": 5, "id": 9}))
    assert changed == ticket
    assert rest.get("/api/tickets/", params={"board_id": board_id, "color": "red", "ready": "1"}).json()["total"] == 1


def test_health_says_healthy(rest: httpx.Client) -> None:
    assert done(rest.get("/health"))["status"] == "healthy"

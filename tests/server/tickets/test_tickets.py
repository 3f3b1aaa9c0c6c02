"""Tickets, as clients of the base contract speak of them."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.server.rest import Json, done, events, new_ticket, problem, ticket_of

TICKET = {
    "id", "title", "description", "acceptance_criteria", "priority", "assignee", "labels", "current_column", "place",
    "board_id", "created_by", "updated_by", "assigned_by", "created_at", "updated_at", "column_entered_at", "version",
}  # fmt: skip
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def test_a_ticket_with_a_title_alone_lands_at_the_bottom_of_the_first_column(rest: httpx.Client, board_id: int) -> None:
    above = new_ticket(rest, board_id)
    response = rest.post("/api/tickets/", json={"title": "Plain", "board_id": board_id})
    ticket = response.json()
    assert response.status_code == 201
    assert ticket.keys() >= TICKET
    assert (ticket["current_column"], ticket["priority"], ticket["labels"]) == ("Not Started", "medium", [])
    assert (ticket["description"], ticket["acceptance_criteria"], ticket["assignee"]) == (None, None, None)
    assert (ticket["created_by"], ticket["version"], response.headers["etag"]) == ("anonymous", 1, '"1"')
    assert above["place"].encode() < ticket["place"].encode()
    for field in ("created_at", "updated_at", "column_entered_at"):
        assert TIME.fullmatch(ticket[field])


def test_a_ticket_takes_all_its_fields(rest: httpx.Client, board_id: int) -> None:
    fields: Json = {
        "title": "Whole",
        "description": "# Long\n\n\ttext ",
        "acceptance_criteria": "- [ ] one",
        "priority": "high",
        "assignee": "bob",
        "labels": ["api", "ux", "api"],
        "current_column": "Blocked",
        "created_by": "ada",
    }
    ticket = new_ticket(rest, board_id, **fields)
    assert {name: ticket[name] for name in fields} == {**fields, "labels": ["api", "ux"]}
    assert (ticket["updated_by"], ticket["assigned_by"]) == ("ada", "ada")
    assert ticket_of(rest, ticket["id"]) == ticket


def test_ids_are_never_reused(rest: httpx.Client, board_id: int) -> None:
    last = new_ticket(rest, board_id)["id"]
    done(rest.delete(f"/api/tickets/{last}"))
    assert new_ticket(rest, board_id)["id"] > last


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_edit_changes_what_it_names_and_null_clears(rest: httpx.Client, board_id: int, method: str) -> None:
    ticket = new_ticket(rest, board_id, "Before", description="text", assignee="bob", labels=["a"], priority="low")
    body = {"title": "After", "assignee": None, "labels": None, "priority": None, "changed_by": "eve"}
    edited = done(rest.request(method, f"/api/tickets/{ticket['id']}", json=body))
    assert (edited["title"], edited["description"]) == ("After", "text")
    assert (edited["assignee"], edited["labels"], edited["priority"]) == (None, [], "medium")
    assert (edited["updated_by"], edited["version"]) == ("eve", 2)
    assert ticket_of(rest, ticket["id"]) == edited


def test_an_edit_that_changes_nothing_leaves_no_trace(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "Same", labels=["a"])
    before = events(rest, board_id)
    assert done(rest.put(f"/api/tickets/{ticket['id']}", json=ticket)) == ticket
    assert done(rest.post(f"/api/tickets/{ticket['id']}/move", json={"column": "not_started"})) == ticket
    assert done(rest.post(f"/api/tickets/{ticket['id']}/labels", json={"add": ["a"], "remove": ["b"]})) == ticket
    assert events(rest, board_id) == before


def test_a_move_keeps_everything_else_and_starts_the_columns_clock(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "Wanders", description="text", labels=["a"])
    moved = done(rest.post(f"/api/tickets/{ticket['id']}/move", json={"column": "in_progress", "moved_by": "bob"}))
    assert moved["current_column"] == "In Progress"
    assert (moved["updated_by"], moved["version"]) == ("bob", 2)
    assert moved["column_entered_at"] == moved["updated_at"] > ticket["column_entered_at"]
    kept = ("id", "title", "description", "labels", "priority", "created_by", "created_at", "board_id")
    assert {name: moved[name] for name in kept} == {name: ticket[name] for name in kept}


def test_a_title_is_one_line(rest: httpx.Client, board_id: int) -> None:
    assert new_ticket(rest, board_id, "  two\n lines\tand  more ")["title"] == "two lines and more"
    problem(rest.post("/api/tickets/", json={"title": " \n ", "board_id": board_id}), "invalid-name")


def test_a_title_of_200_characters_fits_and_of_201_does_not(rest: httpx.Client, board_id: int) -> None:
    assert new_ticket(rest, board_id, "é" * 200)["title"] == "é" * 200
    refused = problem(rest.post("/api/tickets/", json={"title": "x" * 201, "board_id": board_id}), "title-too-long")
    assert (refused["limit"], refused["length"]) == (200, 201)


@pytest.mark.parametrize("field", ["description", "acceptance_criteria"])
def test_a_text_of_64_kib_fits_and_one_byte_more_does_not(rest: httpx.Client, board_id: int, field: str) -> None:
    whole = "é" * 32 * 1024
    ticket = new_ticket(rest, board_id, **{field: whole})
    assert ticket[field] == whole
    refused = problem(rest.patch(f"/api/tickets/{ticket['id']}", json={field: whole + "x"}), "text-too-long")
    assert (refused["field"], refused["limit"], refused["size"]) == (field, 65536, 65537)
    problem(rest.post(f"/api/tickets/{ticket['id']}/append", json={"text": "x", "field": field}), "text-too-long")
    assert ticket_of(rest, ticket["id"]) == ticket


def test_labels_are_short_and_few(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, labels=[f"l{n}" for n in range(50)])
    path = f"/api/tickets/{ticket['id']}/labels"
    assert problem(rest.post(path, json={"add": ["more"]}), "invalid-request")["limit"] == 50
    problem(rest.post(path, json={"add": ["x" * 51]}), "invalid-name")
    problem(rest.post(path, json={"add": [" "]}), "invalid-name")


def test_a_ticket_stays_on_its_board(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    problem(rest.put(f"/api/tickets/{ticket['id']}", json={"board_id": 1}), "other-board")
    assert done(rest.put(f"/api/tickets/{ticket['id']}", json={"board_id": board_id})) == ticket

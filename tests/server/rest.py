"""The API as used by a client without our SDK."""

from __future__ import annotations

from typing import Any

import httpx

from kanban_sdk.wire.problems import MEDIA_TYPE, PROBLEMS

Json = dict[str, Any]

COLUMNS = ["Not Started", "In Progress", "Blocked", "Ready for QC", "Done"]


def new_board(rest: httpx.Client, name: str = "A board", **fields: Any) -> Json:
    """Create a board."""
    response = rest.post("/api/boards/", json={"name": name, **fields})
    assert response.status_code == 201, response.text
    board: Json = response.json()
    return board


def new_ticket(rest: httpx.Client, board_id: int, title: str = "A ticket", **fields: Any) -> Json:
    """Create a ticket."""
    response = rest.post("/api/tickets/", json={"title": title, "board_id": board_id, **fields})
    assert response.status_code == 201, response.text
    ticket: Json = response.json()
    return ticket


def ticket_of(rest: httpx.Client, ticket_id: int) -> Json:
    """Return the current state of a ticket."""
    ticket: Json = done(rest.get(f"/api/tickets/{ticket_id}"))
    return ticket


def done(response: httpx.Response) -> Any:
    """Return the body of a successful response."""
    assert response.status_code == 200, response.text
    return response.json()


def problem(response: httpx.Response, type: str) -> Json:
    """Check that the response is a well-formed problem of this type; return it."""
    body: Json = response.json()
    assert body["type"] == type, body
    assert response.headers["content-type"] == MEDIA_TYPE
    assert (body["status"], body["title"]) == PROBLEMS[type]
    assert response.status_code == body["status"]
    assert body["detail"]
    return body


def events(rest: httpx.Client, board_id: int, after: int = 0) -> list[Json]:
    """Return the board's events after a seq."""
    log_events: list[Json] = done(rest.get(f"/api/boards/{board_id}/events", params={"after": after}))["events"]
    return log_events


def titles(rest: httpx.Client, board_id: int, **query: Any) -> list[str]:
    """Return the titles of the tickets that match a filter, in order."""
    page = done(rest.get("/api/tickets/", params={"board_id": board_id, **query}))
    return [ticket["title"] for ticket in page["items"]]

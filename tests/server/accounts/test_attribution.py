"""Who acts: the name in the body or the query, else the one in the header, else nobody."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest

from tests.server.rest import done, events, new_board, new_ticket, problem

ZOE = "Zoë 🐍 Ünal"
Act = Callable[[httpx.Client, int, str, dict[str, str]], httpx.Response]


def _by(field: str) -> Callable[[str], dict[str, str]]:
    return lambda name: {field: name} if name else {}


ACTIONS: dict[str, Act] = {
    "create": lambda rest, id, name, headers: rest.post(
        "/api/tickets/", json={"title": "t", "board_id": id, **_by("created_by")(name)}, headers=headers
    ),
    "edit": lambda rest, id, name, headers: rest.put(
        f"/api/tickets/{new_ticket(rest, id)['id']}", json={"title": "u", **_by("changed_by")(name)}, headers=headers
    ),
    "move": lambda rest, id, name, headers: rest.post(
        f"/api/tickets/{new_ticket(rest, id)['id']}/move",
        json={"column": "Done", **_by("moved_by")(name)},
        headers=headers,
    ),
    "bulk move": lambda rest, id, name, headers: rest.post(
        "/api/bulk/tickets/move",
        json={"ticket_ids": [new_ticket(rest, id)["id"]], "target_column": "Done", **_by("moved_by")(name)},
        headers=headers,
    ),
    "claim": lambda rest, id, name, headers: rest.post(
        f"/api/tickets/{new_ticket(rest, id)['id']}/claim", params=_by("agent_id")(name), headers=headers
    ),
    "comment": lambda rest, id, name, headers: rest.post(
        "/api/comments/",
        json={"ticket_id": new_ticket(rest, id)["id"], "text": "hi", **_by("author")(name)},
        headers=headers,
    ),
    "delete": lambda rest, id, name, headers: rest.delete(
        f"/api/tickets/{new_ticket(rest, id)['id']}", params=_by("deleted_by")(name), headers=headers
    ),
    "import": lambda rest, id, name, headers: rest.post(
        f"/api/boards/{id}/import",
        json={"tickets": [{"source_id": "a", "title": "t"}], **_by("imported_by")(name)},
        headers=headers,
    ),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_the_requests_own_field_wins_over_the_header(rest: httpx.Client, board_id: int, action: str) -> None:
    response = ACTIONS[action](rest, board_id, ZOE, {"X-Kanban-User": "bob"})
    assert response.is_success, response.text
    assert events(rest, board_id)[-1]["actor"] == ZOE


@pytest.mark.parametrize("action", ACTIONS)
def test_the_header_names_who_acts_in_any_request(rest: httpx.Client, board_id: int, action: str) -> None:
    response = ACTIONS[action](rest, board_id, "", {"X-Kanban-User": quote(ZOE)})
    assert response.is_success, response.text
    assert events(rest, board_id)[-1]["actor"] == ZOE


def test_who_is_not_named_is_anonymous(rest: httpx.Client, board_id: int) -> None:
    assert new_ticket(rest, board_id)["created_by"] == "anonymous"
    assert new_ticket(rest, board_id, created_by="  ")["created_by"] == "anonymous"
    assert new_ticket(rest, board_id, created_by="anonymous")["created_by"] == "anonymous"
    assert events(rest, board_id)[-1]["actor"] == "anonymous"


def test_names_are_trimmed_composed_and_compared_exactly(rest: httpx.Client, board_id: int) -> None:
    assert new_ticket(rest, board_id, created_by=" Ze\u0301 ")["created_by"] == "Z\u00e9"
    assert new_ticket(rest, board_id, created_by="System")["created_by"] == "System"


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("system", "reserved-name"),
        (" system ", "reserved-name"),
        ("x" * 65, "invalid-name"),
        ("a\nb", "invalid-name"),
        ("a\0b", "invalid-name"),
        ("a\u2028b", "invalid-name"),
        ("\x1b[31m", "invalid-name"),
    ],
)
def test_what_can_not_be_a_name_is_refused(rest: httpx.Client, board_id: int, name: str, type: str) -> None:
    before = events(rest, board_id)
    problem(rest.post("/api/tickets/", json={"title": "t", "board_id": board_id, "created_by": name}), type)
    header = {"X-Kanban-User": quote(name)}
    problem(rest.post("/api/tickets/", json={"title": "t", "board_id": board_id}, headers=header), type)
    assert events(rest, board_id) == before


@pytest.mark.parametrize("name", ["anonymous", "system", "x" * 65, "a\tb"])
def test_what_can_not_be_a_name_can_not_be_assigned_either(rest: httpx.Client, board_id: int, name: str) -> None:
    response = rest.post("/api/tickets/", json={"title": "t", "board_id": board_id, "assignee": name})
    assert response.json()["type"] in {"reserved-name", "invalid-name"}
    assert new_ticket(rest, board_id, assignee=" ")["assignee"] is None


@pytest.mark.parametrize("header", ["%FF", "%ED%A0%80", "%C3"])
def test_a_header_that_is_not_utf8_is_refused(rest: httpx.Client, header: str) -> None:
    problem(rest.post("/api/boards/", json={"name": "x"}, headers={"X-Kanban-User": header}), "invalid-name")


def test_whoever_assigns_is_kept(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, created_by="ada")
    path = f"/api/tickets/{ticket['id']}"
    assert done(rest.put(path, json={"assignee": "bob", "changed_by": "eve"}))["assigned_by"] == "eve"
    assert done(rest.put(path, json={"title": "x", "changed_by": "joe"}))["assigned_by"] == "eve"
    assert done(rest.put(path, json={"assignee": None, "changed_by": "joe"}))["assigned_by"] is None


def test_an_event_says_who_made_a_board(rest: httpx.Client) -> None:
    board = new_board(rest, created_by="ada")
    assert events(rest, board["id"])[0]["actor"] == "ada"


def test_a_name_beside_force_may_hold_any_letter(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)["id"]
    rest.post(f"/api/tickets/{ticket}/claim?agent_id=ada").raise_for_status()
    rest.delete(f"/api/tickets/{ticket}?force=True&deleted_by=J%C3%BCrgen").raise_for_status()
    events = rest.get(f"/api/boards/{board_id}/events?after=0").json()["events"]
    assert events[-1]["actor"] == "Jürgen"

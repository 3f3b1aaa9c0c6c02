"""Why a ticket can't be taken."""

from __future__ import annotations

import httpx

from tests.server.rest import Json, done, new_board, new_ticket, problem


def why(rest: httpx.Client, ticket_id: int) -> Json:
    response: Json = done(rest.get(f"/api/tickets/{ticket_id}/why"))
    return response


def tree(response: Json) -> Json:
    """The titles of what is waited for, nested, each with its reasons."""
    nodes: Json = {}
    for one in response["waits_for"]:
        nodes[f"{one['ticket']['title']}: {', '.join(one['reasons']) or 'ready'}"] = tree(one)
    return nodes


def test_what_a_ticket_waits_for_is_told_down_to_the_root_each_ticket_once(rest: httpx.Client, board_id: int) -> None:
    root = new_ticket(rest, board_id, "root")["id"]
    left = new_ticket(rest, board_id, "left", blocked_by=[root])["id"]
    right = new_ticket(rest, board_id, "right", blocked_by=[root])["id"]
    past = new_ticket(rest, board_id, "past", current_column="Done", blocked_by=[left])["id"]
    top = new_ticket(rest, board_id, "top", blocked_by=[left, right, past], assignee="eve")["id"]
    new_ticket(rest, board_id, "part", parent=top, labels=["needs-human"])
    done(rest.post(f"/api/tickets/{root}/claim", json={"claimed_by": "bob"}))
    response = why(rest, top)
    assert (response["ready"], response["reasons"]) == (False, ["blocked", "open-children"])
    assert response["ticket"] == {
        "id": top,
        "title": "top",
        "column": "Not Started",
        "holder": None,
        "assignee": "eve",
    }
    assert tree(response) == {
        "left: blocked": {"root: working, held": {}},
        "right: blocked": {},
        "part: needs-human": {},
    }
    assert response["waits_for"][0]["waits_for"][0]["ticket"]["holder"] == "bob"
    assert why(rest, past)["reasons"] == ["done", "blocked"]


def test_a_ticket_that_can_be_taken_has_no_reasons(rest: httpx.Client, board_id: int) -> None:
    response = why(rest, new_ticket(rest, board_id)["id"])
    assert (response["ready"], response["reasons"], response["waits_for"], response["more"]) == (True, [], [], False)
    problem(rest.get(f"/api/tickets/{2**53 - 1}/why"), "not-found")


def test_a_long_row_of_tickets_is_cut_and_says_so(rest: httpx.Client) -> None:
    board = new_board(rest)["id"]
    tickets = [{"source_id": str(n), "title": str(n)} for n in range(60)]
    ids = done(rest.post(f"/api/boards/{board}/import", json={"tickets": tickets}))["ids"]
    for n in range(59):
        done(rest.post(f"/api/tickets/{ids[str(n)]}/block", json={"on": [ids[str(n + 1)]]}))
    response, depth = why(rest, ids["0"]), 0
    while response["waits_for"]:
        (response,) = response["waits_for"]
        depth += 1
    assert (depth, response["more"]) == (50, True)

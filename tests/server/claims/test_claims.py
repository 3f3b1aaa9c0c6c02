"""One ticket, one holder: claims as existing clients make them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.server.rest import done, events, new_ticket, problem, ticket_of


def claim(rest: httpx.Client, ticket_id: int, name: str) -> httpx.Response:
    return rest.post(f"/api/tickets/{ticket_id}/claim", params={"agent_id": name})


def test_a_claim_sets_the_assignee_and_moves_nothing(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, assignee="bob")
    held = done(claim(rest, ticket["id"], "ada"))
    assert (held["assignee"], held["claim"]) == ("ada", {"holder": "ada", "number": 1})
    assert (held["current_column"], held["place"]) == (ticket["current_column"], ticket["place"])
    assert {**ticket_of(rest, ticket["id"]), "attempts": None} == held
    last = events(rest, board_id)[-1]
    assert last["event"] == "ticket_claimed"
    assert last["data"].items() >= {"id": ticket["id"], "board_id": board_id, "assignee": "ada"}.items()
    assert last["data"]["claim"] == held["claim"]


def test_a_claim_excludes_every_other_even_under_the_same_name(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    held = done(claim(rest, ticket["id"], "ada"))
    for name in ("bob", "ada"):
        refused = problem(claim(rest, ticket["id"], name), "already-claimed")
        assert (refused["held_by"], refused["expires_at"]) == ("ada", None)
    assert {**ticket_of(rest, ticket["id"]), "attempts": None} == held


def test_a_base_form_claim_guards_no_other_write(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    done(claim(rest, ticket["id"], "ada"))
    edited = done(rest.put(f"/api/tickets/{ticket['id']}", json={"title": "Bob's", "changed_by": "bob"}))
    assert edited["claim"]["holder"] == "ada"


@pytest.mark.parametrize("name", [None, "", " ", "anonymous"])
def test_a_claim_needs_a_name(rest: httpx.Client, board_id: int, name: str | None) -> None:
    ticket = new_ticket(rest, board_id)
    parameters = {} if name is None else {"agent_id": name}
    problem(rest.post(f"/api/tickets/{ticket['id']}/claim", params=parameters), "name-required")


def test_the_name_in_the_address_counts_beside_a_body_that_names_nobody(rest: httpx.Client, board_id: int) -> None:
    first, second = new_ticket(rest, board_id)["id"], new_ticket(rest, board_id)["id"]
    held = done(rest.post(f"/api/tickets/{first}/claim?agent_id=ada", json={}))
    assert (held["claim"]["holder"], held["lease"]["holder"]) == ("ada", "ada")
    both = rest.post(f"/api/tickets/{second}/claim?agent_id=ada", json={"claimed_by": "bob"})
    assert done(both)["claim"]["holder"] == "bob"
    assert both.headers["Kanban-Ignored"] == "agent_id"


@pytest.mark.parametrize("how", ["move", "edit", "bulk", "import"])
def test_done_ends_the_claim_whichever_way_it_comes(rest: httpx.Client, board_id: int, how: str) -> None:
    body = {"tickets": [{"source_id": "a", "title": "t", "current_column": "Done"}]}
    source = {"tickets": [{"source_id": "a", "title": "t"}]}
    id = done(rest.post(f"/api/boards/{board_id}/import", json=source))["ids"]["a"]
    done(claim(rest, id, "ada"))
    done(
        {
            "move": lambda: rest.post(f"/api/tickets/{id}/move", json={"column": "Done"}),
            "edit": lambda: rest.put(f"/api/tickets/{id}", json={"current_column": "Done"}),
            "bulk": lambda: rest.post("/api/bulk/tickets/move", json={"ticket_ids": [id], "target_column": "Done"}),
            "import": lambda: rest.post(f"/api/boards/{board_id}/import", json=body),
        }[how]()
    )
    moved, released = events(rest, board_id)[-2:]
    assert (moved["event"], released["event"]) == ("ticket_moved", "ticket_released")
    assert (released["data"]["reason"], released["tx"]) == ("done", moved["tx"])
    assert ticket_of(rest, id)["claim"] is None
    assert done(claim(rest, id, "bob"))["claim"] == {"holder": "bob", "number": 2}


def test_of_sixteen_at_once_exactly_one_wins(rest: httpx.Client, board_id: int) -> None:
    for _ in range(5):
        ticket = new_ticket(rest, board_id)
        with ThreadPoolExecutor(16) as pool:
            claims = [pool.submit(claim, rest, ticket["id"], f"agent-{n}") for n in range(16)]
        responses = [response.result() for response in claims]
        (winner,) = [response.json()["assignee"] for response in responses if response.status_code == 200]
        losers = [problem(response, "already-claimed") for response in responses if response.status_code != 200]
        assert {loser["held_by"] for loser in losers} == {winner}
        assert ticket_of(rest, ticket["id"])["claim"]["holder"] == winner
    assert sum(event["event"] == "ticket_claimed" for event in events(rest, board_id)) == 5

"""Many operations in one request, each by the rules of the single one."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import Json, done, events, new_board, new_ticket, problem, ticket_of, titles


def batch(rest: httpx.Client, *operations: object, lease: str | None = None, **more: object) -> httpx.Response:
    headers = {"Kanban-Lease": lease} if lease else {}
    return rest.post("/api/bulk/operations", json={"operations": operations, **more}, headers=headers)


def test_every_operation_takes_place_in_order_in_one_transaction(rest: httpx.Client, board_id: int) -> None:
    one, two = (new_ticket(rest, board_id, title, acceptance_criteria="a\nb")["id"] for title in ("one", "two"))
    before = len(events(rest, board_id))
    response = done(
        batch(
            rest,
            {"op": "create", "board_id": board_id, "title": "three", "labels": ["new"]},
            {"op": "move", "ticket": one, "column": "in_progress", "place": "top"},
            {"op": "edit", "ticket": one, "title": "1", "due_date": "2026-01-01"},
            {"op": "comment", "ticket": one, "text": "said"},
            {"op": "label", "ticket": one, "add": ["x"]},
            {"op": "check", "ticket": one, "number": 2},
            {"op": "block", "ticket": one, "on": [two]},
            {"op": "unblock", "ticket": one, "on": [two]},
            {"op": "delete", "ticket": two},
            {"op": "restore", "ticket": two},
            changed_by="ada",
        )
    )
    assert (response["total"], response["succeeded"], response["failed"]) == (10, 10, 0)
    created = response["results"][0]["ticket_id"]
    assert response["results"][1] == {
        "index": 1, "op": "move", "success": True, "ticket_id": one, "error": None, "type": None,
        "unmet": None,
    }  # fmt: skip
    new = events(rest, board_id)[before:]
    assert {event["actor"] for event in new} == {"ada"}
    assert len({event["tx"] for event in new}) == 1
    shown = ticket_of(rest, one)
    assert (shown["title"], shown["labels"], shown["due_date"], shown["comment_count"]) == ("1", ["x"], "2026-01-01", 1)
    assert (shown["criteria"], shown["current_column"]) == ({"done": 1, "all": 2}, "In Progress")
    assert (ticket_of(rest, created)["created_by"], ticket_of(rest, created)["labels"]) == ("ada", ["new"])


def test_with_atomic_the_first_refusal_undoes_all(rest: httpx.Client, board_id: int) -> None:
    one = new_ticket(rest, board_id)["id"]
    before = events(rest, board_id)
    operations: list[Json] = [
        {"op": "create", "board_id": board_id, "title": "more"},
        {"op": "edit", "ticket": one, "title": "changed"},
        {"op": "move", "ticket": one, "column": "Nowhere"},
    ]
    refused = problem(batch(rest, *operations), "unknown-column")
    assert (refused["index"], refused["op"]) == (2, "move")
    assert events(rest, board_id) == before
    assert titles(rest, board_id) == ["A ticket"]


def test_without_atomic_each_fails_alone_by_the_rules_of_the_single_request(rest: httpx.Client) -> None:
    board = new_board(rest)
    working = board["column_settings"][1]["id"]
    done(rest.patch(f"/api/boards/{board['id']}/columns/{working}", json={"limit": 1}))
    one, two, held, last = (new_ticket(rest, board["id"], title)["id"] for title in ("one", "two", "held", "last"))
    done(rest.post(f"/api/tickets/{held}/claim", json={"claimed_by": "bob"}))
    done(rest.post(f"/api/tickets/{one}/block", json={"on": [two]}))
    response = done(
        batch(
            rest,
            {"op": "move", "ticket": one, "column": "In Progress"},
            {"op": "edit", "ticket": held, "title": "mine"},
            {"op": "edit", "ticket": one, "title": "t", "version": 1},
            {"op": "block", "ticket": two, "on": [one]},
            {"op": "check", "ticket": one, "number": 1},
            {"op": "delete", "ticket": 2**53 - 1},
            {"op": "create", "board_id": board["id"], "title": "x" * 201},
            {"op": "comment", "ticket": held, "text": "free to all"},
            {"op": "move", "ticket": last, "column": "Done"},
            atomic=False,
            changed_by="ada",
        )
    )
    assert [result["type"] for result in response["results"]] == [
        "column-full",
        "already-claimed",
        "version-conflict",
        "dependency-cycle",
        "not-found",
        "not-found",
        "title-too-long",
        None,
        None,
    ]
    assert (response["succeeded"], response["failed"]) == (2, 7)
    assert all(result["error"] for result in response["results"][:7])
    assert titles(rest, board["id"]) == ["one", "two", "held", "last"]


def test_who_lost_the_claim_changes_nothing(rest: httpx.Client, board_id: int) -> None:
    one, other = (new_ticket(rest, board_id)["id"] for _ in range(2))
    token = done(rest.post(f"/api/tickets/{one}/claim", json={"claimed_by": "ada"}))["lease"]["token"]
    comment = {"op": "comment", "ticket": other, "text": "under the claim"}
    assert done(batch(rest, {"op": "edit", "ticket": one, "title": "hers"}, comment, lease=token))["succeeded"] == 2
    done(rest.post(f"/api/tickets/{one}/claim", json={"claimed_by": "bob", "force": True}))
    before = events(rest, board_id)
    problem(batch(rest, comment, lease=token, atomic=False), "lease-lost")
    assert events(rest, board_id) == before


def test_what_ends_the_claim_ends_what_follows_under_it(rest: httpx.Client, board_id: int) -> None:
    one = new_ticket(rest, board_id)["id"]
    token = done(rest.post(f"/api/tickets/{one}/claim", json={"claimed_by": "ada"}))["lease"]["token"]
    finish = {"op": "move", "ticket": one, "column": "Done"}
    late = {"op": "edit", "ticket": one, "title": "late"}
    assert problem(batch(rest, finish, late, lease=token), "lease-lost")["index"] == 1
    response = done(batch(rest, finish, late, lease=token, atomic=False))
    assert [result["success"] for result in response["results"]] == [True, False]


@pytest.mark.parametrize(
    "operations",
    [
        [],
        "move",
        [{}],
        [{"op": "explode", "ticket": 1}],
        [{"op": "move", "ticket": 1}],
        [{"op": "edit", "title": "no ticket"}],
        [{"op": "delete", "ticket": "x"}],
        [{"op": "check", "ticket": 1, "number": 0}],
        [{"op": "delete", "ticket": 1}] * 501,
    ],
    ids=lambda operations: str(operations)[:30],
)
def test_what_is_no_list_of_operations_is_refused_whole(rest: httpx.Client, operations: object) -> None:
    problem(rest.post("/api/bulk/operations", json={"operations": operations, "atomic": False}), "invalid-request")


def test_bulk_moves_are_fenced_limited_and_forced_like_single_ones(rest: httpx.Client) -> None:
    board = new_board(rest)
    waiting = board["column_settings"][2]["id"]
    done(rest.patch(f"/api/boards/{board['id']}/columns/{waiting}", json={"limit": 1}))
    one, two, held = (new_ticket(rest, board["id"])["id"] for _ in range(3))
    token = done(rest.post(f"/api/tickets/{held}/claim", json={"claimed_by": "bob"}))["lease"]["token"]
    body = {"ticket_ids": [held, one, two], "target_column": "Blocked", "moved_by": "ada"}
    response = done(rest.post("/api/bulk/tickets/move", json=body))
    assert [result["success"] for result in response["results"]] == [False, True, False]
    assert done(rest.post("/api/bulk/tickets/move", json={**body, "force": True}))["successful_moves"] == 3
    assert ticket_of(rest, held)["claim"]["holder"] == "bob"
    done(rest.post(f"/api/tickets/{held}/release", json={"released_by": "bob"}))
    stale = rest.post("/api/bulk/tickets/move", json={**body, "force": True}, headers={"Kanban-Lease": token})
    problem(stale, "lease-lost")

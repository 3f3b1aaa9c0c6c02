"""Many tickets moved by one request, in one transaction."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import done, events, new_board, new_ticket, problem, ticket_of, titles


@pytest.fixture
def three(rest: httpx.Client, board_id: int) -> list[int]:
    return [new_ticket(rest, board_id, title)["id"] for title in "abc"]


def bulk(rest: httpx.Client, ids: object, column: str = "Done", **more: object) -> httpx.Response:
    return rest.post("/api/bulk/tickets/move", json={"ticket_ids": ids, "target_column": column, **more})


def test_all_move_in_one_transaction(rest: httpx.Client, board_id: int, three: list[int]) -> None:
    response = done(bulk(rest, three[::-1], "done", moved_by="ada"))
    assert response.keys() == {"total_requested", "successful_moves", "failed_moves", "results"}
    assert (response["total_requested"], response["successful_moves"], response["failed_moves"]) == (3, 3, 0)
    assert response["results"][0] == {
        "ticket_id": three[2],
        "success": True,
        "error": None,
        "old_column": "Not Started",
        "new_column": "Done",
    }
    assert titles(rest, board_id, column="Done") == ["c", "b", "a"]
    created = events(rest, board_id)[-3:]
    assert {(event["event"], event["actor"]) for event in created} == {("ticket_moved", "ada")}
    assert len({event["tx"] for event in created}) == 1


def test_what_can_not_move_is_told_and_holds_nobody_up(rest: httpx.Client, board_id: int, three: list[int]) -> None:
    other = new_board(rest, columns=["Only"])
    stranger = new_ticket(rest, other["id"])["id"]
    deleted = three.pop()
    done(rest.delete(f"/api/tickets/{deleted}"))
    response = done(bulk(rest, [three[0], deleted, 2**53 - 1, stranger, three[1]]))
    assert [result["success"] for result in response["results"]] == [True, False, False, False, True]
    assert (response["successful_moves"], response["failed_moves"]) == (2, 3)
    assert all(result["error"] for result in response["results"] if not result["success"])
    assert titles(rest, board_id, column="Done") == ["a", "b"]
    assert ticket_of(rest, stranger)["current_column"] == "Only"
    assert len({event["tx"] for event in events(rest, board_id)[-2:]}) == 1


def test_atomic_moves_all_or_none(rest: httpx.Client, board_id: int, three: list[int]) -> None:
    before = events(rest, board_id)
    refused = problem(bulk(rest, [*three, 2**53 - 1], atomic=True), "not-found")
    assert refused["ticket_id"] == 2**53 - 1
    assert titles(rest, board_id, column="Not Started") == ["a", "b", "c"]
    assert events(rest, board_id) == before
    assert done(bulk(rest, three, atomic=True))["successful_moves"] == 3


def test_tickets_of_several_boards_move_on_each_boards_own_log(rest: httpx.Client, three: list[int]) -> None:
    other = new_board(rest)
    stranger = new_ticket(rest, other["id"])["id"]
    assert done(bulk(rest, [stranger, *three]))["successful_moves"] == 4
    assert events(rest, other["id"])[-1]["data"]["id"] == stranger


def test_a_ticket_named_twice_moves_once(rest: httpx.Client, board_id: int, three: list[int]) -> None:
    before = len(events(rest, board_id))
    response = done(bulk(rest, [three[0], three[0]]))
    assert [(one["old_column"], one["new_column"]) for one in response["results"]] == [
        ("Not Started", "Done"),
        ("Done", "Done"),
    ]
    assert len(events(rest, board_id)) == before + 1


@pytest.mark.parametrize("ids", [[], [1] * 501, ["x"], [0], [-1], [10**20], "1", None, [None]])
def test_what_is_no_list_of_1_to_500_ids_is_refused(rest: httpx.Client, ids: object) -> None:
    problem(bulk(rest, ids), "invalid-request")

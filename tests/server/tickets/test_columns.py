"""A board's columns: a PUT adds, orders and removes; a PATCH changes one."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import COLUMNS, Json, done, events, new_board, new_ticket, problem, ticket_of


def settings(rest: httpx.Client, board_id: int) -> dict[str, Json]:
    board = done(rest.get(f"/api/boards/{board_id}"))
    return {column["name"]: column for column in board["column_settings"]}


def test_columns_are_a_bare_list_of_names(rest: httpx.Client, board_id: int) -> None:
    assert done(rest.get(f"/api/boards/{board_id}/columns")) == COLUMNS
    response = done(rest.put(f"/api/boards/{board_id}/columns", json=["Todo", "Done"]))
    assert response.keys() == {"message", "columns"}
    assert response["columns"] == ["Todo", "Done"] == done(rest.get(f"/api/boards/{board_id}/columns"))


def test_a_put_adds_and_orders_and_keeps_the_others_as_they_are(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, current_column="Blocked")
    before = settings(rest, board_id)
    names = ["Not Started", "Done", "Review", "blocked", "In_Progress", "READY FOR QC"]
    response = done(rest.put(f"/api/boards/{board_id}/columns", json=names))
    assert response["columns"] == ["Not Started", "Done", "Review", "Blocked", "In Progress", "Ready for QC"]
    after = settings(rest, board_id)
    assert {name: column for name, column in after.items() if name != "Review"} == before
    assert after["Review"] == {"id": 6, "name": "Review", "role": "waiting", "limit": None}
    assert ticket_of(rest, ticket["id"]) == ticket


def test_the_ids_of_columns_are_never_reused(rest: httpx.Client, board_id: int) -> None:
    for names in (["A", "Done"], ["B", "Done"], ["A", "Done"]):
        done(rest.put(f"/api/boards/{board_id}/columns", json=names))
    assert settings(rest, board_id)["A"]["id"] == 8


def test_a_column_with_tickets_is_not_removed_and_the_refusal_counts_them(rest: httpx.Client, board_id: int) -> None:
    for _ in range(3):
        new_ticket(rest, board_id, current_column="Blocked")
    before = events(rest, board_id)
    refused = problem(rest.put(f"/api/boards/{board_id}/columns", json=["Not Started", "Done"]), "column-in-use")
    assert (refused["column"], refused["tickets"]) == ("Blocked", 3)
    problem(rest.put(f"/api/boards/{board_id}", json={"columns": ["Not Started", "Done"]}), "column-in-use")
    assert events(rest, board_id) == before


@pytest.mark.parametrize("target", ["done", "Later"])
def test_move_to_takes_the_tickets_along_in_order(rest: httpx.Client, board_id: int, target: str) -> None:
    stays = new_ticket(rest, board_id, "stays", current_column="Done")
    for title in ("one", "two"):
        new_ticket(rest, board_id, title, current_column="Blocked")
    new_ticket(rest, board_id, "three", current_column="In Progress")
    path = f"/api/boards/{board_id}/columns"
    done(rest.put(path, json=["Not Started", "Later", "Done"], params={"move_to": target}))
    listed = done(rest.get(f"/api/boards/{board_id}/tickets"))["tickets"]
    moved = [ticket["title"] for ticket in listed if ticket["id"] != stays["id"]]
    assert moved == ["three", "one", "two"]
    assert {ticket["current_column"] for ticket in listed} == {"Done", target.title()}
    created = events(rest, board_id)[-4:]
    assert [event["event"] for event in created] == ["ticket_moved"] * 3 + ["board_updated"]
    assert len({event["tx"] for event in created}) == 1


def test_move_to_must_name_a_column_that_stays(rest: httpx.Client, board_id: int) -> None:
    new_ticket(rest, board_id, current_column="Blocked")
    path = f"/api/boards/{board_id}/columns"
    response = rest.put(path, json=["Not Started", "Done"], params={"move_to": "Blocked"})
    assert problem(response, "unknown-column")["columns"] == ["Not Started", "Done"]


def test_move_to_a_done_column_ends_claims(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, current_column="Blocked")
    done(rest.post(f"/api/tickets/{ticket['id']}/claim?agent_id=ada"))
    done(rest.put(f"/api/boards/{board_id}/columns", json=["Not Started", "Done"], params={"move_to": "Done"}))
    assert ticket_of(rest, ticket["id"])["claim"] is None


@pytest.mark.parametrize(
    ("names", "type"),
    [
        ([], "invalid-columns"),
        (["A", "a"], "invalid-columns"),
        (["In Progress", "in_progress"], "invalid-columns"),
        (["Straße", "STRASSE"], "invalid-columns"),
        (["A", " "], "invalid-name"),
        (["A", "x" * 51], "invalid-name"),
        (["A", "b\nc"], "invalid-name"),
        ([f"c{n}" for n in range(51)], "invalid-request"),
        (["A", None], "invalid-request"),
        ({"columns": ["A"]}, "invalid-request"),
    ],
)
def test_what_can_not_be_columns_is_refused(rest: httpx.Client, board_id: int, names: object, type: str) -> None:
    problem(rest.put(f"/api/boards/{board_id}/columns", json=names), type)
    assert done(rest.get(f"/api/boards/{board_id}/columns")) == COLUMNS


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("in progress", "In Progress"),
        ("IN_PROGRESS", "In Progress"),
        ("  in   progress ", "In Progress"),
        ("überprüfung", "ÜBERPRÜFUNG"),
        ("U\u0308BERPRU\u0308FUNG", "ÜBERPRÜFUNG"),
        ("ГОТОВО", "готово"),
        ("STRASSE", "Straße"),
    ],
)
def test_a_columns_name_matches_whatever_its_case(rest: httpx.Client, sent: str, expected: str) -> None:
    board = new_board(rest, columns=["First", "In Progress", "ÜBERPRÜFUNG", "готово", "Straße"])
    ticket = new_ticket(rest, board["id"], current_column=sent)
    assert ticket["current_column"] == expected
    page = done(rest.get("/api/tickets/", params={"board_id": board["id"], "column": sent}))
    assert [item["id"] for item in page["items"]] == [ticket["id"]]


def test_an_unknown_column_is_refused_with_the_boards_names(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    for response in (
        rest.post("/api/tickets/", json={"title": "t", "board_id": board_id, "current_column": "Dome"}),
        rest.post(f"/api/tickets/{ticket['id']}/move", json={"column": "Dome"}),
        rest.put(f"/api/tickets/{ticket['id']}", json={"current_column": "Dome"}),
        rest.get("/api/tickets/", params={"board_id": board_id, "column": "Dome"}),
    ):
        assert problem(response, "unknown-column")["columns"] == COLUMNS


def test_a_rename_keeps_the_tickets_and_tells_both_names(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, current_column="Ready for QC")
    column = settings(rest, board_id)["Ready for QC"]
    path = f"/api/boards/{board_id}/columns/{column['id']}"
    assert done(rest.patch(path, json={"name": "Review"})) == {**column, "name": "Review"}
    assert ticket_of(rest, ticket["id"]) == {**ticket, "current_column": "Review"}
    last = events(rest, board_id)[-1]
    assert (last["event"], last["data"]["renamed"]) == ("board_updated", {"from": "Ready for QC", "to": "Review"})
    problem(rest.patch(path, json={"name": "done"}), "invalid-columns")
    assert done(rest.patch(path, json={"name": "REVIEW"}))["name"] == "REVIEW"


def test_roles_go_by_place_and_can_be_set(rest: httpx.Client, board_id: int) -> None:
    before = settings(rest, board_id)
    assert [column["role"] for column in before.values()] == ["todo", "working", "waiting", "waiting", "done"]
    path = f"/api/boards/{board_id}/columns/{before['Blocked']['id']}"
    assert done(rest.patch(path, json={"role": "working", "limit": 3})) == {
        **before["Blocked"],
        "role": "working",
        "limit": 3,
    }
    assert done(rest.patch(path, json={"limit": None}))["limit"] is None
    assert settings(rest, board_id)["Blocked"]["role"] == "working"
    for body in ({"role": "idle"}, {"limit": 0}, {"limit": "many"}, {"name": None}, {"role": None}):
        problem(rest.patch(path, json=body), "invalid-request")


def test_a_column_that_is_not_there_is_not_found(rest: httpx.Client, board_id: int) -> None:
    problem(rest.patch(f"/api/boards/{board_id}/columns/99", json={"name": "X"}), "not-found")

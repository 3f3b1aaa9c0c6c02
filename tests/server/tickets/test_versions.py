"""No lost update: a change that was made from an old version is refused, with what changed since."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import done, events, new_ticket, problem, ticket_of


def test_a_version_is_one_up_with_each_change_to_the_ticket_itself(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    path = f"/api/tickets/{ticket['id']}"
    for version, response in enumerate(
        (
            rest.get(path),
            rest.put(path, json={"title": "New"}),
            rest.post(f"{path}/move", json={"column": "Blocked"}),
            rest.post(f"{path}/labels", json={"add": ["a"]}),
            rest.post(f"{path}/append", json={"text": "more"}),
            rest.post(f"{path}/claim?agent_id=ada"),
        ),
        start=1,
    ):
        assert done(response)["version"] == version
        assert response.headers["etag"] == f'"{version}"'


def test_comments_and_neighbours_moves_are_no_change_to_a_ticket(rest: httpx.Client, board_id: int) -> None:
    ticket, other = new_ticket(rest, board_id), new_ticket(rest, board_id)
    rest.post("/api/comments/", json={"ticket_id": ticket["id"], "text": "hi"})
    done(rest.post(f"/api/tickets/{other['id']}/move", json={"column": "Not Started", "place": "top"}))
    assert ticket_of(rest, ticket["id"])["version"] == 1


@pytest.mark.parametrize("how", ["If-Match", "body"])
def test_a_stale_edit_is_refused_with_the_ticket_as_it_is_and_what_changed(
    rest: httpx.Client, board_id: int, how: str
) -> None:
    ticket = new_ticket(rest, board_id, "Old", created_by="ada")
    path = f"/api/tickets/{ticket['id']}"
    done(rest.put(path, json={"title": "Newer", "priority": "high", "changed_by": "bob"}))
    now = done(rest.post(f"{path}/move", json={"column": "Done", "moved_by": "eve"}))
    before = events(rest, board_id)

    headers, body = ({"If-Match": '"1"'}, {}) if how == "If-Match" else ({}, {"version": 1})
    refused = problem(rest.put(path, json={"title": "Mine", **body}, headers=headers), "version-conflict")
    assert (refused["current_version"], refused["current"]) == (3, now)
    assert [(change["field"], change["from"], change["to"], change["by"]) for change in refused["changed"]] == [
        ("title", "Old", "Newer", "bob"),
        ("priority", "medium", "high", "bob"),
        ("current_column", "Not Started", "Done", "eve"),
    ]
    assert events(rest, board_id) == before

    headers, body = ({"If-Match": '"3"'}, {}) if how == "If-Match" else ({}, {"version": 3})
    assert done(rest.put(path, json={"title": "Mine", **body}, headers=headers))["version"] == 4


def test_a_stale_move_or_delete_is_refused(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    path = f"/api/tickets/{ticket['id']}"
    done(rest.patch(path, json={"title": "New"}))
    problem(rest.post(f"{path}/move", json={"column": "Done"}, headers={"If-Match": '"1"'}), "version-conflict")
    problem(rest.post(f"{path}/move", json={"column": "Done", "version": 1}), "version-conflict")
    problem(rest.delete(path, headers={"If-Match": 'W/"1"'}), "version-conflict")
    assert ticket_of(rest, ticket["id"])["current_column"] == "Not Started"
    assert rest.delete(path, headers={"If-Match": 'W/"2"'}).status_code == 200


def test_without_a_version_named_fields_do_not_undo_each_other(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "Old", priority="low")
    path = f"/api/tickets/{ticket['id']}"
    done(rest.patch(path, json={"title": "New"}))
    edited = done(rest.patch(path, json={"priority": "high"}))
    assert (edited["title"], edited["priority"]) == ("New", "high")
    assert done(rest.patch(path, json={"title": "Any"}, headers={"If-Match": "*"}))["title"] == "Any"


def test_labels_and_appended_text_need_no_version_and_undo_nothing(rest: httpx.Client, board_id: int) -> None:
    path = f"/api/tickets/{new_ticket(rest, board_id, description='one', labels=['a', 'b'])['id']}"
    stale = {"If-Match": '"1"'}
    done(rest.patch(path, json={"title": "New"}))
    done(rest.post(f"{path}/labels", json={"add": ["c"], "remove": ["a"]}, headers=stale))
    done(rest.post(f"{path}/append", json={"text": "two"}, headers=stale))
    done(rest.post(f"{path}/append", json={"text": "- [ ] it", "field": "acceptance_criteria"}, headers=stale))
    ticket = done(rest.get(path))
    assert ticket["labels"] == ["b", "c"]
    assert (ticket["description"], ticket["acceptance_criteria"]) == ("one\n\ntwo", "- [ ] it")


def test_a_column_in_an_edit_is_a_move(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    below = new_ticket(rest, board_id, current_column="Done")
    edited = done(rest.put(f"/api/tickets/{ticket['id']}", json={"title": "New", "current_column": "done"}))
    assert (edited["title"], edited["current_column"], edited["version"]) == ("New", "Done", 3)
    assert edited["place"].encode() > below["place"].encode()
    created = events(rest, board_id)[-2:]
    assert [event["event"] for event in created] == ["ticket_updated", "ticket_moved"]
    assert created[0]["tx"] == created[1]["tx"]


def test_a_stale_change_of_a_board_is_refused(rest: httpx.Client, board_id: int) -> None:
    path = f"/api/boards/{board_id}"
    now = done(rest.put(path, json={"description": "new"}))
    assert now["version"] == 2
    stale = {"If-Match": '"1"'}
    for response in (
        rest.put(path, json={"name": "Mine"}, headers=stale),
        rest.put(path, json={"name": "Mine", "version": 1}),
        rest.put(f"{path}/columns", json=["A"], headers=stale),
        rest.patch(f"{path}/columns/1", json={"name": "Mine"}, headers=stale),
        rest.delete(path, headers=stale),
    ):
        refused = problem(response, "version-conflict")
        assert (refused["current_version"], refused["current"]) == (2, now)
    new_ticket(rest, board_id)
    assert done(rest.put(path, json={"name": "Mine"}, headers={"If-Match": '"2"'}))["version"] == 3


@pytest.mark.parametrize("header", ["", "abc", '"x"', '"1", "2"', '"-1"', '"1.0"', "9" * 30, "²"])
def test_an_if_match_that_is_no_version_is_refused(rest: httpx.Client, board_id: int, header: str) -> None:
    ticket = new_ticket(rest, board_id)
    headers = [(b"If-Match", header.encode())]
    refused = problem(rest.put(f"/api/tickets/{ticket['id']}", json={"title": "x"}, headers=headers), "invalid-request")
    assert refused["field"] == "If-Match"


def test_a_stale_change_of_a_board_is_refused_with_what_changed_since(rest: httpx.Client, board_id: int) -> None:
    path = f"/api/boards/{board_id}"
    done(rest.put(path, json={"name": "New name"}, headers={"If-Match": '"1"'}))
    conflict = problem(rest.put(path, json={"description": "mine"}, headers={"If-Match": '"1"'}), "version-conflict")
    assert [(change["field"], change["to"]) for change in conflict["changed"]] == [("name", "New name")]
    assert conflict["current"]["name"] == "New name"

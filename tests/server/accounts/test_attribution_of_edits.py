"""The words of the base contract for who edits, and who assigned: `last_modified_by` and `assigned_by`."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import done, events, new_ticket, problem, ticket_of
from tests.support.people import Guarded


def test_last_modified_by_says_who_acts_as_changed_by_does(rest: httpx.Client, board_id: int) -> None:
    path = f"/api/tickets/{new_ticket(rest, board_id)['id']}"
    headers = {"X-Kanban-User": "zoe"}
    edited = done(rest.put(path, json={"title": "1", "last_modified_by": "bob"}, headers=headers))
    assert (edited["updated_by"], events(rest, board_id)[-1]["actor"]) == ("bob", "bob")
    assert done(rest.put(path, json={"title": "2", "last_modified_by": ""}, headers=headers))["updated_by"] == "zoe"
    both = {"changed_by": "bob ", "last_modified_by": "bob"}
    assert done(rest.patch(path, json={"title": "3", **both}))["updated_by"] == "bob"
    two = rest.put(path, json={"title": "4", "changed_by": "bob", "last_modified_by": "eve"})
    assert problem(two, "invalid-request")["field"] == "last_modified_by"
    assert problem(rest.put(path, json={"title": "4", "last_modified_by": "system"}), "reserved-name")
    done(rest.put(f"/api/boards/{board_id}", json={"description": "x", "last_modified_by": "bob"}))
    assert events(rest, board_id)[-1]["actor"] == "bob"


def test_assigned_by_says_who_has_chosen_a_new_assignee(rest: httpx.Client, board_id: int) -> None:
    path = f"/api/tickets/{new_ticket(rest, board_id)['id']}"
    edit = {"assignee": "eve", "assigned_by": "boss", "last_modified_by": "bob"}
    edited = done(rest.put(path, json=edit))
    assert (edited["assigned_by"], edited["updated_by"]) == ("boss", "bob")
    assert events(rest, board_id)[-1]["data"]["assigned_by"] == "boss"
    assert done(rest.put(path, json={**edit, "assigned_by": "eve"})) == edited, "the assignee is as it was"
    assert done(rest.put(path, json={"assignee": None, "assigned_by": "bob"}))["assigned_by"] is None
    assert done(rest.put(path, json={"assignee": "eve", "changed_by": "bob"}))["assigned_by"] == "bob"
    assert problem(rest.put(path, json={"assignee": "bob", "assigned_by": "x" * 65}), "invalid-name")


def test_assigned_by_without_an_assignee_is_not_dropped_in_silence(rest: httpx.Client, board_id: int) -> None:
    path = f"/api/tickets/{new_ticket(rest, board_id)['id']}"
    response = rest.put(path, json={"title": "1", "assigned_by": "bob"})
    assert (done(response)["assigned_by"], response.headers["Kanban-Ignored"]) == (None, "assigned_by")
    problem(rest.patch(path, json={"title": "2", "assigned_by": "bob"}), "invalid-request")


def test_a_ticket_that_is_sent_back_whole_is_taken(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, assignee="eve")
    assert ticket["assigned_by"] == "anonymous"
    changed = done(rest.put(f"/api/tickets/{ticket['id']}", json={**ticket, "title": "Another"}))
    assert changed == {**ticket_of(rest, ticket["id"])}
    assert (changed["title"], changed["assignee"], changed["assigned_by"]) == ("Another", "eve", "anonymous")


@pytest.mark.parametrize("role", ["admin", "user"])
def test_with_a_token_nobody_else_is_named(guarded: Guarded, role: str) -> None:
    name = f"editor-{role}"
    token, board = guarded.person(name), guarded.board(guarded.root)
    guarded.member(guarded.root, board, name, role)
    path = f"/api/tickets/{guarded.ticket(guarded.root, board, assignee=name)}"
    for fields in ({"title": "x", "last_modified_by": "root"}, {"assignee": None, "assigned_by": "somebody"}):
        refused = guarded.ask(token, "PUT", path, fields)
        assert (refused.status_code, refused.json()["type"]) == (403, "name-mismatch")
    mine = guarded.done(token, "PUT", path, {"title": "y", "last_modified_by": name})
    assert mine["updated_by"] == name
    whole = guarded.done(token, "PUT", path, {**mine, "title": "z"})
    assert (whole["title"], whole["assigned_by"]) == ("z", "root"), "what is repeated names nobody"
    assert guarded.done(token, "PUT", path, {"assignee": "root", "assigned_by": name})["assigned_by"] == name

"""What changed on a ticket, who did it and when; deleted tickets, and their way back."""

from __future__ import annotations

import httpx

from tests.server.rest import Json, done, events, new_ticket, problem, ticket_of, titles


def history(rest: httpx.Client, ticket_id: int) -> list[Json]:
    changes: list[Json] = done(rest.get(f"/api/history/tickets/{ticket_id}/history"))
    return changes


def test_history_is_a_bare_list_newest_first(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "Old", created_by="ada")
    path = f"/api/tickets/{ticket['id']}"
    done(rest.put(path, json={"title": "New", "labels": ["a"], "changed_by": "bob"}))
    done(rest.post(f"{path}/move", json={"column": "Done", "moved_by": "eve"}))
    done(rest.post(f"{path}/claim?agent_id=zoe"))
    rest.post("/api/comments/", json={"ticket_id": ticket["id"], "text": "hi"})
    done(rest.delete(path, params={"deleted_by": "ada"}))

    changes = history(rest, ticket["id"])
    assert all(
        change.keys() == {"id", "ticket_id", "field_name", "old_value", "new_value", "changed_by", "changed_at"}
        for change in changes
    )
    assert [
        (change["field_name"], change["old_value"], change["new_value"], change["changed_by"]) for change in changes
    ] == [
        ("deleted", False, True, "ada"),
        ("claim", "zoe", None, "ada"),
        ("assignee", None, "zoe", "zoe"),
        ("claim", None, "zoe", "zoe"),
        ("current_column", "Not Started", "Done", "eve"),
        ("labels", [], ["a"], "bob"),
        ("title", "Old", "New", "bob"),
        ("created", None, "Old", "ada"),
    ]
    assert {change["ticket_id"] for change in changes} == {ticket["id"]}
    ids = [change["id"] for change in changes]
    assert ids == sorted(set(ids), reverse=True)
    times = [change["changed_at"] for change in changes]
    assert times == sorted(times, reverse=True)


def test_a_ticket_that_never_was_has_no_history(rest: httpx.Client) -> None:
    problem(rest.get(f"/api/history/tickets/{2**53 - 1}/history"), "not-found")


def test_a_deleted_ticket_is_gone_but_for_its_log(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "Gone", created_by="ada")
    path = f"/api/tickets/{ticket['id']}"
    assert done(rest.delete(path, params={"deleted_by": "bob"})).keys() == {"message"}
    last = events(rest, board_id)[-1]
    assert last["event"] == "ticket_deleted"
    assert last["data"].items() >= {"id": ticket["id"], "board_id": board_id, "deleted_by": "bob"}.items()
    assert titles(rest, board_id) == titles(rest, board_id, search="gone") == []
    assert done(rest.get(f"/api/boards/{board_id}"))["ticket_count"] == 0
    for response in (
        rest.get(path),
        rest.put(path, json={"title": "x"}),
        rest.post(f"{path}/move", json={"column": "Done"}),
        rest.post(f"{path}/claim?agent_id=ada"),
        rest.post(f"{path}/labels", json={"add": ["a"]}),
        rest.delete(path),
    ):
        problem(response, "not-found")


def test_a_restored_ticket_is_at_the_bottom_of_its_column_and_unclaimed(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "Back", current_column="Blocked", labels=["a"], description="found again")
    path = f"/api/tickets/{ticket['id']}"
    rest.post("/api/comments/", json={"ticket_id": ticket["id"], "text": "remembered"})
    done(rest.post(f"{path}/claim?agent_id=ada"))
    done(rest.delete(path))
    new_ticket(rest, board_id, "Other", current_column="Blocked")

    back = done(rest.post(f"{path}/restore", headers={"X-Kanban-User": "bob"}))
    assert (back["current_column"], back["claim"], back["updated_by"]) == ("Blocked", None, "bob")
    assert (back["labels"], back["comment_count"], back["version"]) == (["a"], 1, 5)
    assert titles(rest, board_id) == ["Other", "Back"]
    for word in ("found", "remembered"):
        assert titles(rest, board_id, search=word) == ["Back"]
    assert titles(rest, board_id, label="a") == ["Back"]
    assert events(rest, board_id)[-1]["event"] == "ticket_restored"
    assert history(rest, ticket["id"])[0]["new_value"] is False
    done(rest.post(f"{path}/claim?agent_id=bob"))


def test_to_restore_a_ticket_that_is_there_changes_nothing(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)
    before = events(rest, board_id)
    assert done(rest.post(f"/api/tickets/{ticket['id']}/restore")) == ticket
    assert events(rest, board_id) == before
    problem(rest.post(f"/api/tickets/{2**53 - 1}/restore"), "not-found")


def test_a_ticket_whose_column_is_gone_comes_back_to_the_first(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, current_column="Blocked")
    done(rest.delete(f"/api/tickets/{ticket['id']}"))
    done(rest.put(f"/api/boards/{board_id}/columns", json=["Start", "Done"]))
    back = done(rest.post(f"/api/tickets/{ticket['id']}/restore"))
    assert back["current_column"] == "Start"
    assert ticket_of(rest, ticket["id"]) == back


def test_an_assignee_that_a_release_puts_back_is_told(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "One", assignee="eve")
    path = f"/api/tickets/{ticket['id']}"
    done(rest.post(f"{path}/claim", json={"claimed_by": "bob"}))
    stale = ticket_of(rest, ticket["id"])
    done(rest.post(f"{path}/release", headers={"X-Kanban-User": "bob"}))
    assert [
        (one["old_value"], one["new_value"]) for one in history(rest, ticket["id"]) if one["field_name"] == "assignee"
    ] == [
        ("bob", "eve"),
        ("eve", "bob"),
    ]
    conflict = problem(rest.patch(path, json={"title": "x", "version": stale["version"]}), "version-conflict")
    changed = [(one["field"], one["from"], one["to"]) for one in conflict["changed"]]
    assert ("assignee", "bob", "eve") in changed


def test_a_release_that_leaves_the_assignee_tells_no_change_of_it(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "One")
    path = f"/api/tickets/{ticket['id']}"
    done(rest.post(f"{path}/claim", json={"claimed_by": "bob"}))
    done(rest.post(f"{path}/move", json={"column": "Done", "moved_by": "bob"}))
    fields = [one["field_name"] for one in history(rest, ticket["id"])]
    assert fields.count("assignee") == 1

"""Comments, and who may change them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.rest import Json, done, events, new_ticket, problem, ticket_of


@pytest.fixture
def ticket(rest: httpx.Client, board_id: int) -> Json:
    return new_ticket(rest, board_id)


def comment(rest: httpx.Client, ticket: Json, text: str = "hi", author: str = "ada") -> Json:
    response = rest.post("/api/comments/", json={"ticket_id": ticket["id"], "text": text, "author": author})
    assert response.status_code == 201, response.text
    created: Json = response.json()
    return created


def comments_of(rest: httpx.Client, ticket: Json) -> Any:
    return done(rest.get(f"/api/comments/ticket/{ticket['id']}"))


def test_comments_are_a_bare_list_oldest_first(rest: httpx.Client, board_id: int, ticket: Json) -> None:
    created = [comment(rest, ticket, text) for text in ("first\n\n- second line ", "second")]
    assert created[0].keys() == {"id", "ticket_id", "board_id", "text", "author", "created_at", "updated_at"}
    assert (created[0]["text"], created[0]["author"]) == ("first\n\n- second line ", "ada")
    assert (created[0]["board_id"], created[0]["updated_at"]) == (board_id, None)
    assert comments_of(rest, ticket) == created
    assert ticket_of(rest, ticket["id"])["comment_count"] == 2


def test_an_author_edits_a_comment(rest: httpx.Client, board_id: int, ticket: Json) -> None:
    created = comment(rest, ticket)
    path = f"/api/comments/{created['id']}"
    edited = done(rest.put(path, json={"text": "hello", "author": "ada"}))
    assert (edited["text"], edited["created_at"]) == ("hello", created["created_at"])
    assert edited["updated_at"] >= created["created_at"]
    before = events(rest, board_id)
    assert done(rest.patch(path, json={"text": "hello"}, headers={"X-Kanban-User": "ada"})) == edited
    assert events(rest, board_id) == before, "the same text again is no change"
    assert before[-1]["event"] == "comment_updated"


def test_an_author_deletes_a_comment(rest: httpx.Client, board_id: int, ticket: Json) -> None:
    kept, gone = comment(rest, ticket, "kept"), comment(rest, ticket, "gone")
    done(rest.delete(f"/api/comments/{gone['id']}?deleted_by=ada"))
    assert comments_of(rest, ticket) == [kept]
    assert ticket_of(rest, ticket["id"])["comment_count"] == 1
    last = events(rest, board_id)[-1]
    assert (last["event"], last["data"]["id"], last["data"]["comment_count"]) == ("comment_deleted", gone["id"], 1)
    problem(rest.delete(f"/api/comments/{gone['id']}?deleted_by=ada"), "not-found")
    problem(rest.put(f"/api/comments/{gone['id']}", json={"text": "x", "author": "ada"}), "not-found")


def test_nobody_else_changes_a_comment(rest: httpx.Client, board_id: int, ticket: Json) -> None:
    created = comment(rest, ticket)
    before = events(rest, board_id)
    path = f"/api/comments/{created['id']}"
    assert problem(rest.put(path, json={"text": "x", "author": "bob"}), "not-author")["author"] == "ada"
    problem(rest.put(path, json={"text": "x"}), "not-author")
    problem(rest.delete(path, params={"deleted_by": "Ada"}), "not-author")
    assert comments_of(rest, ticket) == [created]
    assert events(rest, board_id) == before


def test_a_comment_says_something_and_not_too_much(rest: httpx.Client, ticket: Json) -> None:
    assert comment(rest, ticket, "é" * 32 * 1024)["text"] == "é" * 32 * 1024
    body = {"ticket_id": ticket["id"]}
    problem(rest.post("/api/comments/", json={**body, "text": "x" * 65537}), "text-too-long")
    problem(rest.post("/api/comments/", json={**body, "text": " \n"}), "invalid-request")
    problem(rest.post("/api/comments/", json=body), "invalid-request")


def test_a_ticket_that_is_not_there_takes_no_comment(rest: httpx.Client, ticket: Json) -> None:
    done(rest.delete(f"/api/tickets/{ticket['id']}"))
    for id in (ticket["id"], 2**53 - 1):
        problem(rest.post("/api/comments/", json={"ticket_id": id, "text": "x"}), "not-found")
        problem(rest.get(f"/api/comments/ticket/{id}"), "not-found")

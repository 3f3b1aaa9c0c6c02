"""Mentions in comments, questions, and the inbox that they come into."""

from __future__ import annotations

from itertools import count
from urllib.parse import quote

import httpx
import pytest

from kanban_sdk.wire.limits import MENTIONS
from tests.server.rest import Json, done, events, new_board, new_ticket, problem, ticket_of

_numbers = count(1)


@pytest.fixture
def eve() -> str:
    """Somebody whose inbox nobody else writes to."""
    return f"eve {next(_numbers)} ö"


def as_(name: str) -> dict[str, str]:
    return {"X-Kanban-User": quote(name)}


def say(rest: httpx.Client, ticket_id: int, text: str, author: str = "ada") -> Json:
    response = rest.post("/api/comments/", json={"ticket_id": ticket_id, "text": text, "author": author})
    assert response.status_code == 201, response.text
    comment: Json = response.json()
    return comment


def inbox(rest: httpx.Client, name: str) -> Json:
    response: Json = done(rest.get("/api/inbox", headers=as_(name)))
    return response


def texts(box: Json) -> list[str]:
    return [item["text"] for item in box["items"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@bob, @bob. and (@eve-2/x) see @a.b!", ["bob", "eve-2/x", "a.b"]),
        ('@"two words" @"" @"with\nbreak"', ["two words"]),
        ("mail me@example.org, https://x.example/@user, @@both", []),
        ("@Bob @bob @bo\u0308b @system @anonymous", ["Bob", "bob", "böb"]),
        ("@" + "x" * 65, []),
        ("`@pytest.fixture` is for @bob", ["bob"]),
        ("``@a ` @b`` @c ` @d", ["c", "d"]),
        ("\\`@a` @b", ["a", "b"]),
        ("```python\n@property\n```\n@bob", ["bob"]),
        ("~~~\n@a\n```\n@b\n~~~~\n@c", ["c"]),
        ("- see\n\n  ```\n  @a\n  ```\n- @b", ["b"]),
        ("> ```\n> @a\n> ```\n> @b", ["b"]),
        ("so:\n\n    @a\n\n@b", ["b"]),
        ("a paragraph\n    goes on with @a", ["a"]),
        ("1. one\n\n   @a\n\n       @b", ["a"]),
        ("a `span ends\n\nwith its paragraph @a` @b", ["a", "b"]),
        ("it is not closed:\n```\n@a", []),
    ],
)
def test_a_comment_mentions(rest: httpx.Client, board_id: int, text: str, expected: list[str]) -> None:
    say(rest, new_ticket(rest, board_id)["id"], text)
    assert events(rest, board_id)[-1]["data"]["mentions"] == expected


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_comment_calls_upon_as_many_as_it_may_and_upon_no_more(
    rest: httpx.Client, board_id: int, eve: str, more: int
) -> None:
    ticket = new_ticket(rest, board_id)["id"]
    names = [f"u{number}" for number in range(MENTIONS + more - 1)]
    say(rest, ticket, " ".join(f"@{name}" for name in names) + f' @u0 @"{eve}"')
    called = events(rest, board_id)[-1]["data"]["mentions"]
    assert called == [*names, eve][:MENTIONS]
    assert bool(texts(inbox(rest, eve))) is (more < 1)


def test_who_is_mentioned_finds_it_in_the_inbox_until_it_is_read(rest: httpx.Client, board_id: int, eve: str) -> None:
    ticket = new_ticket(rest, board_id, "Which?")["id"]
    first = say(rest, ticket, f'@"{eve}" one')
    say(rest, ticket, f'@"{eve}" two', author="bob")
    say(rest, ticket, f'@"{eve}" from myself', author=eve)
    box = inbox(rest, eve)
    assert (texts(box), box["total"]) == ([f'@"{eve}" one', f'@"{eve}" two'], 2)
    told = next(event for event in events(rest, board_id) if event["data"].get("text") == first["text"])
    assert box["items"][0] == {
        "board_id": board_id,
        "seq": told["seq"],
        "ticket_id": ticket,
        "title": "Which?",
        "comment_id": first["id"],
        "author": "ada",
        "text": first["text"],
        "created_at": first["created_at"],
        "kind": "mention",
    }
    before = events(rest, board_id)
    left = done(rest.post("/api/inbox/read", json={"cursors": {str(board_id): told["cursor"]}}, headers=as_(eve)))
    assert texts(left) == [f'@"{eve}" two']
    second = rest.post("/api/inbox/read", json={"cursors": {str(board_id): "1"}}, headers=as_(eve))
    assert texts(done(second)) == [f'@"{eve}" two'], "what is read stays read"
    assert box["cursors"] == left["cursors"]
    assert done(rest.post("/api/inbox/read", json={"cursors": left["cursors"]}, headers=as_(eve)))["total"] == 0
    assert events(rest, board_id) == before
    say(rest, ticket, f'@"{eve}" three')
    assert done(rest.post("/api/inbox/read", headers=as_(eve))) == {"items": [], "total": 0, "cursors": {}}
    assert inbox(rest, eve)["total"] == 0


def test_the_inbox_is_of_all_boards_oldest_first_without_what_is_gone(
    rest: httpx.Client, board_id: int, eve: str
) -> None:
    other = new_board(rest)["id"]
    here, there, third = (new_ticket(rest, board)["id"] for board in (board_id, other, other))
    for number, ticket in enumerate((there, here, third, there)):
        comment = say(rest, ticket, f'{number} @"{eve}"')
    done(rest.delete(f"/api/tickets/{third}"))
    assert texts(inbox(rest, eve)) == [f'{number} @"{eve}"' for number in (0, 1, 3)]
    done(rest.delete(f"/api/comments/{comment['id']}?deleted_by=ada"))
    done(rest.patch(f"/api/tickets/{here}", json={"title": "Another title"}))
    assert [item["title"] for item in inbox(rest, eve)["items"]] == ["A ticket", "Another title"]
    done(rest.delete(f"/api/boards/{other}"))
    assert [item["board_id"] for item in inbox(rest, eve)["items"]] == [board_id]


def test_an_edit_tells_those_whom_the_comment_did_not_mention_yet(rest: httpx.Client, board_id: int, eve: str) -> None:
    comment = say(rest, new_ticket(rest, board_id)["id"], "hello")
    for text in (f'hello @"{eve}"', f'hello again @"{eve}"'):
        done(rest.patch(f"/api/comments/{comment['id']}", json={"text": text, "author": "ada"}))
    assert texts(inbox(rest, eve)) == [f'hello again @"{eve}"']


def test_an_inbox_is_somebodys_and_its_cursors_are_of_boards_that_are_there(
    rest: httpx.Client, board_id: int, eve: str
) -> None:
    problem(rest.get("/api/inbox"), "name-required")
    problem(rest.post("/api/inbox/read"), "name-required")
    for cursors, type in (
        ({str(2**53): "1"}, "not-found"),
        ({"x": "1"}, "not-found"),
        ({str(board_id): "nonsense"}, "invalid-cursor"),
        ({str(board_id): "0-1"}, "invalid-cursor"),
        ({str(board_id): 1}, "invalid-request"),
    ):
        problem(rest.post("/api/inbox/read", json={"cursors": cursors}, headers=as_(eve)), type)


def test_a_question_waits_for_the_creator_and_keeps_the_claim(rest: httpx.Client, board_id: int, eve: str) -> None:
    ticket = new_ticket(rest, board_id, created_by=eve)["id"]
    done(rest.post(f"/api/tickets/{ticket}/claim", json={"claimed_by": "ada"}))
    question = done(rest.post(f"/api/tickets/{ticket}/ask", json={"text": "Blue or red?", "asked_by": "ada"}))
    assert question["ticket"]["current_column"] == "Blocked"
    assert question["ticket"]["claim"]["holder"] == "ada"
    assert question["ticket"]["comment_count"] == 1
    assert question["comment"]["text"] == "Blue or red?"
    assert question["cursor"] == events(rest, board_id)[-1]["cursor"]
    (item,) = inbox(rest, eve)["items"]
    assert (item["kind"], item["author"], item["comment_id"]) == ("ask", "ada", question["comment"]["id"])
    say(rest, ticket, "Blue", author=eve)
    seq = int(question["cursor"].rpartition("-")[2])
    (reply,) = [one for one in events(rest, board_id, after=seq) if one["event"] == "comment_added"]
    assert (reply["actor"], reply["data"]["text"]) == (eve, "Blue")


def test_a_question_goes_to_those_it_mentions_and_to_the_column_that_it_names(
    rest: httpx.Client, board_id: int, eve: str
) -> None:
    ticket = new_ticket(rest, board_id, created_by="the creator of this one")["id"]
    question = {"text": f'@"{eve}"?', "column": "ready_for_qc", "asked_by": "ada"}
    assert done(rest.post(f"/api/tickets/{ticket}/ask", json=question))["ticket"]["current_column"] == "Ready for QC"
    second = done(rest.post(f"/api/tickets/{ticket}/ask", json={"text": f'@"{eve}"!', "asked_by": "ada"}))
    assert second["ticket"]["current_column"] == "Ready for QC", "it waits already"
    assert [item["kind"] for item in inbox(rest, eve)["items"]] == ["ask", "ask"]
    assert inbox(rest, "the creator of this one")["total"] == 0


def test_who_may_not_move_the_ticket_asks_nothing(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, created_by="somebody")["id"]
    path = f"/api/tickets/{ticket}/ask"
    problem(rest.post(path, json={"text": "hm", "column": "Nowhere"}), "unknown-column")
    done(rest.post(f"/api/tickets/{ticket}/claim", json={"claimed_by": "ada"}))
    problem(rest.post(path, json={"text": "hm", "asked_by": "bob"}), "already-claimed")
    problem(rest.post(path, json={"text": " ", "asked_by": "ada"}), "invalid-request")
    assert ticket_of(rest, ticket)["comment_count"] == 0
    assert done(rest.post(path, json={"text": "hm", "asked_by": "bob", "force": True}))["comment"]["author"] == "bob"
    assert events(rest, board_id)[-1]["data"]["forced"] is True

"""Watching a ticket: its comments, and that it is done, come into the inbox of whoever watches it."""

from __future__ import annotations

import httpx
import pytest

from kanban_sdk import Kanban
from kanban_sdk.wire.limits import WATCHERS
from tests.server.rest import done, new_board, new_ticket, problem
from tests.support.actors import ON_BOTH, Actor
from tests.support.databases import Databases
from tests.support.people import Guarded


def as_(name: str) -> dict[str, str]:
    return {"X-Kanban-User": name}


def news(kanban: Kanban, ticket: int) -> list[tuple[str, str]]:
    """Kind and text of what is unread about a ticket."""
    return [(item.kind, item.text) for item in kanban.inbox.unread().items if item.ticket_id == ticket]


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_whoever_sees_a_ticket_watches_it(actor: Actor) -> None:
    admin, kanban = actor.admin(), actor.kanban()
    ticket = admin.tickets.create("watched", board=actor.board).id
    before = admin.boards.events(actor.board, after=0).events
    assert not kanban.inbox.watches(ticket).watching
    for _ in range(2):
        assert kanban.inbox.watch(ticket).watching, "once more changes nothing"
    assert kanban.inbox.watches(ticket).watching
    assert admin.boards.events(actor.board, after=0).events == before
    admin.comments.add(ticket, "one")
    if actor.writes:
        kanban.comments.add(ticket, "by myself")
    admin.tickets.move(ticket, "Done")
    assert news(kanban, ticket) == [("watched", "one"), ("done", "")]
    item = kanban.inbox.unread().items[-1]
    assert (item.title, item.comment_id, item.board_id) == ("watched", 0, actor.board)
    assert news(admin, ticket) == []
    kanban.inbox.read(kanban.inbox.unread().cursors)
    assert news(kanban, ticket) == []
    assert not kanban.inbox.unwatch(ticket).watching
    admin.comments.add(ticket, "two")
    admin.tickets.move(ticket, "Blocked")
    admin.tickets.move(ticket, "Done")
    assert news(kanban, ticket) == []


def test_a_comment_comes_once_and_what_is_undone_or_deleted_comes_no_more(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)["id"]
    done(rest.put(f"/api/tickets/{ticket}/watch", headers=as_("wes")))

    def kinds() -> list[str]:
        return [item["kind"] for item in done(rest.get("/api/inbox", headers=as_("wes")))["items"]]

    for text in ("@wes look", "@wes and @wes", "nobody"):
        assert rest.post("/api/comments", json={"ticket_id": ticket, "text": text, "author": "ada"}).is_success
    assert kinds() == ["mention", "mention", "watched"]
    question = {"text": "@wes which?", "asked_by": "ada"}
    done(rest.post(f"/api/tickets/{ticket}/ask", json=question))
    assert kinds() == ["mention", "mention", "watched", "ask"]
    for column, expected in (("Done", ["done"]), ("Blocked", []), ("Done", ["done"])):
        done(rest.post(f"/api/tickets/{ticket}/move", json={"column": column, "moved_by": "ada"}))
        assert kinds()[4:] == expected, "a ticket that is open again is not done"
    done(rest.post(f"/api/tickets/{ticket}/move", json={"column": "Blocked", "moved_by": "ada"}))
    done(rest.post(f"/api/tickets/{ticket}/move", json={"column": "Done", "moved_by": "wes"}))
    assert kinds()[4:] == [], "who finished it knows"
    done(rest.delete(f"/api/tickets/{ticket}"))
    assert kinds() == []


@pytest.fixture
def guarded(databases: Databases, pytestconfig: pytest.Config) -> Guarded:
    return databases.guarded("sqlite", pytestconfig)


def test_nothing_comes_of_boards_that_one_may_not_see_any_more(guarded: Guarded) -> None:
    token = guarded.person("watch-una")
    board = guarded.board(guarded.root, "Left")
    ticket = guarded.ticket(guarded.root, board)
    problem(guarded.rest(token).put(f"/api/tickets/{ticket}/watch"), "not-found")
    guarded.member(guarded.root, board, "watch-una")
    guarded.done(token, "PUT", f"/api/tickets/{ticket}/watch")
    guarded.done(guarded.root, "DELETE", f"/api/boards/{board}/members/watch-una")
    guarded.done(guarded.root, "POST", "/api/comments", {"ticket_id": ticket, "text": "secret"})
    guarded.done(guarded.root, "POST", f"/api/tickets/{ticket}/move", {"column": "Done"})
    assert guarded.done(token, "GET", "/api/inbox")["items"] == []


def test_a_user_who_was_renamed_watches_on_and_can_stop(guarded: Guarded) -> None:
    token = guarded.person("watch-old")
    board = guarded.board(guarded.root, "Renamed")
    guarded.member(guarded.root, board, "watch-old")
    ticket = guarded.ticket(guarded.root, board)
    path = f"/api/tickets/{ticket}/watch"
    guarded.done(token, "PUT", path)
    guarded.done(guarded.root, "PATCH", "/api/users/watch-old", {"name": "watch-new"})
    assert guarded.done(token, "PUT", path)["watching"]
    guarded.done(guarded.root, "POST", "/api/comments", {"ticket_id": ticket, "text": "hello"})
    guarded.done(guarded.root, "POST", f"/api/tickets/{ticket}/move", {"column": "Done"})
    assert [item["kind"] for item in guarded.done(token, "GET", "/api/inbox")["items"]] == ["watched", "done"]
    assert not guarded.done(token, "DELETE", path)["watching"]
    assert not guarded.done(token, "GET", path)["watching"]


def test_watching_is_refused_to_nobody_to_readers_tokens_and_beyond_a_limit(
    rest: httpx.Client, guarded: Guarded
) -> None:
    ticket = new_ticket(rest, new_board(rest)["id"])["id"]
    path = f"/api/tickets/{ticket}/watch"
    for method in ("GET", "PUT", "DELETE"):
        problem(rest.request(method, path), "name-required")
        problem(rest.request(method, f"/api/tickets/{2**53 - 1}/watch", headers=as_("ada")), "not-found")
    for number in range(WATCHERS):
        done(rest.put(path, headers=as_(f"w{number}")))
    assert problem(rest.put(path, headers=as_("one more")), "quota-exceeded")["limit"] == WATCHERS
    done(rest.delete(path, headers=as_("w0")))
    done(rest.put(path, headers=as_("one more")))
    owned = guarded.ticket(guarded.root, guarded.board(guarded.root, "Read only"))
    reader = guarded.token(guarded.root, access="read")
    problem(guarded.rest(reader).put(f"/api/tickets/{owned}/watch"), "not-allowed")
    assert not guarded.done(reader, "GET", f"/api/tickets/{owned}/watch")["watching"]

"""Who did it, on a server with users: whatever they are called by then; and a leaked text is taken out of all of it."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kanban_sdk import Kanban
from kanban_sdk.stream.fold import FoldedBoard
from tests.faults.test_backup import verb
from tests.server.rest import problem
from tests.support.people import Guarded

SECRET = 'hunter2 "é"'


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def guarded(request: pytest.FixtureRequest, databases: Any) -> Guarded:
    """A server with users, over either database."""
    server: Guarded = databases.guarded(request.param, request.config)
    return server


def new_name(guarded: Guarded, name: str) -> str:
    """A name that no other test has."""
    return f"{name}-{guarded.server.port}"


def test_a_rename_keeps_history_and_what_is_ones_own(guarded: Guarded) -> None:
    name = new_name(guarded, "nora")
    nora, owner = guarded.person(name), guarded.person(f"{name}-boss")
    board = guarded.board(owner)
    guarded.member(owner, board, name)
    ticket = guarded.ticket(nora, board)
    comment = guarded.done(nora, "POST", "/api/comments", {"ticket_id": ticket, "text": "mine"})["id"]
    guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"name": f"{name}-2"})
    me = guarded.done(nora, "GET", "/api/me")
    assert me["name"] == f"{name}-2"
    guarded.done(nora, "PATCH", f"/api/comments/{comment}", {"text": "still mine"})
    log = guarded.done(nora, "GET", f"/api/boards/{board}/events")["events"]
    assert [(event["actor"], event["actor_id"]) for event in log if event["event"] != "board_created"] == [
        (name, me["id"]),
        (name, me["id"]),
        (f"{name}-2", me["id"]),
    ]
    response = guarded.ask(guarded.root, "POST", "/api/users", {"name": name})
    assert response.json()["type"] == "name-taken"
    guarded.done(nora, "DELETE", f"/api/tickets/{ticket}")


def test_what_is_somebodys_stays_theirs_under_a_new_name(guarded: Guarded) -> None:
    name = new_name(guarded, "rita")
    rita, owner = guarded.person(name), guarded.person(f"{name}-boss")
    board = guarded.board(owner)
    guarded.member(owner, board, name)
    held, kept = (guarded.ticket(owner, board) for _ in range(2))
    guarded.done(owner, "PATCH", f"/api/tickets/{kept}", {"assignee": name})
    guarded.done(rita, "POST", f"/api/tickets/{held}/claim", {})
    guarded.done(owner, "POST", "/api/comments", {"ticket_id": held, "text": f"@{name} before"})
    guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"name": f"{name}-2"})
    guarded.done(owner, "POST", "/api/comments", {"ticket_id": held, "text": f"@{name}-2 behind"})
    guarded.done(owner, "POST", "/api/comments", {"ticket_id": held, "text": f"@{name} once more"})
    texts = [item["text"] for item in guarded.done(rita, "GET", "/api/inbox")["items"]]
    assert texts == [f"@{name} before", f"@{name}-2 behind", f"@{name} once more"]
    assert guarded.done(rita, "POST", "/api/inbox/read", {})["total"] == 0
    assert guarded.done(rita, "PATCH", f"/api/tickets/{held}", {"title": "Hers"})["claim"]["holder"] == name
    assert guarded.done(rita, "POST", f"/api/boards/{board}/next", {})["ticket"]["id"] == kept


def test_an_event_keeps_token_client_address_and_program_for_admins_only(guarded: Guarded) -> None:
    owner = guarded.person(new_name(guarded, "otto"))
    board = guarded.board(owner)
    headers = {"X-Kanban-Client": "cli", "User-Agent": "tester/1"}
    body = {"title": "t", "board_id": board}
    guarded.rest(guarded.token(owner)).post("/api/tickets", json=body, headers=headers)
    audited = guarded.done(guarded.root, "GET", f"/api/boards/{board}/audit?limit=1")
    summary = {name: audited[0][name] for name in ("event", "token", "client", "address", "agent")}
    assert summary == {
        "event": "ticket_created",
        "token": "another",
        "client": "cli",
        "address": "127.0.0.1",
        "agent": "tester/1",
    }
    (event,) = guarded.done(owner, "GET", f"/api/boards/{board}/events?after=1")["events"]
    assert "tester/1" not in json.dumps(event)
    assert guarded.ask(owner, "GET", f"/api/boards/{board}/audit").json()["type"] == "not-allowed"


def test_a_leaked_text_is_blanked_in_the_ticket_its_comments_its_log_and_kept_answers(guarded: Guarded) -> None:
    owner = guarded.person(new_name(guarded, "pia"))
    board = guarded.board(owner)
    with Kanban(guarded.server.url, token=owner) as kanban:
        ticket = kanban.tickets.create(f"Title {SECRET}", board=board, description=SECRET, labels=["a"]).id
        kanban.tickets.edit(ticket, title="Title")
        comment = kanban.comments.add(ticket, f"I said {SECRET}!")
        deleted = kanban.comments.add(ticket, f"deleted {SECRET}")
        kanban.comments.delete(deleted.id)
        kanban.tickets.claim(ticket)
        kanban.tickets.release(ticket, note=f"the key is {SECRET}")
        other = kanban.tickets.create(f"Another with {SECRET}", board=board).id
        before = kanban.boards.events(board).events
        watch = kanban.watch(board)
        watch.connect()

        done = kanban.tickets.redact(ticket, SECRET)
        assert (done.places, done.events) == (4, 5)
        watched = [watch.next(10) for _ in range(2)]
        assert [event.event for event in watched] == ["ticket_redacted", "comment_updated"]
        watch.close()

        after = kanban.boards.events(board).events
        assert [event.seq for event in after[: len(before)]] == [event.seq for event in before]
        assert [event.event for event in after[: len(before)]] == [event.event for event in before]
        left = [event for event in after if "hunter2" in json.dumps(event.data)]
        assert {event.ticket_id for event in left} == {other}
        assert kanban.tickets.get(ticket).description == "***"
        assert [one.text for one in kanban.comments.all(ticket)] == ["I said ***!"]
        assert "hunter2" not in json.dumps(guarded.done(owner, "GET", f"/api/history/tickets/{ticket}/history"))
        tickets = kanban.tickets.page(board, search="hunter2").items
        assert [one.id for one in tickets] == [other]
        assert kanban.tickets.redact(ticket, SECRET).places == 0

        folded = FoldedBoard()
        for event in after:
            folded.step(event)
        snapshot = kanban.boards.snapshot(board)
        assert folded == FoldedBoard.from_snapshot(snapshot)
        assert comment.id == watched[1].data["id"]
        kanban.tickets.redact(other, SECRET)
    if guarded.server.database.endswith(".db"):
        with sqlite3.connect(guarded.server.database) as file:
            bodies = file.execute("SELECT count(*) FROM answers WHERE instr(body, 'hunter2') > 0").fetchone()
            words = file.execute("SELECT count(*) FROM ticket_search_data WHERE instr(block, 'hunter2') > 0").fetchone()
        assert (bodies, words) == ((0,), (0,))


def test_what_tells_two_labels_apart_may_leak_and_be_blanked(guarded: Guarded) -> None:
    owner = guarded.person(new_name(guarded, "lara"))
    ticket = guarded.ticket(owner, guarded.board(owner), labels=["key-1", "key-2", "core"])
    for leaked in ("key-1", "key-2"):
        guarded.done(owner, "POST", f"/api/tickets/{ticket}/redact", {"text": leaked})
    labels = guarded.done(owner, "GET", f"/api/tickets/{ticket}")["labels"]
    assert (len(labels), labels[-1]) == (2, "core")


def test_what_is_ones_own_stays_so_when_the_log_is_trimmed(guarded: Guarded) -> None:
    name = new_name(guarded, "tara")
    author, owner = guarded.person(name), guarded.person(f"{name}-boss")
    board = guarded.board(owner)
    guarded.member(owner, board, name)
    ticket, other = guarded.ticket(author, board), guarded.ticket(owner, board)
    comment, others = (
        guarded.done(user, "POST", "/api/comments", {"ticket_id": ticket, "text": "mine"})["id"]
        for user in (author, owner)
    )
    verb("trim", "--database", guarded.server.database, "-b", board, "--keep", "0s")
    guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"name": f"{name}-2"})
    guarded.done(author, "PATCH", f"/api/comments/{comment}", {"text": "still mine"})
    problem(guarded.ask(author, "PATCH", f"/api/comments/{others}", {"text": "not mine"}), "not-author")
    problem(guarded.ask(author, "DELETE", f"/api/tickets/{other}"), "not-allowed")
    guarded.done(author, "DELETE", f"/api/tickets/{ticket}")


def test_an_invite_is_as_good_as_the_one_who_gave_it(guarded: Guarded) -> None:
    name = new_name(guarded, "ines")
    admin = guarded.person(name, role="admin")
    invites = [
        guarded.done(admin, "POST", "/api/invites", {"kind": kind, "name": f"{name}-{kind}"})["secret"]
        for kind in ("person", "agent")
    ]
    guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"role": "user"})
    person, agent = (guarded.ask(None, "POST", "/api/join", {"invite": invite}) for invite in invites)
    problem(person, "invalid-invite")
    assert agent.status_code == 201


def test_many_avatars_at_once_and_a_team_that_can_not_be_are_no_failures(guarded: Guarded) -> None:
    owner = guarded.person(new_name(guarded, "ava"))
    with ThreadPoolExecutor(8) as pool:
        put = lambda n: guarded.rest(owner).put("/api/me/avatar", content=b"GIF89a%d" % n)  # noqa: E731
        assert {response.status_code for response in pool.map(put, range(24))} == {200}
    board = guarded.board(owner)
    refused = guarded.ask(guarded.root, "POST", f"/api/boards/{board}/members", {"team": "a\0b"})
    assert refused.status_code in {404, 422}


def test_a_notice_passes_to_those_who_are_meant_and_is_kept_nowhere(guarded: Guarded) -> None:
    from websockets.sync.client import connect

    name = new_name(guarded, "quin")
    quin, rita = guarded.person(name), guarded.person(f"{name}-other")
    url = f"{guarded.server.url.replace('http', 'ws')}/ws/connect"
    with (
        connect(url, additional_headers={"Authorization": f"Bearer {quin}"}) as one,
        connect(url, additional_headers={"Authorization": f"Bearer {rita}"}) as other,
    ):
        for socket in (one, other):
            assert json.loads(socket.recv(timeout=10))["event"] == "connected"
        guarded.done(guarded.root, "POST", "/api/notices", {"text": "to you", "users": [name]})
        guarded.done(guarded.root, "POST", "/api/notices", {"text": "to all"})
        received = [
            [json.loads(socket.recv(timeout=10)) for _ in range(most)] for socket, most in ((one, 2), (other, 1))
        ]
        assert [[message["data"]["text"] for message in messages] for messages in received] == [
            ["to you", "to all"],
            ["to all"],
        ]
        assert received[0][0]["data"]["by"] == "root"

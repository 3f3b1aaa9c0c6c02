"""A name that somebody types, or had once, finds what is meant: by all names of a person, and whatever the case."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.claims.test_inbox import as_, inbox, say, texts
from tests.server.rest import Json, done, new_ticket, problem, titles
from tests.support.cli import Shell
from tests.support.people import Guarded, stream
from tests.support.waiting import until

_numbers = count(1)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def guarded(request: pytest.FixtureRequest, databases: Any) -> Guarded:
    """A server with users, over either database."""
    server: Guarded = databases.guarded(request.param, request.config)
    return server


class Renamed:
    """A member of a board who got another name, and holds a ticket, and has one, of before."""

    def __init__(self, guarded: Guarded, role: str = "user") -> None:
        self.guarded = guarded
        self.old = f"nell-{guarded.server.port}-{next(_numbers)}"
        self.new = f"{self.old}-neu"
        self.boss = guarded.person(f"{self.old}-boss")
        self.token = guarded.person(self.old)
        self.board = guarded.board(self.boss)
        guarded.member(self.boss, self.board, self.old, role)
        self.mine = guarded.ticket(self.boss, self.board, title="mine", assignee=self.old)
        self.held = guarded.ticket(self.boss, self.board, title="held")
        if role != "viewer":
            guarded.done(self.token, "POST", f"/api/tickets/{self.held}/claim", {})
        self.other = guarded.ticket(self.boss, self.board, title="other")

    def rename(self) -> None:
        self.guarded.done(self.guarded.root, "PATCH", f"/api/users/{self.old}", {"name": self.new})

    def titles(self, token: str, name: str) -> list[str]:
        path = f"/api/tickets?board_id={self.board}&assignee={name}"
        return sorted(one["title"] for one in self.guarded.done(token, "GET", path)["items"])

    def say(self, text: str) -> int:
        body = {"ticket_id": self.other, "text": text}
        return int(self.guarded.done(self.boss, "POST", "/api/comments", body)["id"])

    def inbox(self) -> list[str]:
        return texts(self.guarded.done(self.token, "GET", "/api/inbox"))


@pytest.mark.parametrize("role", ["admin", "user"])
def test_filters_know_a_person_by_all_names(guarded: Guarded, role: str) -> None:
    nell = Renamed(guarded, role)
    nell.rename()
    guarded.ticket(nell.boss, nell.board, title="new", assignee=nell.new)
    for token in (nell.token, nell.boss, guarded.root, guarded.agent(nell.token, f"{nell.old}-bot")):
        for name in (nell.old, nell.new, nell.new.upper()):
            assert nell.titles(token, name) == ["held", "mine", "new"], name
    path = f"/api/boards/{nell.board}/next"
    for name in (nell.old, nell.new):
        ticket = guarded.done(nell.boss, "POST", path, {"assignee": name})["ticket"]
        assert ticket["title"] == "mine"
    (holder,) = guarded.done(nell.boss, "GET", f"/api/boards/{nell.board}/presence")["users"]
    assert (holder["username"], holder["holds"]) == (nell.new, [nell.held])


def test_who_is_connected_is_there_under_the_new_name_at_once(guarded: Guarded) -> None:
    nell = Renamed(guarded)
    socket = stream(guarded, f"?board_id={nell.board}&client=web", Authorization=f"Bearer {nell.token}")
    path = f"/api/boards/{nell.board}/presence"

    def present() -> list[tuple[str, str | None]]:
        return [(one["username"], one["client"]) for one in guarded.done(nell.boss, "GET", path)["users"]]

    until(lambda: present() == [(nell.old, "web")], what="her connection")
    nell.rename()
    until(lambda: present() == [(nell.new, "web")], what="her new name")
    socket.close()


def test_a_comment_stands_once_before_a_person_whatever_is_renamed_or_edited(guarded: Guarded) -> None:
    nell = Renamed(guarded)
    before = nell.say(f"@{nell.old} before")
    nell.rename()
    both = nell.say(f"@{nell.old} and @{nell.new}")
    assert nell.inbox() == [f"@{nell.old} before", f"@{nell.old} and @{nell.new}"]
    for text in (f"@{nell.new} before", f"@{nell.old}, @{nell.new}, before"):
        guarded.done(nell.boss, "PATCH", f"/api/comments/{before}", {"text": text})
    assert nell.inbox() == [f"@{nell.old}, @{nell.new}, before", f"@{nell.old} and @{nell.new}"]
    guarded.done(nell.token, "POST", "/api/inbox/read", {})
    guarded.done(nell.boss, "PATCH", f"/api/comments/{both}", {"text": f"only @{nell.new}"})
    assert nell.inbox() == [], "it is the same comment, for the same person"
    guarded.done(nell.boss, "PATCH", f"/api/comments/{both}", {"text": "nobody"})
    guarded.done(nell.boss, "PATCH", f"/api/comments/{both}", {"text": f"@{nell.old} again"})
    assert nell.inbox() == [f"@{nell.old} again"], "it was not for her meanwhile"


def test_a_mention_that_is_edited_out_is_gone_from_the_inbox(rest: httpx.Client, board_id: int) -> None:
    eve, bob = (f"{name}{next(_numbers)}-{board_id}" for name in ("eve", "bob"))
    ticket = new_ticket(rest, board_id, created_by=eve)["id"]
    comment = say(rest, ticket, f"@{eve} and @{bob}")["id"]
    path = f"/api/comments/{comment}"
    done(rest.patch(path, json={"text": f"@{bob} only", "author": "ada"}))
    assert (texts(inbox(rest, eve)), texts(inbox(rest, bob))) == ([], [f"@{bob} only"])
    done(rest.patch(path, json={"text": f"`@{bob}` is code", "author": "ada"}))
    assert texts(inbox(rest, bob)) == []
    comment_id = done(rest.post(f"/api/tickets/{ticket}/ask", json={"text": "Which?", "asked_by": "ada"}))["comment"][
        "id"
    ]
    done(rest.patch(f"/api/comments/{comment_id}", json={"text": f"Which, @{eve}?", "author": "ada"}))
    assert [item["kind"] for item in inbox(rest, eve)["items"]] == ["ask"], "who was asked is not called twice"
    done(rest.post("/api/inbox/read", headers=as_(eve)))
    assert inbox(rest, eve)["total"] == 0


@pytest.fixture
def mixed(rest: httpx.Client, board_id: int) -> int:
    """A board with labels and people that differ by case, and some that do not."""
    for assignee, labels in (("Bob", ["UI"]), ("eve", ["Bug"]), ("Eve", ["bug"]), (None, ["straße"])):
        new_ticket(rest, board_id, f"{assignee} {labels[0]}", assignee=assignee, labels=labels)
    return board_id


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"assignee": "bob"}, ["Bob UI"]),
        ({"assignee": " BOB "}, ["Bob UI"]),
        ({"assignee": "eve"}, ["eve Bug"]),
        ({"assignee": "Eve"}, ["Eve bug"]),
        ({"assignee": "nobody"}, []),
        ({"assignee": "bob", "column": "Done"}, []),
        ({"label": "ui"}, ["Bob UI"]),
        ({"label": "bug"}, ["Eve bug"]),
        ({"label": "STRASSE"}, ["None straße"]),
        ({"label": "ui", "assignee": "bob", "search": "bob"}, ["Bob UI"]),
    ],
    ids=str,
)
def test_a_filter_ignores_case_where_that_is_unambiguous(
    rest: httpx.Client, mixed: int, query: Json, expected: list[str]
) -> None:
    assert titles(rest, mixed, **query) == expected


def test_what_is_ambiguous_lists_the_candidates(rest: httpx.Client, mixed: int) -> None:
    query = {"board_id": mixed}
    several = problem(rest.get("/api/tickets", params={**query, "assignee": "EVE"}), "ambiguous-name")
    assert (several["name"], several["candidates"]) == ("EVE", ["Eve", "eve"])
    several = problem(rest.get("/api/tickets", params={**query, "label": "BUG"}), "ambiguous-name")
    assert several["candidates"] == ["Bug", "bug"]
    path = f"/api/boards/{mixed}/next"
    assert problem(rest.post(path, json={"labels": ["BUG"]}), "ambiguous-name")["candidates"] == ["Bug", "bug"]
    assert done(rest.post(path, json={"labels": ["ui"], "assignee": "bob"}))["ticket"]["title"] == "Bob UI"
    assert done(rest.post(path, json={"labels": ["Bug"], "assignee": "eve"}))["ticket"]["title"] == "eve Bug"


def test_candidates_are_of_what_the_asker_sees_only(guarded: Guarded) -> None:
    name = f"Zed-{guarded.server.port}-{next(_numbers)}"
    guarded.person(name.upper())
    owner, member = guarded.person(f"{name}-owner"), guarded.person(f"{name}-member")
    visible, hidden = guarded.board(owner), guarded.board(owner)
    guarded.member(owner, visible, f"{name}-member")
    for board, assignee in ((visible, name), (hidden, name.lower())):
        guarded.ticket(owner, board, title=assignee, assignee=assignee, labels=[f"L{assignee}"])
    for key in ("assignee", "label"):
        query = name.swapcase() if key == "assignee" else f"l{name.swapcase()}"
        result = guarded.done(member, "GET", f"/api/tickets?board_id={visible}&{key}={query}")
        assert [one["title"] for one in result["items"]] == [name]
        assert guarded.ask(member, "GET", f"/api/tickets?board_id={hidden}&{key}={query}").status_code == 404


def test_the_command_line_knows_its_user_by_all_names(guarded: Guarded, tmp_path: Path) -> None:
    nell = Renamed(guarded)
    shell = Shell(tmp_path, {"KANBAN_URL": guarded.server.url, "KANBAN_BOARD": str(nell.board)})
    shell.ok("login", stdin=nell.token)
    nell.rename()
    assert {one["title"] for one in shell.ok("list", "--mine", "--json").json["items"]} == {"mine", "held"}
    for name in (nell.old, nell.new):
        assert shell.ok("list", "-a", name, "--json").json["total"] == 2
    primed = shell.ok("prime", "--json").json
    assert (primed["user"], primed["holds"]["total"]) == (nell.new, 1)
    assert [row[0] for row in shell.ok("who").rows if row[3] != "-"] == [nell.new]
    assert shell.ok("--json").json["holds"]["total"] == 1
    cursor = guarded.done(nell.boss, "GET", f"/api/boards/{nell.board}/snapshot")["cursor"]
    guarded.done(nell.boss, "PATCH", f"/api/tickets/{nell.other}", {"title": "not hers"})
    nell.say(f"@{nell.old}, look")
    guarded.done(nell.boss, "PATCH", f"/api/tickets/{nell.mine}", {"title": "hers"})
    for name in ("me", nell.old, nell.new):
        watched = shell.ok("watch", "--after", cursor, "--for", name, "--count", 2)
        assert [line.partition('"')[2].split('"')[2] for line in watched.out.splitlines()] == [
            "comment_added", "ticket_updated",
        ]  # fmt: skip

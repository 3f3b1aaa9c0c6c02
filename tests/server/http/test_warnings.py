"""What is done and may not have been meant is said: names that are alike, and assignees whom nobody knows."""

from __future__ import annotations

import pickle
import warnings
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from kanban_sdk import Kanban, KanbanWarning, NothingReady
from tests.server.rest import Json, done, new_board, new_ticket
from tests.support.cli import Shell
from tests.support.mcp import agent
from tests.support.people import Guarded
from tests.support.servers import Server

_numbers = count(1)


@pytest.fixture
def name(server: Server) -> str:
    """A name that no other test has."""
    return f"Name-{server.port}-{next(_numbers)}"


def warned(response: Any) -> list[Json]:
    warnings: list[Json] = response.get("warnings", [])
    return warnings


def test_a_second_board_of_one_name_is_possible_and_said(rest: httpx.Client, name: str) -> None:
    first = new_board(rest, name)
    assert warned(first) == []
    for alike in (name, name.upper()):
        created = rest.post("/api/boards", json={"name": alike}).json()
        (warning,) = warned(created)
        assert (warning["type"], warning["others"][0]) == ("same-name", {"id": first["id"], "name": name})
    other = new_board(rest, f"{name} other")
    path = f"/api/boards/{other['id']}"
    assert warned(done(rest.patch(path, json={"description": "x", "name": f"{name} other"}))) == []
    assert warned(done(rest.patch(path, json={"name": name.lower()})))[0]["type"] == "same-name"
    assert "warnings" not in done(rest.get(path))


def test_a_repeated_request_gives_its_warning_again(rest: httpx.Client, name: str) -> None:
    new_board(rest, name)
    responses = [rest.post("/api/boards", json={"name": name}, headers={"Idempotency-Key": name}) for _ in range(2)]
    assert responses[0].content == responses[1].content
    assert warned(responses[1].json())


def test_a_label_that_differs_by_case_only_is_said_when_it_is_new(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, labels=["Bug"])
    assert warned(ticket) == []
    created = new_ticket(rest, board_id, labels=["bug"])
    assert [(one["type"], one["others"]) for one in warned(created)] == [("same-name", ["Bug"])]
    assert warned(new_ticket(rest, board_id, labels=["bug"])) == [], "it was said when it was new"
    path = f"/api/tickets/{ticket['id']}"
    assert warned(done(rest.post(f"{path}/labels", json={"add": ["BUG"]})))[0]["others"] == ["Bug", "bug"]
    assert warned(done(rest.put(path, json={"labels": ["ui", "UI"]})))[0]["others"] == ["UI"]
    operations = [{"op": "label", "ticket": ticket["id"], "add": ["uI"]}]
    assert warned(done(rest.post("/api/bulk/operations", json={"operations": operations})))[0]["type"] == "same-name"
    body = {"operations": [{"op": "label", "ticket": ticket["id"], "add": ["bUG", "x" * 51]}], "atomic": False}
    assert warned(done(rest.post("/api/bulk/operations", json=body))) == [], "what was undone is not warned of"


def test_on_a_server_without_users_anybody_may_be_assigned(rest: httpx.Client, board_id: int) -> None:
    assert warned(new_ticket(rest, board_id, assignee="whoever")) == []


def assigned(guarded: Guarded, token: str, board: int, assignee: str) -> list[Json]:
    created = guarded.done(token, "POST", "/api/tickets", {"title": "x", "board_id": board, "assignee": assignee})
    ticket = guarded.ticket(token, board)
    edited = guarded.done(token, "PATCH", f"/api/tickets/{ticket}", {"assignee": assignee})
    assert warned(created) == warned(edited)
    return warned(created)


def test_an_assignee_whom_nobody_knows_is_said(guarded: Guarded, name: str) -> None:
    boss, member = guarded.person(f"{name}-boss"), guarded.person(name)
    stranger = f"{name}-stranger"
    guarded.person(stranger)
    board = guarded.board(boss)
    guarded.member(boss, board, name)
    bot = guarded.agent(member, f"{name}-bot")
    for token in (guarded.root, boss, member, bot):
        assert assigned(guarded, token, board, name) == []
        (warning,) = assigned(guarded, token, board, name.upper())
        assert (warning["type"], warning["name"], warning["nearest"]) == ("unknown-user", name.upper(), name)
        (warning,) = assigned(guarded, token, board, "q" * 30)
        assert "nearest" not in warning
    assert assigned(guarded, guarded.root, board, stranger) == []
    (warning,) = assigned(guarded, member, board, stranger)
    assert warning.get("nearest") != stranger, "who may not see somebody is not told that they are there"
    guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"name": f"{name}-2"})
    assert assigned(guarded, boss, board, name) == [], "it is still hers"
    guarded.done(guarded.root, "PATCH", f"/api/users/{name}-2", {"disabled": True})
    assert "disabled" in assigned(guarded, boss, board, f"{name}-2")[0]["detail"]


def test_users_that_differ_by_case_only_are_said_to_who_may_see_them(guarded: Guarded, name: str) -> None:
    guarded.person(name)
    created = guarded.done(guarded.root, "POST", "/api/users", {"name": name.upper()})
    assert [one["others"] for one in warned(created)] == [[name]]
    person = guarded.person(f"{name}-other")
    own = guarded.done(person, "POST", "/api/users", {"name": name.lower(), "kind": "agent"})
    assert warned(own) == []
    renamed = guarded.done(guarded.root, "PATCH", f"/api/users/{name}-other", {"name": name.swapcase()})
    assert sorted(warned(renamed)[0]["others"]) == sorted([name, name.upper(), name.lower()])


def test_boards_are_compared_with_those_that_one_sees(guarded: Guarded, name: str) -> None:
    one, two = guarded.person(f"{name}-1"), guarded.person(f"{name}-2")
    board = guarded.board(one, name)
    assert warned(guarded.done(two, "POST", "/api/boards", {"name": name})) == []
    assert warned(guarded.done(one, "POST", "/api/boards", {"name": name}))[0]["others"] == [
        {"id": board, "name": name}
    ]


def test_the_sdk_warns(server: Server, name: str) -> None:
    with server.kanban("ada") as kanban:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            kanban.boards.create(name)
        with pytest.warns(KanbanWarning, match="more than one board") as caught:
            assert kanban.boards.create(name).name == name
        assert caught[0].filename == __file__
        warning = caught[0].message
        assert isinstance(warning, KanbanWarning)
        assert warning.warning["type"] == "same-name"
        second = pickle.loads(pickle.dumps(warning))
        assert (str(second), second.warning) == (str(warning), warning.warning)


def test_the_command_line_warns_on_stderr_and_does_it(server: Server, tmp_path: Path, name: str) -> None:
    shell = Shell(tmp_path, {"KANBAN_URL": server.url, "KANBAN_USER": "ada"})
    shell.ok("board", "add", name)
    output = shell("board", "add", name)
    assert output.code == 0
    assert output.err.startswith(f"kanban: There is more than one board '{name}'")
    assert shell.ok("board", "add", name, "--json").json["warnings"][0]["type"] == "same-name"
    several = shell("list", "-b", name.lower())
    assert several.code == 2
    assert "My First Board" not in several.err, "those alone that could be meant"


def test_agents_are_warned_too(server: Server, board_id: int) -> None:
    with agent(f"{server.url}/mcp?board={board_id}", "ada") as ada:
        ada("ticket_create", title="x", labels=["Bug"])
        (warning,) = ada("ticket_create", title="x", labels=["bug"])["warnings"]
    assert "differs by case only from Bug" in warning


def test_who_finds_nothing_is_told_for_whom_the_rest_waits(server: Server, board_id: int, tmp_path: Path) -> None:
    with server.kanban("ada") as ada, server.kanban("bob") as bob:
        for assignee in ("bob", "bob", "eve"):
            ada.tickets.create("x", board=board_id, assignee=assignee)
        nothing = ada.boards.next_ticket(board_id)
        assert (nothing.ticket, nothing.reason, nothing.ready) == (None, "all-held", 3)
        assert nothing.ready_for == {"bob": 2, "eve": 1}
        with pytest.raises(NothingReady, match="2 for bob, 1 for eve") as error, ada.claim_next(board_id):
            pass
        assert error.value.ready_for == {"bob": 2, "eve": 1}
        assert bob.boards.next_ticket(board_id).ready_for is None
    shell = Shell(tmp_path, {"KANBAN_URL": server.url, "KANBAN_USER": "ada", "KANBAN_BOARD": str(board_id)})
    output = shell("next")
    assert output.code == 4
    assert (output.err.count("is meant for bob"), output.err.count("is meant for eve")) == (2, 1)
    with agent(f"{server.url}/mcp?board={board_id}", "ada") as tools:
        assert tools("ticket_next")["ready_for"] == {"bob": 2, "eve": 1}


def test_where_nobody_has_the_rest_nobody_is_named(kanban: Kanban, board_id: int) -> None:
    assert kanban.boards.next_ticket(board_id).ready_for is None

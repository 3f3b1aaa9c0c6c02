"""Promises 4, 5, 6 and 9: tickets held by others, concurrent edits, repeated requests, and invalid requests."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kanban_sdk.wire.problems import MEDIA_TYPE
from tests.faults.validators import check_log
from tests.promises.table import in_every_cell
from tests.promises.ways import Pair, change, may, socket, tools
from tests.server.rest import Json, done
from tests.support.actors import Actor


@pytest.fixture(autouse=True)
def _check_log_afterwards(actor: Actor) -> Iterator[None]:
    """After each test, the log is complete."""
    yield
    check_log(actor.admin(), actor.board)


@in_every_cell(4)
def test_only_the_holder_can_change_a_held_ticket(actor: Actor, admin: httpx.Client, pair: Pair, way: str) -> None:
    for ticket in pair.ids:
        done(admin.post(f"/api/tickets/{ticket}/claim", json={}))
    rows, head = pair.rows(), pair.head()
    outcome = change(actor, way, pair)
    expected = "not-allowed" if not may(actor, way) else "held" if way == "import" else "already-claimed"
    assert outcome.refused == expected, outcome
    assert [{**row, "lease": None} for row in pair.rows()] == [{**row, "lease": None} for row in rows]
    assert pair.head() == head
    if may(actor, way):
        for ticket in pair.ids:
            done(admin.post(f"/api/tickets/{ticket}/release", json={}))
        assert change(actor, way, pair).refused is None


WRITTEN_HERE: Json = {"title": "written here", "priority": "low"}


@in_every_cell(5)
def test_no_change_of_others_is_undone(actor: Actor, admin: httpx.Client, pair: Pair, way: str) -> None:
    seen = pair.rows()[0]["version"]
    done(admin.patch(f"/api/tickets/{pair.ids[0]}", json=WRITTEN_HERE))
    rows, head = pair.rows(), pair.head()
    versioned = way in {"verbs", "batch", "MCP"}
    outcome = change(actor, way, pair, version=seen if versioned else None)
    if not may(actor, way) or versioned:
        assert outcome.refused == ("version-conflict" if may(actor, way) else "not-allowed"), outcome
        assert (pair.rows(), pair.head()) == (rows, head)
    if may(actor, way) and versioned:
        assert outcome.problem["current_version"] == rows[0]["version"]
        assert {one["field"] for one in outcome.problem["changed"]} == WRITTEN_HERE.keys()
        assert change(actor, way, pair, version=rows[0]["version"]).refused is None
    for before, after in zip(rows, pair.rows(), strict=True):
        assert (after["priority"], after["acceptance_criteria"]) == (before["priority"], "- kept")
        assert {*after["labels"]} >= {"kept"}
        assert after["description"].startswith("kept")
    if way in {"bulk", "import", "base-form claims"}:
        assert pair.rows()[0]["title"] == "written here"
    if way == "import" and may(actor, way):
        assert outcome.refused == "conflict"  # reported: the title was changed on both sides


@in_every_cell(6)
def test_the_same_request_again_takes_effect_once(actor: Actor, pair: Pair, way: str) -> None:
    key = uuid.uuid4().hex
    first = change(actor, way, pair, key=key)
    assert first.refused == (None if may(actor, way) else "not-allowed"), first
    rows, head = pair.rows(), pair.head()
    again = change(actor, way, pair, key=key)
    assert again.refused == first.refused
    assert [{**row, "lease": None} for row in pair.rows()] == [{**row, "lease": None} for row in rows]
    assert pair.head() == head
    if may(actor, way) and way != "MCP":
        assert (first.replayed, again.replayed) == (False, True)


def invalid_requests(way: str, pair: Pair) -> list[tuple[str, str, Any]]:
    """Return requests that can't be carried out."""
    first, nowhere = pair.ids[0], 2**53 - 1
    match way:
        case "verbs":
            path = f"/api/tickets/{first}"
            edits: list[Any] = [{"title": "nul \0"}, {"title": ""}, {"labels": 7}, {"nobody_knows": 1}, [], None]
            moves: list[Any] = [{"column": "\0"}, {"column": "nowhere"}, {"column": "Done", "before": nowhere}, "x"]
            return [("PATCH", path, body) for body in edits] + [("POST", f"{path}/move", body) for body in moves]
        case "bulk":
            bulk = {"ticket_ids": pair.ids, "target_column": "nowhere", "atomic": True}
            bodies: list[Any] = [bulk, {**bulk, "ticket_ids": []}, {**bulk, "ticket_ids": [nowhere]}, {}, 7]
            return [("POST", "/api/bulk/tickets/move", body) for body in bodies]
        case "batch":
            operations: list[Any] = [
                [{"op": "edit", "ticket": first, "title": "\0"}],
                [{"op": "no such thing", "ticket": first}],
                [{"op": "label", "ticket": first, "add": ["x"]}, {"op": "move", "ticket": first, "column": "nowhere"}],
                [{"op": "comment", "ticket": nowhere, "text": "x"}],
                [],
                "x",
            ]
            return [("POST", "/api/bulk/operations", {"operations": one, "atomic": True}) for one in operations]
        case "import":
            tickets: list[Any] = [[{"source_id": "", "title": "x"}], [{"title": "x"}], [{"source_id": "a\n"}], "x", [7]]
            return [("POST", f"/api/boards/{pair.board}/import", {"tickets": one}) for one in tickets]
    queries = ["agent_id=%00", "agent_id=" + "x" * 65, "agent_id=system"]
    return [("POST", f"/api/tickets/{first}/claim?{query}", None) for query in queries] + [
        ("POST", f"/api/tickets/{nowhere}/claim?agent_id=ada", None)
    ]


@in_every_cell(9)
def test_an_invalid_request_is_refused_with_a_fix_and_changes_nothing(actor: Actor, pair: Pair, way: str) -> None:
    rows, head = pair.rows(), pair.head()
    if way == "MCP":
        _check_tools(actor, pair)
    elif way == "stream":
        _check_stream(actor)
    else:
        for method, path, body in invalid_requests(way, pair):
            response = actor.rest().request(method, path, json=body)
            refused = response.json()
            assert 400 <= response.status_code < 500, (path, body, refused)
            assert response.headers["content-type"] == MEDIA_TYPE
            assert refused["type"], refused
            assert refused["detail"], refused
    assert (pair.rows(), pair.head()) == (rows, head)


def _check_tools(actor: Actor, pair: Pair) -> None:
    calls: list[tuple[str, Json]] = [
        ("ticket_update", {"ticket": pair.ids[0], "title": "nul \0"}),
        ("ticket_update", {"ticket": pair.ids[0], "nobody_knows": 1}),
        ("ticket_update", {"ticket": 2**53 - 1, "title": "x"}),
        ("ticket_move", {"ticket": pair.ids[0], "column": "nowhere"}),
        ("ticket_create", {"title": ""}),
    ]
    with tools(actor) as agent:
        for tool, arguments in calls:
            result = agent.result(tool, **arguments)
            assert result.is_error, (tool, arguments)
            problem: Json = result.structured_content
            assert problem["type"] != "internal", problem
            assert problem["detail"], problem
            assert problem["fix"], problem


def _check_stream(actor: Actor) -> None:
    rest = actor.rest()
    for cursor in ("nonsense", "ffff-1", "-1", "1" * 30):
        response = rest.get(f"/api/boards/{actor.board}/events", params={"after": cursor})
        assert response.status_code in {410, 422}, response.text
        assert response.json()["fix"]
    with socket(actor, f"board_id={actor.board}&after=0") as connection:
        for message in ("{", "[]", '{"type": "no such thing"}', '{"type": "subscribe_board", "board_id": "x"}'):
            connection.send(message)
            while (answer := json.loads(connection.recv(timeout=10)))["event"] != "error":
                pass
            assert answer["data"]["problem"]["type"]
        connection.send('{"type": "ping"}')
        while json.loads(connection.recv(timeout=10))["event"] != "pong":
            pass

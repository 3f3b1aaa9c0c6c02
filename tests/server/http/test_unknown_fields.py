"""Nothing that a client sends is dropped in silence: it is named in `Kanban-Ignored`, or refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from kanban_sdk import Board, Kanban, UnknownField
from kanban_sdk.calls.call import Call
from kanban_server.app import ROUTERS
from kanban_server.entry.unknown_fields import LENIENT_ROUTES
from tests.server.rest import Json, done, new_ticket, problem, ticket_of
from tests.support.mcp import agent
from tests.support.people import Guarded
from tests.support.servers import Server

STRICT = {"Prefer": "handling=strict"}


def base_requests(board: int, ticket: int) -> list[tuple[str, str, Any]]:
    """One request to each route of the base contract that changes nothing else than it says."""
    return [
        ("GET", "/api/boards/", None),
        ("POST", "/api/boards/", {"name": "Another"}),
        ("GET", f"/api/boards/{board}", None),
        ("PUT", f"/api/boards/{board}", {"description": "said"}),
        ("GET", f"/api/boards/{board}/columns", None),
        ("GET", f"/api/boards/{board}/tickets", None),
        ("GET", f"/api/tickets/?board_id={board}", None),
        ("POST", "/api/tickets/", {"title": "Another", "board_id": board}),
        ("GET", f"/api/tickets/{ticket}", None),
        ("PUT", f"/api/tickets/{ticket}", {"description": "said"}),
        ("POST", f"/api/tickets/{ticket}/move", {"column": "Done"}),
        ("GET", f"/api/comments/ticket/{ticket}", None),
        ("POST", "/api/comments/", {"ticket_id": ticket, "text": "said", "author": "ada"}),
        ("POST", "/api/bulk/tickets/move", {"ticket_ids": [ticket], "target_column": "Done"}),
        ("GET", f"/api/history/tickets/{ticket}/history", None),
        ("POST", f"/api/tickets/{ticket}/claim?agent_id=ada", None),
        ("GET", "/health", None),
        ("DELETE", f"/api/tickets/{ticket}", None),
        ("DELETE", f"/api/boards/{board}", None),
    ]


def test_the_base_contract_ignores_what_it_does_not_know_and_says_so(rest: httpx.Client, board_id: int) -> None:
    for method, path, body in base_requests(board_id, new_ticket(rest, board_id)["id"]):
        query = {**httpx.URL(path).params, "colour": "red"}
        names = ["colour"]
        if body is not None:
            body, names = {**body, "größe": 1, "a,b": 2}, ["colour", "gr%C3%B6%C3%9Fe", "a%2Cb"]
        response = rest.request(method, httpx.URL(path).path, params=query, json=body)
        assert response.is_success, response.text
        assert response.headers["Kanban-Ignored"] == ", ".join(names), (method, path)


def test_with_handling_strict_the_base_contract_refuses_it_and_changes_nothing(
    rest: httpx.Client, board_id: int
) -> None:
    before = new_ticket(rest, board_id)
    for method, path, body in base_requests(board_id, before["id"]):
        query = {**httpx.URL(path).params, "colour": "red"}
        response = rest.request(method, httpx.URL(path).path, params=query, json=body, headers=STRICT)
        assert problem(response, "unknown-field")["field"] == "colour", (method, path)
        if body is not None:
            prefer = {"Prefer": "respond-async, Handling = strict; foo=bar"}
            response = rest.request(method, path, json={**body, "colour": "red"}, headers=prefer)
            assert problem(response, "unknown-field")["field"] == "colour", (method, path)
    assert ticket_of(rest, before["id"]) == before
    assert done(rest.get(f"/api/boards/{board_id}"))["ticket_count"] == 1


@pytest.mark.parametrize("prefer", ["handling=lenient", "return=minimal", "xhandling=strict", ""])
def test_another_preference_is_no_strictness(rest: httpx.Client, board_id: int, prefer: str) -> None:
    body = {"title": "A ticket", "board_id": board_id, "colour": "red"}
    assert rest.post("/api/tickets", json=body, headers={"Prefer": prefer}).status_code == 201


def test_nothing_is_named_where_nothing_was_ignored(rest: httpx.Client, board_id: int) -> None:
    assert "Kanban-Ignored" not in rest.post("/api/tickets", json={"title": "x", "board_id": board_id}).headers
    assert "Kanban-Ignored" not in rest.get("/api/tickets", params={"board_id": board_id, "ready": True}).headers


def test_a_refusal_names_what_was_ignored_too(rest: httpx.Client, board_id: int) -> None:
    refused = rest.post("/api/tickets", json={"tittle": "A ticket", "board_id": board_id})
    problem(refused, "invalid-request")
    assert refused.headers["Kanban-Ignored"] == "tittle"
    strict = rest.post("/api/tickets", json={"tittle": "A ticket", "board_id": board_id}, headers=STRICT)
    assert problem(strict, "unknown-field")["nearest"] == "title"


def test_every_route_of_ours_refuses_what_it_does_not_know(rest: httpx.Client) -> None:
    routes = [route for router in ROUTERS for route in router.routes]
    strict_routes = [route for route in routes if (route.method, route.path) not in LENIENT_ROUTES]
    for route in strict_routes:
        path = route.path.replace(":path", "")
        for name in ("board_id", "ticket_id", "user_id", "token_id", "column_id", "comment_id", "webhook_id"):
            path = path.replace(f"{{{name}}}", "1")
        response = rest.request(route.method, path.replace("{name}", "x"), params={"colour": "red"})
        assert problem(response, "unknown-field")["field"] == "colour", (route.method, route.path)
    assert len(strict_routes) > 40
    ours = {route.path for route in routes}
    assert {path for _, path in LENIENT_ROUTES} - ours == {"/docs", "/docs/oauth2-redirect", "/openapi.json"}


def test_patch_and_nested_fields_are_strict_and_the_nearest_is_named(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)["id"]
    patched = problem(rest.patch(f"/api/tickets/{ticket}", json={"asignee": "bob"}), "unknown-field")
    assert (patched["field"], patched["nearest"]) == ("asignee", "assignee")
    assert "assignee" in patched["known"]
    assert "assignee" in patched["fix"]
    operations = [{"op": "delete", "ticket": ticket}, {"op": "edit", "ticket": ticket, "labls": []}]
    nested = problem(rest.post("/api/bulk/operations", json={"operations": operations}), "unknown-field")
    assert (nested["field"], nested["nearest"], nested["index"]) == ("operations.1.labls", "labels", 1)
    comment = {"text": "said", "autor": "ada", "author": "ada"}
    imported = {"tickets": [{"source_id": "a", "title": "a", "comments": [comment], "extra": {"any": {"thing": 1}}}]}
    nested = problem(rest.post(f"/api/boards/{board_id}/import", json=imported), "unknown-field")
    assert (nested["field"], nested["nearest"]) == ("tickets.0.comments.0.autor", "author")
    del comment["autor"]
    assert done(rest.post(f"/api/boards/{board_id}/import", json=imported))["created"] == 1
    unlike = problem(rest.patch(f"/api/tickets/{ticket}", json={"zzzz": 1}), "unknown-field")
    assert "nearest" not in unlike


def test_an_operation_of_a_batch_names_nobody(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id)["id"]
    for name, op in {
        "moved_by": {"op": "move", "column": "Done"},
        "changed_by": {"op": "edit", "title": "x"},
        "last_modified_by": {"op": "edit", "title": "x"},
    }.items():
        body = {"operations": [{**op, "ticket": ticket, name: "bob"}]}
        assert problem(rest.post("/api/bulk/operations", json=body), "unknown-field")["field"] == f"operations.0.{name}"


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/api/tickets?board_id=1&board_id=5", "board_id"),
        ("GET", "/api/tickets?board_id=1&column=Done&column=Blocked", "column"),
        ("GET", "/api/tickets?board_id=1&assignee=&assignee=ada", "assignee"),
        ("GET", "/api/boards/1/events?after=0&after=5", "after"),
        ("POST", "/api/tickets/1/claim?agent_id=ada&agent_id=bob", "agent_id"),
        ("DELETE", "/api/tickets/1?force=false&force=true", "force"),
        ("DELETE", "/api/tickets/1?deleted_by=ada&deleted_by=ada", "deleted_by"),
        ("POST", "/mcp?board=1&board=2", "board"),
    ],
)
def test_a_parameter_that_is_there_twice_is_refused(rest: httpx.Client, method: str, path: str, name: str) -> None:
    response = rest.request(method, path, json={} if path.startswith("/mcp") else None)
    assert problem(response, "invalid-request")["field"] == name


@pytest.mark.parametrize(
    ("query", "prefer", "type"),
    [
        ("board_id=1&board_id=2", "", "invalid-request"),
        ("board_id=1&colour=red", "handling=strict", "unknown-field"),
    ],
)
def test_a_socket_is_as_strict_as_any_request(server: Server, query: str, prefer: str, type: str) -> None:
    with connect(f"{server.url.replace('http', 'ws')}/ws/connect?{query}", additional_headers={"Prefer": prefer}) as ws:
        assert f'"type":"{type}"' in str(ws.recv(timeout=10))
        assert ws.response is not None
        assert "Kanban-Ignored" not in ws.response.headers


def test_a_socket_of_the_base_contract_says_what_it_ignores(server: Server) -> None:
    with connect(f"{server.url.replace('http', 'ws')}/ws/connect?board_id=1&colour=red") as ws:
        assert '"event":"connected"' in str(ws.recv(timeout=10))
        assert ws.response is not None
        assert ws.response.headers["Kanban-Ignored"] == "colour"


def test_the_sdk_is_strict(kanban: Kanban, board: Board) -> None:
    with pytest.raises(UnknownField) as refused:
        kanban.send(Call("POST", "/api/tickets", dict, body={"title": "x", "board_id": board.id, "asignee": "bob"}))
    assert (refused.value.field, refused.value.nearest) == ("asignee", "assignee")


def test_agents_are_told_which_argument_is_unknown(server: Server) -> None:
    with agent(f"{server.url}/mcp", "ada") as ada:
        refused = ada.refused("unknown-field", "ticket_create", title="x", assigne="bob")
    assert refused["nearest"] == "assignee"


@pytest.mark.parametrize("role", ["admin", "user", "viewer"])
def test_members_of_any_role_are_told_alike(guarded: Guarded, role: str) -> None:
    name = f"unknown-{role}"
    token, board = guarded.person(name), guarded.board(guarded.root)
    guarded.member(guarded.root, board, name, role)
    listed = guarded.ask(token, "GET", f"/api/tickets?board_id={board}&colour=red")
    assert (listed.status_code, listed.headers["Kanban-Ignored"]) == (200, "colour")
    body: Json = {"title": "x", "board_id": board, "colour": "red"}
    assert guarded.ask(token, "POST", "/api/tickets", body, headers=STRICT).json()["type"] == "unknown-field"

"""The API describes itself, offline too."""

from __future__ import annotations

import re

import httpx

from kanban_sdk.wire.problems import MEDIA_TYPE, PROBLEMS
from tests.server.rest import done, problem

CONTRACT = {
    "/api/boards": {"get", "post"},
    "/api/boards/{board_id}": {"get", "put", "delete"},
    "/api/boards/{board_id}/columns": {"get", "put"},
    "/api/boards/{board_id}/columns/{column_id}": {"patch"},
    "/api/boards/{board_id}/tickets": {"get"},
    "/api/boards/{board_id}/snapshot": {"get"},
    "/api/boards/{board_id}/events": {"get"},
    "/api/boards/{board_id}/presence": {"get"},
    "/api/boards/{board_id}/base": {"get"},
    "/api/boards/{board_id}/webhooks": {"get", "post"},
    "/api/boards/{board_id}/webhooks/{webhook_id}": {"delete"},
    "/api/boards/{board_id}/import": {"post"},
    "/api/tickets": {"get", "post"},
    "/api/tickets/{ticket_id}": {"get", "put", "patch", "delete"},
    "/api/tickets/{ticket_id}/move": {"post"},
    "/api/tickets/{ticket_id}/claim": {"post"},
    "/api/tickets/{ticket_id}/restore": {"post"},
    "/api/tickets/{ticket_id}/check": {"post"},
    "/api/tickets/{ticket_id}/links": {"post"},
    "/api/tickets/{ticket_id}/why": {"get"},
    "/api/tickets/{ticket_id}/ask": {"post"},
    "/api/boards/{board_id}/archive": {"post"},
    "/api/bulk/operations": {"post"},
    "/api/inbox": {"get"},
    "/api/inbox/read": {"post"},
    "/api/comments/ticket/{ticket_id}": {"get"},
    "/api/comments": {"post"},
    "/api/comments/{comment_id}": {"put", "delete"},
    "/api/bulk/tickets/move": {"post"},
    "/api/history/tickets/{ticket_id}/history": {"get"},
    "/health": {"get"},
    "/ready": {"get"},
    "/metrics": {"get"},
}


def test_every_path_of_the_contract_is_described(rest: httpx.Client) -> None:
    paths = done(rest.get("/openapi.json"))["paths"]
    for path, methods in CONTRACT.items():
        assert paths[path].keys() >= methods, path
    for path in ("/api/tickets", "/api/boards", "/api/comments"):
        assert "201" in paths[path]["post"]["responses"]


def test_every_operation_says_what_it_does(rest: httpx.Client) -> None:
    operations = [one for methods in done(rest.get("/openapi.json"))["paths"].values() for one in methods.values()]
    assert all(one["description"] and one["tags"] for one in operations)
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids))


def test_the_docs_work_offline(rest: httpx.Client) -> None:
    page = rest.get("/docs")
    assert page.status_code == 200
    assert "//" not in re.sub(r"<!--.*?-->", "", page.text)
    linked = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert len(linked) >= 2
    for path in linked:
        assert path.startswith("/")
        assert rest.get(path).status_code == 200, path
    problem(rest.get("/redoc"), "not-found")


def test_every_operation_may_be_refused_with_a_problem(rest: httpx.Client) -> None:
    schema = done(rest.get("/openapi.json"))
    operations = [one for methods in schema["paths"].values() for one in methods.values()]
    refused = schema["components"]["responses"]["Refused"]["content"]
    assert refused == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert schema["components"]["schemas"]["Problem"]["properties"]["type"]["enum"] == sorted(PROBLEMS)
    assert all({"4XX", "5XX"} <= one["responses"].keys() and "422" not in one["responses"] for one in operations)

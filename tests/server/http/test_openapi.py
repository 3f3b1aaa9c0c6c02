"""The API describes itself, offline too."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys

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
    "/api/tickets/{ticket_id}/done": {"post"},
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


def test_a_server_starts_without_loading_what_only_describes_it() -> None:
    code = "import sys, kanban_server.commands.serve; sys.exit('fastapi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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


def test_the_docs_load_nothing_but_their_own_and_nothing_frames_them(rest: httpx.Client) -> None:
    for path in ("/docs", "/docs/oauth2-redirect"):
        page = rest.get(path)
        policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
        assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
        (script,) = re.findall(r"<script>(.+?)</script>", page.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert policy["script-src"] == f"'self' 'sha256-{digest}'"
        assert page.headers["x-content-type-options"] == "nosniff"


def test_no_browser_guesses_the_type_of_an_answer_and_no_cache_keeps_json(rest: httpx.Client, board_id: int) -> None:
    ticket = rest.post("/api/tickets", json={"title": "One", "board_id": board_id})
    board = f"/api/boards/{board_id}"
    paths = [board, f"{board}/snapshot", f"{board}/events", f"{board}/presence", "/health", "/openapi.json", "/nothing"]
    responses = [ticket, *(rest.get(path) for path in paths)]
    responses += [
        rest.post("/api/tickets", content="{"),
        rest.post("/mcp", json={}),
        rest.post("/api/markdown", json={}),
    ]
    for response in responses:
        assert response.headers.get_list("x-content-type-options") == ["nosniff"], response.url
        assert response.headers.get_list("cache-control") == ["no-store"], response.url
    for path in ("/", "/web/app.js"):
        assert rest.get(path).headers.get_list("cache-control") == ["no-cache"]
        assert rest.get(path).headers.get_list("x-content-type-options") == ["nosniff"]


def test_every_operation_may_be_refused_with_a_problem(rest: httpx.Client) -> None:
    schema = done(rest.get("/openapi.json"))
    operations = [one for methods in schema["paths"].values() for one in methods.values()]
    refused = schema["components"]["responses"]["Refused"]["content"]
    assert refused == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert schema["components"]["schemas"]["Problem"]["properties"]["type"]["enum"] == sorted(PROBLEMS)
    assert all({"4XX", "5XX"} <= one["responses"].keys() and "422" not in one["responses"] for one in operations)

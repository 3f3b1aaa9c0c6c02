"""What the server writes down: JSON lines with the request's id, no secrets, no queries, nothing forged."""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from kanban_server.entry.logging import JSONFormatter, TextFormatter, redact
from tests.server.rest import new_ticket, problem
from tests.support.servers import Server
from tests.support.waiting import until

SECRET = "kbn_u_0123456789abcdefABCDEF"
HIDDEN = (SECRET, "opensesame", "unspeakable")


def entries(server: Server) -> list[dict[str, Any]]:
    """All that was written; each line must be an object."""
    return [json.loads(line) for line in server.log_text().splitlines()]


def test_every_line_is_an_object_that_names_the_request_and_keeps_secrets(log_server: Server) -> None:
    query = f"?token={SECRET}&username=unspeakable"
    headers = {"Authorization": f"Bearer {SECRET}", "Cookie": "session=opensesame"}
    with httpx.Client(base_url=log_server.url, headers=headers) as rest:
        assert rest.get(f"/api/boards/{query}", headers={"X-Request-Id": "mine"}).headers["x-request-id"] == "mine"
        own = rest.get(f"/api/{SECRET}{query}", headers={"X-Request-Id": "not an id"}).headers["x-request-id"]
        rest.post("/api/boards", json={"name": "unspeakable"})
    socket = f"ws://127.0.0.1:{log_server.port}/ws/connect{query}"
    with connect(socket, additional_headers=headers) as reader:
        reader.send('{"type": "unspeakable"}')
        reader.recv(timeout=10)
    ended = "WEBSOCKET /ws/connect"
    until(lambda: any(one["message"] == ended for one in entries(log_server)), what="the socket in the log")
    logged = entries(log_server)
    requests = {one["request_id"]: one for one in logged if one["logger"] == "kanban.access"}
    assert requests["mine"]["message"] == "GET /api/boards"
    assert (requests[own]["message"], requests[own]["status"]) == ("GET /api/kbn_[redacted]", 404)
    assert "uvicorn.error" in {one["logger"] for one in logged}
    output = log_server.log_text()
    assert [word for word in HIDDEN if word in output] == []
    assert output.isascii()


def test_a_failure_is_told_to_the_client_by_the_id_under_which_it_is_written_down(log_server: Server) -> None:
    with sqlite3.connect(log_server.database) as other, httpx.Client(base_url=log_server.url) as rest:
        ticket = new_ticket(rest, 1)
        other.execute("ALTER TABLE comments RENAME TO hidden")
        try:
            body = {"ticket_id": ticket["id"], "text": "unspeakable", "author": "ada"}
            response = rest.post("/api/comments/", json=body)
        finally:
            other.execute("ALTER TABLE hidden RENAME TO comments")
    failed = problem(response, "internal")
    assert response.headers["x-request-id"] == failed["request_id"]
    tracebacks = [
        one for one in entries(log_server) if one.get("request_id") == failed["request_id"] and "traceback" in one
    ]
    assert tracebacks[0]["level"] == "error"
    assert "no such table" in tracebacks[0]["traceback"]
    assert "unspeakable" not in log_server.log_text()


@pytest.mark.parametrize(
    ("logged", "kept"),
    [
        (f"sent {SECRET}.", "sent kbn_[redacted]."),
        (f"Authorization: Bearer {SECRET}\nHost: x", "Authorization: [redacted]\nHost: x"),
        ("(b'authorization', b'Basic opensesame')", "(b'authorization', [redacted])"),
        ('{"Cookie": "session=opensesame; x=y", "Host": "x"}', '{"Cookie": [redacted], "Host": "x"}'),
        ("GET /x?token=opensesame&board=1", "GET /x?token=[redacted]&board=1"),
        ("postgresql://kanban:opensesame@db/kanban", "postgresql://kanban:[redacted]@db/kanban"),
        ("redis://:opensesame@cache/0", "redis://:[redacted]@cache/0"),
        ("http://127.0.0.1:8000/a@b", "http://127.0.0.1:8000/a@b"),
        ("ticket 12 has a token of appreciation", "ticket 12 has a token of appreciation"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_and_nothing_else(logged: str, kept: str) -> None:
    assert redact(logged) == kept


def test_nobody_can_forge_a_line() -> None:
    try:
        raise ValueError('evil\n{"level":"info"}\x1b[2J\u2028')
    except ValueError as error:
        exc_info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("kanban", logging.ERROR, __file__, 1, "one\r\ntwo \x1b[31m\x9b", (), exc_info)
    assert len(JSONFormatter().format(record).splitlines()) == 1
    first, *rest = TextFormatter().format(record).splitlines()
    assert first.endswith(r"one\x0d\x0atwo \x1b[31m\x9b")
    assert all(line.startswith("    ") for line in rest)
    assert "\x1b" not in "".join(rest)

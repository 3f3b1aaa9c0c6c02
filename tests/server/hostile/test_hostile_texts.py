"""Text is text: what looks like SQL, a path or markup is kept as it was sent, and asked for as it was sent."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from kanban_server.rules.search_words import query_words
from tests.server.rest import Json, done, events, new_board, new_ticket, problem
from tests.support.servers import Server

HOSTILE = [
    "'", '"', "''", "`", ";", "--", "/*", "\\", "\\'", "%", "_%_", "%s %(id)s", ":name", "?1", "$1", "{0}", "{{7*7}}",
    "' OR '1'='1", '" OR ""="', "'; DROP TABLE tickets; --", "1; DELETE FROM boards", "') UNION SELECT 1,2,3 --",
    "admin'--", "x' AND sleep(5) AND 'x'='x", "'||(SELECT version())||'", "1 OR 1=1", "NULL", "null", "undefined",
    "../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "file:///etc/passwd", "%2e%2e%2f%2e%2e%2f",
    "....//....//", "~root", "<script>alert(1)</script>", "${jndi:ldap://x}", "[bold]markup[/bold]",
    "=cmd|' /C calc'!A0", "$(reboot)", "`id`", "| cat /etc/passwd", "a&b=c#d", "true", "0", "-1", "1e309",
    "ＤＲＯＰ ＴＡＢＬＥ", "\u202edetrever",
]  # fmt: skip
ASSETS = "/static-offline-docs"
ODD_IDS = [
    "0", "-1", "10" + "0" * 19, "9007199254740992", "9" * 5000, "abc", "1e3", "1.5", "NaN", "None", "%00", "1%00",
    "%2e%2e", "..%2f..%2fetc%2fpasswd", "%ED%A0%80", "%FF", "%C2%B2", "%D9%A1", "1;drop", "1'--", "*", "{id}",
    "%25", "0x1",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_kept_and_found_as_it_was_sent(rest: httpx.Client, text: str) -> None:
    boards = len(done(rest.get("/api/boards/")))
    board = new_board(rest, text, description=text, columns=[text, "Last"])
    fields: Json = {
        "title": text,
        "description": text,
        "acceptance_criteria": text,
        "assignee": text,
        "labels": [text],
        "current_column": text,
        "created_by": text,
    }
    ticket = new_ticket(rest, board["id"], **fields)
    body = {"ticket_id": ticket["id"], "text": text, "author": text}
    assert rest.post("/api/comments/", json=body).status_code == 201
    source = {**fields, "source_id": text, "extra": {text: text}}
    imported = done(rest.post(f"/api/boards/{board['id']}/import", json={"tickets": [source]}))["ids"][text]
    claimed = done(rest.post(f"/api/tickets/{imported}/claim", params={"agent_id": text}))

    board_view = done(rest.get(f"/api/boards/{board['id']}"))
    assert (board_view["name"], board_view["description"], board_view["columns"]) == (text, text, [text, "Last"])
    first, second = done(rest.get(f"/api/boards/{board['id']}/tickets"))["tickets"]
    assert {name: first[name] for name in fields} == {name: second[name] for name in fields} == fields
    assert (second["source_id"], second["extra"], second["claim"]) == (text, {text: text}, claimed["claim"])
    (comment,) = done(rest.get(f"/api/comments/ticket/{ticket['id']}"))
    assert (comment["text"], comment["author"]) == (text, text)
    for query in ({"column": text}, {"assignee": text}, {"label": text}):
        assert total(rest, board, **query) == 2
    assert total(rest, board, search=text) == (2 if query_words(text) else 0)
    edit = {"title": f"{text}."}
    done(rest.put(f"/api/tickets/{imported}", json=edit, headers={"X-Kanban-User": quote(text)}))
    done(rest.delete(f"/api/tickets/{imported}", params={"deleted_by": text}))
    assert {event["actor"] for event in events(rest, board["id"])[1:2] + events(rest, board["id"])[-2:]} == {text}
    assert len(done(rest.get("/api/boards/"))) == boards + 1


def total(rest: httpx.Client, board: Json, **query: str) -> int:
    return int(done(rest.get("/api/tickets/", params={"board_id": board["id"], **query}))["total"])


@pytest.mark.parametrize("id", ODD_IDS)
def test_what_is_no_id_is_refused_on_every_path(rest: httpx.Client, id: str) -> None:
    paths: dict[str, dict[str, Any]] = done(rest.get("/openapi.json"))["paths"]
    request_count = 0
    for path, methods in paths.items():
        for method in methods if "{" in path else ():
            where = path
            for name in ("board_id", "ticket_id", "comment_id"):
                where = where.replace(f"{{{name}}}", id)
            response = rest.request(method, where.replace("{column_id}", id), json={})
            assert response.status_code in {404, 405, 422}, (method, where, response.text)
            problem(response, response.json()["type"])
            request_count += 1
    assert request_count > 15


@pytest.mark.parametrize("id", ["{0}.0", "+{0}", "%20{0}", "0{0}", "{0}%0A", "{0}e0"])
def test_an_id_that_is_written_oddly_gets_a_result_or_a_problem(rest: httpx.Client, board_id: int, id: str) -> None:
    ticket = new_ticket(rest, board_id)
    for path, body in (("boards", {"description": "x"}), ("tickets", {"title": "x"})):
        which = board_id if path == "boards" else ticket["id"]
        response = rest.put(f"/api/{path}/{id.format(which)}", json=body)
        if not response.is_success:
            problem(response, "invalid-request")


@pytest.mark.parametrize("name", ["board_id", "page", "page_size", "search", "column", "label", "assignee"])
def test_odd_parameters_get_a_result_or_a_problem(rest: httpx.Client, board_id: int, name: str) -> None:
    for value in (*ODD_IDS, *map(quote, HOSTILE), "", "%", "%F0%9F", "a" * 30_000, "&".join(["x=1"] * 2000), "true"):
        query = f"{name}={value}" if name == "board_id" else f"board_id={board_id}&{name}={value}"
        response = rest.get(f"/api/tickets/?{query}")
        if not response.is_success:
            assert response.status_code in {404, 422}, (query[:100], response.text)
            problem(response, response.json()["type"])


@pytest.mark.parametrize("header", ["If-Match", "Idempotency-Key", "X-Kanban-User", "X-Kanban-Client", "Accept"])
def test_odd_headers_get_a_result_or_a_problem(rest: httpx.Client, board_id: int, header: str) -> None:
    ticket = new_ticket(rest, board_id)
    body = {"title": "t", "board_id": board_id}
    for value in (
        b"x" * 60_000,
        b"9" * 60_000,
        b'"' * 9,
        b"\xff\xfe",
        b"\xc3\xa9",
        b"%00",
        b"a\tb",
        b"W/",
        b"a,b",
        b"'; --",
    ):
        for method, path in (("POST", "/api/tickets/"), ("PUT", f"/api/tickets/{ticket['id']}")):
            response = rest.request(method, path, json=body, headers=[(header.encode(), value)])
            if not response.is_success:
                assert response.status_code == 422, (value[:20], response.text)
                problem(response, response.json()["type"])


@pytest.mark.parametrize("value", [b"x" * 60_000, b"9" * 60_000, b"\xff", b"-1", b"1e3", b"0-", b"'; --", b"\xd9\xa1"])
def test_an_odd_last_event_id_is_refused(rest: httpx.Client, board_id: int, value: bytes) -> None:
    headers = [(b"Last-Event-ID", value), (b"Accept", b"text/event-stream")]
    problem(rest.get(f"/api/boards/{board_id}/events", headers=headers), "invalid-cursor")


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd", f"{ASSETS}/../../../etc/passwd", f"{ASSETS}/%2e%2e/%2e%2e/pyproject.toml",
        f"{ASSETS}/..%2f..%2fpyproject.toml", f"{ASSETS}/%00", f"{ASSETS}//etc/passwd", f"{ASSETS}/" + "a" * 5000,
        f"{ASSETS}/" + "a/" * 3000, "/%ff", "/api/boards/%", "/api//boards",
    ],
)  # fmt: skip
def test_no_path_leads_out(server: Server, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", path)  # as it stands: httpx would tidy it
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status in {404, 422}
    assert response.headers["content-type"] == "application/problem+json", content

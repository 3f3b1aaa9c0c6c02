"""No 500 and no silence: whatever stands in a path, a query, a header or a frame gets a result, or a problem."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.server.rest import Json, new_board, new_ticket, problem
from tests.support.servers import Server

PATIENCE = 10
"""Seconds, in which even a laden machine has answered."""
IN_PATHS = [
    "0", "-1", "1.5", "abc", "%00", "%ff", "%ED%A0%80", "9" * 30, "9" * 5000, "1%2F2", "..%2F..", "1;drop", "%D9%A1",
    "%F0%9F%98%80", "1e3", "0x1", "%20", "1'--", "null", "%25", "NaN", "+1", "1_000", "%0D%0AX:%20y",
]  # fmt: skip
IN_QUERIES = [
    *IN_PATHS, "", "true", "[]", "{}", "x" * 5000, "%E2%80%AE", "*", "%22", "a%22%20OR%20%22b", "NEAR(", "1-1",
    "z-9999999999999999999",
]  # fmt: skip
IN_HEADERS: dict[str, list[bytes]] = {
    "X-Kanban-User": [
        b"%ff", b"%00", b"%0A", b"x" * 5000, b"anonymous", b"system", b"%20",
        b"%E2%80%AE", b"\xff\xfe", b"a,b",
    ],
    "X-Kanban-Client": [b"toaster", b"", b"\xff", b"x" * 5000],
    "Idempotency-Key": [b"", b"x" * 5000, b"\xff", b"a b", b"'"],
    "If-Match": [b"abc", b"*", b'"1', b"W/", b'"' + b"9" * 400 + b'"', b"\xff", b'"-1"', b'"1", "2"'],
    "Kanban-Lease": [b"x", b"1.1", b"0.0", b"9" * 400, b"-1.-1", b"\xff", b"1.", b"x" * 5000],
    "Last-Event-ID": [b"x", b"-1", b"9" * 400, b"\xff"],
    "Accept": [b"", b"text/xml", b"\xff", b"*/*;q=x", b"," * 1000],
    "Authorization": [b"Bearer", b"Basic eA==", b"Bearer kbn_x", b"\xff", b"Bearer " + b"x" * 5000],
    "Cookie": [b"kanban_session", b"kanban_session=;;=", b"\xff", b"=" * 1000],
    "X-Forwarded-For": [b"x", b"1.2.3.4, 5", b"\xff", b"::::"],
    "X-Request-Id": [b"\xff", b"x" * 5000, b"a b"],
    "Content-Type": [b"", b"json", b"application/json; charset=utf-7", b"\xff", b"a/b/c"],
    "Range": [b"bytes=0-1", b"x"],
}  # fmt: skip
ODD_BOARDS = ("null", "0", "-1", "1.5", '"x"', "[]", "1e400", "9" * 40)
ODD_CURSORS = ("-1", "{}", '"x"', '"z-1"', "9" * 40, '"\\u0000"')
ODD_PLACES = [
    ("ticket_id", '"x"'), ("ticket_id", "-1"), ("x", '"x"'), ("x", "1e400"), ("y", "-5"), ("dragging", "[]"),
    ("element", "5"), ("element", '"\\u0000"'), ("element", '"' + "x" * 9999 + '"'),
]  # fmt: skip
FRAMES: list[str | bytes] = [
    "", " ", "x", "null", "true", "0", "[]", "{}", '"ping"', "[[]]", "NaN", '{"type":', '{"type":null}', '{"type":[]}',
    '{"type":{}}', '{"type":"x"}', '{"type":"' + "x" * 10_000 + '"}', '{"type":"subscribe_board"}',
    *(f'{{"type":"subscribe_board","board_id":{odd}}}' for odd in ODD_BOARDS),
    *(f'{{"type":"subscribe_board","board_id":BOARD,"after":{odd}}}' for odd in ODD_CURSORS),
    '{"type":"unsubscribe_board"}', '{"type":"unsubscribe_board","board_id":"x"}', '{"type":"presence"}',
    *(f'{{"type":"presence","board_id":BOARD,"{name}":{odd}}}' for name, odd in ODD_PLACES),
    "[" * 10_000, '{"a":' * 5_000, '"\\ud800"', b"\x00\xff", b"", '{"type":"heartbeat_response","x":' + "9" * 500 + "}",
]  # fmt: skip


class Aim:
    """A server of one's own, and a request for each of its routes."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.rest = httpx.Client(base_url=server.url, timeout=PATIENCE)
        self.board = int(new_board(self.rest, "Aimed at")["id"])
        self.ticket = int(new_ticket(self.rest, self.board)["id"])
        self.routes: list[tuple[str, str, list[str]]] = [
            (method.upper(), path, [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"])
            for path, methods in self.rest.get("/openapi.json").json()["paths"].items()
            for method, operation in methods.items()
        ]
        self.answers: Counter[int] = Counter()

    def path(self, template: str, **odd: str) -> str:
        usual = {"board_id": str(self.board), "ticket_id": str(self.ticket)}
        return re.sub(r"{(\w+)}", lambda name: odd.get(name[1]) or usual.get(name[1], "1"), template)

    def ask(self, method: str, target: str, headers: dict[str, bytes] | None = None, body: Json | None = None) -> None:
        """Send a request as it is written; its answer has to be a result, or a problem."""
        content = json.dumps(body).encode() if body is not None else b""
        fields = {"Content-Type": b"application/json"} if content else {}
        all_headers = [(name.encode(), value) for name, value in {**fields, **(headers or {})}.items()]
        url = httpx.URL(f"{self.server.url}/").copy_with(raw_path=target.encode())
        response = self.rest.send(self.rest.build_request(method, url, content=content, headers=all_headers))
        self.answers[response.status_code] += 1
        assert response.status_code < 500, (method, target[:200], headers, response.text)
        if response.status_code >= 400:
            problem(response, response.json()["type"])


@pytest.fixture
def aim(own_server: Server) -> Iterator[Aim]:
    aim = Aim(own_server)
    yield aim
    assert aim.rest.get("/health").json()["status"] == "healthy"
    aim.rest.close()
    text = own_server.log_text()
    assert "failed" not in text, text[-2000:]
    assert "Traceback" not in text, text[-2000:]


@pytest.mark.slow
def test_odd_parts_of_paths_are_refused_on_every_route(aim: Aim) -> None:
    for method, template, _ in aim.routes:
        for name in re.findall(r"{(\w+)}", template):
            for odd in IN_PATHS:
                aim.ask(method, aim.path(template, **{name: odd}), body={} if method != "GET" else None)
    assert aim.answers.total() > 500
    assert aim.answers[404]
    assert aim.answers[422]


def test_odd_queries_get_a_result_or_a_problem_on_every_route(aim: Aim) -> None:
    for method, template, names in aim.routes:
        for name in [*names, "force", "unknown"]:
            for odd in IN_QUERIES if name in names else ["%00", "x" * 5000]:
                aim.ask(method, f"{aim.path(template)}?{name}={odd}", body={} if method != "GET" else None)
    assert aim.answers.total() > 500
    assert aim.answers[200]
    assert aim.answers[422]


@pytest.mark.slow
def test_odd_headers_get_a_result_or_a_problem_on_every_kind_of_route(aim: Aim) -> None:
    ways: list[tuple[str, str, Json | None]] = [
        ("GET", "/api/boards", None),
        ("GET", f"/api/boards/{aim.board}/events", None),
        ("POST", f"/api/tickets/{aim.ticket}/move", {"column": "Blocked"}),
        ("PATCH", f"/api/tickets/{aim.ticket}", {"title": "t"}),
        ("POST", f"/api/boards/{aim.board}/next", {}),
        ("GET", "/nowhere", None),
    ]
    for method, path, body in ways:
        for name, values in IN_HEADERS.items():
            for value in values:
                aim.ask(method, path, {name: value}, body)
    assert aim.answers.total() > 400
    assert aim.answers[200]
    assert aim.answers[422]


def test_methods_that_no_path_takes_are_refused_with_those_that_it_takes(aim: Aim) -> None:
    for path in {template for _, template, _ in aim.routes}:
        for method in ("TRACE", "PROPFIND", "SEARCH", "OPTIONS"):
            aim.ask(method, aim.path(path))


def test_odd_frames_are_answered_with_a_problem_and_the_socket_goes_on(aim: Aim) -> None:
    responses: Counter[str] = Counter()
    for frame in FRAMES:
        text = frame.replace("BOARD", str(aim.board)) if isinstance(frame, str) else frame
        with stream(aim, f"board_id={aim.board}&username=ada") as socket:
            socket.send(text)
            socket.send('{"type":"ping"}')
            responses[answer(socket)] += 1
    assert responses.total() > 40
    assert responses.keys() <= {"error", "pong", "resync", "subscribed", "presence", "unsubscribed"}, responses
    assert responses["error"] > 20, responses


@pytest.mark.parametrize("name", ["board_id", "after", "username", "client", "client_id"])
@pytest.mark.slow
def test_odd_queries_of_a_stream_are_refused_or_served(aim: Aim, name: str) -> None:
    for odd in IN_QUERIES:
        query = f"{name}={odd}" if name == "board_id" else f"board_id={aim.board}&{name}={odd}"
        assert served_or_closed(aim, query) in {"pong", "error", "resync", "board_created", 1007, 4410, 422}, query[:99]


def served_or_closed(aim: Aim, query: str) -> str | int | None:
    """What is said first on a stream of this address, or with which code it is closed, or refused."""
    try:
        with stream(aim, query) as socket:
            try:
                socket.send('{"type":"ping"}')
                return answer(socket)
            except ConnectionClosed:
                return socket.close_code
    except InvalidStatus as refused:
        return refused.response.status_code


def stream(aim: Aim, query: str) -> ClientConnection:
    url = f"ws{aim.server.url.removeprefix('http')}/ws/connect?{query}"
    return connect(url, compression=None, open_timeout=PATIENCE, close_timeout=PATIENCE)


def answer(socket: ClientConnection) -> str:
    """The first thing that is said about what was sent: to all of it there is a problem, or the pong behind it."""
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=PATIENCE))
        if message["event"] == "error":
            assert message["data"]["problem"]["type"], message
        if message["event"] not in {"connected", "presence", "heartbeat"}:
            return str(message["event"])

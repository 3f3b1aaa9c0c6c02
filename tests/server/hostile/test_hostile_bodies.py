"""No 500: whatever a body holds gets a result, or a problem; and what was refused left nothing behind."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.server.rest import Json, done, events, new_board, new_ticket, problem
from tests.support.servers import Server

DEEP = 100_000
UNREADABLE: dict[str, bytes] = {
    "NaN": b"NaN",
    "infinity": b"Infinity",
    "minus infinity": b"-Infinity",
    "1e999": b"1e999",
    "-1e999": b"-1e999",
    "5000 digits": b"9" * 5000,
    "leading zero": b"01",
    "hexadecimal": b"0x10",
    "lone high surrogate": rb'"\ud800"',
    "lone low surrogate": rb'"x\udc00"',
    "surrogates swapped": rb'"\udc00\ud800"',
    "not UTF-8": b'"\xff"',
    "overlong UTF-8": b'"\xc0\x80"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "half a character": b'"\xf0\x9f',
    "no end": b'"abc',
    "raw control character": b'"a\x00b"',
    "bad escape": rb'"\x41"',
    "single quotes": b"'a'",
    "comment": b"1 /* one */",
    "comma": b"[1,]",
    "nested lists": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "nested and open": b"[" * DEEP,
}
WAYS = {
    "ticket": ("POST", "/api/tickets/"),
    "edit": ("PUT", "/api/tickets/{ticket}"),
    "move": ("POST", "/api/tickets/{ticket}/move"),
    "labels": ("POST", "/api/tickets/{ticket}/labels"),
    "append": ("POST", "/api/tickets/{ticket}/append"),
    "comment": ("POST", "/api/comments/"),
    "bulk": ("POST", "/api/bulk/tickets/move"),
    "board": ("POST", "/api/boards/"),
    "edit board": ("PATCH", "/api/boards/{board}"),
    "columns": ("PUT", "/api/boards/{board}/columns"),
    "column": ("PATCH", "/api/boards/{board}/columns/1"),
    "import": ("POST", "/api/boards/{board}/import"),
}
ODD: list[Any] = [
    None, True, 0, -1, 2**53, 2**63, 2**64, -(2**63), 1.5, 1e300, "", " ", "a\0b", "\x1b[2J", "\u202e", "\U0010ffff",
    "x" * 70_000, [], [None], [[]], ["a\0"], [-1], [2**63], {}, {"a": 1}, [["x"]] * 3,
    json.loads("[" * 900 + "]" * 900),
]  # fmt: skip
FIELDS: dict[str, list[str]] = {
    "ticket": [
        "title", "board_id", "description", "acceptance_criteria", "priority", "assignee", "labels", "current_column",
        "created_by",
    ],
    "edit": ["title", "board_id", "labels", "current_column", "changed_by", "version", "priority", "assignee"],
    "move": ["column", "before", "after", "place", "version", "moved_by"],
    "labels": ["add", "remove", "changed_by"],
    "append": ["text", "field", "changed_by"],
    "comment": ["ticket_id", "text", "author"],
    "bulk": ["ticket_ids", "target_column", "moved_by", "atomic"],
    "board": ["name", "description", "columns", "created_by"],
    "edit board": ["name", "description", "columns", "version", "changed_by"],
    "column": ["name", "role", "limit", "version"],
    "import": ["tickets", "imported_by"],
}  # fmt: skip
IMPORTED = [
    "source_id", "title", "current_column", "description", "priority", "assignee", "labels", "created_by", "created_at",
    "column_entered_at", "extra", "comments",
]  # fmt: skip


class Target:
    """A board with a ticket to aim at."""

    def __init__(self, rest: httpx.Client) -> None:
        self.rest = rest
        self.board = int(new_board(rest, "Aimed at")["id"])
        self.ticket = int(new_ticket(rest, self.board)["id"])
        self.good: dict[str, Json] = {
            "ticket": {"title": "t", "board_id": self.board},
            "move": {"column": "Blocked"},
            "append": {"text": "x"},
            "comment": {"ticket_id": self.ticket, "text": "x"},
            "bulk": {"ticket_ids": [self.ticket], "target_column": "Done"},
            "board": {"name": "b"},
            "import": {"tickets": []},
        }

    def send(self, way: str, content: bytes, content_type: str = "application/json") -> httpx.Response:
        method, path = WAYS[way]
        path = path.format(board=self.board, ticket=self.ticket)
        return self.rest.request(method, path, content=content, headers={"Content-Type": content_type})


@pytest.fixture(scope="session")
def target(rest: httpx.Client) -> Target:
    return Target(rest)


@pytest.mark.parametrize("value", UNREADABLE)
def test_what_is_not_json_is_refused_wherever_it_stands(target: Target, value: str) -> None:
    before = events(target.rest, target.board)
    for way in WAYS:
        whole = UNREADABLE[value]
        for content in (whole, b'{"title":"t","board_id":1,"anything":%b}' % whole, b"[%b]" % whole):
            problem(target.send(way, content), "invalid-request")
    assert events(target.rest, target.board) == before


def odd_bodies(target: Target) -> Iterator[tuple[str, Any]]:
    for way, fields in FIELDS.items():
        yield from ((way, {**target.good.get(way, {}), field: value}) for field in fields for value in ODD)
    yield from (("columns", value) for value in [*ODD, [["A"]], ["A", 5], ["A", "a\0"]])
    for value in ODD:
        for field in IMPORTED:
            yield "import", {"tickets": [{"source_id": f"{field} {value}"[:99], "title": "t", field: value}]}
    no_objects: list[Any] = [None, [], "x", 5, True, [{}]]
    yield from ((way, value) for way in FIELDS for value in no_objects)


def test_odd_values_get_a_result_or_a_problem(rest: httpx.Client) -> None:
    target = Target(rest)
    statuses_by_way = {way: set[int]() for way in WAYS}
    for way, body in odd_bodies(target):
        response = target.send(way, json.dumps(body).encode())
        statuses_by_way[way].add(response.status_code)
        if not response.is_success:
            assert response.status_code < 500, (way, str(body)[:200], response.text)
            problem(response, response.json()["type"])
    assert all(422 in statuses for statuses in statuses_by_way.values())
    assert len(done(rest.get(f"/api/boards/{target.board}/snapshot"))["tickets"]) > 1


def test_of_keys_that_are_said_twice_the_last_counts(rest: httpx.Client, board_id: int) -> None:
    content = b'{"title":"first","title":"last","board_id":%d}' % board_id
    response = rest.post("/api/tickets/", content=content, headers={"Content-Type": "application/json"})
    assert response.json()["title"] == "last"


@pytest.mark.parametrize(
    "text", ["pair \U0001f40d", "e\u0301", "\u200d\ufeff", "\uffff", "\r\n\t", "\x1b[31m", "\\u0000"]
)
def test_what_is_odd_but_sound_is_kept_as_it_is(rest: httpx.Client, board_id: int, text: str) -> None:
    ticket = new_ticket(rest, board_id, description=text, acceptance_criteria=text)
    read = done(rest.get(f"/api/tickets/{ticket['id']}"))
    assert (read["description"], read["acceptance_criteria"]) == (text, text)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "",
     "a\tb", "image/png", "x" * 5000],
)  # fmt: skip
def test_a_body_that_is_not_called_json_is_refused(target: Target, content_type: str) -> None:
    for way in WAYS:
        body = json.dumps(target.good.get(way, {})).encode()
        problem(target.send(way, body, content_type), "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/x+json"])
def test_json_by_another_name_is_taken(target: Target, content_type: str) -> None:
    content = json.dumps(target.good["ticket"]).encode()
    assert target.send("ticket", content, content_type).status_code == 201


def test_json_in_another_encoding_is_refused(target: Target) -> None:
    content = json.dumps(target.good["ticket"]).encode("utf-16")
    problem(target.send("ticket", content, "application/json; charset=utf-16"), "invalid-request")


def test_a_body_over_1_mib_is_refused_declared_or_not(rest: httpx.Client, board_id: int) -> None:
    before = events(rest, board_id)
    whole = b'{"title":"t","board_id":%d,"pad":"%b"}' % (board_id, b"x" * 1024 * 1024)
    headers = {"Content-Type": "application/json"}
    pieces = (whole[at : at + 50_000] for at in range(0, len(whole), 50_000))
    for content in (whole, pieces):
        refused = problem(rest.post("/api/tickets/", content=content, headers=headers), "body-too-large")
        assert refused["limit"] == 1024 * 1024
    assert events(rest, board_id) == before
    fits = b'{"title":"t","board_id":%d,"pad":"' % board_id
    fits += b"x" * (1024 * 1024 - len(fits) - 2) + b'"}'
    assert rest.post("/api/tickets/", content=fits, headers=headers).status_code == 201


@pytest.mark.parametrize(
    "length",
    [b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length: 5\r\nContent-Length: 900",
     b"Content-Length: -1", b"Content-Length: " + b"9" * 5000, b"Content-Length: 0x5",
     b"Transfer-Encoding: gzip, chunked, identity"],
)  # fmt: skip
def test_a_body_of_two_lengths_or_none_is_not_read(server: Server, rest: httpx.Client, length: bytes) -> None:
    before = done(rest.get("/api/boards/"))
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(b"POST /api/boards/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        raw.sendall(length + b"\r\nConnection: close\r\n\r\n" + b'c\r\n{"name":"x"}\r\n0\r\n\r\n')
        response = raw.recv(65536)
    assert 400 <= int(response.split()[1]) < 500, response
    assert done(rest.get("/api/boards/")) == before

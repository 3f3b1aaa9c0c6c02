"""The requests of the calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kanban_sdk import Kanban, Unreachable
from kanban_sdk.calls import Call, boards, comments, tickets
from kanban_sdk.calls.address import parse_address
from kanban_sdk.transport.blocking import BlockingTransport


@pytest.mark.parametrize(
    ("call", "method", "target", "body"),
    [
        (boards.all(), "GET", "/api/boards", None),
        (boards.snapshot(3), "GET", "/api/boards/3/snapshot", None),
        (boards.snapshot(3, bodies=False), "GET", "/api/boards/3/snapshot?bodies=false", None),
        (boards.events(3, after="ab-7", limit=2), "GET", "/api/boards/3/events?after=ab-7&limit=2", None),
        (boards.events(3), "GET", "/api/boards/3/events?after=0", None),
        (boards.set_columns(3, ("A",), move_to="Ä & b"), "PUT", "/api/boards/3/columns?move_to=%C3%84+%26+b", ["A"]),
        (tickets.page(3, search="a/b? é"), "GET", "/api/tickets?board_id=3&search=a%2Fb%3F+%C3%A9", None),
        (tickets.create("t", board=3), "POST", "/api/tickets", {"title": "t", "board_id": 3}),
        (tickets.create("t", board=3, labels=()), "POST", "/api/tickets", {"title": "t", "board_id": 3, "labels": []}),
        (tickets.move(7, "Done", place="top"), "POST", "/api/tickets/7/move", {"column": "Done", "place": "top"}),
        (tickets.edit(7, assignee=None), "PATCH", "/api/tickets/7", {"assignee": None}),
        (tickets.claim(7), "POST", "/api/tickets/7/claim", {}),
        (tickets.claim(7, force=True), "POST", "/api/tickets/7/claim", {"force": True}),
        (tickets.release(7), "POST", "/api/tickets/7/release", {}),
        (tickets.release(7, note="n", force=True), "POST", "/api/tickets/7/release", {"note": "n", "force": True}),
        (tickets.check(7, 2), "POST", "/api/tickets/7/check", {"number": 2, "done": True}),
        (tickets.done(7, claim_next=True), "POST", "/api/tickets/7/done", {"next": {"labels": []}}),
        (tickets.link(7, add=["0123abc"]), "POST", "/api/tickets/7/links", {"add": ["0123abc"], "remove": []}),
        (tickets.ask(7, "why?"), "POST", "/api/tickets/7/ask", {"text": "why?"}),
        (tickets.renew(7), "POST", "/api/tickets/7/lease", {}),
        (tickets.block(7, 8, 9), "POST", "/api/tickets/7/block", {"on": [8, 9]}),
        (tickets.delete(7), "DELETE", "/api/tickets/7", None),
        (tickets.delete(7, force=True), "DELETE", "/api/tickets/7?force=true", None),
        (boards.next_ticket(3), "POST", "/api/boards/3/next", {"claim": False, "labels": []}),
        (boards.import_tickets(3, []), "POST", "/api/boards/3/import", {"tickets": []}),
        (boards.import_tickets(3, [], force=True), "POST", "/api/boards/3/import", {"tickets": [], "force": True}),
        (comments.delete(9), "DELETE", "/api/comments/9", None),
    ],
)  # fmt: skip
def test_a_call_has_its_method_target_and_body(call: Call[Any], method: str, target: str, body: Any) -> None:
    assert (call.method, call.target(), call.body) == (method, target, body)
    assert call.target("/under") == "/under" + target
    assert call.content() == (b"" if body is None else json.dumps(body).encode())


def test_a_write_gets_a_new_idempotency_key_each_time_it_is_sent() -> None:
    call = tickets.move(7, "Done", version=3)
    first, second = call.headers(), call.headers()
    assert first["Idempotency-Key"] != second["Idempotency-Key"]
    assert first["If-Match"] == '"3"'
    assert boards.all().headers() == {}


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://host", "http://", "http://[::1", "http://host:port"])
def test_a_malformed_address_is_refused_at_once(url: str) -> None:
    for make in (parse_address, Kanban, lambda url: BlockingTransport(url, {})):
        with pytest.raises(Unreachable, match="an address is http"):
            make(url)


def test_a_client_from_the_environment() -> None:
    with Kanban.from_env({"KANBAN_URL": "http://board.example/", "KANBAN_USER": "ada"}) as kanban:
        assert (kanban.url, kanban.user) == ("http://board.example", "ada")
    with Kanban.from_env({"KANBAN_USER": ""}) as kanban:
        assert (kanban.url, kanban.user) == ("http://127.0.0.1:8000", None)
    with Kanban.from_env({"KANBAN_URL": "http://board.example"}, url="http://other.example") as kanban:
        assert kanban.url == "http://other.example"

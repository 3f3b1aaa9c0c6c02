"""With users, a kept answer is given again to the same user only, and only as far as they may see it now."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.server.rest import problem
from tests.support.actors import ON_BOTH, Actor
from tests.support.databases import Databases
from tests.support.mcp import agent
from tests.support.people import Guarded


@dataclass
class Caller:
    """A person on a board of root's, and requests under one key."""

    guarded: Guarded
    name: str
    token: str
    board: int
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> httpx.Response:
        return self.guarded.ask(token or self.token, method, path, body, headers={"Idempotency-Key": self.key})

    def create(self, token: str | None = None, **more: Any) -> httpx.Response:
        return self.ask("POST", "/api/tickets", {"title": "Once", "board_id": self.board, **more}, token)

    def count(self) -> int:
        return int(self.guarded.done(self.guarded.root, "GET", f"/api/boards/{self.board}")["ticket_count"])


def replayed(first: httpx.Response, second: httpx.Response) -> bool:
    """Whether the second answer is the first one, given again."""
    assert "idempotent-replayed" not in first.headers
    return second.content == first.content and second.headers.get("idempotent-replayed") == "true"


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_a_retry_of_any_kind_of_actor_takes_effect_once(writer: Actor) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"title": "Once", "board_id": writer.board}
    first, second = (writer.rest().post("/api/tickets", json=body, headers=headers) for _ in range(2))
    assert first.status_code == 201
    assert replayed(first, second)
    assert writer.rest().get(f"/api/boards/{writer.board}").json()["ticket_count"] == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def caller(request: pytest.FixtureRequest, databases: Databases) -> Caller:
    guarded = databases.guarded(request.param, request.config)
    name = f"retry-{uuid.uuid4().hex[:8]}"
    token = guarded.person(name)
    board = guarded.board(guarded.root)
    guarded.member(guarded.root, board, name)
    return Caller(guarded, name, token, board)


@pytest.mark.parametrize("by_agent", [False, True])
def test_a_retry_after_a_change_of_name_does_not_double(caller: Caller, by_agent: bool) -> None:
    name, token = caller.name, caller.token
    if by_agent:
        name = f"{caller.name}-agent"
        token = caller.guarded.agent(caller.token, name)
    first = caller.create(token)
    caller.guarded.done(caller.guarded.root, "PATCH", f"/api/users/{name}", {"name": f"{name}-2"})
    assert replayed(first, caller.create(token))
    assert caller.count() == 1


def test_a_key_is_its_users_own(caller: Caller) -> None:
    other = caller.guarded.agent(caller.token, f"{caller.name}-agent")
    assert caller.create().json()["id"] != caller.create(other).json()["id"]


def test_who_may_no_longer_see_the_board_is_not_answered_and_nothing_is_done(caller: Caller) -> None:
    agents = caller.guarded.agent(caller.token, f"{caller.name}-agent")
    firsts = {token: caller.create(token) for token in (caller.token, agents)}
    caller.guarded.done(caller.guarded.root, "DELETE", f"/api/boards/{caller.board}/members/{caller.name}")
    for token in firsts:
        problem(caller.create(token), "not-found")
    assert caller.count() == 2
    caller.guarded.member(caller.guarded.root, caller.board, caller.name, "viewer")  # to see it is enough
    for token, first in firsts.items():
        assert replayed(first, caller.create(token))


def test_a_narrowed_token_is_not_given_the_answer_to_a_wider_one(caller: Caller) -> None:
    elsewhere = caller.guarded.board(caller.token)
    both = caller.guarded.token(caller.token, boards=[caller.board, elsewhere])
    here = caller.guarded.token(caller.token, boards=[caller.board])
    there = caller.guarded.token(caller.token, boards=[elsewhere])
    reading = caller.guarded.token(caller.token, access="read")
    first = caller.create(both)
    assert replayed(first, caller.create(both))
    assert replayed(first, caller.create(caller.token)), "a wider token may see it"
    problem(caller.create(there), "not-found")
    problem(caller.create(here), "idempotency-mismatch")
    problem(caller.create(reading), "not-allowed")
    assert caller.count() == 1


def test_an_answer_about_no_board_is_not_given_to_a_narrowed_token(caller: Caller) -> None:
    narrowed = caller.guarded.token(caller.token, boards=[caller.board])
    assert replayed(*(caller.ask("PATCH", "/api/me", {"theme": "dark"}) for _ in range(2)))
    problem(caller.ask("PATCH", "/api/me", {"theme": "dark"}, narrowed), "idempotency-mismatch")


def test_an_admin_of_the_server_with_a_narrowed_token_is_no_exception(caller: Caller) -> None:
    root = caller.guarded.root
    narrowed = caller.guarded.token(root, boards=[caller.guarded.board(root)])
    caller.create(root)
    problem(caller.create(narrowed), "not-found")


def test_ones_own_deletion_of_a_board_is_answered_again(caller: Caller) -> None:
    own = caller.guarded.board(caller.token)
    assert replayed(*(caller.ask("DELETE", f"/api/boards/{own}") for _ in range(2)))
    for token in (caller.guarded.root, caller.guarded.token(caller.guarded.root)):
        own, caller.key = caller.guarded.board(token), uuid.uuid4().hex
        assert replayed(*(caller.ask("DELETE", f"/api/boards/{own}", token=token) for _ in range(2)))


def test_ones_own_leaving_of_a_board_is_answered_again(caller: Caller) -> None:
    path = f"/api/boards/{caller.board}/members/{caller.name}"
    assert replayed(*(caller.ask("DELETE", path) for _ in range(2)))


def test_several_boards_of_one_request_have_all_to_be_seen(caller: Caller) -> None:
    other = caller.guarded.board(caller.guarded.root)
    caller.guarded.member(caller.guarded.root, other, caller.name)
    tickets = [caller.guarded.ticket(caller.token, board) for board in (caller.board, other)]
    move = {"ticket_ids": tickets, "target_column": "Done"}
    assert replayed(*(caller.ask("POST", "/api/bulk/tickets/move", move) for _ in range(2)))
    caller.guarded.done(caller.guarded.root, "DELETE", f"/api/boards/{other}/members/{caller.name}")
    problem(caller.ask("POST", "/api/bulk/tickets/move", move), "not-found")


def test_over_mcp_the_same_holds(caller: Caller) -> None:
    with agent(f"{caller.guarded.server.url}/mcp", headers={"Authorization": f"Bearer {caller.token}"}) as tools:
        ask = {"board": str(caller.board), "title": "Once", "key": caller.key}
        first = tools("ticket_create", **ask)
        assert tools("ticket_create", **ask) == first
        caller.guarded.done(caller.guarded.root, "PATCH", f"/api/users/{caller.name}", {"name": f"{caller.name}-2"})
        assert tools("ticket_create", **ask) == first
        caller.guarded.done(caller.guarded.root, "DELETE", f"/api/boards/{caller.board}/members/{caller.name}-2")
        tools.refused("not-found", "ticket_create", **ask)
    assert caller.count() == 1


def test_what_holds_no_secret_is_answered_again_and_a_secret_is_kept_nowhere(caller: Caller) -> None:
    name = f"{caller.name}-agent"
    new_agent = {"name": name, "kind": "agent", "token": False}
    first = caller.ask("POST", "/api/users", new_agent)
    assert first.status_code == 201
    assert replayed(first, caller.ask("POST", "/api/users", new_agent))
    narrowed = caller.guarded.token(caller.token, boards=[caller.board])
    problem(caller.ask("POST", "/api/users", new_agent, narrowed), "idempotency-mismatch")

    for path, body, what in (
        ("/api/tokens", {"name": "ci"}, "token"),
        ("/api/users", {"name": f"{name}-2", "kind": "agent"}, "user"),
    ):
        caller.key = uuid.uuid4().hex
        created = caller.ask("POST", path, body).json()
        refusal = problem(caller.ask("POST", path, body), "secret-shown")
        assert refusal["made"][what]["id"] == created[what]["id"], "so that it can be taken back"
        assert created["secret"] not in json.dumps(refusal)
        problem(caller.ask("POST", path, body, narrowed), "idempotency-mismatch")

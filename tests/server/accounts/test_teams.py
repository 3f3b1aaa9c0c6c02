"""A board may be opened to a team, so only an admin of the server says who is of one."""

from __future__ import annotations

import uuid

import pytest

from tests.server.rest import problem
from tests.support.people import Guarded


@pytest.fixture
def red() -> str:
    """A team of this test's own."""
    return f"red-{uuid.uuid4().hex[:8]}"


def test_nobody_puts_themselves_into_a_team_nor_an_agent_of_theirs(guarded: Guarded, red: str) -> None:
    name = f"eve-of-{red}"
    eve = guarded.person(name)
    agent_name = f"{name}-agent"
    agent = guarded.agent(eve, agent_name)
    read_only = guarded.token(guarded.root, access="read")
    narrowed = guarded.token(guarded.root, boards=[guarded.board(guarded.root)])
    for token in (eve, agent, read_only, narrowed):
        problem(guarded.ask(token, "PATCH", "/api/me", {"team": red}), "not-allowed")
    for path in (f"/api/users/{name}", f"/api/users/{agent_name}"):
        problem(guarded.ask(eve, "PATCH", path, {"team": red}), "not-allowed")
        problem(guarded.ask(agent, "PATCH", path, {"team": red}), "not-allowed")
    new_agent = {"name": f"{name}-2", "kind": "agent", "team": red}
    problem(guarded.ask(eve, "POST", "/api/users", new_agent), "not-allowed")
    assert all(user["team"] is None for user in guarded.done(eve, "GET", "/api/users"))

    guarded.done(guarded.root, "PATCH", f"/api/users/{name}", {"team": red})
    guarded.done(eve, "PATCH", "/api/me", {"team": red, "theme": "dark"})  # what is so already is no change
    problem(guarded.ask(eve, "PATCH", "/api/me", {"team": None}), "not-allowed")
    assert guarded.done(guarded.root, "POST", "/api/users", {**new_agent, "owner": name})["user"]["team"] == red


def test_a_board_is_opened_to_a_team_by_an_admin_of_the_server_only(guarded: Guarded, red: str) -> None:
    owner, member = (guarded.person(f"{name}-of-{red}", team=red) for name in ("ann", "max"))
    board = guarded.board(owner)
    whole_team = {"team": red, "role": "user"}
    problem(guarded.ask(owner, "POST", f"/api/boards/{board}/members", whole_team), "not-allowed")
    problem(guarded.ask(member, "GET", f"/api/boards/{board}"), "not-found")
    for scope in ({"access": "read"}, {"boards": [board]}):
        narrowed = guarded.token(guarded.root, **scope)
        problem(guarded.ask(narrowed, "POST", f"/api/boards/{board}/members", whole_team), "not-allowed")
    guarded.done(guarded.root, "POST", f"/api/boards/{board}/members", whole_team)
    guarded.done(member, "GET", f"/api/boards/{board}")

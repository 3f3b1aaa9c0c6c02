"""How many tokens, agents and boards a person may make."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.people import Guarded, first_admin
from tests.support.servers import running

TOKENS, AGENTS, BOARDS = 6, 2, 3
_new = itertools.count()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def small(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Guarded]:
    """A server where a person may make little."""
    database = databases.make(request.param, request.config)
    root = first_admin(database)
    most = {
        "KANBAN_TOKENS_PER_PERSON": str(TOKENS),
        "KANBAN_AGENTS_PER_PERSON": str(AGENTS),
        "KANBAN_BOARDS_PER_PERSON": str(BOARDS),
    }
    with running(database, **most) as server:
        yield Guarded(server, root)


def name() -> str:
    return f"name-{next(_new)}"


def over(response: Any, what: str, limit: int) -> None:
    """The refusal of one too many."""
    refusal = problem(response, "quota-exceeded")
    assert (refusal["what"], refusal["limit"], refusal["count"]) == (what, limit, limit)
    assert refusal["fix"]


def test_a_person_makes_so_many_boards_and_more_once_one_is_deleted(small: Guarded) -> None:
    ann = small.person(name())
    agent = small.agent(ann, name())
    boards = [small.board(token) for token in (ann, ann, agent)]
    small.member(small.root, small.board(small.root), small.done(ann, "GET", "/api/me")["name"], "admin")
    for token in (ann, agent):
        over(small.ask(token, "POST", "/api/boards", {"name": "One more"}), "boards", BOARDS)
    small.done(ann, "DELETE", f"/api/boards/{boards[0]}")
    small.board(ann)
    small.board(small.person(name()))
    for _ in range(BOARDS + 1):
        small.board(small.root)  # admins of the server have no quota


def test_a_person_has_so_many_agents_and_more_once_one_is_disabled(small: Guarded) -> None:
    bob = small.person(name())
    invite = small.done(bob, "POST", "/api/invites", {})["secret"]
    first, second, third = name(), name(), name()
    small.agent(bob, first)
    small.agent(bob, second)
    body = {"name": third, "kind": "agent"}
    over(small.ask(bob, "POST", "/api/users", body), "agents", AGENTS)
    over(small.ask(None, "POST", "/api/join", {"invite": invite, "name": third}), "agents", AGENTS)
    small.done(bob, "PATCH", f"/api/users/{first}", {"disabled": True})
    assert small.ask(None, "POST", "/api/join", {"invite": invite, "name": third}).status_code == 201
    over(small.ask(bob, "PATCH", f"/api/users/{first}", {"disabled": False}), "agents", AGENTS)
    owner = small.done(bob, "GET", "/api/me")["name"]
    small.done(small.root, "POST", "/api/users", {"name": name(), "kind": "agent", "owner": owner})


def test_a_person_and_their_agents_have_so_many_tokens_and_more_once_one_is_revoked(small: Guarded) -> None:
    cleo = small.person(name())
    small.agent(cleo, agent := name())
    while len(small.done(cleo, "GET", "/api/tokens")) < TOKENS:
        small.token(cleo, user=agent)
    for user in (None, agent):
        over(small.ask(cleo, "POST", "/api/tokens", {"name": "more", "user": user}), "tokens", TOKENS)
    over(small.ask(cleo, "POST", "/api/users", {"name": name(), "kind": "agent"}), "tokens", TOKENS)
    small.done(cleo, "POST", "/api/users", {"name": name(), "kind": "agent", "token": False})
    small.done(cleo, "DELETE", f"/api/tokens/{small.done(cleo, 'GET', '/api/tokens')[-1]['id']}")
    small.token(cleo)


def test_of_many_at_once_no_more_are_made_than_may_be(small: Guarded) -> None:
    dora = small.person(name())
    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(lambda _: small.ask(dora, "POST", "/api/boards", {"name": "Many"}), range(12)))
        secrets = list(pool.map(lambda _: small.ask(dora, "POST", "/api/tokens", {"name": "many"}), range(12)))
    assert sorted(response.status_code for response in created) == [201] * BOARDS + [409] * (12 - BOARDS)
    assert sorted(response.status_code for response in secrets) == [201] * (TOKENS - 1) + [409] * (13 - TOKENS)

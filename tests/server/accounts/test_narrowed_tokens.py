"""A narrowed token is shown itself, its user, and what is on its boards: nothing else of its user, and nobody else."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.people import Guarded, stream


@dataclass
class Scene:
    """Somebody with two boards, an agent and several tokens, one of which is for the first board only."""

    guarded: Guarded
    wide: str
    narrowed: str
    name: str
    here: int
    there: int
    mark: str

    def get(self, path: str) -> Any:
        return self.guarded.done(self.narrowed, "GET", path)


KINDS = ("person", "agent", "admin")


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, databases: Databases) -> Guarded:
    return databases.guarded(request.param, request.config)


@pytest.fixture(params=KINDS)
def scene(request: pytest.FixtureRequest, server: Guarded) -> Scene:
    mark = uuid.uuid4().hex[:8]
    owner_name, name = f"owner-{mark}", f"narrow-{mark}"
    owner = server.person(owner_name, role="admin" if request.param == "admin" else "user")
    wide = server.agent(owner, name) if request.param == "agent" else owner
    here, there = server.board(server.root, f"Here {mark}"), server.board(server.root, f"There {mark}")
    for board, other in ((here, f"beside-{mark}"), (there, f"hidden-{mark}")):
        if request.param != "admin":
            server.member(server.root, board, owner_name)
        server.person(other)
        server.member(server.root, board, other)
    server.agent(owner, f"other-agent-{mark}")
    user = name if request.param == "agent" else owner_name
    narrowed = server.token(owner, user=user, boards=[here])
    return Scene(server, wide, narrowed, user, here, there, mark)


def test_of_users_it_is_shown_its_own_and_those_of_its_boards(scene: Scene) -> None:
    shown = {user["name"] for user in scene.get("/api/users")}
    assert {scene.name, f"beside-{scene.mark}"} <= shown
    assert f"hidden-{scene.mark}" not in shown
    if scene.name.startswith("owner") and scene.get("/api/me")["role"] == "admin":
        assert f"other-agent-{scene.mark}" not in shown, "the admin's agents are not on the board"
    problem(scene.guarded.ask(scene.narrowed, "GET", f"/api/users/hidden-{scene.mark}"), "not-found")
    assert scene.get("/api/me")["name"] == scene.name


def test_of_tokens_it_is_shown_itself(scene: Scene) -> None:
    for query in ("", f"?user={scene.name}"):
        (own,) = scene.get(f"/api/tokens{query}")
        assert (own["boards"], own["user"]) == ([scene.here], scene.name)
    refused = scene.guarded.ask(scene.narrowed, "GET", f"/api/tokens?user=other-agent-{scene.mark}")
    assert refused.status_code in {403, 404}
    problem(scene.guarded.ask(scene.narrowed, "GET", "/api/tokens?user=*"), "not-allowed")
    assert scene.get("/api/session")["boards"] == [scene.here]


@pytest.mark.parametrize("access", ["read", "write"])
def test_a_browser_that_logged_in_with_it_sees_no_more(scene: Scene, access: str) -> None:
    log_in = scene.guarded.ask(None, "POST", "/api/session", {"token": scene.narrowed})
    scene.guarded.rest(None).cookies.clear()
    headers = {"Cookie": f"kanban_session={log_in.cookies['kanban_session']}"}
    rest = scene.guarded.rest(None)
    assert [token["boards"] for token in rest.get("/api/tokens", headers=headers).json()] == [[scene.here]]
    assert f"hidden-{scene.mark}" not in rest.get("/api/users", headers=headers).text


def test_a_token_for_reading_is_shown_itself_too(server: Guarded) -> None:
    person = server.person(f"reader-{uuid.uuid4().hex[:8]}")
    server.agent(person, f"reader-agent-{uuid.uuid4().hex[:8]}")
    reading = server.token(person, access="read")
    assert [token["access"] for token in server.done(reading, "GET", "/api/tokens")] == ["read"]
    assert len(server.done(person, "GET", "/api/tokens")) == 3


def test_of_the_inbox_and_of_presence_it_is_shown_its_boards(scene: Scene) -> None:
    root = scene.guarded.root
    for board in (scene.here, scene.there):
        ticket = scene.guarded.ticket(root, board)
        scene.guarded.done(root, "POST", "/api/comments", {"ticket_id": ticket, "text": f"@{scene.name} look"})
        scene.guarded.done(root, "POST", f"/api/tickets/{ticket}/claim", {})
    inbox = scene.get("/api/inbox")
    assert ([item["board_id"] for item in inbox["items"]], inbox["total"]) == ([scene.here], 1)
    assert list(inbox["cursors"]) == [str(scene.here)]
    scene.guarded.done(scene.narrowed, "POST", "/api/inbox/read", {})
    left = scene.guarded.done(scene.wide, "GET", "/api/inbox")["items"]
    assert [item["board_id"] for item in left] == [scene.there], "what it can not see, it does not mark as read"
    assert {board["board_id"] for board in scene.get("/api/presence")["boards"]} == {scene.here}
    problem(scene.guarded.ask(scene.narrowed, "GET", f"/api/boards/{scene.there}/presence"), "not-found")


def test_it_hears_nothing_of_other_boards(scene: Scene) -> None:
    following = stream(scene.guarded, Authorization=f"Bearer {scene.narrowed}")
    assert json.loads(following.recv(timeout=10))["event"] == "connected"
    scene.guarded.board(scene.guarded.root, "Made meanwhile")
    scene.guarded.ticket(scene.guarded.root, scene.there)
    scene.guarded.ticket(scene.guarded.root, scene.here)
    while (message := json.loads(following.recv(timeout=10)))["event"] == "presence":
        assert message["board_id"] == scene.here
    assert (message["event"], message["board_id"]) == ("ticket_created", scene.here)
    following.close()

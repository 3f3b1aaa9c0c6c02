"""Every route for every kind of asker: a board that one may not see is not there, in any of them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, WebSocketRoute
from starlette.routing import Route as HttpRoute
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from kanban_server.app import create_app
from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from tests.server.accounts.access_table import ASKERS, ON_POSTGRESQL, PROTOCOLS, RIGHTS, ROUTES, SOCKETS, Route
from tests.support.databases import Databases
from tests.support.people import Guarded


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def guarded(request: pytest.FixtureRequest, databases: Databases) -> Guarded:
    """A server with users, over either database."""
    return databases.guarded(request.param, request.config)


class Scene:
    """A board with a ticket, a comment and a claim, and one asker of each kind."""

    def __init__(self, guarded: Guarded) -> None:
        self.guarded = guarded
        self._new = itertools.count()
        board_admin, member, spare = (guarded.person(name) for name in ("boss", "mia", "spare"))
        self.board = guarded.board(board_admin, "Secret")
        for name, role in (("mia", "user"), ("wim", "viewer"), ("sue", "user"), ("spare", "user")):
            if name in {"wim", "sue"}:
                guarded.person(name, role="viewer" if name == "sue" else "user")
            guarded.member(board_admin, self.board, name, role)
        disabled = guarded.person("gone")
        guarded.member(board_admin, self.board, "gone")
        other = guarded.board(member, "Another")
        self.tokens: dict[str, str | None] = {
            "admin": guarded.root,
            "board-admin": board_admin,
            "member": member,
            "watcher": self._token_of("wim"),
            "server-viewer": self._token_of("sue"),
            "agent": guarded.agent(member, "mia-bot"),
            "read-only": guarded.token(member, access="read"),
            "elsewhere": guarded.token(member, boards=[other]),
            "outsider": guarded.person("out"),
            "disabled": disabled,
            "anonymous": None,
        }
        guarded.done(guarded.root, "PATCH", "/api/users/gone", {"disabled": True})
        self.member, self.board_admin = member, board_admin
        self.spare_id = guarded.done(spare, "GET", "/api/me")["id"]
        assert guarded.rest(spare).put("/api/me/avatar", content=b"\x89PNG\r\n\x1a\n").is_success
        self.ticket = guarded.ticket(board_admin, self.board, acceptance_criteria="one")
        self.held = guarded.ticket(board_admin, self.board)
        guarded.done(board_admin, "POST", f"/api/tickets/{self.held}/claim", {})

    def _token_of(self, name: str) -> str:
        created = self.guarded.done(self.guarded.root, "POST", "/api/tokens", {"name": "t", "user": name})
        return str(created["secret"])

    def ask(self, viewer: str, key: str, route: Route) -> httpx.Response:
        """The route's request, by this asker, on things that are there."""
        fresh = self._fresh(key)
        path = route.path.format(**fresh)
        body = json.loads(json.dumps(route.body), object_hook=lambda node: _filled(node, fresh))
        if isinstance(body, list):
            body = _filled({"": body}, fresh)[""]
        rest = self.guarded.rest(self.tokens[viewer])
        method = key.partition(" ")[0].replace("MOUNT", "GET")
        with rest.stream(method, path, json=body, headers=route.headers) as response:
            if "event-stream" not in response.headers.get("content-type", ""):
                response.read()
            return response

    def _fresh(self, key: str) -> dict[str, Any]:
        """What requests may name, new where the request would use it up."""
        created: dict[str, Any] = {
            "board": self.board, "ticket": self.ticket, "held": self.held, "member": "mia", "spare": "spare",
            "spare_id": self.spare_id, "member_token": self.member, "new": f"new-{next(self._new)}",
        }  # fmt: skip
        if "{comment}" in ROUTES[key].path:
            text = {"ticket_id": self.ticket, "text": "hello"}
            created["comment"] = self.guarded.done(self.board_admin, "POST", "/api/comments", text)["id"]
        if "{file}" in ROUTES[key].path:
            created["file"] = f"{created['new']}.txt"
            path = f"/api/tickets/{self.ticket}/files?name={created['file']}"
            assert self.guarded.rest(self.board_admin).post(path, content=b"hello").is_success
        if "{token}" in ROUTES[key].path:
            self.guarded.token(self.member)
            created["token"] = self.guarded.done(self.member, "GET", "/api/tokens?user=mia")[-1]["id"]
        if "members/{spare}" in ROUTES[key].path:
            self.guarded.member(self.board_admin, self.board, "spare")
        return created


def _filled(node: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    def fill(value: Any) -> Any:
        if isinstance(value, list):
            return [fill(one) for one in value]
        if isinstance(value, str) and value.startswith("{"):
            return fresh[value[1:-1]]
        return value

    return {name: fill(value) for name, value in node.items()}


@pytest.fixture(scope="session")
def scene(guarded: Guarded) -> Scene:
    return Scene(guarded)


def outcome(response: httpx.Response) -> str:
    """What became of a request, as the table says it."""
    if response.status_code not in {401, 403, 404}:
        assert response.status_code < 500, response.text
        return "in"
    problem = response.json()
    if problem["type"] == "not-author" or problem.get("what") in {"base of board", "webhook"}:
        return "in"  # it was seen, and is somebody else's; or it was seen that there is none
    assert problem["type"] in {"not-authenticated", "not-allowed", "not-found"}, problem
    return str(response.status_code)


def routes(tmp: Path) -> Iterator[str]:
    """All that the application answers to."""
    driver = driver_for(Settings(database_url=str(tmp / "kanban.db")))
    for route in create_app(Settings(), driver).routes:
        if isinstance(route, Mount):
            yield f"MOUNT {route.path}"
        elif isinstance(route, WebSocketRoute):
            yield f"WEBSOCKET {route.path}"
        elif isinstance(route, HttpRoute):
            for method in (route.methods or {"*"}) - {"HEAD"}:
                yield f"{method} {route.path}"
        else:  # a FastAPI route is no Starlette one
            for method in getattr(route, "methods", None) or {"WEBSOCKET"}:
                yield f"{method} {getattr(route, 'path', route)}"
    driver.release()


def test_no_route_and_no_asker_is_left_out(tmp_path: Path) -> None:
    known = {" ".join(key.split(" ")[:2]) for key in ROUTES}
    known |= {f"WEBSOCKET {path}" for path in SOCKETS} | {f"* {path}" for path in PROTOCOLS}
    assert set(routes(tmp_path)) == known, "a route needs a row in tests/server/accounts/access_table.py"
    assert {route.right for route in ROUTES.values()} <= RIGHTS.keys()
    assert all(cells.keys() == set(ASKERS) for cells in RIGHTS.values())


@pytest.mark.parametrize("key", ROUTES)
def test_a_route_lets_in_whom_it_should(scene: Scene, key: str) -> None:
    if scene.guarded.server.database.startswith("postgresql") and key not in ON_POSTGRESQL:
        pytest.skip("a look-up of a kind that other rows stand for")
    route = ROUTES[key]
    expected = RIGHTS[route.right]
    assert {viewer: outcome(scene.ask(viewer, key, route)) for viewer in ASKERS} == expected


def test_what_may_not_be_seen_is_told_like_what_is_not_there(scene: Scene, guarded: Guarded) -> None:
    outsider = scene.tokens["outsider"]
    ticket = guarded.ticket(scene.member, scene.board)
    comment = guarded.done(scene.member, "POST", "/api/comments", {"ticket_id": ticket, "text": "hello"})["id"]
    for method, path, body in (
        ("GET", "/api/boards/{}", None),
        ("DELETE", "/api/boards/{}", None),
        ("GET", "/api/tickets?board_id={}", None),
        ("GET", "/api/boards/{}/events", None),
        ("POST", "/api/boards/{}/members", {"user": "out"}),
    ):
        bodies = [guarded.ask(outsider, method, path.format(id), body).text for id in (scene.board, 987_654)]
        assert bodies[0].replace(str(scene.board), "987654") == bodies[1]
    for method, path, body in (
        ("GET", "/api/tickets/{}", None),
        ("DELETE", "/api/tickets/{}", None),
        ("POST", "/api/tickets/{}/move", {"column": "Done"}),
        ("GET", "/api/comments/ticket/{}", None),
        ("GET", "/api/history/tickets/{}/history", None),
    ):
        bodies = [guarded.ask(outsider, method, path.format(id), body).text for id in (ticket, 987_654)]
        assert bodies[0].replace(f" {ticket}.", " 987654.").replace(f'"id":{ticket}', '"id":987654') == bodies[1]
    bodies = [guarded.ask(outsider, "DELETE", f"/api/comments/{id}").text for id in (comment, 987_654)]
    assert bodies[0].replace(f" {comment}.", " 987654.").replace(f'"id":{comment}', '"id":987654') == bodies[1]


def test_lists_show_only_what_may_be_seen(scene: Scene, guarded: Guarded) -> None:
    names = {
        viewer: {board["name"] for board in guarded.done(token, "GET", "/api/boards")}
        for viewer, token in scene.tokens.items()
        if viewer not in {"disabled", "anonymous"}
    }
    for viewer in ("admin", "board-admin", "member", "watcher", "server-viewer", "agent", "read-only"):
        assert "Secret" in names[viewer], viewer
    assert names["elsewhere"] == {"Another"}
    assert "Secret" not in names["outsider"]
    assert "My First Board" not in names["member"]
    beside = {user["name"] for user in guarded.done(scene.member, "GET", "/api/users")}
    assert {"boss", "mia", "mia-bot", "wim"} <= beside
    assert not {"out", "root"} & beside


@pytest.mark.parametrize("viewer", ["boss", "root"])
def test_a_token_for_some_boards_shows_nobody_of_others(scene: Scene, guarded: Guarded, viewer: str) -> None:
    other = guarded.board(scene.board_admin)
    guarded.member(scene.board_admin, other, "out")
    owner = guarded.root if viewer == "root" else scene.board_admin
    for board, shown, hidden in ((scene.board, "mia", "out"), (other, "out", "mia")):
        token = guarded.token(owner, boards=[board])
        names = {user["name"] for user in guarded.done(token, "GET", "/api/users")}
        assert {viewer, shown} <= names
        assert hidden not in names
        assert guarded.ask(token, "GET", f"/api/users/{shown}").is_success
        assert guarded.ask(token, "GET", f"/api/users/{hidden}").json()["type"] == "not-found"
    guarded.done(scene.board_admin, "DELETE", f"/api/boards/{other}")


@pytest.mark.parametrize("viewer", ASKERS)
def test_a_socket_is_for_those_who_may_see_the_board(scene: Scene, guarded: Guarded, viewer: str) -> None:
    token = scene.tokens[viewer]
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = f"{guarded.server.url.replace('http', 'ws')}/ws/connect?board_id={scene.board}"
    with connect(url, additional_headers=headers) as socket:
        first = json.loads(socket.recv(timeout=10))
        expected = RIGHTS["see"][viewer]
        assert first["event"] == ("connected" if expected == "in" else "error")
        if expected != "in":
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=10)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == {"404": 4410, "401": 4401}[expected]


@pytest.mark.parametrize("viewer", ASKERS)
def test_the_tools_for_agents_show_what_may_be_seen(scene: Scene, guarded: Guarded, viewer: str) -> None:
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "board_state", "arguments": {"board": scene.board}},
    }
    response = guarded.ask(scene.tokens[viewer], "POST", "/mcp", call)
    expected = RIGHTS["see"][viewer]
    if expected == "401":
        assert response.status_code == 401
        return
    result = response.json()["result"]
    assert result.get("isError", False) == (expected != "in"), result
    if expected != "in":
        assert "not-found" in response.text

"""A server with users: who is who on it, and what they show."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from kanban_sdk.wire.user_bodies import UserWanted
from kanban_server.actions import boards, users
from kanban_server.rules.actors import SYSTEM_ACTOR
from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from kanban_server.store.maintenance import offline
from kanban_server.store.transaction import Transaction
from tests.support.servers import Server

Json = dict[str, Any]
AT_ONCE = 5.0
"""Seconds within which a right that ended has to be of no use any more."""


def first_admin(database: str, name: str = "root") -> str:
    """Make board 1 and the first admin of a migrated database that no server has; their token."""
    driver = driver_for(Settings(database_url=database))

    def make(tx: Transaction) -> str | None:
        boards.create_first(tx)
        return users.create(tx, SYSTEM_ACTOR, UserWanted(name, role="admin")).secret

    try:
        secret = offline.run_change(driver, make)
    finally:
        driver.release()
    assert secret is not None
    return secret


@dataclass
class Guarded:
    """A server with users, and the token of its first admin, `root`."""

    server: Server
    root: str
    clients: dict[str | None, httpx.Client] = field(default_factory=dict)

    def rest(self, token: str | None) -> httpx.Client:
        """Bare HTTP with a token, or with none."""
        if token not in self.clients:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            self.clients[token] = httpx.Client(base_url=self.server.url, headers=headers, timeout=30, verify=False)
        return self.clients[token]

    def ask(self, token: str | None, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """One request."""
        return self.rest(token).request(method, path, json=body, **more)

    def done(self, token: str | None, method: str, path: str, body: Any = None) -> Any:
        """What a request gave that was carried out."""
        response = self.ask(token, method, path, body)
        assert response.is_success, response.text
        return response.json()

    def person(self, name: str, **fields: Any) -> str:
        """A new person; their token."""
        made: Json = self.done(self.root, "POST", "/api/users", {"name": name, **fields})
        return str(made["secret"])

    def agent(self, owner: str, name: str) -> str:
        """A new agent of the person whose token it is; its token."""
        made: Json = self.done(owner, "POST", "/api/users", {"name": name, "kind": "agent"})
        return str(made["secret"])

    def token(self, owner: str, **scope: Any) -> str:
        """Another token of the person whose token it is."""
        made: Json = self.done(owner, "POST", "/api/tokens", {"name": "another", **scope})
        return str(made["secret"])

    def leave_one_admin(self) -> None:
        """Take the role of an admin from everybody but `root`: other tests may have made some."""
        for user in self.done(self.root, "GET", "/api/users"):
            if user["role"] == "admin" and user["name"] != "root":
                self.done(self.root, "PATCH", f"/api/users/{user['name']}", {"role": "user"})

    def board(self, owner: str, name: str = "A board") -> int:
        """A new board, of which the person is an admin."""
        return int(self.done(owner, "POST", "/api/boards", {"name": name})["id"])

    def ticket(self, owner: str, board: int, **fields: Any) -> int:
        """A new ticket."""
        return int(self.done(owner, "POST", "/api/tickets", {"title": "A ticket", "board_id": board, **fields})["id"])

    def member(self, admin: str, board: int, name: str, role: str = "user") -> None:
        """Make somebody a member of a board."""
        self.done(admin, "POST", f"/api/boards/{board}/members", {"user": name, "role": role})


def stream(guarded: Guarded, path: str = "", **headers: str) -> ClientConnection:
    """A WebSocket that has just been asked for."""
    url = f"{guarded.server.url.replace('http', 'ws')}/ws/connect{path}"
    return connect(url, additional_headers=headers).__enter__()


def closing_code(socket: ClientConnection) -> int:
    """The code with which the server ends a socket, whatever it says before."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=AT_ONCE)
    assert socket.close_code is not None
    return socket.close_code

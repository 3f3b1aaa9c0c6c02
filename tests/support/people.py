"""A server with users: their identities and tokens."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from kanban_sdk.wire.bodies.user_bodies import NewUserRequest
from kanban_server.actions import boards
from kanban_server.actions.accounts import users
from kanban_server.rules.actors import SYSTEM_ACTOR
from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from kanban_server.store.maintenance import offline
from kanban_server.store.transaction import Transaction
from tests.support.servers import Server

Json = dict[str, Any]
AT_ONCE = 5.0
"""Seconds within which a revoked right must have no effect any more."""


def first_admin(database: str, name: str = "root") -> str:
    """Create board 1 and the first admin in a migrated database without a server; return the admin's token."""
    driver = driver_for(Settings(database_url=database))

    def make(tx: Transaction) -> str | None:
        boards.create_first(tx)
        return users.create(tx, SYSTEM_ACTOR, NewUserRequest(name, role="admin")).secret

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
        """Return an HTTP client with a token, or without one."""
        if token not in self.clients:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            self.clients[token] = httpx.Client(base_url=self.server.url, headers=headers, timeout=30, verify=False)
        return self.clients[token]

    def ask(self, token: str | None, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send one request."""
        return self.rest(token).request(method, path, json=body, **more)

    def done(self, token: str | None, method: str, path: str, body: Any = None) -> Any:
        """Send a request that must succeed; return its body."""
        response = self.ask(token, method, path, body)
        assert response.is_success, response.text
        return response.json()

    def person(self, name: str, **fields: Any) -> str:
        """Create a person; return their token."""
        created: Json = self.done(self.root, "POST", "/api/users", {"name": name, **fields})
        return str(created["secret"])

    def agent(self, owner: str, name: str) -> str:
        """Create an agent of the person whose token is `owner`; return its token."""
        created: Json = self.done(owner, "POST", "/api/users", {"name": name, "kind": "agent"})
        return str(created["secret"])

    def token(self, owner: str, **scope: Any) -> str:
        """Create another token of the person whose token is `owner`."""
        created: Json = self.done(owner, "POST", "/api/tokens", {"name": "another", **scope})
        return str(created["secret"])

    def leave_one_admin(self) -> None:
        """Remove the admin role from everybody but `root`: other tests may have created admins."""
        for user in self.done(self.root, "GET", "/api/users"):
            if user["role"] == "admin" and user["name"] != "root":
                self.done(self.root, "PATCH", f"/api/users/{user['name']}", {"role": "user"})

    def board(self, owner: str, name: str = "A board") -> int:
        """Create a board of which the person is an admin."""
        return int(self.done(owner, "POST", "/api/boards", {"name": name})["id"])

    def ticket(self, owner: str, board: int, **fields: Any) -> int:
        """Create a ticket."""
        return int(self.done(owner, "POST", "/api/tickets", {"title": "A ticket", "board_id": board, **fields})["id"])

    def member(self, admin: str, board: int, name: str, role: str = "user") -> None:
        """Make a user a member of a board."""
        self.done(admin, "POST", f"/api/boards/{board}/members", {"user": name, "role": role})


def stream(guarded: Guarded, path: str = "", **headers: str) -> ClientConnection:
    """Open a WebSocket."""
    url = f"{guarded.server.url.replace('http', 'ws')}/ws/connect{path}"
    return connect(url, additional_headers=headers).__enter__()


def closing_code(socket: ClientConnection) -> int:
    """Return the code with which the server closes a socket, skipping earlier messages."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=AT_ONCE)
    assert socket.close_code is not None
    return socket.close_code

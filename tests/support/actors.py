"""Every kind of actor for which a promise has to hold, each with its own board."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import pytest

from kanban_sdk import Kanban
from tests.support.databases import Databases
from tests.support.servers import Server

WRITERS = ("open", "server admin", "board admin", "member", "agent", "narrowed token")
"""Kinds that may change tickets. `open` is any user of a server without users; `agent` is an agent of a member;
`narrowed token` is a member's token that is valid for one board only.
"""
ACTORS = (*WRITERS, "viewer")
"""All kinds; `viewer` is a member of the board who may only read it."""
ON_BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
"""The databases, for `@pytest.mark.parametrize("actor_database", ON_BOTH)`."""


@dataclass
class Actor:
    """An actor of a kind, on a new board with the usual columns."""

    kind: str
    name: str
    server: Server
    board: int
    token: str | None
    """Token of the actor; None on the open server."""
    admin_token: str | None
    """Token of an admin of the server; None on the open server."""
    _closing: ExitStack = field(default_factory=ExitStack)

    @property
    def writes(self) -> bool:
        """Whether the actor may change tickets of the board."""
        return self.kind in WRITERS

    def kanban(self) -> Kanban:
        """Return a client of the actor."""
        user = self.name if self.token is None else None
        return self._closing.enter_context(self.server.kanban(user, token=self.token))

    def admin(self) -> Kanban:
        """Return a client that sees and changes everything: an admin's, or any user's on the open server."""
        user = "root" if self.admin_token is None else None
        return self._closing.enter_context(self.server.kanban(user, token=self.admin_token))

    def rest(self) -> httpx.Client:
        """Return an HTTP client of the actor."""
        headers = {"X-Kanban-User": self.name} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        return self._closing.enter_context(httpx.Client(base_url=self.server.url, headers=headers, timeout=30))

    def close(self) -> None:
        """Close the clients that were created."""
        self._closing.close()


def make_actor(databases: Databases, config: pytest.Config, kind: str, database: str) -> Actor:
    """Create an actor of a kind on the server of its kind that all tests share."""
    name = f"{kind.replace(' ', '-')}-{uuid.uuid4().hex[:8]}"
    title = f"Board of {name}"
    if kind == "open":
        server = databases.server(database, config)
        with server.kanban("root") as kanban:
            return Actor(kind, name, server, kanban.boards.create(title).id, None, None)
    guarded = databases.guarded(database, config)
    root = guarded.root
    if kind == "server admin":
        token = guarded.person(name, role="admin")
        return Actor(kind, name, guarded.server, guarded.board(root, title), token, root)
    person = guarded.person(f"owner-of-{name}" if kind == "agent" else name)
    if kind == "board admin":
        return Actor(kind, name, guarded.server, guarded.board(person, title), person, root)
    board = guarded.board(root, title)
    owner = f"owner-of-{name}" if kind == "agent" else name
    guarded.member(root, board, owner, "viewer" if kind == "viewer" else "user")
    token = person
    if kind == "agent":
        token = guarded.agent(person, name)
    elif kind == "narrowed token":
        token = guarded.token(person, boards=[board])
    return Actor(kind, name, guarded.server, board, token, root)


@pytest.fixture
def actor_database() -> str:
    """Database of the actor's server; parametrize it with `ON_BOTH` for PostgreSQL too."""
    return "sqlite"


@pytest.fixture(params=ACTORS)
def actor(
    request: pytest.FixtureRequest, databases: Databases, pytestconfig: pytest.Config, actor_database: str
) -> Iterator[Actor]:
    """Each kind of actor, viewers too, with its own board."""
    created = make_actor(databases, pytestconfig, request.param, actor_database)
    yield created
    created.close()


@pytest.fixture(params=WRITERS)
def writer(
    request: pytest.FixtureRequest, databases: Databases, pytestconfig: pytest.Config, actor_database: str
) -> Iterator[Actor]:
    """Each kind of actor that may change tickets, with its own board."""
    created = make_actor(databases, pytestconfig, request.param, actor_database)
    yield created
    created.close()


@pytest.fixture
def viewer(databases: Databases, pytestconfig: pytest.Config, actor_database: str) -> Iterator[Actor]:
    """A member of a board who may only read it."""
    created = make_actor(databases, pytestconfig, "viewer", actor_database)
    yield created
    created.close()

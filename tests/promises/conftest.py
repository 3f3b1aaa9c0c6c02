"""Fixtures: actors and the tickets that they change."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.promises.ways import Pair, new_pair
from tests.support.actors import Actor, make_actor
from tests.support.databases import Databases


@pytest.fixture
def actor(databases: Databases, pytestconfig: pytest.Config, kind: str, on: str) -> Iterator[Actor]:
    """An actor of a kind, with a board of its own on a server with that database."""
    created = make_actor(databases, pytestconfig, kind, on)
    yield created
    created.close()


@pytest.fixture
def admin(actor: Actor) -> Iterator[httpx.Client]:
    """HTTP client of an admin of the actor's server, for checks."""
    headers = {"Authorization": f"Bearer {actor.admin_token}"} if actor.admin_token else {"X-Kanban-User": "root"}
    with httpx.Client(base_url=actor.server.url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def pair(actor: Actor, admin: httpx.Client) -> Pair:
    """Two tickets of the actor's board."""
    return new_pair(admin, actor.board)

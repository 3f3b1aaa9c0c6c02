"""Several servers on one PostgreSQL, with a Redis between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.instances import instances
from tests.support.databases import Databases
from tests.support.servers import Server
from tests.support.services import Redis, own_redis


@pytest.fixture(scope="package")
def redis() -> Iterator[Redis]:
    with own_redis() as own:
        yield own


@pytest.fixture(scope="package")
def servers(databases: Databases, pytestconfig: pytest.Config, redis: Redis) -> Iterator[list[Server]]:
    """Three servers of one database; a test that kills one starts it again."""
    database = databases.make("postgresql", pytestconfig)
    with instances(database, 3, KANBAN_REDIS_URL=redis.url, KANBAN_PRESENCE_SECONDS="1.5") as started:
        yield started

"""Boards in databases that no server has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from kanban_server.store.drivers import Driver
from tests.support.databases import Databases
from tests.support.desk import Desk


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def driver(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Driver]:
    """A database that these tests share."""
    driver = driver_for(Settings(database_url=databases.make(request.param, request.config)))
    yield driver
    driver.release()


@pytest.fixture
def desk(driver: Driver) -> Desk:
    """A board of one's own."""
    return Desk(driver)

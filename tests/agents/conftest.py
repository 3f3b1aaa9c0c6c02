"""Programs that are agents are tested with the fixtures that the SDK has for them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator

import pytest

from kanban_sdk import Kanban
from kanban_sdk.testing import KanbanServer, kanban, kanban_board, kanban_server, own_kanban_server

__all__ = ["kanban", "kanban_board", "kanban_server", "own_kanban_server"]

Require = Callable[[str], None]
"""Skips the test if a library of the dependency group `agents` is absent; with --agents, fails."""


@pytest.fixture
def require(pytestconfig: pytest.Config) -> Require:
    """For tests of libraries that may be absent."""

    def check(package: str) -> None:
        if importlib.util.find_spec(package) is None:
            reason = f"{package} is not installed (scripts/adapters installs it)"
            pytest.fail(reason) if pytestconfig.getoption("--agents") else pytest.skip(reason)

    return check


@pytest.fixture(scope="module")
def robot(kanban_server: KanbanServer) -> Iterator[Kanban]:
    """The client of the worker, whose user is not the test's."""
    with kanban_server.client("robot") as client:
        yield client

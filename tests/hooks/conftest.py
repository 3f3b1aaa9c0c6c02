"""A server and a board for the sessions of agent programs."""

from __future__ import annotations

from tests.cli.conftest import kanban, own, own_sqlite, sdk, sqlite

__all__ = ["kanban", "own", "own_sqlite", "sdk", "sqlite"]

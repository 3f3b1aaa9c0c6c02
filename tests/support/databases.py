"""Databases and servers shared by all tests."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import pytest

from tests.support.people import Guarded, first_admin
from tests.support.servers import Server, migrated, postgres_database, postgres_missing, running


class Databases:
    """Creates databases that last as long as the test session: copies of one that the real migrations created."""

    def __init__(self, folders: pytest.TempPathFactory, stack: ExitStack) -> None:
        self._folders = folders
        self._templates: dict[str, str] = {}
        self._servers: dict[str, Server] = {}
        self._guarded: dict[str, Guarded] = {}
        self.stack = stack

    def make(self, kind: str, config: pytest.Config) -> str:
        """Return the address of a new database without boards; skips if the database is unavailable."""
        if kind == "sqlite":
            template = self._templates.get(kind) or self._templates.setdefault(kind, migrated(self._file()))
            return shutil.copy(template, self._file())
        if kind not in self._templates:
            missing = postgres_missing()
            if missing and config.getoption("--postgres"):
                pytest.fail(f"PostgreSQL is required, and missing: {missing}")
            if missing:
                pytest.skip(f"PostgreSQL: {missing}")
            self._templates[kind] = migrated(self.stack.enter_context(postgres_database()))
        return self.stack.enter_context(postgres_database(self._templates[kind]))

    def server(self, kind: str, config: pytest.Config) -> Server:
        """Return the shared server on a database of this kind, started once per test session."""
        if kind not in self._servers:
            self._servers[kind] = self.stack.enter_context(running(self.make(kind, config)))
        return self._servers[kind]

    def guarded(self, kind: str, config: pytest.Config) -> Guarded:
        """Return the shared server with users on a database of this kind; it listens for other hosts too."""
        if kind not in self._guarded:
            database = self.make(kind, config)
            root = first_admin(database)
            settings = dict.fromkeys(("KANBAN_TOKEN_LIMIT", "KANBAN_LOGIN_LIMIT"), "100000/minute")
            server = self.stack.enter_context(running(database, KANBAN_HOST="0.0.0.0", **settings))
            self._guarded[kind] = Guarded(server, root)
        return self._guarded[kind]

    def _file(self) -> str:
        return str(self._folders.mktemp("sqlite") / "kanban.db")

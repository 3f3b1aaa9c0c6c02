"""Renew PostgreSQL's statistics after imports.

Without statistics a search is planned badly, and a connection keeps plans of when its tables were empty. Autovacuum
renews statistics within a minute or two, where it is on.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing

from kanban_server.store.database import Database
from kanban_server.store.drivers import Driver

log = logging.getLogger("kanban.store")

MIN_TICKETS = 1_000
"""Imported tickets before statistics are renewed for the first time."""
_ANALYZE = "ANALYZE tickets, ticket_labels, ticket_search, dependencies, import_bases, comments, events"
"""All tables that an import fills."""


class Analysis:
    """Renews the statistics after `MIN_TICKETS` imported tickets, and each time that their number has doubled."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._imported = 0
        self._analyzed = 0
        """The number of imported tickets when statistics were last renewed."""
        self._task: asyncio.Task[None] | None = None

    def count_imported(self, tickets: int) -> None:
        """Count imported tickets, and start to renew the statistics if there are enough of them."""
        self._imported += tickets
        if self._database.dialect != "postgresql" or (self._task is not None and not self._task.done()):
            return
        if self._imported - self._analyzed >= max(MIN_TICKETS, self._analyzed):
            self._analyzed = self._imported
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            await self._database.run_in_thread(_analyze)
        except Exception as error:
            log.warning("PostgreSQL's statistics were not renewed after an import: %r", error)


def _analyze(driver: Driver) -> None:
    with closing(driver.writer()) as connection:
        connection.execute(_ANALYZE)

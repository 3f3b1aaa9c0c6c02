"""The application inside somebody else's process."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from pathlib import Path

from kanban_server.app import create_app
from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from kanban_server.store.maintenance.migrate import migrate


def process_settings() -> tuple[object, ...]:
    affinity = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    return gc.get_threshold(), gc.get_freeze_count(), sys.getswitchinterval(), affinity


def test_creating_and_running_the_application_changes_no_setting_of_the_process(tmp_path: Path) -> None:
    settings = Settings(database_url=str(tmp_path / "kanban.db"))
    driver = driver_for(settings)
    migrate(driver)
    before = process_settings()
    app = create_app(settings, driver)

    async def run() -> None:
        async with app.router.lifespan_context(app):
            assert process_settings() == before

    asyncio.run(run())
    assert process_settings() == before

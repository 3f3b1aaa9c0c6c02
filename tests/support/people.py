"""A server with users: who is who on it, and their tokens."""

from __future__ import annotations

from kanban_sdk.wire.user_bodies import UserWanted
from kanban_server.actions import users
from kanban_server.rules.names import THE_SYSTEM
from kanban_server.settings import Settings
from kanban_server.store import alone
from kanban_server.store.database import driver_for


def first_admin(database: str, name: str = "root") -> str:
    """Make the first admin of a migrated database that no server has; their token."""
    driver = driver_for(Settings(database_url=database))
    try:
        made = alone.change(driver, lambda tx: users.create(tx, THE_SYSTEM, UserWanted(name, role="admin")))
    finally:
        driver.release()
    assert made.secret is not None
    return made.secret

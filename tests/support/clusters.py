"""Two PostgreSQL clusters: a primary, and a standby that has every commit before it is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from tests.support.services import Postgres, own_postgres


@dataclass(frozen=True)
class PrimaryAndStandby:
    """A primary with a synchronous standby."""

    primary: Postgres
    standby: Postgres

    @property
    def url(self) -> str:
        """The URL of whichever of both accepts changes."""
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        return f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"

    def synchronous(self) -> bool:
        """Whether the primary waits for the standby."""
        with psycopg.connect(self.primary.url) as connection:
            return connection.execute("SELECT sync_state FROM pg_stat_replication").fetchall() == [("sync",)]


@contextmanager
def primary_and_standby() -> Iterator[PrimaryAndStandby]:
    """Run both for the duration of the block; skips if PostgreSQL is not installed."""
    with own_postgres() as primary, own_postgres(primary) as standby:
        clusters = PrimaryAndStandby(primary, standby)
        with psycopg.connect(primary.url, autocommit=True) as admin:  # after the copy: the standby waits for nobody
            admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            admin.execute("SELECT pg_reload_conf()")
        yield clusters

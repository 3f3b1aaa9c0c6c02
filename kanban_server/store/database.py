"""The database: runs changes and reads, which are plain functions, from asyncio."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import shlex
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy.engine import URL, make_url

from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.metrics import WriteMetrics
from kanban_server.rules.permissions import Viewer
from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings, data_folder
from kanban_server.store import cpu_affinity
from kanban_server.store.drivers import Driver, PostgreSQL, SQLite
from kanban_server.store.preload import NO_NEEDS, Needs
from kanban_server.store.statements import DialectName
from kanban_server.store.transaction import ReadTransaction, Transaction
from kanban_server.store.unit_of_work import Connection
from kanban_server.store.writers import Job, Writers

T = TypeVar("T")

log = logging.getLogger("kanban.store")

_URL_PARAMETERS = re.compile(r"\?\w+=")
"""URL parameters, which other programs read. Here they would be ignored, or become part of a name."""
_SEVERAL_HOSTS = re.compile(r"(?P<before>[^:]+://(?:[^/?]*@)?)(?P<hosts>[^/?@]*,[^/?@]*)(?P<after>.*)")
_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::(?P<port>[0-9]+))?")
_SQLITE_LANE = "the one writer"


def database_url(settings: Settings) -> URL:
    """The URL of the database: as set, or a file in the user's data folder. Raises ValueError if it is unusable."""
    location = settings.database_url
    if not location:
        return URL.create("sqlite", database=str(data_folder() / "kanban.db"))
    if "://" not in location:
        return URL.create("sqlite", database=location)
    scheme, _, rest = location.partition("://")
    if scheme.partition("+")[0] == "sqlite":
        return URL.create("sqlite", database=_sqlite_path(rest))
    url = _parse_url(location)
    if url.get_backend_name() in {"postgresql", "postgres"}:
        return url
    raise ValueError(f"'{url.render_as_string()}' is neither sqlite:///FILE nor postgresql://USER@HOST/NAME.")


def _parse_url(location: str) -> URL:
    """Parse a URL. Several hosts become the parameters `host` and `port`, since SQLAlchemy reads no ports of a list."""
    match = _SEVERAL_HOSTS.fullmatch(location)
    if match is None:
        return make_url(location)
    addresses = [_HOST_AND_PORT.fullmatch(address) for address in match["hosts"].split(",")]
    parts = [address for address in addresses if address is not None]
    if len(parts) < len(addresses):
        raise ValueError(f"'{match['hosts']}' is no list of hosts, such as HOST:5432,HOST:5432.")
    return make_url(match["before"] + match["after"]).update_query_dict(
        {
            "host": ",".join(part["host"].strip("[]") for part in parts),
            "port": ",".join(part["port"] or "5432" for part in parts),
        }
    )


def _sqlite_path(url_path: str) -> str:
    """The path in a SQLite URL: all that follows `sqlite://`, a `?` included. Raises ValueError if it names no file."""
    path = url_path[1:] if url_path.startswith("/") else ""
    if not path:
        raise ValueError(
            f"'sqlite://{url_path}' names no file; write sqlite:///FILE, or sqlite:////FILE from the root."
        )
    if _URL_PARAMETERS.search(path):
        raise ValueError(
            f"'sqlite://{url_path}' has parameters behind the file, which nothing here reads. Leave them out; a file "
            "whose name has a ? and a = is named without sqlite:///."
        )
    return path


def driver_for(settings: Settings) -> Driver:
    """The driver of the configured database. Raises FileInUse if another server has the file.

    Refused: `not-found`, if the folder of a named file is missing; `database-linked`; `invalid-request`, if the client
    of PostgreSQL is not installed.
    """
    url = database_url(settings)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database)).absolute()
        _check_folder(path.parent)
        return SQLite(path, lock_seconds=settings.lock_seconds)
    return PostgreSQL(url, lock_seconds=settings.lock_seconds, transaction_pooling=settings.transaction_pooling)


def _check_folder(folder: Path) -> None:
    """Create the user's data folder if it is missing; any other may be a mistyped path. Refused: `not-found`."""
    if folder == data_folder().absolute():
        folder.mkdir(parents=True, exist_ok=True)
    elif not folder.is_dir():
        fix = f"mkdir -p {shlex.quote(str(folder))}"
        raise Refusal("not-found", f"There is no folder {folder} for the database.", fix=fix, what="folder")


class Database:
    """One database, used from one event loop.

    `on_commit` is called on the loop with the events of each commit and the `perf_counter` time of the commit. The
    calls come in commit order for each board, before the callers of the changes get their results.
    """

    def __init__(
        self, driver: Driver, settings: Settings, on_commit: Callable[[list[EncodedEvent], float], None]
    ) -> None:
        self._driver = driver
        self._on_commit = on_commit
        self.counts = WriteMetrics()
        self._loop = asyncio.get_running_loop()
        self._lane_numbers = itertools.count()
        self._thread_local = threading.local()
        # A file that was moved away can be read through open connections only, so they are all opened at the start.
        self._unused_readers = [] if driver.lanes else [driver.reader() for _ in range(settings.readers)]
        self._open_connections = [*self._unused_readers]
        self._queued_jobs: list[Job] = []
        self._readers = ThreadPoolExecutor(settings.readers, thread_name_prefix="reader")
        self._writers = Writers(driver, settings.writers if driver.lanes else 1, self._on_batch_done)

    @property
    def dialect(self) -> DialectName:
        """The dialect of the database."""
        return self._driver.dialect

    async def write(
        self, viewer: Viewer, work: Callable[[Transaction], T], *, lane: int | None = None, needs: Needs = NO_NEEDS
    ) -> T:
        """Run a change for a viewer and wait until it is committed.

        `lane` is the id of the only board that it changes; None if that is not known. What it `needs` is loaded
        together with what other changes of the same commit need. Raises whatever `work` raises.
        Refused: `busy`, `storage-full`, `stopping`.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        lane_key: object = _SQLITE_LANE
        if self._driver.lanes:
            lane_key = lane if lane is not None else f"alone {next(self._lane_numbers)}"
        if not self._queued_jobs:
            self._loop.call_soon(self._submit_jobs)
        self._queued_jobs.append(Job(viewer, work, future, lane_key, needs))
        return await future

    async def read(self, viewer: Viewer, work: Callable[..., T], *arguments: object) -> T:
        """Run a read for a viewer, in one consistent view, on a reader thread.

        Raises whatever `work` raises. Refused: `busy`.
        """
        return await self._loop.run_in_executor(self._readers, self._read, viewer, work, arguments)

    async def run_in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        """Run long work that opens its own connections on a separate thread. `work` is called with the driver."""
        return await asyncio.to_thread(work, self._driver, *arguments)

    def replaced(self) -> Refusal | None:
        """`database-replaced`, if the database is no longer the one that was opened."""
        return self._driver.replaced()

    async def watch_file(self) -> None:
        """Check every second whether the file is still the one that was opened. Writes check it themselves."""
        while not self._driver.lanes:
            await asyncio.sleep(1)
            await asyncio.to_thread(self._driver.replaced)

    async def share_core(self) -> None:
        """Keep the loop and the writer on one core while many clients write. Does nothing if several threads write."""
        if not self._driver.lanes:
            await cpu_affinity.pin_to_one_core(self._writers.threads[0], self.counts.sizes)

    async def close(self) -> None:
        """Finish accepted work and accept nothing more."""
        self._submit_jobs()
        await self._loop.run_in_executor(None, self._writers.close)
        self._readers.shutdown()
        for connection in self._open_connections:
            self._driver.close(connection)
        self._driver.release()

    def _read(self, viewer: Viewer, work: Callable[..., T], arguments: tuple[object, ...]) -> T:
        try:
            return self._read_once(viewer, work, arguments)
        except Refusal:
            raise
        except Exception as error:
            if self._has_connection():
                raise self._driver.refusal(error) or error from error
        try:
            return self._read_once(viewer, work, arguments)  # the connection was lost: try once more with a new one
        except Refusal:
            raise
        except Exception as error:
            raise self._driver.refusal(error) or error from error

    def _read_once(self, viewer: Viewer, work: Callable[..., T], arguments: tuple[object, ...]) -> T:
        connection = self._reader()
        connection.execute(self._driver.begin_reading)
        try:
            return work(ReadTransaction(connection, self._driver.dialect, viewer), *arguments)
        finally:
            if self._has_connection() and self._driver.in_transaction(connection):
                connection.execute("ROLLBACK")

    def _reader(self) -> Connection:
        connection: Connection | None = getattr(self._thread_local, "connection", None)
        if connection is None or self._driver.broken(connection):
            if self._unused_readers:
                connection = self._unused_readers.pop()
            else:
                connection = self._driver.reader()
                self._open_connections.append(connection)
            self._thread_local.connection = connection
        return connection

    def _has_connection(self) -> bool:
        connection = getattr(self._thread_local, "connection", None)
        return connection is not None and not self._driver.broken(connection)

    def _submit_jobs(self) -> None:
        """Submit all jobs of one turn of the loop together: the writers are woken once and commit once."""
        jobs, self._queued_jobs = self._queued_jobs, []
        self._resolve_futures(self._writers.put(jobs))

    def _on_batch_done(self, jobs: list[Job]) -> None:
        self._loop.call_soon_threadsafe(self._publish, jobs, perf_counter())

    def _publish(self, jobs: list[Job], committed_at: float) -> None:
        events = [event for job in jobs for event in job.events]
        if events:
            try:
                self._on_commit(events, committed_at)
            except Exception as error:  # callers must get the result of a commit even if notifying streams failed
                log.error("Streams were not told of a commit", exc_info=error)
        self._count_writes(jobs, events)
        self._resolve_futures(jobs)

    def _resolve_futures(self, jobs: list[Job]) -> None:
        for job in jobs:
            future: asyncio.Future[Any] = job.future
            if future.done():  # the caller was cancelled; the change is committed nevertheless
                continue
            if job.error is not None:
                future.set_exception(job.error)
            else:
                future.set_result(job.result)

    def _count_writes(self, jobs: list[Job], events: list[EncodedEvent]) -> None:
        refused = sum(job.error is not None for job in jobs)
        self.counts.kept += len(jobs) - refused
        self.counts.refused += refused
        self.counts.events += len(events)
        self.counts.sizes.add(len(jobs))

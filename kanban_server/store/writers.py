"""Writer threads: each runs the waiting jobs of a lane in one transaction, commits once, then reports the results.

Jobs of one lane run in order, one batch at a time. SQLite has one lane and one thread, which serve as its lock.
PostgreSQL has a lane for each board, so that a busy board does not take all connections; a job without a lane runs by
itself.

Most refused jobs have written nothing, and the others continue. Only if a job that wrote must be undone, the batch is
run again, each job in a savepoint of its own (docs/decisions/0012-batches-without-savepoints.md).
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.permissions import Viewer
from kanban_server.rules.problems import Refusal
from kanban_server.store.drivers import Driver
from kanban_server.store.transaction import Batch, Connection, Transaction

log = logging.getLogger("kanban.store")

BATCH_SIZE = 64
"""Maximum jobs in one commit."""
RECENT = 0.05
"""Seconds after a batch for which its check that the database file was not replaced remains valid."""
QUEUE_SIZE = 10_000
"""Maximum waiting jobs; further ones are refused as `busy`."""


@dataclass(eq=False)
class Job:
    """A change that waits for its turn, and later its result."""

    viewer: Viewer
    work: Callable[[Transaction], Any]
    future: Any
    """An opaque token of the caller (a Future)."""
    lane: object
    result: Any = None
    error: BaseException | None = None
    events: Sequence[EncodedEvent] = field(default_factory=list)

    def complete(self, result: Any, events: Sequence[EncodedEvent]) -> None:
        """Store the result; it is valid once the batch is committed."""
        self.result, self.events, self.error = result, events, None

    def fail(self, error: BaseException) -> None:
        """Store the error."""
        self.result, self.events, self.error = None, (), error


class CommitUnknown(Exception):
    """The connection was lost during the commit, which may have succeeded, so nothing may be run again."""


def _commit_unknown() -> Refusal:
    return Refusal(
        "busy",
        "The database went away while the change was written, so it may have been kept.",
        fix="Send it again with the same Idempotency-Key, or look first.",
        retry_after=1,
    )


def _queue_full(*, closing: bool) -> Refusal:
    if closing:
        return Refusal("stopping", "The server is stopping.", fix="Try again in a moment.", retry_after=1)
    return Refusal("busy", "Too many changes wait already.", fix="Try again in a moment.", retry_after=1)


class Writers:
    """Writer threads. A writer thread calls `on_batch_done` with each batch once it is committed or refused."""

    def __init__(self, driver: Driver, threads: int, on_batch_done: Callable[[list[Job]], None]) -> None:
        self._driver = driver
        self._on_batch_done = on_batch_done
        self._condition = threading.Condition()
        self._lanes: dict[object, deque[Job]] = {}
        self._ready: deque[object] = deque()
        self._waiting = 0
        self._closing = False
        self._truncate_log = False
        """Whether truncating the write-ahead log is still to be done, because a reader prevented it."""
        self._threads = [
            threading.Thread(target=self._run_thread, name=f"writer-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def threads(self) -> list[int]:
        """The native ids of the threads."""
        return [thread.native_id for thread in self._threads if thread.native_id is not None]

    def put(self, jobs: Sequence[Job]) -> list[Job]:
        """Queue jobs and return those that are refused: `busy` if too many wait, `stopping` once closed."""
        with self._condition:
            capacity = 0 if self._closing else QUEUE_SIZE - self._waiting
            for job in jobs[:capacity]:
                self._enqueue(job)
        for job in jobs[capacity:]:
            job.fail(_queue_full(closing=self._closing))
        return list(jobs[capacity:])

    def _enqueue(self, job: Job) -> None:
        self._waiting += 1
        queue = self._lanes.get(job.lane)
        if queue is None:
            self._lanes[job.lane] = deque((job,))
            self._ready.append(job.lane)
            self._condition.notify()
        else:
            queue.append(job)

    def close(self) -> None:
        """Finish accepted jobs, then end the threads."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    def _run_thread(self) -> None:
        connection: Connection | None = None
        while (batch := self._next_batch()) is not None:
            lane, jobs = batch
            connection = self._run_batch(connection, jobs)
            self._on_batch_done(jobs)
            self._release_lane(lane)
        if connection is not None:
            self._driver.close(connection)

    def _next_batch(self) -> tuple[object, list[Job]] | None:
        """The next jobs of a lane that no thread runs; None once closed and empty. A running lane stays registered."""
        with self._condition:
            while not self._ready:
                if self._closing and not self._lanes:
                    return None
                self._condition.wait()
            lane = self._ready.popleft()
            queue = self._lanes[lane]
            jobs = [queue.popleft() for _ in range(min(len(queue), BATCH_SIZE))]
            self._waiting -= len(jobs)
            return lane, jobs

    def _release_lane(self, lane: object) -> None:
        with self._condition:
            if self._lanes[lane]:
                self._ready.append(lane)
                self._condition.notify()
            else:
                del self._lanes[lane]
                if self._closing:
                    self._condition.notify_all()

    def _run_batch(
        self, connection: Connection | None, jobs: list[Job], *, with_savepoints: bool = False
    ) -> Connection | None:
        """Run jobs in one transaction. If it fails, retry with savepoints, then each job alone, then refuse."""
        fresh = connection is None
        try:
            connection = self._begin(connection)
        except Exception as error:  # no job caused it, and it would be the same for each alone
            for job in jobs:
                self._fail_job(job, error)
            return self._recover(connection, error)
        with_savepoints = with_savepoints or (len(jobs) > 1 and not self._driver.survives_errors)
        try:
            self._commit(connection, jobs, with_savepoints=with_savepoints)
        except Exception as error:
            connection = self._recover(connection, error)
            if self._driver.outlived(error) and not fresh:
                connection = self._run_batch(None, jobs, with_savepoints=with_savepoints)
            elif isinstance(error, CommitUnknown):
                log.warning("It is not known whether %d changes were kept: %r", len(jobs), error.__cause__)
                for job in jobs:
                    job.fail(_commit_unknown())
            elif len(jobs) == 1:
                self._fail_job(jobs[0], error)
            elif not with_savepoints:
                connection = self._run_batch(connection, jobs, with_savepoints=True)
            else:
                for job in jobs:
                    connection = self._run_batch(connection, [job])
        return connection

    def _begin(self, connection: Connection | None) -> Connection:
        """A connection with a transaction open: a new one, if the old one was lost while idle.

        Refused: `database-replaced`.
        """
        self._check_database(RECENT)  # busy writers checked it at the end of the last batch
        if connection is not None:
            try:
                connection.execute(self._driver.begin_writing)
            except Exception:
                if not self._driver.broken(connection):
                    raise
            else:
                return connection
        connection = self._driver.writer()
        connection.execute(self._driver.begin_writing)
        return connection

    def _commit(self, connection: Connection, jobs: list[Job], *, with_savepoints: bool) -> None:
        batch = Batch(connection, self._driver.dialect)
        for job in jobs:
            if with_savepoints:
                connection.execute("SAVEPOINT job")
            tx = Transaction(batch, job.viewer)
            try:
                job.complete(job.work(tx), tx.finish())
            except Exception as error:
                if not self._driver.in_transaction(connection) or self._driver.outlived(error):
                    raise  # the database aborted the whole batch, so no job succeeded
                if with_savepoints:
                    connection.execute("ROLLBACK TO SAVEPOINT job")
                elif tx.has_written or not self._driver.survives_errors:
                    raise
                tx.undo()
                self._fail_job(job, error)
            if with_savepoints:
                connection.execute("RELEASE SAVEPOINT job")
        batch.write()
        try:
            connection.execute("COMMIT")
        except Exception as error:
            if self._driver.broken(connection):
                raise CommitUnknown from error
            raise
        self._check_database()  # a write into a file that has just been replaced is not acknowledged
        if batch.truncate_log or self._truncate_log:
            self._truncate_log = not self._driver.truncate_log(connection, wait=batch.truncate_log)

    def _check_database(self, within: float = 0.0) -> None:
        if (problem := self._driver.replaced(within)) is not None:
            raise problem

    def _fail_job(self, job: Job, error: Exception) -> None:
        if isinstance(error, Refusal):
            job.fail(error)
        else:
            log.warning("A change was not kept: %r", error)
            job.fail(self._driver.refusal(error) or error)

    def _recover(self, connection: Connection | None, error: Exception) -> Connection | None:
        """The connection, without an open transaction; None if it is no longer usable."""
        if connection is None:
            return None
        try:
            if self._driver.outlived(error):
                connection.close()
                return None
            if self._driver.in_transaction(connection):
                connection.execute("ROLLBACK")
            if not self._driver.broken(connection):
                return connection
        except Exception as lost:
            log.warning("A writing connection was lost: %r", lost)
        return None

"""Writer threads: each runs the waiting jobs of a lane in one transaction, commits once, then reports the results.

Jobs of one lane run in order, one batch at a time. SQLite has one lane and one thread, which serve as its lock.
PostgreSQL has a lane for each board, so that a busy board does not take all connections; a job without a lane runs by
itself.

The jobs of a batch share a unit of work (docs/decisions/0020-unit-of-work.md). A refused job is undone in memory, and
the others continue. Only if something of it was written already, or the database fails, each job runs again, alone.
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
from kanban_server.store.preload import NO_NEEDS, Needs, preload
from kanban_server.store.transaction import Transaction
from kanban_server.store.unit_of_work import Connection, UnitOfWork, WrittenAlready

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
    work: Callable[[Transaction], object]
    future: Any
    """An opaque token of the caller (a Future)."""
    lane: object
    needs: Needs = NO_NEEDS
    result: object = None
    error: BaseException | None = None
    events: Sequence[EncodedEvent] = field(default_factory=list)

    def complete(self, result: object, events: Sequence[EncodedEvent]) -> None:
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


def _key_pending() -> Refusal:
    detail = "The first request with this idempotency key is still under way."
    return Refusal("idempotency-pending", detail, fix="Send the same request again.", retry_after=1)


def _queue_full(*, closing: bool) -> Refusal:
    if closing:
        return Refusal("stopping", "The server is stopping.", fix="Try again in a moment.", retry_after=1)
    return Refusal("busy", "Too many changes wait already.", fix="Try again in a moment.", retry_after=1)


def _board_of(jobs: Sequence[Job]) -> int | None:
    """The only board that the jobs of a lane change; None if that is not known."""
    lane = jobs[0].lane
    return lane if isinstance(lane, int) else None


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
        self, connection: Connection | None, jobs: list[Job], *, savepoints: bool = False, retried: bool = False
    ) -> Connection | None:
        """Run jobs in one transaction. If it fails, run each job alone; a job that fails alone is refused."""
        fresh = connection is None
        begun = False
        unit: UnitOfWork | None = None
        try:
            self._check_database(RECENT)  # busy writers checked it at the end of the last batch
            connection = connection or self._driver.writer()
            unit = UnitOfWork(connection, self._driver.dialect, size=len(jobs), savepoints=savepoints)
            preload(unit, [(job.viewer, job.needs) for job in jobs], _board_of(jobs), self._driver.begin_writing)
            begun = True
            self._run_jobs(unit, jobs)
            self._commit(unit)
        except Exception as error:
            lost = connection is not None and self._driver.broken(connection)
            connection = self._recover(connection, error)
            if not fresh and (self._driver.outlived(error) or (lost and not begun)):
                return self._run_batch(None, jobs, savepoints=savepoints)
            if isinstance(error, CommitUnknown):
                log.warning("It is not known whether %d changes were kept: %r", len(jobs), error.__cause__)
                for job in jobs:
                    job.fail(_commit_unknown())
            elif not begun:  # no job caused it, and it would be the same for each alone
                for job in jobs:
                    self._fail_job(job, error)
            elif len(jobs) > 1:
                for job in jobs:
                    connection = self._run_batch(connection, [job])
            elif isinstance(error, WrittenAlready):
                connection = self._run_batch(connection, jobs, savepoints=True)
            elif self._driver.key_taken(error) and not retried:
                connection = self._run_batch(connection, jobs, savepoints=savepoints, retried=True)
            else:
                self._fail_job(jobs[0], error)
        finally:
            if unit is not None:
                unit.close()
        return connection

    def _run_jobs(self, unit: UnitOfWork, jobs: list[Job]) -> None:
        """Run each job. Raises what a job raises if it can't be undone alone in memory."""
        for job in jobs:
            tx = Transaction(unit, job.viewer)
            try:
                result = job.work(tx)
                job.complete(result, tx.finish())
            except Exception as error:
                if not isinstance(error, Refusal) and not self._driver.survives_errors:
                    raise  # the database aborted the whole transaction
                if not self._driver.in_transaction(unit.connection) or isinstance(error, WrittenAlready):
                    raise
                if not tx.undo():
                    raise
                self._fail_job(job, error)

    def _commit(self, unit: UnitOfWork) -> None:
        """Write what is pending and commit. Raises CommitUnknown if the connection was lost meanwhile."""
        try:
            unit.flush(commit=True)
        except Exception as error:
            if self._driver.broken(unit.connection):
                raise CommitUnknown from error
            if self._driver.lock_timed_out(error):  # all rows but those of idempotency keys are locked already
                raise _key_pending() from error
            raise
        self._check_database()  # a write into a file that has just been replaced is not acknowledged
        if unit.truncate_log or self._truncate_log:
            self._truncate_log = not self._driver.truncate_log(unit.connection, wait=unit.truncate_log)

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

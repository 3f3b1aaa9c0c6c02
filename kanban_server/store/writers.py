"""The threads that write: they take what waits, run it as one transaction, commit once, and then answer.

Jobs of one lane run in order, one batch at a time. SQLite has one lane and one thread, which are its lock. PostgreSQL
has a lane for each board, so that a hot board does not fill the pool; a job without a lane runs by itself.

Most that are refused have written nothing yet, and the others go on. Only where one that wrote has to be undone, the
batch is run again, each job in a savepoint of its own (docs/decisions/0012-batches-without-savepoints.md).
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
"""Jobs in one commit, at most."""
RECENT = 0.05
"""Seconds for which the end of a batch has answered whether the database file is still the one that was opened."""
QUEUE_SIZE = 10_000
"""Jobs that may wait; the next is refused as `busy`."""


@dataclass(eq=False)
class Job:
    """A change that waits for its turn, and later what became of it."""

    viewer: Viewer
    work: Callable[[Transaction], Any]
    future: Any
    """Whatever the one who waits needs to be found again; not looked into here."""
    lane: object
    result: Any = None
    error: BaseException | None = None
    events: Sequence[EncodedEvent] = field(default_factory=list)

    def complete(self, result: Any, events: Sequence[EncodedEvent]) -> None:
        """It is done, once the batch is committed."""
        self.result, self.events, self.error = result, events, None

    def fail(self, error: BaseException) -> None:
        """It is not done."""
        self.result, self.events, self.error = None, (), error


class CommitUnknown(Exception):
    """The connection was lost while the database committed: it may have, so nothing may be run again."""


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
    """Writing threads. `done` is called, in a writing thread, with each batch once it is committed or refused."""

    def __init__(self, driver: Driver, threads: int, on_batch_done: Callable[[list[Job]], None]) -> None:
        self._driver = driver
        self._on_batch_done = on_batch_done
        self._condition = threading.Condition()
        self._lanes: dict[object, deque[Job]] = {}
        self._ready: deque[object] = deque()
        self._waiting = 0
        self._closing = False
        self._truncate_log = False
        """Whether that is still to be done, because a reader was in the way."""
        self._threads = [
            threading.Thread(target=self._run_thread, name=f"writer-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def threads(self) -> list[int]:
        """Their native ids."""
        return [thread.native_id for thread in self._threads if thread.native_id is not None]

    def put(self, jobs: Sequence[Job]) -> list[Job]:
        """Queue jobs, and give back those that are refused: `busy` where too many wait, `stopping` once closed."""
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
        """Finish what was accepted, then end the threads."""
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
        """The jobs of a lane that nobody works on. A lane stays known while a thread has it; None at the end."""
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
        """Run the jobs; where that fails, `apart`, in savepoints; then each alone; where that fails too, refuse."""
        fresh = connection is None
        try:
            connection = self._begin(connection)
        except Exception as error:  # it is nobody's fault, and would be the same for each alone
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
        """The connection with a transaction open, or a new one where the old one was lost while nothing was done.

        Refused: `database-replaced`.
        """
        self._check_database(RECENT)  # busy writers have looked at the end of the last batch
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
                    raise  # the database gave up the whole batch, so nobody may be told yes
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
        self._check_database()  # what went into a file that has just been replaced is not acknowledged
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
        """The connection with no transaction open, or None where it is of no more use."""
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
